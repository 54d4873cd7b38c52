"""Outages in a table of their own: kept up to date with the journal, made anew from it, and no older than it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from router.core.calls import Outcome
from router.core.effects import Kind, Record
from router.core.outage_story import Tally, numbers_of, story, tally
from router.core.outages import Outage, What
from router.core.site import Site
from router.ports import Line
from router.store import rows, schema
from router.store.calls import WaitingCalls
from router.store.database import Database, StoreUnavailable
from router.store.outages import HELPING, StoredOutages
from tests.unit.core.call_rows import call
from tests.unit.core.offices import MORNING, NUMBER, site
from tests.unit.core.play import Play
from tests.unit.core.played_lines import journal as played
from tests.unit.core.played_lines import told

LATER = MORNING + timedelta(hours=3)


@cache
def two_outages() -> list[Line]:
    play = Play().connect().run(20)
    for seconds in (600, 60):
        play.pbx.trunks["telekom"].silent = True
        play.run(seconds)
        play.pbx.trunks["telekom"].silent = False
        play.run(3700)
    return played(play)


async def written(database: Database, lines: Sequence[Line]) -> None:
    records = [
        rows.of_record(line.at, Record(Kind(line.kind), line.text, line.trunk, line.number, line.by, line.data))  # type: ignore[arg-type]
        for line in lines
    ]
    async with database.writing() as connection:
        await connection.execute(insert(schema.journal), records)


async def rang(database: Database, *moments: datetime, **fields: str) -> None:
    waiting = WaitingCalls(1000)
    for place, moment in enumerate(moments):
        one = replace(call(**fields), id=f"{fields.get('by', '')}{moment.timestamp()}.{place}", began=moment)
        waiting.put(one, lambda: None)
    async with database.writing() as connection:
        await waiting.write(connection)


def outages_of(database: Database, now: datetime = LATER, about: Site | None = None, **days: int) -> StoredOutages:
    made = about or site()
    keep = {name: timedelta(days=many) for name, many in days.items()}
    return StoredOutages(database, lambda: made, now=lambda: now, **keep)


@pytest.fixture
def lines() -> list[Line]:
    return two_outages()


async def test_the_outages_of_the_table_are_those_that_the_journal_tells(database: Database, lines: list[Line]) -> None:
    await written(database, lines)
    kept = await outages_of(database).latest()
    assert [one.outage for one in reversed(kept)] == told(lines)
    assert len(kept) == 2


async def test_taken_in_piece_by_piece_by_one_router_after_another_they_are_the_same(
    database: Database, lines: list[Line]
) -> None:
    for line in lines:
        await written(database, [line])
        await outages_of(database).follow()
    assert [one.outage for one in reversed(await outages_of(database).latest())] == told(lines)


async def test_a_table_that_was_lost_is_made_anew_from_the_journal(database: Database, lines: list[Line]) -> None:
    await written(database, lines)
    outages = outages_of(database)
    before = await outages.latest()
    async with database.writing() as connection:
        await connection.execute(delete(schema.outages))
        await connection.execute(delete(schema.outages_read))
    assert await outages_of(database).latest() == before


async def test_what_only_looks_bad_is_not_listed_nor_written_on(database: Database, lines: list[Line]) -> None:
    looks_bad = next(place for place, line in enumerate(lines) if line.data.get("to") == "failing")
    await written(database, lines[: looks_bad + 1])
    outages = outages_of(database)
    assert await outages.latest() == []
    candidate = lines[looks_bad].id
    assert await outages.one(candidate) is None
    assert not await outages.set_ticket(candidate, "1")
    assert await outages.add_note(candidate, "?", "anna", MORNING) is None
    await written(database, lines[looks_bad + 1 :])
    assert [one.outage for one in reversed(await outages.latest())] == told(lines)


async def test_ticket_and_notes_stay_while_the_journal_goes_on(database: Database, lines: list[Line]) -> None:
    half = next(place for place, line in enumerate(lines) if line.data.get("to") == "recovering")
    await written(database, lines[:half])
    outages = outages_of(database)
    [kept] = await outages.latest(open_now=True)
    assert await outages.set_ticket(kept.outage.id, "INC 0815 \0")
    assert await outages.set_false_alarm(kept.outage.id, True)
    note = await outages.add_note(kept.outage.id, "hotline: 'cable'", "anna", LATER)
    await written(database, lines[half:])
    again = await outages.one(kept.outage.id)
    assert again is not None
    assert again.outage.ended is not None
    assert (again.ticket, again.false_alarm, again.notes) == ("INC 0815 \N{REPLACEMENT CHARACTER}", True, (note,))
    assert not await outages.set_ticket(999, "x")
    assert await outages.one(999) is None


async def test_pages_are_asked_for_by_the_last_id_and_filtered(database: Database, lines: list[Line]) -> None:
    await written(database, lines)
    outages = outages_of(database)
    newest, oldest = await outages.latest()
    assert oldest.outage.ended is not None
    assert await outages.latest(1) == [newest]
    assert await outages.latest(5, before=newest.outage.id) == [oldest]
    assert await outages.latest(subject="gsm") == []
    assert await outages.latest(what=What.TRUNK, subject="telekom") == [newest, oldest]
    assert await outages.latest(open_now=True) == []
    after_it = await outages.since(oldest.outage.ended + timedelta(seconds=1))
    assert [one.outage.id for one in after_it] == [newest.outage.id]
    assert await outages.told_since() == lines[0].at


async def test_the_calls_of_its_time_are_counted_as_they_are_listed(database: Database, lines: list[Line]) -> None:
    await written(database, lines)
    outages = outages_of(database)
    oldest = (await outages.latest())[-1].outage
    inside = [oldest.began + timedelta(seconds=n) for n in (0, 10, 20)]
    assert oldest.ended is not None
    await rang(database, *inside, by="+4917112345678")
    await rang(database, oldest.began + timedelta(seconds=5), oldest.ended, by="", end="nobody")
    await rang(database, oldest.began - timedelta(seconds=1), oldest.ended + timedelta(seconds=1), by="PJSIP/20")
    kept = await outages.one(oldest.id)
    assert kept is not None
    assert kept.tally is not None
    assert (kept.tally.whole.saved, kept.tally.whole.lost, kept.tally.whole.office) == (3, 2, 0)
    found = await outages.lines(kept)
    numbers = numbers_of(oldest, site())
    told_story = story(oldest, found.lines, found.calls, numbers, LATER)
    listed = ((one.number, one.outcome, one.by, 1) for one in told_story.calls)
    assert tally(listed, numbers) == kept.tally
    assert len(told_story.switches) == 2
    assert {one.outcome for one in told_story.calls} == {Outcome.TAKEN, Outcome.MISSED}
    assert kept.tally.numbers.keys() == {NUMBER}


async def kept_once(outages: StoredOutages) -> None:
    await outages.follow()
    await outages._prune()


async def test_calls_are_counted_before_they_are_forgotten_and_what_was_not_counted_is_not_told_as_none(
    database: Database, lines: list[Line]
) -> None:
    await written(database, lines)
    oldest = (await outages_of(database).latest())[-1].outage
    await rang(database, oldest.began, by="", end="nobody")
    await kept_once(outages_of(database, LATER + timedelta(days=2)))
    async with database.writing() as connection:
        await connection.execute(delete(schema.calls))
    much_later = outages_of(database, LATER + timedelta(days=200))
    counted = await much_later.one(oldest.id)
    assert counted is not None
    assert counted.tally is not None
    assert counted.tally.whole.lost == 1
    async with database.writing() as connection:
        await connection.execute(text("UPDATE outages SET calls = NULL"))
    uncounted = await much_later.one(oldest.id)
    assert uncounted is not None
    assert uncounted.tally is None


async def test_an_outage_is_kept_as_long_as_its_lines(database: Database, lines: list[Line]) -> None:
    await written(database, lines)
    newest, oldest = await outages_of(database).latest()
    await outages_of(database).add_note(oldest.outage.id, "x", "anna", LATER)
    assert oldest.outage.ended is not None
    then = oldest.outage.ended + timedelta(days=400, seconds=1)
    await kept_once(outages_of(database, then))
    assert [one.outage.id for one in await outages_of(database, then).latest()] == [newest.outage.id]
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM outage_notes")) == 0


async def test_a_disk_that_is_full_keeps_nobody_from_reading(
    database: Database, lines: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(database, lines[:-3])
    outages = outages_of(database)
    before = await outages.latest()
    await written(database, lines[-3:])

    @asynccontextmanager
    async def full() -> AsyncIterator[None]:
        raise StoreUnavailable("The database cannot be used: the disk is full.")
        yield

    monkeypatch.setattr(database, "writing", full)
    assert await outages.latest() == before
    assert outages.behind


@pytest.mark.campaign
async def test_with_a_hundred_thousand_lines_a_page_is_read_in_a_fifth_of_a_second(
    database: Database, lines: list[Line], tmp_path: Path
) -> None:
    """Two thousand lines of outages among them. The first reading of all takes its helpings."""
    calm = [line for line in lines if line.kind == "decision"]
    many = [line for _ in range(100) for line in (*lines, *calm * (1000 // len(calm) - len(lines) // len(calm)))]
    for start in range(0, len(many), 10_000):
        await written(database, many[start : start + 10_000])
    outages = outages_of(database)
    begun = time.perf_counter()
    await outages.latest(1)
    first = time.perf_counter() - begun
    assert outages.behind == (len([line for line in many if line.kind in ("transition", "pbx", "blame")]) > HELPING)
    while outages.behind:
        await outages.follow()
    again = outages_of(database)
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        kept = await again.latest(25)
        detail = await again.one(kept[0].outage.id)
        assert detail is not None
        await again.lines(detail)
        await again.since(MORNING)
        took.append(time.perf_counter() - begun)
    print(f"lines {len(many)}, first look {first * 1000:.0f} ms, a page {sorted(took)[2] * 1000:.0f} ms")
    assert sorted(took)[2] < 0.2


async def test_while_calls_are_counted_others_write(
    database: Database, lines: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(database, lines)
    outages = outages_of(database, LATER + timedelta(days=2))
    await outages.follow()
    counting = outages._counted
    wrote: list[int] = []

    async def counted(connection: AsyncConnection, outage: Outage) -> Tally:
        async with database.writing() as other:  # waits for a tenth of a second at most
            await other.execute(text("DELETE FROM overrides"))
        wrote.append(outage.id)
        return await counting(connection, outage)

    monkeypatch.setattr(outages, "_counted", counted)
    await outages._prune()
    assert len(wrote) == 2
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM outages WHERE calls IS NULL")) == 0


async def test_more_than_one_helping_is_counted(
    database: Database, lines: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("router.store.outages.COUNTING", 1)
    await written(database, lines)
    await kept_once(outages_of(database, LATER + timedelta(days=2)))
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM outages WHERE calls IS NULL")) == 0


async def test_spans_from_two_moments_on_are_read_once_each_until_something_changes(
    database: Database, lines: list[Line]
) -> None:
    await written(database, lines)
    outages = outages_of(database)
    moments = (MORNING, MORNING + timedelta(days=1))
    first = [await outages.since(moment) for moment in moments]
    again = [await outages.since(moment) for moment in moments]
    assert [one is other for one, other in zip(first, again, strict=True)] == [True, True]
    assert [len(found) for found in first] == [2, 0]
    await outages.set_ticket(first[0][0].outage.id, "INC 1")
    assert (await outages.since(MORNING))[0].ticket == "INC 1"
