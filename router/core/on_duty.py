"""What is known of the duty: the plan, the calendar, who is on duty now, who is next, and when nobody will be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from router.core.duty import Plan, mobiles
from router.core.roster import LOOK_AHEAD, LOOK_BACK, Stretch, laid_out
from router.core.sentence import Sentence
from router.core.shifts import Shift
from router.core.site import NumberSite, Site

WARN_AHEAD = timedelta(hours=8)
"""A working day: whoever plans the duty is told while he is still there."""
LAID_ANEW = timedelta(hours=1)
"""How often the plan is laid out again though nothing was changed: what is ahead moves on, clocks are set."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Shifts from outside, where the office has named a `source`.

    `shifts`: as they were read last, which was at `read`; None: never. `trouble`: what is wrong with it, or with single
    events. `since`: when it could not be read for the first time; None: it can.
    """

    source: str = ""
    shifts: tuple[Shift, ...] | None = None
    read: datetime | None = None
    trouble: Sentence | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """`plan`: None before the first word; then the settings hold. `kept`: it stands in the database.

    `stretches`: the plan laid out around now; `who`: on duty now. `looked`: when that was found, and `due`: when it may
    change next; None: now. `warned`: of the gap that begins then.
    """

    plan: Plan | None = None
    kept: bool = False
    calendar: Calendar = field(default_factory=Calendar)
    stretches: tuple[Stretch, ...] = ()
    who: tuple[str, ...] = ()
    looked: datetime | None = None
    due: datetime | None = None
    warned: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Who is on duty at a moment. `since` and `until`: of the same people, whyever it is they; None beyond what was
    looked at. `then`: who follows."""

    now: Stretch
    since: datetime | None
    until: datetime | None
    then: Stretch | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody is on duty from `begin` until `end`; `end` None: no end in sight."""

    begin: datetime
    end: datetime | None


def around(duty: Duty, site: Site, wall: datetime) -> tuple[Stretch, ...]:
    """The plan laid out from some days before to some weeks after `wall`; nothing without a plan."""
    return ahead(duty, site, wall - LOOK_BACK, wall + LOOK_AHEAD)


def ahead(duty: Duty, site: Site, begin: datetime, end: datetime) -> tuple[Stretch, ...]:
    if duty.plan is None:
        return ()
    ringable = frozenset(member.name for member in duty.plan.people if mobiles(member, site))
    return laid_out(
        duty.plan, ringable, site.timezone, begin, end, holidays=site.holidays.keys(), calendar=duty.calendar.shifts
    )


def standing(stretches: Sequence[Stretch], wall: datetime) -> Standing | None:
    """None where the plan was not laid out at that moment."""
    at = next((at for at, stretch in enumerate(stretches) if stretch.begin <= wall < stretch.end), None)
    if at is None:
        return None
    now = stretches[at]
    before = next((one for one in reversed(stretches[:at]) if one.who != now.who), None)
    then = next((one for one in stretches[at + 1 :] if one.who != now.who), None)
    return Standing(now, before.end if before else None, then.begin if then else None, then)


def gaps(stretches: Sequence[Stretch], wall: datetime) -> Iterator[Gap]:
    """Those that are not over at `wall`, in order."""
    begin: datetime | None = None
    for stretch in stretches:
        if stretch.who:
            if begin is not None and stretch.begin > wall:
                yield Gap(begin, stretch.begin)
            begin = None
        elif begin is None:
            begin = stretch.begin
    if begin is not None:
        yield Gap(begin, None)


def near_gap(stretches: Sequence[Stretch], wall: datetime) -> Gap | None:
    """The first time at which nobody is on duty, where it has begun or begins soon."""
    first = next(gaps(stretches, wall), None)
    return first if first and first.begin - wall <= WARN_AHEAD else None


def rung(number: NumberSite, who: tuple[str, ...], plan: Plan, site: Site, wall: datetime) -> tuple[str, ...]:
    """Who is rung for `number` while `who` are on duty.

    A number keeps its own people. Those who are absent are left out, unless none would remain; where none of them can
    be rung at all any more, it is those on duty.
    """
    known = [member for name in number.own if (member := plan.member(name)) and mobiles(member, site)]
    present = [member for member in known if not member.away(wall)]
    return tuple(member.name for member in present or known) or who


def rung_though_absent(number: NumberSite, plan: Plan, site: Site, wall: datetime) -> bool:
    """Whether all of the number's own people are absent, and are rung all the same."""
    known = [member for name in number.own if (member := plan.member(name)) and mobiles(member, site)]
    return bool(known) and all(member.away(wall) for member in known)
