"""The shifts in the text of a calendar (RFC 5545). Loaded only where there is one; runs in a thread of its own.

A day begins and ends at midnight in the office's zone, and so does a time without a zone count there. Whether an event
is marked as busy or free (TRANSP) says nothing about duty.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo

import icalendar
import recurring_ical_events

from router.calendar.naming import named_in, shown
from router.calendar.source import Unread
from router.core.roster import moment
from router.core.sentence import Sentence, say
from router.core.shifts import Shift

log = logging.getLogger(__name__)

MOST_SHIFTS = 2000
"""In the weeks that are asked for; nobody plans that many."""
_TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
_WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_MOST_WITHIN_A_DAY = 24
_AT_A_TIME = 50
_FIRST, _LAST = 1900, 2200
"""Years between which a shift can be."""


@dataclass(frozen=True, slots=True)
class Read:
    """`troubles`: of single events, those that matter soonest first."""

    shifts: tuple[Shift, ...]
    troubles: tuple[Sentence, ...] = ()

    @property
    def trouble(self) -> Sentence | None:
        """All of them in one sentence."""
        if not self.troubles:
            return None
        first, *more = self.troubles
        return say("{first} So it is with {count} more of its events.", first=first, count=len(more)) if more else first


def read(text: bytes, people: Iterable[str], zone: tzinfo, *, begin: datetime, end: datetime, now: datetime) -> Read:
    """The shifts that touch the time from `begin` to `end`, in order. Raises Unread where this is no calendar.

    An event that is over by `now` gives no trouble any more.
    """
    calendar, left_out = _calendar(text)
    names = tuple(people)
    shifts: list[Shift] = []
    troubles: list[tuple[datetime, Sentence]] = [(begin, why) for why in left_out]
    for event in _occurrences(calendar, zone, begin, end, troubles):
        title = str(event.get("SUMMARY", ""))
        begins, ends = _span(event, zone)
        if ends <= begin or begins >= end or _is_off(event):
            continue
        who = named_in(title, names)
        if who and ends > begins:
            shifts.append(Shift(begins, ends, who))
        elif ends > now or begins > now:
            troubles.append((begins, _untaken(title, begins, known=bool(who))))
        if len(shifts) + len(troubles) > MOST_SHIFTS:
            raise Unread(say("The calendar has more than {count} shifts in three weeks.", count=MOST_SHIFTS))
    shifts.sort(key=lambda shift: (shift.begin, shift.end))
    troubles.sort(key=lambda trouble: trouble[0])
    return Read(tuple(shifts), tuple(why for _, why in troubles))


def _untaken(title: str, begins: datetime, known: bool) -> Sentence:
    if known:
        return say("The calendar's event “{title}” ({at}) has no end.", title=shown(title), at=begins)
    if not shown(title):
        return say("The calendar has an event without a title ({at}).", at=begins)
    return say("The calendar has “{title}” ({at}), whom we do not know.", title=shown(title), at=begins)


def _calendar(text: bytes) -> tuple[icalendar.Calendar, list[Sentence]]:
    """Without the events that repeat too often, and what is said of those."""
    plain = text.decode("utf-8-sig", errors="replace").lstrip()
    if not plain[:15].upper().startswith("BEGIN:VCALENDAR"):
        if plain[:1] == "<":
            raise Unread(say("A web page came instead of a calendar; perhaps a login is needed."))
        raise Unread(say("What came is no calendar."))
    try:
        calendar = icalendar.Calendar.from_ical(plain, multiple=True)[0]
        kept, told = _split(calendar.subcomponents)
    except Exception as error:  # whatever its parser does with what is none
        log.info("the calendar is broken: %s", type(error).__name__)
        raise Unread(say("The calendar is broken and cannot be read.")) from None
    calendar.subcomponents = kept
    return calendar, told


def _split(parts: Iterable[icalendar.Component]) -> tuple[list[icalendar.Component], list[Sentence]]:
    """Those that can be used, and what is said of the others."""
    kept: list[icalendar.Component] = []
    told: list[Sentence] = []
    for part in parts:
        try:
            rules = list(_rules(part))
            often = any(_is_too_often(rule) for rule in rules)
            if not rules:
                _bound(part)
        except Exception:  # a rule or a date that is none
            told.append(_broken(part))
            continue
        if often:
            title = shown(str(part.get("SUMMARY", "")))
            told.append(say("The calendar's event “{title}” repeats too often; it is left out.", title=title))
        else:
            kept.append(part)
    return kept, told


def _rules(part: icalendar.Component) -> Iterator[icalendar.vRecur]:
    for name in ("RRULE", "EXRULE"):
        found = part.get(name, [])
        yield from found if isinstance(found, list) else [found]


def _bound(part: icalendar.Component) -> None:
    """What begins or ends for ever away, as many programs write "for ever", lasts some centuries: no zone can tell when
    the last year of all ends."""
    for name in ("DTSTART", "DTEND"):
        told = part.get(name)
        if told is not None and not _FIRST <= told.dt.year <= _LAST:
            told.dt = told.dt.replace(year=_FIRST if told.dt.year < _FIRST else _LAST, month=1, day=1)


def _is_too_often(rule: icalendar.vRecur) -> bool:
    """No shift begins more than once an hour; a rule that says so would be work without end."""
    every = [str(word).upper() for word in rule.get("FREQ", [])]
    if any(int(each) < 1 for each in rule.get("INTERVAL", [])):
        return True
    within = 1
    for name in _WITHIN_A_DAY:
        within *= max(1, len(rule.get(name, [])))
    return any(word in _TOO_OFTEN for word in every) or within > _MOST_WITHIN_A_DAY


def _occurrences(
    calendar: icalendar.Calendar,
    zone: tzinfo,
    begin: datetime,
    end: datetime,
    troubles: list[tuple[datetime, Sentence]],
) -> Iterator[icalendar.Component]:
    """Each single event; of many series only some are laid out at a time. Where one is broken, all others."""
    span = begin.astimezone(zone), end.astimezone(zone)
    series = list(_series(calendar))
    for at in range(0, len(series), _AT_A_TIME):
        batch = series[at : at + _AT_A_TIME]
        try:
            yield from _between(calendar, [part for parts in batch for part in parts], span)
        except Exception:  # of any kind, as a broken series brings it about
            for parts in batch:
                try:
                    yield from _between(calendar, parts, span)
                except Exception as error:
                    log.info("an event of the calendar is broken: %s", type(error).__name__)
                    troubles.append((begin, _broken(parts[0])))


def _between(
    calendar: icalendar.Calendar, parts: list[icalendar.Component], span: tuple[datetime, datetime]
) -> list[icalendar.Component]:
    calendar.subcomponents = parts
    return list(recurring_ical_events.of(calendar).between(*span))


def _series(calendar: icalendar.Calendar) -> Iterator[list[icalendar.Component]]:
    """What belongs together: an event that repeats, and those of its days that were changed."""
    found: dict[str, list[icalendar.Component]] = {}
    for part in calendar.subcomponents:
        found.setdefault(str(part.get("UID") or id(part)), []).append(part)
    yield from found.values()


def _broken(part: icalendar.Component) -> Sentence:
    title = shown(str(part.get("SUMMARY", "")))
    return say("The calendar's event “{title}” is broken; it is left out.", title=title)


def _span(event: icalendar.Component, zone: tzinfo) -> tuple[datetime, datetime]:
    """In UTC."""
    begins: date = event.decoded("DTSTART")
    ends: date = event.decoded("DTEND", begins)
    return _moment(begins, zone), _moment(ends, zone)


def _moment(told: date, zone: tzinfo) -> datetime:
    if not isinstance(told, datetime):
        return moment(told, time(), zone)
    return moment(told.date(), told.time(), told.tzinfo or zone)


def _is_off(event: icalendar.Component) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"
