"""The duty plan in the database: seeded once, then the truth; it holds also while it cannot be kept."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import text

from router.core.duty import Absence, Day, Member, Mobile, Plan, Row, Special, Taken
from router.core.duty_changes import NotPlanned, with_person
from router.store.database import Database, StoreUnavailable, open_database
from router.store.duty import StoredDuty, kept_plan

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEED = Plan((Member("Anna", (Mobile("+4917112345678"),)), Member("Ben", (Mobile("+4917112345679"),), False)))
FULL = Plan(
    (
        Member("Zoë \N{ROCKET}", (Mobile("+4917112345670", False),)),
        Member("Anna", (), absent=Absence(NOON, None)), Member("Ben", absent=Absence(NOON, NOON)),
    ),
    (Row(Day.HOLIDAY, time(22), time(6), ("Anna", "Ben")), Row(Day.MONDAY, time(0), time(0), ())),
    (Special(date(2026, 12, 24), date(2026, 12, 26), time(8), time(18, 30), ("Ben",)),),
    Taken("Ben", NOON, NOON, "anna"),
)  # fmt: skip


class Told:
    """What the core is told."""

    def __init__(self) -> None:
        self.plans: list[tuple[Plan, bool]] = []
        self.news = asyncio.Event()

    def __call__(self, plan: Plan, kept: bool) -> None:
        self.plans.append((plan, kept))
        self.news.set()

    async def last_is(self, plan: Plan, kept: bool) -> None:
        async with asyncio.timeout(10):
            while not self.plans or self.plans[-1] != (plan, kept):
                self.news.clear()
                await self.news.wait()


@asynccontextmanager
async def running(duty: StoredDuty):
    task = asyncio.create_task(duty.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_the_settings_seed_it_once_and_from_then_on_the_database_is_the_truth(database: Database) -> None:
    told = Told()
    assert await kept_plan(database) is None
    duty = StoredDuty(database, SEED, told)
    assert await duty.load() == SEED == await kept_plan(database)
    assert await duty.change(lambda plan: with_person(plan, "Cem"))
    later = StoredDuty(database, Plan((Member("Somebody else"),)), Told())
    assert [member.name for member in (await later.load()).people] == ["Anna", "Ben", "Cem"]
    assert told.plans == [(SEED, True), (await later.load(), True)]


async def test_a_plan_comes_back_as_it_was(database: Database) -> None:
    duty = StoredDuty(database, SEED, Told())
    await duty.load()
    await duty.change(lambda plan: FULL)
    assert await kept_plan(database) == FULL


async def test_two_changes_at_once_both_count(database: Database) -> None:
    duty = StoredDuty(database, SEED, Told())
    await asyncio.gather(*(duty.change(lambda plan, n=n: with_person(plan, f"P{n}")) for n in range(8)))
    assert len((await kept_plan(database)).people) == 10


async def test_what_cannot_be_planned_changes_nothing(database: Database) -> None:
    told = Told()
    duty = StoredDuty(database, SEED, told)
    with pytest.raises(NotPlanned):
        await duty.change(lambda plan: with_person(plan, "Anna"))
    assert await kept_plan(database) == SEED
    assert told.plans == [(SEED, True)]


async def test_a_change_holds_though_it_cannot_be_kept_and_is_kept_as_soon_as_possible(url: str, file: Path) -> None:
    database = await open_database(url, patience=0.05)
    told = Told()
    duty = StoredDuty(database, SEED, told, retry=0.05)
    blocker = await open_database(url, patience=5)
    try:
        async with running(duty):
            await told.last_is(SEED, True)
            changed = replace(SEED, taken=Taken("Anna", NOON, None, "anna"))
            async with blocker.writing() as connection:
                await connection.execute(text("SELECT 1"))
                assert not await duty.change(lambda plan: replace(plan, taken=changed.taken))
                assert told.plans[-1] == (changed, False)
            await told.last_is(changed, True)
        assert await kept_plan(database) == changed
    finally:
        await blocker.close()
        await database.close()


async def test_a_database_that_comes_later_is_read_then_and_nothing_is_changed_before(tmp_path: Path) -> None:
    folder = tmp_path / "later"
    folder.write_text("no folder yet")
    database = Database(f"sqlite+aiosqlite:///{folder}/failover.db", patience=2)
    told = Told()
    duty = StoredDuty(database, SEED, told, retry=0.05)
    try:
        with pytest.raises(StoreUnavailable):
            await duty.change(lambda plan: with_person(plan, "Cem"))
        async with running(duty):
            folder.unlink()
            await database.migrate()
            await told.last_is(SEED, True)
    finally:
        await database.close()


async def test_rows_that_make_no_sense_are_not_believed(database: Database) -> None:
    duty = StoredDuty(database, SEED, Told())
    await duty.load()
    async with database.writing() as connection:
        await connection.execute(text("INSERT INTO duty_rows VALUES (0, 'someday', '25:00', '', '[]')"))
    with pytest.raises(StoreUnavailable, match="makes no sense"):
        await StoredDuty(database, SEED, Told()).load()
