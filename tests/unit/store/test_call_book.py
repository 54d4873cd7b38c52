"""The book of calls: looked through, counted, and read page by page; what was kept before is counted, too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text

from router.core import counted
from router.core.calls import Call, Leg, Outcome
from router.core.counted import Count, Figures, Wanted
from router.store import migration
from router.store.call_book import StoredCallBook
from router.store.callbacks import StoredCallBacks
from router.store.database import Database, StoreUnavailable, open_database
from router.store.journal import StoredJournal
from tests.unit.core.call_book import missed, taken
from tests.unit.core.offices import GSM_NUMBER, MOBILE, NUMBER
from tests.unit.store.running_journal import FOR_EVER, HURRIED, keeping

CALLS = [
    replace(taken(0), by="PJSIP/20", legs=()),
    missed(1),
    replace(missed(2, "+4930555002"), legs=(), number=GSM_NUMBER),
    taken(3),
    replace(taken(4), by_hand=True),
    replace(missed(5, None), legs=(Leg("", "", "calls"),)),
    replace(missed(6, "+4917112345678"), end="loop"),
    taken(7, "20"),
]
"""Noon and after: in the office, missed, missed at the other number, rescued, forwarded by hand, withheld, a loop."""


async def book(database: Database, calls: list[Call] = CALLS) -> StoredCallBook:
    await keeping(database, *calls)
    return StoredCallBook(database)


def minutes(calls: object) -> list[int]:
    return [call.began.minute for call in calls]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [7, 6, 5, 4, 3, 2, 1, 0]),
        (Wanted(Count.MISSED), [5, 2, 1]),
        (Wanted(Count.TAKEN), [7, 4, 3, 0]),
        (Wanted(Count.FORWARDED), [7, 4, 3, 1]),
        (Wanted(Count.RESCUED), [7, 3]),
        (Wanted(number=GSM_NUMBER), [2]),
        (Wanted(Count.TAKEN, number=GSM_NUMBER), []),
        (Wanted(since=missed(3).began, until=missed(5).began), [4, 3]),
        (Wanted(digits="555002"), [2]),
        (Wanted(digits="20"), [7]),
        (Wanted(digits="1%5"), []),
        (Wanted(digits="_"), []),
    ],
)
async def test_calls_are_found_and_counted_by_what_they_were(
    database: Database, wanted: Wanted, found: list[int]
) -> None:
    made = await book(database)
    assert minutes(await made.page(wanted)) == found
    these = [call for call in CALLS if call.began.minute in found]
    outcomes = [call.outcome for call in these]
    assert await made.figures(wanted) == Figures(
        taken=outcomes.count(Outcome.TAKEN), missed=outcomes.count(Outcome.MISSED),
        forwarded=sum(map(counted.forwarded, these)), rescued=sum(map(counted.rescued, these)),
    )  # fmt: skip


async def test_an_empty_book_counts_nothing(database: Database) -> None:
    assert await StoredCallBook(database).figures(Wanted()) == Figures()
    assert await StoredCallBook(database).page(Wanted()) == []


async def test_it_is_read_page_by_page_though_many_began_at_once(database: Database) -> None:
    at_once = [replace(missed(1), id=f"1.{n}") for n in range(7)]
    made = await book(database, [missed(0), *at_once, missed(2)])
    found: list[str] = []
    before = None
    while page := await made.page(Wanted(Count.MISSED), 2, before):
        assert len(page) <= 2
        found += [call.id for call in page]
        before = page[-1].id
    assert sorted(found) == sorted([missed(0).id, missed(2).id, *(call.id for call in at_once)])
    assert found[0] == missed(2).id
    assert found[-1] == missed(0).id


async def test_behind_a_call_that_nobody_knows_any_more_nothing_follows(database: Database) -> None:
    made = await book(database)
    assert await made.page(Wanted(), 50, "1.999") == []
    assert await made.page(Wanted(), -1) == []


async def test_whoever_asks_is_told_that_the_database_is_gone(tmp_path: Path) -> None:
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/f.db")
    async with database.writing() as connection:
        await connection.execute(text("DROP TABLE calls"))
    with pytest.raises(StoreUnavailable):
        await StoredCallBook(database).page(Wanted())
    with pytest.raises(StoreUnavailable):
        await StoredCallBook(database).figures(Wanted())
    await database.close()


def test_calls_from_before_are_counted_as_far_as_can_be_told(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/f.db")
    with engine.begin() as connection:
        migration.upgrade(connection, "0002")
        for name, outcome, by, legs in (
            ("1.1", "taken", MOBILE, f'[["gsm", "{MOBILE}", "answer"]]'),
            ("1.2", "taken", "PJSIP/20", "[]"),
            ("1.3", "missed", None, f'[["gsm", "{MOBILE}", "480r"]]'),
            ("1.4", "missed", None, '[["", "", "calls"]]'),
            ("1.5", "refused", None, f'[["gsm", "{MOBILE}", "480r"]]'),
        ):
            connection.execute(
                text(
                    'INSERT INTO calls (call, number, began, ended, "by", "end", outcome, away, legs) VALUES '
                    "(:name, :number, '2026-03-02 12:00:00', '2026-03-02 12:01:00', :by, '', :outcome, 0, :legs)"
                ),
                {"name": name, "number": NUMBER, "outcome": outcome, "by": by, "legs": legs},
            )
        migration.upgrade(connection)
        rows = connection.execute(text("SELECT call, forwarded, rescued, by_hand FROM calls ORDER BY call")).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [
        ("1.1", 1, 1, 0), ("1.2", 0, 0, 0), ("1.3", 1, 0, 0), ("1.4", 0, 0, 0), ("1.5", 0, 0, 0),
    ]  # fmt: skip


async def test_what_was_sent_there_by_hand_is_kept_with_the_call(database: Database) -> None:
    made = await book(database, [replace(taken(1), by_hand=True)])
    assert (await made.page(Wanted()))[0].by_hand is True
    assert (await StoredJournal(database, HURRIED, FOR_EVER, FOR_EVER).calls())[0].by_hand is True


@pytest.mark.parametrize(
    "wanted", [Wanted(), Wanted(Count.RESCUED, NUMBER), Wanted(digits="9"), Wanted(since=missed(1).began)]
)
async def test_no_question_goes_through_all_calls_without_an_index(database: Database, wanted: Wanted) -> None:
    """A page of 100,000 calls must not be read row by row."""
    asked: list[str] = []
    engine = database._engine.sync_engine

    def heard(connection: object, cursor: Any, statement: str, values: Any, *rest: object) -> None:
        if statement.startswith("SELECT") and "calls" in statement:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            asked.extend(str(step[3]) for step in cursor.fetchall())

    event.listen(engine, "before_cursor_execute", heard)
    try:
        book, backs = StoredCallBook(database), StoredCallBacks(database)
        await book.page(wanted, 50, "1.1")
        await book.figures(wanted)
        await backs.listed(missed(0).began)
        await backs.row("+4930555001", missed(0).began)
    finally:
        event.remove(engine, "before_cursor_execute", heard)
    assert len(asked) > 8
    assert [step for step in asked if step.startswith("SCAN calls") and "INDEX" not in step] == []
    assert [step for step in asked if "SCAN callbacks" in step and "INDEX" not in step] == []
