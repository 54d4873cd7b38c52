"""The panel's fakes of the book of calls and of the call-backs keep the promises of the real ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from router.core.call_backs import Remark
from router.core.calls import Call
from router.core.counted import Count, Figures, Wanted
from router.ports import CallBacks, CallBook
from router.store.call_book import StoredCallBook
from router.store.callbacks import StoredCallBacks
from router.store.database import open_database
from tests.unit.panel.fakes import NOW, FakeCallBacks, FakeCallBook, FakeJournal, ago, callers
from tests.unit.store.running_journal import keeping

LAST_WEEK = NOW - timedelta(days=7)
NOBODY, TAKEN, DESK, LOOP, GONE = callers()
CALLER = NOBODY.caller or ""
OTHER = replace(NOBODY, id="5.6", caller="+4930555002", began=ago(minutes=9), ended=ago(minutes=8))
CALLS: list[Call] = [NOBODY, TAKEN, OTHER, DESK, LOOP, GONE]
Doors = tuple[CallBook, CallBacks]


@pytest.fixture(params=["fake", "real"])
async def doors(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Doors]:
    if request.param == "fake":
        journal = FakeJournal((), CALLS)
        yield FakeCallBook(journal), FakeCallBacks(journal)
        return
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/failover.db")
    try:
        await keeping(database, *CALLS)
        yield StoredCallBook(database), StoredCallBacks(database)
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), CALLS),
        (Wanted(Count.MISSED), [NOBODY, OTHER, GONE]),
        (Wanted(Count.TAKEN, since=ago(minutes=5)), [TAKEN]),
        (Wanted(Count.FORWARDED, until=ago(minutes=5)), [OTHER]),
        (Wanted(Count.RESCUED), [TAKEN]),
        (Wanted(number="+491715550123"), [GONE]),
        (Wanted(digits="0555"), [NOBODY, TAKEN, OTHER, DESK]),
    ],
)
async def test_the_book_is_looked_through_newest_first(doors: Doors, wanted: Wanted, found: list[Call]) -> None:
    book, _ = doors
    assert list(await book.page(wanted)) == found
    assert list(await book.page(wanted, 1)) == found[:1]
    assert list(await book.page(wanted, 9, before=found[0].id)) == found[1:]
    assert list(await book.page(wanted, 9, before="0.0")) == []


async def test_the_book_is_counted(doors: Doors) -> None:
    book, _ = doors
    assert await book.figures(Wanted()) == Figures(taken=2, missed=3, forwarded=3, rescued=1)
    assert await book.figures(Wanted(digits="999")) == Figures()


async def test_who_was_missed_waits_until_somebody_called_back_and_again_after_that_is_undone(doors: Doors) -> None:
    _, backs = doors
    told = await backs.listed(LAST_WEEK)
    assert [(row.caller, row.attempts, row.done) for row in told.rows] == [
        (CALLER, (NOBODY,), None), (OTHER.caller, (OTHER,), None),
    ]  # fmt: skip
    assert (told.still, told.withheld, told.withheld_last) == (2, 1, GONE.began)
    done = Remark(CALLER, NOW, "anna", "comes tomorrow", done=True)
    await backs.say(Remark(CALLER, ago(minutes=1), "ben", "engaged"))
    await backs.say(done)
    row = await backs.row(CALLER, LAST_WEEK)
    assert row is not None
    assert (row.done, [said.by for said in row.remarks]) == (done, ["anna", "ben"])
    told = await backs.listed(LAST_WEEK)
    assert [(row.caller, row.done) for row in told.rows] == [(OTHER.caller, None), (CALLER, done)]
    assert told.still == 1
    assert await backs.undo(CALLER, NOW)
    assert not await backs.undo(CALLER, NOW)
    row = await backs.row(CALLER, LAST_WEEK)
    assert row is not None
    assert [(said.note, said.done) for said in row.remarks] == [("comes tomorrow", False), ("engaged", False)]
    assert (await backs.listed(LAST_WEEK)).still == 2
    assert [row.caller for row in (await backs.listed(LAST_WEEK, 1)).rows] == [CALLER]


async def test_of_a_caller_who_was_not_missed_lately_there_is_no_row(doors: Doors) -> None:
    _, backs = doors
    assert await backs.row("+4930999", LAST_WEEK) is None
    assert await backs.row(CALLER, NOW) is None
    assert (await backs.listed(NOW)).rows == ()
