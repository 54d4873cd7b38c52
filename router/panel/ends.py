"""Until when an order shall hold: the presets of the board's form, and a time as people write it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from router.core.sentence import say
from router.panel.refusal import Refusal

MORNING = time(8)
_CLOCK = re.compile(r"(\d{1,2})(?:[:.h]?(\d{2}))?(?:uhr|h)?", re.IGNORECASE)
_DATES = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})?"),
)
_BOTH = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})T(.+)")


@dataclass(frozen=True, slots=True)
class Hours:
    """When the office is open. `week`: for Monday to Sunday, spans in minutes since midnight; None: always open."""

    week: tuple[tuple[tuple[int, int], ...], ...] | None = None
    is_holiday: Callable[[date], bool] = lambda day: False


def closing(hours: Hours, now: datetime, timezone: ZoneInfo) -> datetime | None:
    """When the office closes today. None where it is closed now for good, on holidays, or is open always."""
    today = now.astimezone(timezone).date()
    if hours.week is None or hours.is_holiday(today):
        return None
    spans = hours.week[today.weekday()]
    if not spans:
        return None
    end = _at(today, spans[-1][1], timezone)
    return end if now < end else None


def tomorrow(now: datetime, timezone: ZoneInfo) -> datetime:
    day = now.astimezone(timezone).date() + timedelta(days=1)
    return datetime.combine(day, MORNING, timezone).astimezone(UTC)


def chosen(fields: Mapping[str, str], now: datetime, timezone: ZoneInfo, hours: Hours) -> datetime | None:
    """What the form says by `end`: hour, day, tomorrow, open, or time (with `at` and `on`); None: an open end.

    Aware, in UTC or in the office's zone. Raises Refusal 422.
    """
    match fields.get("end"):
        case "hour":
            return now + timedelta(hours=1)
        case "day":
            if (end := closing(hours, now, timezone)) is None:
                raise Refusal(422, say("The office is closed by now. Please choose another end."))
            return end
        case "tomorrow":
            return tomorrow(now, timezone)
        case "time":
            return moment(fields.get("at", ""), fields.get("on", ""), now, timezone)
        case "open":
            return None
    raise Refusal(422, say("Please say how long the order is to hold."))


def moment(clock: str, on: str, now: datetime, timezone: ZoneInfo) -> datetime:
    """`clock`: 18:00, 18.00, 18 Uhr, or both as 2026-03-01T18:00. `on`: 2026-03-01 or 1.3.2026, or nothing: the next
    moment at which the office's clocks show it. Raises Refusal 422."""
    if both := _BOTH.fullmatch(clock.strip()):
        on, clock = both[1], both[2]
    wanted = _clock(clock)
    if wanted is None:
        raise Refusal(422, say("Please say until when, such as {example}.", example="18:00"))
    today = now.astimezone(timezone).date()
    if on.strip():
        return datetime.combine(_date(on, today), wanted, timezone)
    for day in (today, today + timedelta(days=1)):
        for fold in (0, 1):
            end = datetime.combine(day, wanted, timezone).replace(fold=fold)
            if end.timestamp() > now.timestamp():
                return end
    raise AssertionError("a clock shows every time within two days")


def _clock(text: str) -> time | None:
    found = _CLOCK.fullmatch("".join(text.split()))
    if not found:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _date(text: str, today: date) -> date:
    for pattern in _DATES:
        if found := pattern.fullmatch("".join(text.split())):
            try:
                day = date(int(found["year"] or today.year), int(found["month"]), int(found["day"]))
            except ValueError:
                break
            later = found["year"] is None and day < today
            return day.replace(year=day.year + 1) if later and (day.month, day.day) != (2, 29) else day
    raise Refusal(422, say("Please say on which day, such as {example}.", example="2026-03-01"))


def _at(day: date, minutes: int, timezone: ZoneInfo) -> datetime:
    """By the clock on the wall: on a day on which it is changed, 18:00 is still 18:00."""
    day, minutes = day + timedelta(days=minutes // 1440), minutes % 1440
    return datetime.combine(day, time(minutes // 60, minutes % 60), timezone).astimezone(UTC)
