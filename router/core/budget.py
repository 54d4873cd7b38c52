"""The minutes that forwarded calls may talk on one day: how many are spent, and what is told of it.

The dialplan counts them, and holds to the limit by itself; here it is only said, before and when it happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from router.core.effects import Kind, Record
from router.core.sentence import say
from router.core.site import Site

WARN_AT = 0.8
LONGEST = 9


class Spent(IntEnum):
    LITTLE = 0
    MOST = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class Budget:
    """`day` is YYYYMMDD in the office's time."""

    day: str = ""
    spent: Spent = Spent.LITTLE


def budget(site: Site, text: str | None, wall: datetime) -> Budget:
    """From failover/spent, `day:seconds`. What is no such thing, or of another day, counts as nothing spent."""
    today = wall.astimezone(site.timezone).strftime("%Y%m%d")
    day, _, seconds = (text or "").partition(":")
    most = site.forwarding.minutes_per_day * 60
    if day != today or not most or not (seconds.isascii() and seconds.isdecimal()) or len(seconds) > LONGEST:
        return Budget(today)
    share = int(seconds) / most
    return Budget(today, Spent.ALL if share >= 1 else Spent.MOST if share >= WARN_AT else Spent.LITTLE)


def told(before: Budget, now: Budget, site: Site) -> list[Record]:
    """A line of the journal for each limit that is passed."""
    if now.spent is Spent.LITTLE or (now.day == before.day and now.spent <= before.spent):
        return []
    minutes = site.forwarding.minutes_per_day
    if now.spent is Spent.ALL:
        text = say(
            "Today's {minutes} minutes for forwarded calls are used up: calls ring in the office.", minutes=minutes
        )
    else:
        text = say("Four fifths of today's {minutes} minutes for forwarded calls are used.", minutes=minutes)
    return [Record(Kind.PBX, text)]
