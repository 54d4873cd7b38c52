"""The duty plan: people with their mobiles, who is away, who has taken over, and who is on duty when.

Clock times are those of the office (site.timezone). A row or an exception belongs to the day on which it begins, and
goes over midnight where its end is not after its beginning; the same clock twice is a whole day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from router.core.site import Person, Site


class Day(StrEnum):
    """Monday first, as date.weekday() counts."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    HOLIDAY = "holiday"


WEEK = tuple(Day)[:7]


@dataclass(frozen=True, slots=True)
class Mobile:
    """`number` in E.164. One that is not `confirmed` by a test ring is rung in that only."""

    number: str
    confirmed: bool = True


def _lasts(since: datetime, until: datetime | None, wall: datetime) -> bool:
    return since <= wall and (until is None or wall < until)


@dataclass(frozen=True, slots=True)
class Absence:
    """From `since` on; `until` None: open end."""

    since: datetime
    until: datetime | None = None

    def holds(self, wall: datetime) -> bool:
        return _lasts(self.since, self.until, wall)


@dataclass(frozen=True, slots=True)
class Member:
    """`mobiles` in the order in which they are rung. `stands_by`: he is rung where no plan says who is."""

    name: str
    mobiles: tuple[Mobile, ...] = ()
    stands_by: bool = True
    absent: Absence | None = None

    def away(self, wall: datetime) -> bool:
        return self.absent is not None and self.absent.holds(wall)


@dataclass(frozen=True, slots=True)
class Taken:
    """By hand: `name` alone is on duty, whatever the plan says. `until` None: open end. `by`: who said so."""

    name: str
    since: datetime
    until: datetime | None
    by: str

    def holds(self, wall: datetime) -> bool:
        return _lasts(self.since, self.until, wall)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the weekly plan, or of the plan for public holidays. `who`: in the order in which they are rung."""

    day: Day
    begin: time
    end: time
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Special:
    """An exception: on the days from `first` to `last`, both included, what the week says does not hold.

    `who` empty: nobody is on duty.
    """

    first: date
    last: date
    begin: time
    end: time
    who: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """`people` in the order in which they are rung where no plan says who is on duty."""

    people: tuple[Member, ...]
    rows: tuple[Row, ...] = ()
    specials: tuple[Special, ...] = ()
    taken: Taken | None = None

    def member(self, name: str) -> Member | None:
        """As people mean it: the same name in other capitals is the same one."""
        folded = name.strip().casefold()
        return next((member for member in self.people if member.name.casefold() == folded), None)


def seeded(site: Site) -> Plan:
    """What the settings say, with which the plan begins: those of [forwarding] people first, and no week."""
    standing_by = standing_by_in(site)
    known = {person.name: person for person in site.people}
    order = [*standing_by, *(name for name in known if name not in standing_by)]
    return Plan(
        tuple(
            Member(name, tuple(Mobile(number) for number in known[name].numbers), name in standing_by) for name in order
        )
    )


def standing_by_in(site: Site) -> tuple[str, ...]:
    """Who is rung where there is no plan, as the settings say."""
    return site.standing_by or tuple(person.name for person in site.people)


def mobiles(member: Member, site: Site) -> tuple[str, ...]:
    """The numbers on which he may be rung in earnest: confirmed, not our own, where the office pays for calls."""
    published = {number.number for number in site.numbers}
    return tuple(
        mobile.number
        for mobile in member.mobiles
        if mobile.confirmed and mobile.number.startswith(site.forwarding.prefixes) and mobile.number not in published
    )


def people_of(plan: Plan, site: Site) -> tuple[Person, ...]:
    """Everybody, on duty or not, with the numbers on which he may be rung."""
    return tuple(Person(member.name, mobiles(member, site)) for member in plan.people)
