"""Where the people of the settings and those of the database differ: the file seeded them once, staff change them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from router.calendar.holidays import is_known
from router.calendar.source import Unread, source_in
from router.calendar.watching import Calendar
from router.core.duty import Member, Plan, seeded
from router.core.duty_told import NOBODY, on_duty
from router.core.on_duty import Calendar as Known
from router.core.on_duty import Duty, around, standing
from router.core.site import Site
from router.store.database import Database, StoreUnavailable, sqlite_file
from router.store.duty import kept_plan, plan_in

PATIENCE = 3.0
"""Seconds for the database; it may not be there yet."""


async def told(site: Site, url: str) -> tuple[str, ...]:
    """One hint for each difference; none where there is no database yet, or it cannot be read."""
    try:
        async with asyncio.timeout(PATIENCE):
            kept = await _kept(url)
    except (StoreUnavailable, TimeoutError, ValueError):
        return ()
    return () if kept is None else tuple(differences(seeded(site), kept))


async def _kept(url: str) -> Plan | None:
    file = sqlite_file(url)
    if file is not None:
        return plan_in(file) if file.exists() else None
    database = Database(url, patience=1.0)
    try:
        return await kept_plan(database)
    finally:
        await database.close()


async def calendar(site: Site, url: str, source: str) -> str:
    """One line: how many shifts it has and who is on duty by it now, or why it cannot be read; empty without one.

    `source`: a path or an address. Only its host or the file's name is told.
    """
    if not source:
        return ""
    plan = await _plan_of(site, url)
    names, now = [member.name for member in plan.people], datetime.now(UTC)
    watched = Calendar(source, lambda: names, site.timezone, lambda said: None, Path(os.devnull))
    named = source_in(source).named
    try:
        _, read = await watched.read()
    except Unread as error:
        return f"Duty calendar {named}: {error.why} The router keeps to what it said before, or else to the plan."
    stretches = around(Duty(plan, calendar=Known(named, read.shifts, now)), site, now)
    found = standing(stretches, now)
    who = on_duty(found.now) if found else NOBODY
    shifts = "1 shift" if len(read.shifts) == 1 else f"{len(read.shifts)} shifts"
    told = f"Duty calendar {named}: {shifts} in the next three weeks. {who}"
    return f"{told} {read.trouble}" if read.trouble else told


async def _plan_of(site: Site, url: str) -> Plan:
    try:
        async with asyncio.timeout(PATIENCE):
            return await _kept(url) or seeded(site)
    except (StoreUnavailable, TimeoutError, ValueError):
        return seeded(site)


def region(holidays: str) -> tuple[str, ...]:
    """A hint where public holidays are wanted of a region that has none we know."""
    if is_known(holidays):
        return ()
    return (f'No public holidays are known for "{holidays}" (holidays in [hours]); the duty plan will have none.',)


def differences(settings: Plan, kept: Plan) -> Iterator[str]:
    """The database is the truth; what the file says of people has no effect any more."""
    for member in settings.people:
        now = kept.member(member.name)
        if now is None:
            yield f"{member.name} stands in failover.toml, but was removed on the panel: nobody rings there."
        elif _numbers(now) != _numbers(member):
            yield f"{member.name} has other numbers on the panel than in failover.toml; those on the panel are rung."
    for member in kept.people:
        if settings.member(member.name) is None:
            yield f"{member.name} was added on the panel, and does not stand in failover.toml."
    order = [[one.name for one in plan.people if one.stands_by] for plan in (settings, kept)]
    if order[0] != order[1] and sorted(order[0]) == sorted(order[1]):
        yield f"The order on the panel is {', '.join(order[1])}, not the one of failover.toml."
    if kept.rows or kept.specials:
        yield "Who is rung follows the duty plan of the panel, not [forwarding] people."


def _numbers(member: Member) -> list[str]:
    return [mobile.number for mobile in member.mobiles]
