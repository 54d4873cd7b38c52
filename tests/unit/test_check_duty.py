"""`failover check` shows where people in the file and people on the panel differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from pathlib import Path

from router import check_duty
from router.core.duty import Day, Plan, Row, seeded
from router.core.duty_changes import confirmed, moved, with_number, with_person, without_person
from router.store.database import open_database
from router.store.duty import StoredDuty
from tests.unit.panel.fakes import named, site

SITE = named(site(), "Anna", "Ben")
SEED = seeded(SITE)


def test_what_is_the_same_needs_no_word() -> None:
    assert list(check_duty.differences(SEED, SEED)) == []


def test_every_difference_is_one_sentence() -> None:
    plan = with_person(without_person(SEED, "Ben"), "Cem")
    plan = with_number(plan, SITE, "Anna", "0171 2345678")
    plan = replace(plan, rows=(Row(Day.MONDAY, time(8), time(18), ("Anna",)),))
    assert list(check_duty.differences(SEED, plan)) == [
        "Anna has other numbers on the panel than in failover.toml; those on the panel are rung.",
        "Ben stands in failover.toml, but was removed on the panel: nobody rings there.",
        "Cem was added on the panel, and does not stand in failover.toml.",
        "Who is rung follows the duty plan of the panel, not [forwarding] people.",
    ]
    assert list(check_duty.differences(SEED, moved(SEED, "Ben", -1))) == [
        "The order on the panel is Ben, Anna, not the one of failover.toml."
    ]


def test_a_number_that_was_confirmed_is_no_difference() -> None:
    unconfirmed = with_number(SEED, SITE, "Anna", "0171 2345678")
    assert list(check_duty.differences(unconfirmed, confirmed(unconfirmed, "+491712345678"))) == []


async def test_it_is_read_from_the_database_and_a_missing_one_is_no_difference(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/failover.db"
    assert await check_duty.told(SITE, url) == ()
    assert not (tmp_path / "failover.db").exists()
    database = await open_database(url)
    try:
        assert await check_duty.told(SITE, url) == ()
        duty = StoredDuty(database, SEED, lambda plan, kept: None)
        await duty.change(lambda plan: Plan(plan.people[:1]))
    finally:
        await database.close()
    (told,) = await check_duty.told(SITE, url)
    assert told.startswith("Ben stands in failover.toml")


def test_a_region_without_holidays_is_a_hint() -> None:
    assert check_duty.region("") == check_duty.region("DE-NI") == ()
    (told,) = check_duty.region("DE-XX")
    assert '"DE-XX"' in told
