"""How a blame comes into force: steadily, with its line in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from router.core.blame import Blame, Held, Whose, blame_for
from router.core.effects import Effect, Kind, Record
from router.core.exhibits import exhibits
from router.core.facts import Facts, facts_of, far_of
from router.core.health import State
from router.core.heard import Outcome
from router.core.kept_blame import kept
from router.core.office import Office
from router.core.own_word import TROUBLED
from router.core.signals import At
from router.core.trunk import Trunk

EACH = 0.01
"""Seconds of rest after the blames of so many trunks in trouble were weighed: a hundred cost no more than two."""


def blamed(office: Office, at: At) -> Outcome:
    """Every trunk in trouble by the table. Where a blame is in force, another needs two looks in a row that say so."""
    around, weighed = office.around, _weighed(office)
    if weighed == around.weighed:
        return (replace(office, around=replace(around, stale=False)) if around.stale else office), []
    seen = around.weighed is None or weighed is None or around.weighed[0] is not weighed[0]
    if not seen and at.mono < around.weigh_at:
        return (office if around.stale else replace(office, around=replace(around, stale=True))), []
    held = _held_in_sight(office, at) if office.pbx.connected else _held_out_of_sight(office)
    effects: list[Effect] = []
    for name, one in held.items():
        if not one.told and one.blame.whose is not Whose.UNKNOWN and _proven_bad(office.trunks[name]):
            effects += [] if _said_already(one, held) else [_line(name, one)]
            held[name] = replace(one, told=True)
    around = replace(around, weighed=weighed, weigh_at=at.mono + EACH * len(held), stale=False)
    return replace(office, blames=held, around=around), effects


def _held_in_sight(office: Office, at: At) -> dict[str, Held]:
    held: dict[str, Held] = {}
    far = far_of(office.trunks.values(), office.around.look)
    for name, trunk in office.trunks.items():
        numbers = office.troubles.numbers.get(name, ())
        if trunk.health.state not in TROUBLED and not numbers:
            continue
        facts = facts_of(
            trunk, far, office.around.look, at.mono, policy=office.site.policy, standings=office.around.standings,
            numbers=numbers,
        )  # fmt: skip
        blame = blame_for(facts)
        if blame is not None:
            held[name] = _evident(settled(office.blames.get(name), blame, facts, at), facts, at)
    return held


def _held_out_of_sight(office: Office) -> dict[str, Held]:
    """Nothing new is known of a dead trunk."""
    return {name: one for name, one in office.blames.items() if office.trunks[name].health.state is State.DOWN}


def settled(held: Held | None, blame: Blame, facts: Facts, at: At) -> Held:
    """The blame in force after `blame` was found; what the same row says may have changed."""
    if held is None or held.blame.whose is Whose.UNKNOWN:
        return Held(blame, at.wall)
    if blame.row == held.blame.row:
        return replace(held, blame=replace(blame, evidence=held.blame.evidence), rival=None)
    if blame.whose is Whose.UNKNOWN or facts.look is None:
        return held
    if blame.row == held.rival and facts.look.began > held.seen:
        return Held(blame, at.wall)
    return replace(held, rival=blame.row, seen=held.seen if blame.row == held.rival else facts.look.began)


def _evident(held: Held, facts: Facts, at: At) -> Held:
    """With the evidence of the latest look under it, where that says the same; and of now, when it gets its line."""
    began = facts.look.began if facts.look else 0.0
    fresh = held.laid == began and (held.told or not _proven_bad(facts.trunk))
    if held.rival is not None or fresh:
        return held
    return replace(held, blame=replace(held.blame, evidence=exhibits(facts, at)), laid=began)


def due(office: Office) -> float | None:
    """When the blames are to be weighed again by time alone, in monotonic seconds."""
    return office.around.weigh_at if office.around.stale else None


def _weighed(office: Office) -> tuple[object, ...] | None:
    """All that a blame is made from: whoever changes nothing of it needs no new one. The look comes first."""
    troubled = any(trunk.health.state in TROUBLED for trunk in office.trunks.values())
    if not troubled and not office.blames and not office.troubles.numbers:
        return None
    look = office.around.look
    since = look.began if look else 0.0
    return (look, office.troubles, office.pbx.connected, *(_of_trunk(t, since) for t in office.trunks.values()))


def _of_trunk(trunk: Trunk, since: float) -> tuple[object, ...]:
    health, evidence = trunk.health, trunk.evidence
    answered = evidence.answered or 0.0
    return (
        health.state, health.since, health.cause, evidence.contact, evidence.unanswered and evidence.first_unanswered,
        answered > since, answered > health.since, evidence.last_failed_call, evidence.register.status,
        evidence.register.refusal, trunk.peer, trunk.registrar,
    )  # fmt: skip


def _proven_bad(trunk: Trunk) -> bool:
    """A short dip is not worth a line."""
    return trunk.health.state not in (State.FAILING, State.UNKNOWN)


def _said_already(one: Held, held: Mapping[str, Held]) -> bool:
    """Two trunks that are dead for the same reason need one line."""
    return any(other.told and other.blame.text == one.blame.text for other in held.values())


def _line(name: str, held: Held) -> Record:
    return Record(Kind.BLAME, held.blame.text, trunk=name, data=kept(held.blame))
