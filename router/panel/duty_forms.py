"""The forms of the duty page, read: ends, days, clocks and names. What cannot be read raises Refusal 422."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from router.core.duty import WEEK, Day, Row, Special
from router.core.roster import moment
from router.core.sentence import say, sentence
from router.panel.ends import tomorrow
from router.panel.refusal import Refusal

Fields = Mapping[str, str]

DAYS: Mapping[str, tuple[str, tuple[Day, ...]]] = {
    "weekdays": (sentence("Monday to Friday"), WEEK[:5]),
    "daily": (sentence("every day"), WEEK),
    "weekend": (sentence("Saturday and Sunday"), WEEK[5:]),
    "monday": (sentence("Monday"), (Day.MONDAY,)),
    "tuesday": (sentence("Tuesday"), (Day.TUESDAY,)),
    "wednesday": (sentence("Wednesday"), (Day.WEDNESDAY,)),
    "thursday": (sentence("Thursday"), (Day.THURSDAY,)),
    "friday": (sentence("Friday"), (Day.FRIDAY,)),
    "saturday": (sentence("Saturday"), (Day.SATURDAY,)),
    "sunday": (sentence("Sunday"), (Day.SUNDAY,)),
    "holiday": (sentence("public holidays"), (Day.HOLIDAY,)),
}
"""What a line of the week can be for, with its word."""
TURNS = ("first", "second", "third")
"""Who is rung, by the names of the fields."""


def end_of_duty(fields: Fields, now: datetime, zone: ZoneInfo, shift: datetime | None) -> datetime | None:
    """`end` is shift, morning, open or time (with `at`).

    The page may be hours old: the moments that it offered stand in the fields `shift` and `morning`, and count. Without
    them a shift ends at `shift`; None: none runs.
    """
    match fields.get("end"):
        case "shift" if (end := _offered(fields, "shift") or shift) is not None:
            return end
        case "morning":
            return _offered(fields, "morning") or tomorrow(now, zone)
        case "open":
            return None
        case "time":
            return _next(clock(fields.get("at", "")), now, zone)
    raise Refusal(422, say("Please say until when."))


def _offered(fields: Fields, end: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(fields.get(end, ""))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def end_of_absence(fields: Fields, zone: tzinfo) -> datetime | None:
    """`back` is a day, and `at` the clock on it; without a day it is open."""
    if not fields.get("back", "").strip():
        return None
    return moment(day(fields["back"]), clock(fields.get("at") or "00:00"), zone)


def rows(fields: Fields) -> tuple[Row, ...]:
    days = DAYS.get(fields.get("day", ""))
    if days is None:
        raise Refusal(422, say("Please choose a day."))
    who = names(fields)
    if not who:
        raise Refusal(422, say("Please choose who is on duty."))
    begin, end = clock(fields.get("begin", "")), clock(fields.get("end", ""))
    return tuple(Row(each, begin, end, who) for each in days[1])


def special(fields: Fields) -> Special:
    """Without clocks it is for whole days; without a name nobody is on duty."""
    first = day(fields.get("from", ""))
    last = day(fields["to"]) if fields.get("to", "").strip() else first
    begin, end = (clock(fields.get(name) or "00:00") for name in ("begin", "end"))
    return Special(first, last, begin, end, names(fields))


def names(fields: Fields) -> tuple[str, ...]:
    return tuple(fields[turn] for turn in TURNS if fields.get(turn, "").strip())


def clock(text: str) -> time:
    try:
        read = datetime.strptime(text.strip(), "%H:%M")  # noqa: DTZ007 - a clock's face has no zone
    except ValueError:
        raise Refusal(422, say("Please write the time as {example}.", example="18:00")) from None
    return read.time()


def day(text: str) -> date:
    try:
        read = date.fromisoformat(text.strip())
    except ValueError:
        raise Refusal(422, say("Please write the day as {example}.", example="2026-12-24")) from None
    if not 2000 <= read.year < 2200:
        raise Refusal(422, say("That day is too far away."))
    return read


def key(line: Row | Special) -> str:
    """Names one line of the plan in a form."""
    return hashlib.sha256(repr(line).encode("utf-8", "backslashreplace")).hexdigest()[:16]


def _next(at: time, now: datetime, zone: tzinfo) -> datetime:
    """The next moment at which the office's clocks show that."""
    today = now.astimezone(zone).date()
    found = moment(today, at, zone)
    return found if found > now else moment(today + timedelta(days=1), at, zone)
