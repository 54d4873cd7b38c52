"""Who is on duty at which time: the plan laid out as stretches without a gap, each with its reason.

What outranks what: who has taken over; else the calendar, where one was read; else the exceptions; else the week, or
the plan for holidays on those. Where two shifts overlap, all of their people are on duty, those of the
earlier one first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import IntEnum
from itertools import pairwise

from router.core.duty import WEEK, Day, Member, Plan, Taken
from router.core.shifts import Shift

LOOK_BACK, LOOK_AHEAD = timedelta(days=8), timedelta(days=15)
_SECOND = timedelta(seconds=1)


class Reason(IntEnum):
    """Why it is these people; the higher outranks the lower."""

    GAP = 0
    NO_PLAN = 1
    WEEK = 2
    HOLIDAY = 3
    EXCEPTION = 4
    CALENDAR = 5
    TAKEN = 6


@dataclass(frozen=True, slots=True)
class Stretch:
    """`who` is rung from `begin` until `end`, which is not part of it; aware, in UTC.

    `left_out`: who would be on duty but is away, has no confirmed number, or is not known.
    """

    begin: datetime
    end: datetime
    who: tuple[str, ...]
    reason: Reason
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Span:
    begin: datetime
    end: datetime
    who: tuple[str, ...]
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Present:
    """`people` by their names as `Plan.member` compares them."""

    people: Mapping[str, Member]
    ringable: Collection[str]

    def of(self, named: tuple[str, ...], now: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Who of them can be rung, by the name in the plan, and who cannot."""
        who: dict[str, None] = {}
        left_out: dict[str, None] = {}
        for name in named:
            member = self.people.get(name.strip().casefold())
            if member is None or member.name not in self.ringable or member.away(now):
                left_out[member.name if member else name] = None
            else:
                who[member.name] = None
        return tuple(who), tuple(left_out)


def laid_out(
    plan: Plan,
    ringable: Collection[str],
    zone: tzinfo,
    begin: datetime,
    end: datetime,
    *,
    holidays: Collection[date] = (),
    calendar: Sequence[Shift] | None = None,
) -> tuple[Stretch, ...]:
    """The stretches from `begin` to `end` (aware), in order, each other than the one before it.

    `ringable`: the people who have a number on which they may be rung. `calendar`: None where there is none to go by;
    it takes the place of week, exceptions and holidays.
    """
    begin, end = begin.astimezone(UTC), end.astimezone(UTC)
    spans = sorted(_spans(plan, zone, begin, end, holidays=holidays, calendar=calendar), key=lambda span: span.begin)
    present = _Present({member.name.casefold(): member for member in plan.people}, ringable)
    found: list[Stretch] = []
    active: list[_Span] = []
    waiting = iter([*spans, None])
    coming = next(waiting)
    moments = _moments(plan, spans, begin, end)
    for now, then in pairwise(moments):
        while coming is not None and coming.begin <= now:
            active.append(coming)
            coming = next(waiting)
        active = [span for span in active if span.end > now]
        stretch = _stretch(plan.taken, present, active, now, then)
        last = found[-1] if found else None
        if last and (last.who, last.reason, last.left_out) == (stretch.who, stretch.reason, stretch.left_out):
            found[-1] = Stretch(last.begin, then, last.who, last.reason, last.left_out)
        else:
            found.append(stretch)
    return tuple(found)


def moment(day: date, clock: time, zone: tzinfo) -> datetime:
    """In UTC: when the office's clocks first show `clock`, or something later, on that day.

    So an hour that comes twice counts when it comes first, and one that is left out counts from where the clocks jump:
    shifts that follow each other neither overlap nor leave a gap.
    """
    local = datetime.combine(day, clock, zone)
    after = local.astimezone(UTC)
    if after.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return after
    before = local.replace(fold=1).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _moments(plan: Plan, spans: Sequence[_Span], begin: datetime, end: datetime) -> list[datetime]:
    """Whenever it may change who is on duty, `begin` and `end` included."""
    found = {edge for span in spans for edge in (span.begin, span.end)}
    kept = [member.absent for member in plan.people if member.absent] + ([plan.taken] if plan.taken else [])
    found |= {edge.astimezone(UTC) for one in kept for edge in (one.since, one.until) if edge is not None}
    return [begin, *sorted(edge for edge in found if begin < edge < end), end]


def _stretch(taken: Taken | None, present: _Present, active: Sequence[_Span], now: datetime, then: datetime) -> Stretch:
    """From `now` until `then`, between which nothing changes."""
    if taken and taken.holds(now):
        who, left_out = present.of((taken.name,), now)
        if who:
            return Stretch(now, then, who, Reason.TAKEN, left_out)
    reason = max((span.reason for span in active), default=Reason.GAP)
    named = tuple(dict.fromkeys(name for span in active if span.reason is reason for name in span.who))
    who, left_out = present.of(named, now)
    return Stretch(now, then, who, reason, left_out)


def _spans(
    plan: Plan, zone: tzinfo, begin: datetime, end: datetime,
    *, holidays: Collection[date], calendar: Sequence[Shift] | None,
) -> Iterator[_Span]:  # fmt: skip
    if calendar is not None:
        for shift in calendar:
            if shift.begin < end and shift.end > begin:
                yield _Span(shift.begin.astimezone(UTC), shift.end.astimezone(UTC), shift.who, Reason.CALENDAR)
        return
    day, last = begin.astimezone(zone).date() - timedelta(days=2), end.astimezone(zone).date() + timedelta(days=1)
    while day <= last:
        yield from _of(day, plan, zone, holidays)
        day += timedelta(days=1)


def _of(day: date, plan: Plan, zone: tzinfo, holidays: Collection[date]) -> Iterator[_Span]:
    """What begins on that day."""
    specials = [special for special in plan.specials if special.first <= day <= special.last]
    for special in specials:
        yield _span(day, (special.begin, special.end), special.who, Reason.EXCEPTION, zone)
    if specials:
        return
    of_holidays = [row for row in plan.rows if row.day is Day.HOLIDAY] if day in holidays else []
    reason = Reason.HOLIDAY if of_holidays else Reason.WEEK
    rows = of_holidays or [row for row in plan.rows if row.day is WEEK[day.weekday()]]
    for row in rows:
        yield _span(day, (row.begin, row.end), row.who, reason, zone)
    if not rows and all(row.day is Day.HOLIDAY for row in plan.rows):
        everybody = tuple(member.name for member in plan.people if member.stands_by)
        yield _span(day, (time(), time()), everybody, Reason.NO_PLAN, zone)


def _span(day: date, clocks: tuple[time, time], who: tuple[str, ...], reason: Reason, zone: tzinfo) -> _Span:
    begin, end = clocks
    last = day if end > begin else day + timedelta(days=1)
    return _Span(moment(day, begin, zone), moment(last, end, zone), who, reason)
