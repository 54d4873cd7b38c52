"""`failover check` shows where people in the file and people on the panel differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from router import check_duty
from router.core.duty import Day, Plan, Row, seeded
from router.core.duty_changes import confirmed, moved, renamed, with_number, with_person, without_person
from router.store.database import open_database
from router.store.duty import StoredDuty
from tests.unit.calendar.texts import calendar, event
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


async def test_the_calendar_is_read_once_and_told_in_one_line(tmp_path: Path) -> None:
    url, file = f"sqlite+aiosqlite:///{tmp_path}/failover.db", tmp_path / "shifts.ics"
    now = datetime.now(UTC)
    begins, ends = (f":{now + timedelta(hours=hours):%Y%m%dT%H%M%SZ}" for hours in (-1, 1))
    file.write_bytes(calendar(event("Service: Ben", begins, ends, "RRULE:FREQ=DAILY;COUNT=5")))
    assert await check_duty.calendar(SITE, url, "") == ""
    told = await check_duty.calendar(SITE, url, str(file))
    assert told == "Duty calendar shifts.ics: 5 shifts in the next three weeks. On duty: Ben."
    file.write_bytes(calendar(event("Otto", begins, ends)))
    told = await check_duty.calendar(SITE, url, str(file))
    assert "0 shifts in the next three weeks. Nobody is on duty. The calendar has “Otto”" in told
    file.unlink()
    told = await check_duty.calendar(SITE, url, str(file))
    assert told.startswith("Duty calendar shifts.ics: The file shifts.ics is not there.")
    assert not Path(url.partition("///")[2]).exists()  # noqa: ASYNC240 - two stats of a test


async def test_the_names_in_the_calendar_are_those_of_the_panel(tmp_path: Path) -> None:
    url, file = f"sqlite+aiosqlite:///{tmp_path}/failover.db", tmp_path / "shifts.ics"
    now = datetime.now(UTC)
    begins, ends = (f":{now + timedelta(hours=hours):%Y%m%dT%H%M%SZ}" for hours in (-1, 1))
    file.write_bytes(calendar(event("Benny", begins, ends)))
    database = await open_database(url)
    try:
        duty = StoredDuty(database, SEED, lambda plan, kept: None)
        await duty.change(lambda plan: renamed(plan, "Ben", "Benny"))
    finally:
        await database.close()
    assert (await check_duty.calendar(SITE, url, str(file))).endswith("On duty: Benny.")
