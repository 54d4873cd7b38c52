"""Outages added up by trunk and month: how many, for how long, and which share of the time a trunk was there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from router.core.outages import Outage


@dataclass(frozen=True, slots=True)
class Sum:
    """Of one trunk in one month of the office's calendar. `begin` to `end`: the part of it that is counted.

    `count`: outages that began in it; `down`: seconds of it that lay in outages, whenever those began.
    """

    year: int
    month: int
    label: str
    subject: str
    begin: datetime
    end: datetime
    count: int
    down: float

    @property
    def span(self) -> float:
        """Seconds."""
        return (self.end - self.begin).total_seconds()

    @property
    def availability(self) -> float:
        """0 to 1."""
        return 1.0 - self.down / self.span if self.span else 1.0


def sums(
    outages: Sequence[Outage], subjects: Iterable[tuple[str, str]], since: datetime, now: datetime, zone: tzinfo
) -> list[Sum]:
    """Newest month first, in it the `subjects` (name and label) in their order; months from `since` to `now`."""
    found: list[Sum] = []
    named = list(subjects)
    by_subject: dict[str, list[Outage]] = {name: [] for name, _ in named}
    for one in outages:
        by_subject.setdefault(one.subject, []).append(one)
    for begin, end in months(since, now, zone):
        year, month = begin.astimezone(zone).year, begin.astimezone(zone).month
        for subject, label in named:
            own = by_subject[subject]
            count = sum(begin <= one.began < end for one in own)
            down = sum(overlap(one.began, one.ended or now, begin, end) for one in own)
            found.append(Sum(year, month, label, subject, begin, end, count, min(down, (end - begin).total_seconds())))
    return found


def overlap(began: datetime, ended: datetime, begin: datetime, end: datetime) -> float:
    """Seconds that two spans share."""
    return max(0.0, (min(ended, end) - max(began, begin)).total_seconds())


def months(since: datetime, now: datetime, zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    """The months of the office's calendar from `since` to `now`, newest first, the first and the last cut off there.

    In UTC: a month with a change of the clocks is an hour longer or shorter.
    """
    end = now.astimezone(UTC)
    while end > since:
        local = (end - timedelta(microseconds=1)).astimezone(zone)
        first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC)
        yield max(first, since.astimezone(UTC)), end
        end = first
