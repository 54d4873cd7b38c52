"""The journal keeps what it is told, in order, over restarts and kills, and whatever is written in it."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from router.core.effects import Kind, Record
from router.core.orders import Mode, Override
from router.core.sentence import Sentence, say
from router.store import rows, schema
from router.store.database import Database, open_database
from router.store.journal import StoredJournal
from router.store.rows import of_record
from router.store.sentences import packed, storable, unpacked
from tests.unit.store.running_journal import HURRIED, being_kept, until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORDS = (
    Override(Mode.MOBILE, NOON, by="Anna", via="panel", until=NOON + timedelta(hours=2), reason='"dug" up; it\'s dead'),
    Override(Mode.OFFICE, NOON + timedelta(microseconds=1), by="Ben", number="+4930123456"),
)


async def keep(database: Database, *records: Record) -> None:
    """Have a journal of its own write `records` and stop."""
    async with being_kept(database) as journal:
        for record in records:
            journal.note(NOON, record)


def numbered(count: int) -> Record:
    return Record(Kind.SWITCH, say("switch {count}", count=count), data={"count": count})


async def test_a_line_comes_back_as_it_was_noted(database: Database) -> None:
    why = say("no answer since {since}", since=NOON - timedelta(minutes=3))
    record = Record(
        Kind.TRANSITION,
        say("{trunk} is down: {why}", trunk="Telekom", why=why, tries=3, ratio=0.5),
        trunk="telekom",
        number="+4930123456",
        by="Anna",
        data={"from": "failing", "at": NOON, "why": why, "worst": float("inf")},
    )
    await keep(database, record)
    (line,) = await StoredJournal(database).latest()
    assert line.text == record.text
    assert str(line.text) == "Telekom is down: no answer since 11:57 UTC"
    assert line.data == dict(record.data)
    assert (line.at, line.kind, line.trunk, line.number, line.by) == (
        NOON,
        "transition",
        "telekom",
        "+4930123456",
        "Anna",
    )
    assert line.at.tzinfo is UTC


async def test_a_moment_of_another_zone_is_kept_as_the_same_moment_in_utc(database: Database) -> None:
    async with being_kept(database) as journal:
        journal.note(NOON.astimezone(timezone(timedelta(hours=2))), numbered(1))
    (line,) = await journal.latest()
    assert line.at == NOON
    assert line.at.utcoffset() == timedelta(0)


async def test_a_thousand_lines_land_in_the_order_they_were_noted_in(database: Database) -> None:
    await keep(database, *(numbered(count) for count in range(1000)))
    lines = await StoredJournal(database).latest(most=1000)
    assert [line.data["count"] for line in lines] == list(reversed(range(1000)))
    assert [line.id for line in lines] == sorted((line.id for line in lines), reverse=True)


async def test_older_lines_are_reached_page_by_page(database: Database) -> None:
    await keep(database, *(numbered(count) for count in range(25)))
    journal, seen, before = StoredJournal(database), [], None
    while page := await journal.latest(most=10, before=before):
        assert len(page) <= 10
        seen += [line.data["count"] for line in page]
        before = page[-1].id
    assert seen == list(reversed(range(25)))
    assert await journal.latest(most=-1) == []


async def test_a_line_that_cannot_be_written_holds_up_no_other(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await keep(database, Record(Kind.PBX, say("{n}", n=10**5000)), numbered(1))
    assert [line.data for line in await StoredJournal(database).latest()] == [{"count": 1}]
    assert "cannot be kept" in caplog.text


async def test_overrides_are_kept_over_a_restart_and_the_latest_word_wins(url: str) -> None:
    database = await open_database(url)
    async with being_kept(database) as journal:
        journal.remember((Override(Mode.OFFICE, NOON, by="Ben"),))
        journal.remember(WORDS)
        assert await journal.remembered() == WORDS, "before they are written"
    await database.close()

    again = await open_database(url)
    assert await StoredJournal(again).remembered() == WORDS
    async with being_kept(again) as journal:
        journal.remember(())
    assert await StoredJournal(again).remembered() == ()
    await again.close()


HOSTILE = [
    "\"quoted\" 'twice' `and` \\again\\",
    "CR\r\nAction: Originate\r\n\r\n",
    "'); DROP TABLE journal; --",
    "x" * 300,
    "\N{PILE OF POO}\N{ZERO WIDTH JOINER}\N{RIGHT-TO-LEFT OVERRIDE}${EXTEN}&),",
    "{place} {0} {} }{",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_hostile_text_comes_back_unchanged_wherever_it_stands(database: Database, text: str) -> None:
    who = say("call of {name}", name=text)
    record = Record(Kind.PBX, Sentence(text, (("why", who),)), text, text, text, {"name": text, "who": who})
    await keep(database, record)
    (line,) = await StoredJournal(database).latest()
    assert (line.trunk, line.number, line.by, line.text, line.data) == (text, text, text, record.text, record.data)


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "a\udc80b"])
async def test_what_no_page_or_server_can_hold_is_replaced(database: Database, text: str) -> None:
    await keep(database, Record(Kind.PBX, say("{name} called", name=text), by=text, data={"name": text}))
    (line,) = await StoredJournal(database).latest()
    assert str(line.text) == "a\N{REPLACEMENT CHARACTER}b called"
    assert line.by == line.data["name"] == "a\N{REPLACEMENT CHARACTER}b"


any_text = st.text(st.characters(exclude_categories=[]))
any_value = st.recursive(
    any_text | st.integers() | st.floats(allow_nan=False) | st.datetimes(timezones=st.just(UTC)) | st.booleans(),
    lambda inner: st.builds(
        lambda text, values: Sentence(storable(text), tuple(unpacked(packed(values)).items())),
        any_text,
        st.dictionaries(any_text, inner, max_size=3),
    ),
    max_leaves=5,
)


@given(st.dictionaries(any_text, any_value, max_size=4))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_values_survive_packing_and_can_be_written_anywhere(values: dict[str, object]) -> None:
    clean = {storable(name): storable(value) if isinstance(value, str) else value for name, value in values.items()}
    row = of_record(NOON, Record(Kind.PBX, Sentence("x", tuple(clean.items()))))  # type: ignore[arg-type]
    assert unpacked(row["values"]) == clean
    assert "\0" not in str(clean)
    str(row).encode("utf-8")


CHILD = """
import asyncio, sys
from datetime import UTC, datetime
from router.core.effects import Kind, Record
from router.core.sentence import say
from router.store.database import open_database
from router.store.journal import StoredJournal
from router.store.keeper import Pace

async def main():
    database = await open_database(sys.argv[1])
    journal = StoredJournal(database, Pace(batch=50))
    running = asyncio.create_task(journal.run())
    count = 0
    while True:
        for _ in range(200):
            journal.note(datetime.now(UTC), Record(Kind.SWITCH, say("x"), data={"count": count}))
            count += 1
        while not (kept := await journal.latest(1)) or kept[0].data["count"] < count - 120:
            await asyncio.sleep(0)
        print(kept[0].data["count"], flush=True)

asyncio.run(main())
"""


async def test_lines_are_forgotten_after_their_days_however_many_there_are(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    helpings: list[int] = []
    prune = rows.prune

    async def counted(connection: AsyncConnection, before: datetime) -> int:
        helpings.append(await prune(connection, before))
        return helpings[-1]

    monkeypatch.setattr(rows, "prune", counted)
    monkeypatch.setattr(rows, "HELPING", 100)
    now = datetime.now(UTC)
    record = Record(Kind.TRANSITION, say("x"), trunk="telekom")
    old = [rows.of_record(now - timedelta(days=30, seconds=5 + count), record) for count in range(250)]
    young = rows.of_record(now - timedelta(days=29), record)
    async with database.writing() as connection:
        await connection.execute(insert(schema.journal), [*old[:100], young, *old[100:]])
    journal = StoredJournal(database, HURRIED, keep_lines=timedelta(days=30))
    running = asyncio.create_task(journal.run())
    try:
        journal.note(now, record)
        await until(lambda: len(helpings) == 3)
        async with asyncio.timeout(5):
            while len(lines := await journal.latest(1000)) > 2:  # noqa: ASYNC110 - the journal tells nobody
                await asyncio.sleep(0.01)
    finally:
        running.cancel()
        await asyncio.wait({running})
    assert helpings == [100, 100, 50]
    assert [line.at for line in lines] == [now, now - timedelta(days=29)]


async def test_what_is_too_much_for_one_go_is_left_for_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "HELPING", 10)
    ancient = rows.of_record(NOON - timedelta(days=4000), Record(Kind.PBX, say("x")))
    async with database.writing() as connection:
        await connection.execute(insert(schema.journal), [ancient] * 500)
    journal = StoredJournal(database)
    for left in (300, 100, 0):
        await journal.prune()
        assert len(await journal.latest(1000)) == left


async def test_a_kill_in_the_midst_of_a_batch_loses_no_earlier_one(url: str) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, url, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert child.stdout is not None
    known = 0
    for _ in range(5):
        known = int(await child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    await child.wait()
    database = await open_database(url)
    (newest,) = await StoredJournal(database).latest(1)
    counts, before = [], None
    while page := await StoredJournal(database).latest(1000, before):
        counts += [line.data["count"] for line in page]
        before = page[-1].id
    await database.close()
    assert newest.data["count"] >= known
    assert counts == list(reversed(range(len(counts)))), "no gap, nothing twice"
