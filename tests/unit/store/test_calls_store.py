"""The journal of calls: each call once, found again by what it was, forgotten in time, and never in anybody's way."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from router.core.calls import Call, Leg, call_in
from router.core.effects import Kind, Record
from router.core.sentence import say
from router.store import calls
from router.store.database import Database
from router.store.journal import StoredJournal
from router.store.keeper import Pace
from tests.unit.core.call_rows import call, nobody, row
from tests.unit.core.offices import GSM_NUMBER, MOBILE
from tests.unit.store.running_journal import HURRIED, being_kept, until

NOW = datetime.now(UTC).replace(microsecond=0)


def numbered(count: int, call: Call | None = None) -> Call:
    """Of the last hour: the higher `count`, the later."""
    began = NOW - timedelta(hours=1) + timedelta(seconds=count)
    return replace(call or nobody(), id=f"1700000000.{count}", began=began, ended=began + timedelta(seconds=9))


class Told:
    """What a journal said that it had kept."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __call__(self, call: Call) -> Callable[[], None]:
        return lambda: self.calls.append(call.id)


async def keep(database: Database, *calls: Call) -> list[str]:
    told = Told()
    async with being_kept(database) as journal:
        for one in calls:
            journal.keep(one, told(one))
    return told.calls


def ids(*counts: int) -> list[str]:
    return [f"1700000000.{count}" for count in counts]


async def found(database: Database, **wanted: object) -> list[str]:
    return [call.id for call in await StoredJournal(database).calls(**wanted)]  # type: ignore[arg-type]


async def test_a_call_comes_back_as_it_was(database: Database) -> None:
    whole = numbered(1, replace(call(), legs=(Leg("gsm", MOBILE, "480r"), Leg("", "", "calls")), away=True))
    bare = numbered(0, call(caller="", trunk="", way="", rang="", answered="", by="", legs=""))
    assert await keep(database, bare, whole) == ids(0, 1)
    assert await StoredJournal(database).calls() == [whole, bare]


async def test_a_call_that_comes_twice_is_kept_once_as_it_came_first(database: Database) -> None:
    first = numbered(1)
    assert await keep(database, first, replace(first, away=True)) == ids(1)
    assert await keep(database, replace(first, away=True), numbered(2)) == ids(1, 2), "kept, since it is there"
    assert await StoredJournal(database).calls() == [numbered(2), first]


async def test_calls_are_found_by_what_they_were_newest_first(database: Database) -> None:
    other = replace(nobody(), number=GSM_NUMBER)
    await keep(
        database,
        numbered(2),
        numbered(1, call()),
        numbered(4, call()),
        numbered(3, other),
        numbered(0, call(end="loop")),
    )
    assert await found(database) == ids(4, 3, 2, 1, 0)
    assert await found(database, most=2) == ids(4, 3)
    assert await found(database, missed=True) == ids(3, 2)
    assert await found(database, number=GSM_NUMBER) == ids(3)
    assert await found(database, since=numbered(3).began) == ids(4, 3)
    assert await found(database, missed=True, number=GSM_NUMBER, since=numbered(4).began) == []
    assert await found(database, most=-1) == []


async def test_calls_are_forgotten_after_their_days(database: Database) -> None:
    old = replace(numbered(1), began=NOW - timedelta(days=30, seconds=5))
    young = replace(numbered(2), began=NOW - timedelta(days=29))  # NOW may be long ago by the time this runs
    await keep(database, old, young)
    journal = StoredJournal(database, HURRIED, keep_calls=timedelta(days=30))
    running = asyncio.create_task(journal.run())
    try:
        journal.note(NOW, Record(Kind.PBX, say("x")))
        async with asyncio.timeout(5):
            while await found(database) != ids(2):  # noqa: ASYNC110 - the journal tells nobody
                await asyncio.sleep(0.01)
        assert len(await journal.latest()) == 1, "lines have days of their own"
    finally:
        running.cancel()
        await asyncio.wait({running})


async def test_they_are_forgotten_though_nothing_else_happens(database: Database) -> None:
    await keep(database, replace(numbered(1), began=NOW - timedelta(days=91)))
    database.attention.clear()
    async with being_kept(database, Pace(prune_every=0.05)):
        async with asyncio.timeout(5):
            while await found(database):  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_a_burst_is_told_in_small_helpings(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each helping is a burst of inputs for the loop, which has calls to route."""
    helpings: list[int] = []
    written = calls.WaitingCalls.written

    def counted(self: calls.WaitingCalls, batch: list[str]) -> None:
        helpings.append(len(batch))
        written(self, batch)

    monkeypatch.setattr(calls.WaitingCalls, "written", counted)
    assert len(await keep(database, *(numbered(count) for count in range(220)))) == 220
    assert max(helpings) == calls.BATCH
    assert len(await found(database, most=1000)) == 220


async def test_while_the_database_is_dead_calls_wait_and_nothing_says_that_they_are_kept(
    database: Database, file: Path
) -> None:
    told = Told()
    async with being_kept(database) as journal:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            for count in range(70):
                journal.keep(numbered(count), told(numbered(count)))
            journal.keep(numbered(0), told(numbered(0)))
            await until(lambda: "another program is holding it" in (journal.trouble or ""))
            assert "waiting in memory: 70" in (journal.trouble or "")
            assert not await journal.calls()
            assert told.calls == []
        await until(lambda: len(told.calls) == 70)
        assert len(await journal.calls(100)) == 70


async def test_beyond_all_room_the_oldest_make_way(database: Database) -> None:
    journal = StoredJournal(database, Pace(capacity=10))
    for count in range(25):
        journal.keep(numbered(count), lambda: None)
    running = asyncio.create_task(journal.run())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait({running})
    assert await found(database) == ids(*reversed(range(15, 25)))


async def test_a_row_that_somebody_else_wrote_breaks_nothing(database: Database) -> None:
    await keep(database, numbered(1))
    async with database.writing() as connection:
        await connection.execute(text("UPDATE calls SET way = 'anywhere'"))
    assert await StoredJournal(database).calls() == ()
    async with database.writing() as connection:
        await connection.execute(text("UPDATE calls SET way = NULL, legs = '[1]'"))
    assert await StoredJournal(database).calls() == ()


@given(st.from_regex(r"[A-Za-z0-9_.+/-]{0,80}", fullmatch=True), st.from_regex(r"-?[0-9]{1,9}|", fullmatch=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
async def test_whatever_is_read_as_a_call_can_be_written(database: Database, by: str, rang: str) -> None:
    read = call_in(row(by=by, rang=rang))
    assert read is not None
    assert await keep(database, read) == [read.id]
