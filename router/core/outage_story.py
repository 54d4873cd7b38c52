"""One outage in full: how its trunk fared, who was blamed, what was switched and ordered, what became of the calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from router.core.calls import Call, Outcome
from router.core.effects import Kind
from router.core.health import State
from router.core.outages import Outage, Told, What, blames
from router.core.site import Site
from router.core.written import SWITCHED

WAY_BACK = timedelta(seconds=60)
"""The switch that ends an outage comes after the line that says it is over, and no later than that."""


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on the trunk was in `state` (as in health.State; of what has no such states: down or up)."""

    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Switch:
    """`after`: seconds from when the trunk was held for down, or was up again, to this switch; None where a clock was
    set back in between. `ms`: how long the PBX took to write and to prove it; None where that is not told."""

    line: Told
    verified: bool
    after: float | None
    ms: float | None


@dataclass(frozen=True, slots=True)
class Count:
    """Calls by what became of them: taken on a mobile, missed, taken in the office."""

    saved: int = 0
    lost: int = 0
    office: int = 0

    @property
    def all(self) -> int:
        return self.saved + self.lost + self.office


@dataclass(frozen=True, slots=True)
class Tally:
    """By published number; every number of the outage is among them."""

    numbers: dict[str, Count] = field(default_factory=dict)

    @property
    def whole(self) -> Count:
        counts = self.numbers.values()
        return Count(sum(c.saved for c in counts), sum(c.lost for c in counts), sum(c.office for c in counts))


@dataclass(frozen=True, slots=True)
class Story:
    """`lines` are all that belong to it, in order. `calls` oldest first."""

    outage: Outage
    steps: tuple[Step, ...]
    switches: tuple[Switch, ...]
    blames: tuple[Told, ...]
    orders: tuple[Told, ...]
    lines: tuple[Told, ...]
    calls: tuple[Call, ...]


def numbers_of(outage: Outage, site: Site) -> tuple[str, ...]:
    """The published numbers that it takes from whoever dials them, as the settings are now."""
    match outage.what:
        case What.TRUNK:
            return tuple(number.number for number in site.numbers if number.trunk == outage.subject)
        case What.PBX:
            return tuple(number.number for number in site.numbers)
    return (outage.subject,)


def story(outage: Outage, lines: Sequence[Told], calls: Iterable[Call], numbers: Sequence[str], now: datetime) -> Story:
    """`lines`: those of the journal from `outage.id` on, in order; `calls`: those of its time; both may be too many."""
    within = [line for line in lines if outage.id <= line.id and (outage.open or line.id <= outage.last)]
    found = [line for line in within if _belongs(line, outage, numbers)]
    found += _way_back(outage, lines)
    during = tuple(sorted(during_it(outage, calls, numbers, now), key=lambda call: (call.began, call.id)))
    return Story(
        outage, _steps(outage, found), tuple(_switches(outage, found)),
        blames=tuple(line for line in found if line.kind == Kind.BLAME),
        orders=tuple(line for line in found if line.kind == Kind.ORDER),
        lines=tuple(found), calls=during,
    )  # fmt: skip


def during_it(outage: Outage, calls: Iterable[Call], numbers: Sequence[str], now: datetime) -> list[Call]:
    """The calls to its numbers that began between its begin and its end; none of our own that came back."""
    end = outage.ended or max(now, outage.began)
    return [
        call
        for call in calls
        if call.number in numbers and outage.began <= call.began <= end and call.outcome is not Outcome.REFUSED
    ]


def tally(counted: Iterable[tuple[str, str, str | None, int]], numbers: Sequence[str]) -> Tally:
    """From published number, outcome, who took it, and how many calls of that kind there were."""
    counts = dict.fromkeys(numbers, Count())
    for number, outcome, by, many in counted:
        count = counts.get(number, Count())
        if outcome == Outcome.MISSED:
            counts[number] = replace(count, lost=count.lost + many)
        elif outcome == Outcome.TAKEN and (by or "").startswith("+"):
            counts[number] = replace(count, saved=count.saved + many)
        elif outcome == Outcome.TAKEN:
            counts[number] = replace(count, office=count.office + many)
    return Tally(counts)


def is_saved(call: Call) -> bool:
    """Whether somebody took it on a mobile."""
    return call.outcome is Outcome.TAKEN and (call.by or "").startswith("+")


def _belongs(line: Told, outage: Outage, numbers: Sequence[str]) -> bool:
    match line.kind:
        case Kind.TRANSITION:
            key = (What.TRUNK, line.trunk) if line.trunk else (What.NUMBER, line.number)
            return key == outage.key
        case Kind.BLAME:
            return blames(line, outage)
        case Kind.PHONES:
            return outage.what is What.PHONES and line.number == outage.subject
        case Kind.DECISION:
            return line.number in numbers
        case Kind.ORDER | Kind.SWITCH | Kind.PBX:
            return True
    return False


def _way_back(outage: Outage, lines: Sequence[Told]) -> list[Told]:
    """The switch that followed on its end."""
    if outage.open or outage.ended is None:
        return []
    for line in lines:
        if line.id <= outage.last:
            continue
        fell = line.kind == Kind.TRANSITION and line.data.get("to") == State.DOWN
        if fell or not timedelta(0) <= line.at - outage.ended <= WAY_BACK:
            break
        if line.kind == Kind.SWITCH:
            return [line]
    return []


def _steps(outage: Outage, lines: Sequence[Told]) -> tuple[Step, ...]:
    if outage.what in (What.TRUNK, What.NUMBER):
        told = [line for line in lines if line.kind == Kind.TRANSITION]
        steps = [Step(line.at, str(line.data.get("to", ""))) for line in told]
        if not steps or steps[0].at != outage.began:
            steps = [*_untold(outage, steps), *steps]
    else:
        steps = [Step(outage.began, "down")]
    if outage.ended is not None and (not steps or steps[-1].state != "up"):
        steps.append(Step(outage.ended, "up"))
    return tuple(steps)


def _untold(outage: Outage, told: Sequence[Step]) -> Iterator[Step]:
    """How it began, where the lines that told of it are no longer kept."""
    down = outage.found or outage.down == outage.began
    yield Step(outage.began, "down" if down else "failing")
    if not down and outage.down is not None and (not told or told[0].at > outage.down):
        yield Step(outage.down, "down")


def _switches(outage: Outage, lines: Sequence[Told]) -> Iterable[Switch]:
    """Counted from the latest line before it that moved calls: down, or up again."""
    since: datetime | None = None
    for line in lines:
        if line.kind == Kind.TRANSITION and line.data.get("to") in (State.DOWN, State.UP):
            since = line.at
        if line.kind == Kind.SWITCH:
            gone = None if since is None else (line.at - since).total_seconds()
            ms = line.data.get("ms")
            verified = line.text == SWITCHED
            after = gone if gone is not None and gone >= 0 else None
            yield Switch(line, verified, after, float(ms) if isinstance(ms, int | float) else None)
            since = None
