"""Whom to call back, from the database: what is read there decides as the rule itself does, and little is read."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import insert, text

from router.core.call_backs import MOST_ATTEMPTS, CallBackList, Remark, call_backs
from router.core.calls import Call
from router.core.effects import Kind, Record
from router.core.sentence import say
from router.store import calls as calls_store
from router.store.callbacks import StoredCallBacks, prune
from router.store.database import Database, open_database
from router.store.journal import StoredJournal
from router.store.rows import HELPING
from router.store.schema import callbacks
from tests.property.test_call_backs_any_order import calls, remarks
from tests.unit.core.call_book import at, done, missed, noted, taken
from tests.unit.core.call_rows import CALLER
from tests.unit.store.running_journal import FOR_EVER, HURRIED, keeping, until

LONG_AGO = at(-60)
OTHER = "+4930555002"


async def backs(database: Database, *told: Call | Remark) -> StoredCallBacks:
    await keeping(database, *(one for one in told if isinstance(one, Call)))
    made = StoredCallBacks(database)
    for one in told:
        if isinstance(one, Remark):
            await made.say(one)
    return made


@given(calls, remarks)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
async def test_what_the_database_gives_is_what_the_rule_says(
    database: Database, came: list[Call], said: list[Remark]
) -> None:
    async with database.writing() as connection:
        await connection.execute(text("DELETE FROM calls"))
        await connection.execute(text("DELETE FROM callbacks"))
    distinct = list({(word.caller, word.at): word for word in said}.values())
    made = await backs(database, *came, *distinct)
    told, rule = await made.listed(LONG_AGO), call_backs(came, distinct)
    assert told.rows == rule
    assert told.still == len([row for row in rule if row.done is None])
    for caller in ("+4930555001", "+4930555002", "20"):
        assert await made.row(caller, LONG_AGO) == next((row for row in rule if row.caller == caller), None)


@pytest.mark.parametrize(
    ("told", "waits"),
    [
        ([missed(0), taken(0)], False),
        ([missed(0), done(0.4)], True),
        ([missed(0), done(0.5)], False),
        ([replace(missed(6), ended=at(3)), done(5)], True),
        ([missed(0), noted(1, "engaged")], True),
    ],
    ids=["taken at the same moment", "it still rang", "just over", "the clock was set back", "a note only"],
)
async def test_to_the_moment_the_database_counts_as_the_rule_does(
    database: Database, told: list[Call | Remark], waits: bool
) -> None:
    made = await backs(database, *told)
    assert (await made.listed(LONG_AGO)).still == waits
    calls = [one for one in told if isinstance(one, Call)]
    rule = call_backs(calls, [one for one in told if isinstance(one, Remark)])
    assert [row.done is None for row in rule] == ([True] if waits else [False][: len(rule)])


async def test_older_attempts_ask_for_nothing_any_more(database: Database) -> None:
    made = await backs(database, missed(0), missed(9, OTHER))
    assert [row.caller for row in (await made.listed(at(5))).rows] == [OTHER]
    assert await made.row(CALLER, at(5)) is None


async def test_those_who_withheld_their_number_are_counted(database: Database) -> None:
    made = await backs(database, missed(0, None), missed(4, None), taken(5, None), missed(6, None, end="loop"))
    assert await made.listed(LONG_AGO) == CallBackList((), 0, 2, at(4))
    assert await made.listed(at(9)) == CallBackList()


async def test_of_more_callers_than_asked_for_the_last_ones_are_given_and_all_are_counted(database: Database) -> None:
    made = await backs(database, *(missed(n, f"+49305550{n:02}") for n in range(9)), done(20, "+4930555008"))
    told = await made.listed(LONG_AGO, 3)
    assert [row.caller[-1] for row in told.rows if row.done is None] == ["7", "6", "5"]
    assert told.still == 8
    assert [row.caller[-1] for row in told.rows if row.done] == ["8"]


async def test_a_machine_that_tries_without_end_hides_nobody(database: Database) -> None:
    machine = [replace(missed(5, OTHER), id=f"1.{n}", began=at(5 + n / 100)) for n in range(3 * MOST_ATTEMPTS)]
    made = await backs(database, missed(0), *machine)
    told = await made.listed(LONG_AGO)
    assert [(row.caller, len(row.attempts)) for row in told.rows] == [(OTHER, MOST_ATTEMPTS), (CALLER, 1)]
    assert told.rows[0].last == machine[-1]


async def test_undone_the_row_is_open_again_and_what_was_done_before_stays_done(database: Database) -> None:
    made = await backs(database, missed(0), done(2), missed(4), noted(5, "engaged"), done(6), noted(7, "wrong one"))
    assert await made.undo(CALLER, at(6))
    row = await made.row(CALLER, LONG_AGO)
    assert row is not None
    assert (row.done, row.attempts) == (None, (missed(4),))
    assert row.remarks == (noted(7, "wrong one"), noted(5, "engaged"), done(2))
    assert not await made.undo(CALLER, at(6))
    assert not await made.undo(OTHER, at(0))


@pytest.mark.parametrize(
    "note", ["'; DROP TABLE calls; --", "<b>x</b>", "\u202eevil", "\U0001f4de" * 500, "a\0b", "\ud800", "{number}"]
)
async def test_whatever_somebody_writes_is_kept_as_text(database: Database, note: str) -> None:
    made = await backs(database, missed(0), done(5, note=note, by=note))
    row = await made.row(CALLER, LONG_AGO)
    assert row is not None
    assert row.done is not None
    assert row.done.note == row.done.by == note.replace("\0", "\ufffd").replace("\ud800", "\ufffd")


async def test_remarks_are_forgotten_with_the_calls(database: Database) -> None:
    now = datetime.now(UTC)
    made = StoredCallBacks(database)
    for days in (31, 29):
        await made.say(Remark(CALLER, now - timedelta(days=days), "anna", str(days), done=True))
    journal = StoredJournal(database, HURRIED, keep_calls=timedelta(days=30), keep_lines=FOR_EVER)
    running = asyncio.create_task(journal.run())
    try:
        journal.note(now, Record(Kind.PBX, say("x")))
        kept: list[str] = []
        async with asyncio.timeout(5):
            while kept != ["29"]:
                await asyncio.sleep(0.01)
                async with database.reading() as connection:
                    kept = list(await connection.scalars(text("SELECT note FROM callbacks ORDER BY id")))
        await until(lambda: not journal.unwritten())
    finally:
        running.cancel()
        await asyncio.wait({running})


async def test_two_who_say_so_at_once_both_have_their_word(tmp_path: Path) -> None:
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/f.db")
    try:
        made = await backs(database, missed(0))
        await asyncio.gather(made.say(done(5)), made.say(done(5, by="ben")))
        row = await made.row(CALLER, LONG_AGO)
        assert row is not None
        assert len(row.remarks) == 2
    finally:
        await database.close()


async def test_whatever_is_said_of_one_a_thousand_times_the_others_stay_as_they_are(database: Database) -> None:
    made = await backs(database, missed(0), missed(1, OTHER), done(2, OTHER), done(2))
    rows = [
        {"caller": CALLER, "at": at(3 + n / 1000), "by": "program", "note": str(n), "done": False} for n in range(2100)
    ]
    async with database.writing() as connection:
        await connection.execute(insert(callbacks), rows)
    told = await made.listed(LONG_AGO)
    assert told.still == 0
    assert {row.caller: row.done for row in told.rows} == {CALLER: done(2), OTHER: done(2, OTHER)}
    [row] = [row for row in told.rows if row.caller == CALLER]
    assert row.remarks[0].note == "2099"


async def test_thousands_of_old_calls_and_remarks_are_forgotten_a_helping_at_a_time(database: Database) -> None:
    """What is to be written meanwhile waits for one helping, not for all of it."""
    old = datetime.now(UTC) - timedelta(days=91)
    told = [{"caller": CALLER, "at": old, "by": "anna", "note": None, "done": True} for _ in range(HELPING + 1)]
    await keeping(database, *(replace(missed(0), id=f"1.{n}", began=old, ended=old) for n in range(HELPING + 1)))
    async with database.writing() as connection:
        await connection.execute(insert(callbacks), told)
    for forget in (prune, calls_store.prune):
        gone = []
        for _ in range(3):
            async with database.writing() as connection:
                gone.append(await forget(connection, old + timedelta(seconds=1)))
        assert gone == [HELPING, 1, 0]
