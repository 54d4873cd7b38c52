"""The panel's fake of the duty plan keeps the promises of the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from router.core.duty import Plan, seeded
from router.core.duty_changes import NotPlanned, with_person
from router.ports import Duties
from router.store.database import Database, open_database
from router.store.duty import StoredDuty
from tests.unit.panel.fakes import NOW, FakeBoard, FakeDuties, planned, site, well

Holding = Callable[[], Plan | None]


@pytest.fixture(params=("fake", "real"))
async def duties(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[tuple[Duties, Holding]]:
    """The door, and what holds in the office."""
    if request.param == "fake":
        board = FakeBoard(planned(well()))
        yield FakeDuties(board, lambda: NOW), lambda: board.office.duty.plan
        return
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/failover.db")
    told: list[Plan] = []
    try:
        yield StoredDuty(database, seeded(site()), lambda plan, kept: told.append(plan)), lambda: told[-1]
    finally:
        await database.close()


async def test_a_change_holds_once_it_is_answered(duties: tuple[Duties, Holding]) -> None:
    door, holding = duties
    assert await door.change(lambda plan: with_person(plan, "Cem"))
    plan = holding()
    assert plan
    assert plan.people[-1].name == "Cem"


async def test_what_cannot_be_planned_is_raised_and_changes_nothing(duties: tuple[Duties, Holding]) -> None:
    door, holding = duties
    await door.change(lambda plan: with_person(plan, "Cem"))
    before = holding()
    with pytest.raises(NotPlanned):
        await door.change(lambda plan: with_person(plan, "cem"))
    assert holding() == before


@pytest.mark.parametrize("kind", ["fake", "real"])
async def test_a_database_that_was_never_readable_refuses_every_change(kind: str, tmp_path: Path) -> None:
    if kind == "fake":
        door: Duties = FakeDuties(FakeBoard(well()), lambda: NOW)
        door.dead = True  # type: ignore[attr-defined]
    else:
        door = StoredDuty(
            Database(f"sqlite+aiosqlite:///{tmp_path}/none/x.db"), seeded(site()), lambda plan, kept: None
        )
    with pytest.raises(Exception, match="database"):
        await door.change(lambda plan: plan)
