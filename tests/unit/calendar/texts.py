"""Calendars as offices keep them, and how one is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from router.calendar.events import Read, read

BERLIN = ZoneInfo("Europe/Berlin")
PEOPLE = ("Anna", "Ben", "Carla")
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""A Monday."""


def event(title: str, begins: str, ends: str, *more: str, uid: str = "") -> str:
    """`begins` as ";TZID=Europe/Berlin:20261123T080000", ":20261123T080000Z", ";VALUE=DATE:20261123"."""
    lines = [
        "BEGIN:VEVENT", f"UID:{uid or title + begins}", "DTSTAMP:20260101T000000Z", f"DTSTART{begins}",
        *([f"DTEND{ends}"] if ends else []), f"SUMMARY:{title}", *more, "END:VEVENT",
    ]  # fmt: skip
    return "\r\n".join(lines) + "\r\n"


def calendar(*events: str) -> bytes:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//office//shifts//EN\r\n"
    return (head + "".join(events) + "END:VCALENDAR\r\n").encode()


def local(clock: str) -> str:
    """In the office's zone, named."""
    return f";TZID=Europe/Berlin:{clock}"


def made_out(
    text: bytes, *, people: tuple[str, ...] = PEOPLE, now: datetime = NOW, days: int = 20, back: int = 1
) -> Read:
    return read(text, people, BERLIN, begin=now - timedelta(days=back), end=now + timedelta(days=days), now=now)


def told(text: bytes, **how: object) -> list[str]:
    """Each shift as `Anna+Ben 23 08:00-16:00`, by the office's clocks."""
    found = []
    for shift in made_out(text, **how).shifts:  # type: ignore[arg-type]
        begin, end = (moment.astimezone(BERLIN) for moment in (shift.begin, shift.end))
        last = f"{end:%d} {end:%H:%M}" if end.date() != begin.date() else f"{end:%H:%M}"
        found.append(f"{'+'.join(shift.who)} {begin:%d} {begin:%H:%M}-{last}")
    return found
