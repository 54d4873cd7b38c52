"""Where each published number's calls go now, and whether it can be reached."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from router.core import orders
from router.core.about import About, Reachable, Seen, View
from router.core.health import Cause, State
from router.core.orders import Mode, Override, Overrides
from router.core.sentence import Sentence
from router.core.site import NumberSite, Person, Site, Way
from router.core.telling import sentence_for
from router.core.trunk import Trunk

__all__ = ["Decision", "Reachable", "View", "decide"]

PROOF_LASTS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Decision:
    """`auto`: what the automatics say; `way`: what holds, staff's word included.

    `over`: the trunks for forwarded calls, in order. `alone`: the number fails though its trunk may well be fine.
    `seen`: where its calls went when the PBX was last in sight, None where that is not known.
    """

    number: str
    trunk: str
    auto: Way
    way: Way
    word: Override | None
    mobiles: tuple[tuple[Person, str], ...]
    over: tuple[str, ...]
    reachable: Reachable
    why: Sentence
    alone: bool = False
    seen: Seen | None = None


def decide(
    site: Site,
    trunks: Mapping[str, Trunk],
    overrides: Overrides,
    wall: datetime,
    *,
    before: tuple[Decision, ...] = (),
    view: View = View.CLEAR,
    arrivals: Mapping[str, datetime] | None = None,
    spent: bool = False,
    alone: Collection[str] = (),
    away: frozenset[str] = frozenset(),
) -> tuple[Decision, ...]:
    """One decision per published number; `before`: the ones that held so far.

    `arrivals`: when a call to a number last came by its own trunk. `spent`: the day's minutes for forwarded calls are.
    `alone`: the numbers that fail alone; they are treated as if their trunk were down.
    `away`: the numbers of which no office phone can be reached.

    The flip rule: a number follows its own trunk, whichever trunk a call arrives by.
    """
    diverted = {decision.number for decision in before if decision.auto is not Way.OFFICE}
    seen = {decision.number: decision.seen for decision in before}
    return tuple(
        _decided(site, number, trunks, orders.in_force(overrides, number.number, wall), wall,
                 diverted=number.number in diverted, view=view, arrival=(arrivals or {}).get(number.number),
                 spent=spent, alone=number.number in alone, away=number.number in away, seen=seen.get(number.number))
        for number in site.numbers
    )  # fmt: skip


def _decided(
    site: Site, number: NumberSite, trunks: Mapping[str, Trunk], word: Override | None, wall: datetime,
    *, diverted: bool, view: View, arrival: datetime | None, spent: bool, alone: bool, away: bool,
    seen: Seen | None,
) -> Decision:  # fmt: skip
    trunk = trunks[number.trunk]
    mobiles = tuple(site.mobiles(number))
    over = fallbacks(site, number, trunks, alone=alone, away=away) if mobiles and not spent else ()
    proven = diverted or any(trunks[name].health.state is not State.FAILING for name in over)
    auto = automatic(number, over if proven else (), down=trunk.health.diverted or alone, away=away)
    way = manual(word, over) if word else auto
    reached = reach(trunk, arrival, wall)
    if away and way is Way.OFFICE:
        reached = Reachable.NO
    reachable = _as_seen(Reachable.UNPROVEN if alone and reached is Reachable.YES else reached, view)
    people = tuple(dict.fromkeys(person.name for person, _ in mobiles))
    if view is not View.LOST:
        seen = Seen(way, people) if view is View.CLEAR else None
    about = About(
        number.number, trunk, way, reachable, people, site.trunk(over[0]).label if over else "", arrival,
        spent=spent, alone=alone, proven=proven or number.when_down is Way.OFFICE,
        away=away, stays=number.when_down is Way.OFFICE,
        off_duty=not number.people and any(person.numbers for person in site.people),
        seen=seen,
    )  # fmt: skip
    why = sentence_for(about, word, view)
    return Decision(number.number, number.trunk, auto, way, word, mobiles, over, reachable, why, alone, seen)


def automatic(number: NumberSite, over: tuple[str, ...], *, down: bool, away: bool) -> Way:
    """What holds without staff's word. With no trunk to forward over, nothing is gained by a switch.

    While no office phone can be reached (`away`), none is rung first: a voicemail there would swallow the call.
    """
    if not over or number.when_down is Way.OFFICE or not (down or away):
        return Way.OFFICE
    return Way.MOBILE if away else number.when_down


def manual(word: Override, over: tuple[str, ...]) -> Way:
    """What staff asked for; where no trunk is left to forward over, the office phones ring."""
    return Way.MOBILE if word.mode is Mode.MOBILE and over else Way.OFFICE


def fallbacks(
    site: Site, number: NumberSite, trunks: Mapping[str, Trunk], *, alone: bool = False, away: bool = False
) -> tuple[str, ...]:
    """The trunks that a forwarded call of `number` may leave by, best first: never one that is down, its own last.

    Where it is the office phones that are away and its own trunk works, that one keeps its place; last is then a trunk
    with a single channel, which the call itself or the next one needs.

    A trunk that only looks bad keeps its place: a short dip writes no table. But no number is diverted for the first
    time while all of its fallbacks look bad: they will be up or down within the fall time. One that answers again,
    but has not for long, serves while there is no other. A number that fails `alone` has no use for its own trunk.
    """
    names = site.fallbacks if site.fallbacks is not None else tuple(trunk.name for trunk in site.trunks)
    usable = [name for name in names if not trunks[name].health.diverted and not (alone and name == number.trunk)]
    if not usable:
        usable = [n for n in names if n != number.trunk and trunks[n].health.state is State.RECOVERING]
    if away and not trunks[number.trunk].health.diverted:
        return tuple(sorted(usable, key=lambda name: site.trunk(name).channels == 1))
    return tuple(sorted(usable, key=lambda name: name == number.trunk))


def reach(trunk: Trunk, arrival: datetime | None, wall: datetime) -> Reachable:
    """Whether a caller who dials a number of `trunk` gets through. Never yes without a call to that number that did.

    `arrival`: when the last one came by `trunk`.
    """
    if trunk.health.diverted:
        return Reachable.UNPROVEN if _may_be_reached(trunk) else Reachable.NO
    recent = arrival is not None and wall - arrival < PROOF_LASTS and trunk.proves(arrival)
    return Reachable.YES if recent and trunk.health.state is State.UP else Reachable.UNPROVEN


def _as_seen(reachable: Reachable, view: View) -> Reachable:
    """A dead trunk delivers nothing, whatever the PBX would do with its calls; all else needs a clear view."""
    if view is View.CLEAR or (view in (View.UNVERIFIED, View.READ_ONLY) and reachable is Reachable.NO):
        return reachable
    return Reachable.UNPROVEN


def _may_be_reached(trunk: Trunk) -> bool:
    """Failed outgoing calls prove nothing of incoming ones; a trunk that answers again may already deliver."""
    return trunk.health.cause is Cause.CALLS or trunk.health.state is State.RECOVERING
