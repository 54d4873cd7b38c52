"""How a blame comes into force: steadily, with its line in the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from router.core.blame import Blame, Held, Whose, blame_for
from router.core.effects import Effect, Kind, Record
from router.core.exhibits import exhibits
from router.core.facts import TROUBLED, Facts, facts_of, far_of
from router.core.health import State
from router.core.heard import Outcome
from router.core.office import Office
from router.core.sentence import Value
from router.core.signals import At
from router.core.trunk import Trunk


def blamed(office: Office, at: At) -> Outcome:
    """Every trunk in trouble by the table. Where a blame is in force, another needs two looks in a row that say so."""
    weighed = _weighed(office)
    if weighed == office.around.weighed:
        return office, []
    effects: list[Effect] = []
    held: dict[str, Held] = {}
    far = far_of(office.trunks.values(), office.around.look)
    for name, trunk in office.trunks.items():
        before = office.blames.get(name)
        if not office.pbx.connected:  # nothing new is known of it
            if before is not None and trunk.health.state is State.DOWN:
                held[name] = before
            continue
        numbers = office.troubles.numbers.get(name, ())
        facts = facts_of(trunk, far, office.around.look, at.mono, policy=office.site.policy, numbers=numbers)
        blame = blame_for(facts)
        if blame is not None:
            held[name] = settled(before, replace(blame, evidence=exhibits(facts, at)), facts, at)
    for name, one in held.items():
        if not one.told and one.blame.whose is not Whose.UNKNOWN and _proven_bad(office.trunks[name]):
            effects += [] if _said_already(one, held) else [_line(name, one)]
            held[name] = replace(one, told=True)
    return replace(office, blames=held, around=replace(office.around, weighed=weighed)), effects


def settled(held: Held | None, blame: Blame, facts: Facts, at: At) -> Held:
    """The blame in force after `blame` was found. The same row again brings its newer evidence."""
    if held is None or held.blame.whose is Whose.UNKNOWN:
        return Held(blame, at.wall)
    if blame.row == held.blame.row:
        return replace(held, blame=blame, rival=None)
    if blame.whose is Whose.UNKNOWN or facts.look is None:
        return held
    if blame.row == held.rival and facts.look.began > held.seen:
        return Held(blame, at.wall)
    return replace(held, rival=blame.row, seen=held.seen if blame.row == held.rival else facts.look.began)


def _weighed(office: Office) -> object:
    """All that a blame is made from: whoever changes nothing of it needs no new one."""
    trunks = tuple(
        (t.health.state, t.health.since, t.health.cause, t.evidence.contact, t.evidence.unanswered, t.evidence.answered,
         t.evidence.last_failed_call, t.evidence.register, t.peer, t.registrar)
        for t in office.trunks.values()
    )  # fmt: skip
    troubled = (
        office.blames or office.troubles.numbers or any(t.health.state in TROUBLED for t in office.trunks.values())
    )
    return (trunks, office.around.look, office.troubles, office.pbx.connected) if troubled else None


def _proven_bad(trunk: Trunk) -> bool:
    """A short dip is not worth a line."""
    return trunk.health.state not in (State.FAILING, State.UNKNOWN)


def _said_already(one: Held, held: Mapping[str, Held]) -> bool:
    """Two trunks that are dead for the same reason need one line."""
    return any(other.told and other.blame.text == one.blame.text for other in held.values())


def _line(name: str, held: Held) -> Record:
    data: dict[str, Value] = {"whose": held.blame.whose.value}
    for place, exhibit in enumerate(held.blame.evidence, 1):
        data |= {f"evidence_{place}": exhibit.text, f"evidence_{place}_at": exhibit.at}
    return Record(Kind.BLAME, held.blame.text, trunk=name, data=data)
