"""Today, from midnight to now: what the trunks and numbers were when, made from the journal's lines of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from router.core.effects import Kind
from router.ports import Line

UNSEEN, AWAY, UNTOLD = "unseen", "away", "untold"
"""The PBX was out of sight; the router was away; nobody wrote down what was then."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """`state`: of a trunk as in core.health.State, of a number as in core.site.Way, or one of the three above."""

    begin: datetime
    end: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Day:
    """`begin` and `end`: midnight and midnight in the office's zone, 23, 24 or 25 hours apart."""

    begin: datetime
    end: datetime
    now: datetime

    def share(self, at: datetime) -> float:
        """How much of the day has gone by, from 0 to 1."""
        return min(1.0, max(0.0, (at - self.begin) / (self.end - self.begin)))


Stretches = tuple[Stretch, ...]


def today(now: datetime, timezone: ZoneInfo) -> Day:
    date = now.astimezone(timezone).date()
    begin, end = (datetime.combine(day, time(), timezone) for day in (date, date + timedelta(days=1)))
    return Day(begin.astimezone(now.tzinfo), end.astimezone(now.tzinfo), now)


def trunk_day(
    name: str, state: str, seen: bool, lines: Iterable[Line], day: Day,
    *, earlier: str = "", since: datetime | None = None,
) -> Stretches:  # fmt: skip
    """`state`: what it is now, `since` when; `seen`: whether the PBX is in sight now. `lines`: today's, in any order.

    `earlier`: what it was at midnight, where the lines before it tell; empty where they do not.
    """
    told = _ordered(lines, day)
    mine = [line for line in told if line.kind == Kind.TRANSITION and line.trunk == name]
    lives = _lives(mine, told, "to")
    if since and not lives[-1].steps and (lives[-1].begin or day.begin) < since <= day.now:
        lives[-1] = _Life(lives[-1].begin, [(since, "", state)])  # nobody wrote that down
    return _painted(_walked(lives, state, earlier, day), told, seen, day)


def number_day(number: str, way: str, seen: bool, lines: Iterable[Line], day: Day, *, earlier: str = "") -> Stretches:
    """`way`: where its calls go now. The rest as in `trunk_day`."""
    told = _ordered(lines, day)
    mine = [line for line in told if line.kind == Kind.DECISION and line.number == number]
    return _painted(_walked(_lives(mine, told, "way"), way, earlier, day), told, seen, day)


def restarted(lines: Iterable[Line]) -> bool:
    """Whether what was at midnight may have to be looked up."""
    return any(line.kind == Kind.ROUTER for line in lines)


def _ordered(lines: Iterable[Line], day: Day) -> list[Line]:
    return sorted((line for line in lines if day.begin <= line.at <= day.now), key=lambda line: (line.at, line.id))


@dataclass(frozen=True, slots=True)
class _Life:
    """The router's, from a start of it to the next. `steps`: when, what it was before, what after."""

    begin: datetime | None
    steps: Sequence[tuple[datetime, str, str]]


def _lives(mine: Sequence[Line], told: Sequence[Line], after: str) -> list[_Life]:
    starts: list[datetime | None] = [None, *(line.at for line in told if line.kind == Kind.ROUTER)]
    ends = [*starts[1:], None]
    return [
        _Life(begin, [
            (line.at, _text(line.data, "from"), _text(line.data, after) or UNTOLD) for line in mine
            if (begin is None or line.at >= begin) and (end is None or line.at < end)
        ])
        for begin, end in zip(starts, ends, strict=True)
    ]  # fmt: skip


def _text(data: Mapping[str, object], name: str) -> str:
    found = data.get(name)
    return found if isinstance(found, str) else ""


def _walked(lives: Sequence[_Life], now_is: str, earlier: str, day: Day) -> list[Stretch]:
    """What a life began with, its first change tells; where nothing changed in it, what is now or what was before."""
    made: list[Stretch] = []
    begin, state = day.begin, ""
    for number, life in enumerate(lives):
        last = number == len(lives) - 1
        first = (life.steps[0][1] if life.steps else now_is if last else "") or state or earlier or UNTOLD
        for at, after in [(life.begin or day.begin, first), *((at, after) for at, _, after in life.steps)]:
            made.append(Stretch(begin, at, state or first))
            begin, state = at, after
    return [*made, Stretch(begin, day.now, state)]


def _painted(made: list[Stretch], told: Sequence[Line], seen: bool, day: Day) -> Stretches:
    """With what could not be seen painted over it. What is out of sight now is so to the end."""
    for hidden in _hidden(told, seen, day):
        made = [left for stretch in made for left in _without(stretch, hidden)]
        made = sorted([*made, hidden], key=lambda stretch: stretch.begin)
    return tuple(_joined(stretch for stretch in made if stretch.end > stretch.begin))


def _hidden(told: Sequence[Line], seen: bool, day: Day) -> list[Stretch]:
    """When the router was away, and when it did not see the PBX."""
    found: list[Stretch] = []
    begin: datetime | None = None if _first_sight(told, seen) == "seen" else day.begin
    for line in told:
        match line.kind, _text(line.data, "sight"):
            case Kind.PBX, "lost" if begin is None:
                begin = line.at
            case Kind.PBX, "seen" if begin is not None:
                found.append(Stretch(begin, line.at, UNSEEN))
                begin = None
            case Kind.ROUTER, _:
                left = max(day.begin, min(line.at, _moment(line.data, "away_since") or line.at))
                if begin is not None and begin < left:
                    found.append(Stretch(begin, left, UNSEEN))
                found.append(Stretch(left, line.at, AWAY))
                begin = line.at
    return found if begin is None else [*found, Stretch(begin, day.now, UNSEEN)]


def _first_sight(told: Sequence[Line], seen: bool) -> str:
    """Whether the PBX was in sight at midnight: the opposite of what is told first, unless the router came first."""
    for line in told:
        if line.kind == Kind.ROUTER:
            return "seen"  # it was, as far as anybody knows; that the router went is painted from when it went
        if line.kind == Kind.PBX and (sight := _text(line.data, "sight")):
            return "lost" if sight == "seen" else "seen"
    return "seen" if seen else "lost"


def _moment(data: Mapping[str, object], name: str) -> datetime | None:
    found = data.get(name)
    return found if isinstance(found, datetime) else None


def _without(stretch: Stretch, hidden: Stretch) -> Iterable[Stretch]:
    yield replace(stretch, end=max(stretch.begin, min(stretch.end, hidden.begin)))
    yield replace(stretch, begin=min(stretch.end, max(stretch.begin, hidden.end)))


def _joined(stretches: Iterable[Stretch]) -> Iterable[Stretch]:
    last: Stretch | None = None
    for stretch in stretches:
        if last is not None and stretch.state == last.state and stretch.begin == last.end:
            last = replace(last, end=stretch.end)
            continue
        if last is not None:
            yield last
        last = stretch
    if last is not None:
        yield last
