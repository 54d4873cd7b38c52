"""The duty page as the reader sees it: the plan turned into finished texts, so that the template only lays them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from babel.dates import format_skeleton

from router.core.duty import WEEK, Day, Member, Mobile, Plan, Row, Special, mobiles
from router.core.office import Office
from router.core.on_duty import ahead
from router.core.roster import Stretch, moment
from router.core.sentence import Sentence, say, sentence
from router.panel import marks
from router.panel.duty_forms import DAYS, key
from router.panel.marks import Mark
from router.panel.notices import Notice
from router.panel.on_duty import OnDuty, duty_notices, on_duty, standing_now
from router.panel.speech import Speech, isolated

ROSTER, ALL_DAY = sentence("Duty roster"), sentence("all day")
SPAN = sentence("{first} to {last}")
NEXT_DAY = sentence("{begin}–{end} (next day)")
NEVER, READ = sentence("It was never read."), sentence("Read {read}.")
SHOWN = 7
"""Days that are drawn."""
HOLIDAYS_AHEAD = timedelta(days=120)
WIDTH = 1440
"""Of a drawn day: one for each minute."""


@dataclass(frozen=True, slots=True)
class PartView:
    """A time of one day. `left` and `width` in minutes of the drawing; `who` empty: nobody."""

    clocks: str
    who: str
    left: int
    width: int


@dataclass(frozen=True, slots=True)
class DayView:
    iso: str
    name: str
    holiday: str
    parts: tuple[PartView, ...]


@dataclass(frozen=True, slots=True)
class MobileView:
    number: str
    written: str
    mark: Mark
    rings: bool
    """Whether a test ring can confirm it."""
    missed: bool
    """Whether who is on duty now cannot be rung without it."""


@dataclass(frozen=True, slots=True)
class PersonView:
    name: str
    mobiles: tuple[MobileView, ...]
    on_duty: bool
    absent: str
    stands_by: bool
    takes: bool


@dataclass(frozen=True, slots=True)
class LineView:
    key: str
    days: str
    clocks: str
    who: str


@dataclass(frozen=True, slots=True)
class CalendarView:
    source: str
    mark: Mark
    text: str
    more: str


@dataclass(frozen=True, slots=True)
class DutyView:
    title: str
    now: OnDuty | None
    notices: tuple[Notice, ...]
    taken: str
    days: tuple[DayView, ...]
    people: tuple[PersonView, ...]
    week: tuple[LineView, ...]
    exceptions: tuple[LineView, ...]
    holidays: tuple[tuple[str, str], ...]
    calendar: CalendarView | None


def duty_view(office: Office, speech: Speech) -> DutyView:
    plan = office.duty.plan or Plan(())
    now = on_duty(office, speech)
    return DutyView(
        title=f"{now.text if now else speech.text(ROSTER)} · {office.site.name}", now=now,
        notices=tuple(one for one in duty_notices(office, speech) if one.mark is not marks.NOBODY_ON_DUTY),
        taken=_taken(plan, speech), days=tuple(_days(office, speech)),
        people=tuple(_person(member, office, speech) for member in plan.people),
        week=tuple(_week(plan, speech)),
        exceptions=tuple(_special(one, speech) for one in plan.specials if one.last >= _today(speech)),
        holidays=tuple(_holidays(office, speech)), calendar=_calendar(office, speech),
    )  # fmt: skip


def end_of_shift(office: Office, now: datetime) -> datetime | None:
    """When the shift that runs ends, where one does, or the gap; of who took over by hand: his end."""
    found = standing_now(office, now)
    return found.until if found else None


def _today(speech: Speech) -> date:
    return speech.now.astimezone(speech.timezone).date()


def _taken(plan: Plan, speech: Speech) -> str:
    taken = plan.taken
    if taken is None or not taken.holds(speech.now):
        return ""
    if taken.until is None:
        told = say("By hand since {since} (by {by}), until further notice.", since=taken.since, by=taken.by)
    else:
        told = say("By hand since {since} (by {by}), until {until}.", since=taken.since, by=taken.by, until=taken.until)
    return speech.line(told)


# --- the days ahead --------------------------------------------------------------------------------------------------


def _days(office: Office, speech: Speech) -> Iterator[DayView]:
    zone, today = speech.timezone, _today(speech)
    edges = [moment(today + timedelta(days=day), time(), zone) for day in range(SHOWN + 1)]
    stretches = [one for one in ahead(office.duty, office.site, edges[0], edges[-1]) if one.end > speech.now]
    for day, (begin, end) in enumerate(pairwise(edges)):
        when = today + timedelta(days=day)
        inside = [one for one in stretches if one.begin < end and one.end > begin]
        parts = tuple(_part(one, begin, end, speech) for one in _merged(inside))
        if parts:
            yield DayView(when.isoformat(), _day(when, speech), office.site.holidays.get(when, ""), parts)


def _merged(stretches: list[Stretch]) -> list[Stretch]:
    """Why it is the same people matters to nobody here."""
    found: list[Stretch] = []
    for one in stretches:
        if found and found[-1].who == one.who:
            found[-1] = Stretch(found[-1].begin, one.end, one.who, one.reason)
        else:
            found.append(one)
    return found


def _part(stretch: Stretch, begin: datetime, end: datetime, speech: Speech) -> PartView:
    first, last = max(stretch.begin, begin), min(stretch.end, end)
    whole = end - begin
    left, right = (round(WIDTH * ((at - begin) / whole)) for at in (first, last))
    if (first, last) == (begin, end):
        clocks = speech.text(ALL_DAY)
    else:
        clocks = f"{speech.clock(first)}–{'24:00' if last == end else speech.clock(last)}"
    return PartView(clocks, _who(stretch.who, speech), left, right - left)


def _who(who: tuple[str, ...], speech: Speech) -> str:
    return ", ".join(isolated(name) for name in who)


def _day(day: date, speech: Speech) -> str:
    when = datetime.combine(day, time(12), UTC)
    return format_skeleton("MMMEd", when, locale=speech.locale)


# --- people ----------------------------------------------------------------------------------------------------------


def _person(member: Member, office: Office, speech: Speech) -> PersonView:
    ringable = mobiles(member, office.site)
    on_duty = member.name in office.duty.who

    def one(mobile: Mobile) -> MobileView:
        only = on_duty and list(ringable) == [mobile.number]
        return _mobile(mobile, mobile.number in ringable, only, speech)

    return PersonView(
        member.name, tuple(one(mobile) for mobile in member.mobiles), on_duty,
        _absent(member, speech), member.stands_by, bool(ringable),
    )  # fmt: skip


def _mobile(mobile: Mobile, ringable: bool, only: bool, speech: Speech) -> MobileView:
    mark = marks.CONFIRMED if ringable else marks.NOT_ALLOWED if mobile.confirmed else marks.UNCONFIRMED
    return MobileView(mobile.number, speech.number(mobile.number), mark, not mobile.confirmed, only)


def _absent(member: Member, speech: Speech) -> str:
    if not member.away(speech.now) or member.absent is None:
        return ""
    if member.absent.until is None:
        return speech.render(say("absent until further notice"))
    return speech.render(say("absent until {until}", until=member.absent.until))


# --- the plan --------------------------------------------------------------------------------------------------------


def _week(plan: Plan, speech: Speech) -> Iterator[LineView]:
    """What is the same on several days is one line, in the order in which it comes first."""
    alike: dict[tuple[time, time, tuple[str, ...]], list[Row]] = {}
    for row in plan.rows:
        alike.setdefault((row.begin, row.end, row.who), []).append(row)
    for rows in alike.values():
        days = ", ".join(_runs([row.day for row in rows], speech))
        yield LineView(",".join(key(row) for row in rows), days, _clocks(rows[0], speech), _who(rows[0].who, speech))


def _runs(days: list[Day], speech: Speech) -> Iterator[str]:
    """Three days and more that follow each other are told by the first and the last; holidays stand for themselves."""
    words = {day: speech.line(Sentence(DAYS[day.value][0])) for day in Day}
    if set(days) >= set(WEEK):
        yield speech.line(Sentence(DAYS["daily"][0]))
        days = [day for day in days if day is Day.HOLIDAY]
    order = list(Day)
    run: list[Day] = []
    for day in [*sorted(days, key=order.index), None]:
        if run and day is not None and day is not Day.HOLIDAY and order.index(day) == order.index(run[-1]) + 1:
            run.append(day)
            continue
        if len(run) > 2:
            yield speech.text(SPAN, first=words[run[0]], last=words[run[-1]])
        else:
            yield from (words[one] for one in run)
        run = [day] if day is not None else []


def _special(special: Special, speech: Speech) -> LineView:
    days = _day(special.first, speech)
    if special.last != special.first:
        days = f"{days} – {_day(special.last, speech)}"
    return LineView(key(special), days, _clocks(special, speech), _who(special.who, speech))


def _clocks(line: Row | Special, speech: Speech) -> str:
    if line.begin == line.end == time():
        return speech.text(ALL_DAY)
    begin, end = line.begin.isoformat("minutes"), line.end.isoformat("minutes")
    if line.end == time():
        return f"{begin}–24:00"
    if line.end <= line.begin:
        return speech.text(NEXT_DAY, begin=begin, end=end)
    return f"{begin}–{end}"


def _holidays(office: Office, speech: Speech) -> Iterator[tuple[str, str]]:
    today = _today(speech)
    for day, name in sorted(office.site.holidays.items()):
        if today <= day <= today + HOLIDAYS_AHEAD:
            yield _day(day, speech), name


def _calendar(office: Office, speech: Speech) -> CalendarView | None:
    calendar = office.duty.calendar
    if not calendar.source:
        return None
    more = speech.line(calendar.trouble) if calendar.trouble else ""
    if calendar.read is None:
        return CalendarView(calendar.source, marks.CALENDAR, speech.text(NEVER), more)
    read = speech.text(READ, read=calendar.read)
    mark = marks.CALENDAR if calendar.since else marks.CALENDAR_READ
    return CalendarView(calendar.source, mark, read, more)
