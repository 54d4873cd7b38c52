"""Silent legs are moved on: a call that began while its trunk died still reaches the callee, by the next trunk."""

from __future__ import annotations

from dataclasses import replace

from router.core import legs
from router.core.effects import Kind, MoveOn, Record
from router.core.health import State
from router.core.heard import Outcome
from router.core.legs import Leg
from router.core.office import Office
from router.core.sentence import say
from router.core.signals import At, LegBegan, LegEnded, LegMoved, LegSpoke
from router.core.trunk import Trunk


def heard(office: Office, said: LegBegan | LegSpoke | LegEnded | LegMoved, at: At) -> Outcome:
    """Each leg that was moved on has its line in the journal, once that is done."""
    if not office.pbx.connected:
        return office, []
    office = replace(office, legs=legs.heard(office.legs, said, office.site, at.mono))
    known = office.trunks.get(said.trunk) if isinstance(said, LegMoved) and said.done else None
    return office, [_told(said, known)] if isinstance(said, LegMoved) and known else []


def moved_on(office: Office, at: At) -> Outcome:
    """Every leg whose time has come. A router that only reads touches no call."""
    if not office.legs or office.other_writer:
        return office, []
    gone = [leg for leg, due in _due(office, at.mono) if due <= at.mono]
    moves = [MoveOn(leg.channel, leg.trunk, at.mono - leg.began) for leg in gone]
    return replace(office, legs=legs.moved(office.legs, gone)), [*moves]


def asked_for(office: Office, at: float) -> frozenset[str]:
    """The trunks whose silent legs ask for a probe now."""
    return frozenset(name for name, due in _probes(office, at) if due <= at)


def wake_at(office: Office, at: float) -> list[float]:
    """When legs, by time alone, will ask for a probe or be moved on."""
    return [due for _, due in _probes(office, at)] + [due for _, due in _due(office, at)]


def _probes(office: Office, at: float) -> list[tuple[str, float]]:
    waiting = legs.waiting(office.legs, at)
    wanted = [(name, legs.probe_at(silent, office.trunks[name])) for name, silent in waiting.items()]
    return [(name, due) for name, due in wanted if due is not None]


def _due(office: Office, at: float) -> list[tuple[Leg, float]]:
    """The legs that are to be moved on, and when. None is taken from a trunk while no other looks better.

    There it may still get through: SIP repeats an INVITE that got lost. An emergency call tries them all.
    """
    found = []
    for name, silent in legs.waiting(office.legs, at).items():
        helped = any(_may_help(other) for other in office.trunks.values() if other.site.name != name)
        found += [(leg, legs.move_at(leg, office.trunks[name])) for leg in silent if helped or leg.limit is not None]
    return found


def _may_help(trunk: Trunk) -> bool:
    return trunk.health.state not in (State.FAILING, State.DOWN)


def _told(moved: LegMoved, trunk: Trunk) -> Record:
    text = say(
        "A call over {trunk} met nothing but silence for {seconds} s and was moved on to the next trunk: {evidence}",
        trunk=trunk.site.label, seconds=round(moved.silence, 1), evidence=trunk.why,
    )  # fmt: skip
    return Record(Kind.CALL, text, trunk=moved.trunk)
