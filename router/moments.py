"""The end of an order, as people write it on the command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

WRITTEN = "18:00, 24.12.2026 18:00 or 2026-12-24 18:00"
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})")
_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4}|[0-9]{2}|),? *([0-9]{1,2}):([0-9]{2})", re.ASCII)
_YEARS_TRIED = 8
"""Without a year the 29th of February may be that far away."""


class NoMoment(ValueError):  # noqa: N818 - named for what it says about the text
    """The text names no moment; str() is the sentence that says why, without its subject."""


def moment(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """18:00, and a day without a year, are the next to come. ISO 8601 is local where it names no offset.

    `now` is aware, and so is the answer. Raises NoMoment, also for an hour that the clocks of `zone` leave out.
    """
    try:
        named = _clock(text, now, zone) or _day(text, now, zone) or datetime.fromisoformat(text)
    except ValueError:
        raise NoMoment(f"is no time: write {WRITTEN}") from None
    if named.tzinfo is not None and named.tzinfo is not zone:
        return named
    local = named.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != named.replace(tzinfo=None):
        raise NoMoment(f"does not exist: at that hour the clocks of {zone.key} are put forward")
    return local


def _clock(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    today = datetime.combine(now.astimezone(zone).date(), time(int(found[1]), int(found[2])), zone)
    return today if today > now else today + timedelta(days=1)  # the day after by the calendar: the zone is kept


def _day(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """As the German calendar has it: 24.12.2026 18:00, 24.12.26 18:00 or 24.12. 18:00."""
    found = _DAY.fullmatch(text)
    if not found:
        return None
    day, month, year, hour, minute = found.groups()
    if year:
        return datetime(
            int(year) + (2000 if len(year) == 2 else 0), int(month), int(day), int(hour), int(minute), tzinfo=zone
        )
    this = now.astimezone(zone).year
    for after in range(_YEARS_TRIED + 1):
        try:
            named = datetime(this + after, int(month), int(day), int(hour), int(minute), tzinfo=zone)
        except ValueError:
            continue
        if named > now:
            return named
    raise ValueError(text)
