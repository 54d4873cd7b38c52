"""Whether calls come in and go out: of each trunk, in either direction, never more than is proven; and of each number.

Answered probes and a registration prove no call. What proves a direction is a call that went that way, for a day or
until the trunk goes down, while nothing speaks against it; what disproves it is what brought the trunk down, which the
trunk's own sentence tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from router.core.decision import PROOF_LASTS, Reachable
from router.core.ended import ended
from router.core.evidence import REACHABLE
from router.core.health import Cause, State
from router.core.office import Office
from router.core.sentence import Sentence, say, sentence
from router.core.trunk import Trunk


@dataclass(frozen=True, slots=True)
class Direction:
    """`since`: of yes, the last call that proves it; else since when the trunk is as it is. Wall time."""

    state: Reachable
    text: Sentence
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a published number stands: as its trunk does, unless it fails alone. `since` in wall time."""

    state: State
    text: Sentence
    since: datetime | None


_LAST_OUT = (sentence("the last call out failed with {code}."), sentence("the last call out failed: {end}"))
UNSEEN = say("we do not see the PBX.")


def inbound(trunk: Trunk, connected: bool, now: datetime) -> Direction:
    """Whether calls come in by `trunk`; `connected`: the PBX is in sight."""
    if not connected:
        return _unproven(trunk, UNSEEN)
    match trunk.health.state:
        case State.DOWN:
            return _in_while_down(trunk, trunk.last_inbound_call)
        case State.UP:
            return _in_while_up(trunk, trunk.last_inbound_call, now)
    return _doubted(trunk)


def outbound(trunk: Trunk, connected: bool, now: datetime) -> Direction:
    """Whether calls go out by `trunk`; `connected`: the PBX is in sight."""
    if not connected:
        return _unproven(trunk, UNSEEN)
    match trunk.health.state:
        case State.DOWN:
            return _out_while_down(trunk, trunk.last_outbound_call)
        case State.UP if trunk.health.trial:
            return _unproven(trunk, say("the last calls out failed; the next one decides."))
        case State.UP if trunk.evidence.failed_calls:
            return _unproven(trunk, ended(trunk.evidence.last_code, *_LAST_OUT))
        case State.UP:
            return _out_while_up(trunk, trunk.last_outbound_call, now)
    return _doubted(trunk)


def _in_while_down(trunk: Trunk, last: datetime | None) -> Direction:
    cause = trunk.health.cause
    if last and _since(trunk, last):
        if cause is Cause.CALLS:
            return Direction(Reachable.YES, say("calls out fail, but one came in at {last}.", last=last), last)
        return _unproven(trunk, say("a call came in at {last} all the same.", last=last))
    if cause is Cause.CALLS:
        return _unproven(trunk, say("calls out fail; whether calls come in is not proven."))
    if cause is Cause.REGISTRATION:
        return _no(trunk, say("without our registration the carrier sends us no calls."))
    return _no(trunk, say("nothing is heard of it."))


def _out_while_down(trunk: Trunk, last: datetime | None) -> Direction:
    cause = trunk.health.cause
    if last and _since(trunk, last):
        return _unproven(trunk, say("a call went out at {last} all the same.", last=last))
    if cause is Cause.CALLS:
        return _no(trunk, say("calls out fail."))
    if cause is Cause.REGISTRATION and trunk.evidence.contact == REACHABLE and not trunk.evidence.unanswered:
        return _unproven(trunk, say("it answers; whether it takes calls without our registration is not proven."))
    return _no(trunk, say("nothing is heard of it."))


def _in_while_up(trunk: Trunk, last: datetime | None, now: datetime) -> Direction:
    if last is None:
        return _unproven(trunk, say("no call has come in yet."))
    if now - last < PROOF_LASTS and trunk.proves(last):
        return Direction(Reachable.YES, say("calls come in, the last at {last}.", last=last), last)
    return _unproven(trunk, say("no call has come in since {last}.", last=last))


def _out_while_up(trunk: Trunk, last: datetime | None, now: datetime) -> Direction:
    if last is None:
        return _unproven(trunk, say("no call has gone out yet."))
    if now - last < PROOF_LASTS and trunk.proves(last):
        return Direction(Reachable.YES, say("calls go out, the last at {last}.", last=last), last)
    return _unproven(trunk, say("no call has gone out since {last}.", last=last))


def standing(number: str, office: Office) -> Standing:
    """How the published `number` stands."""
    trunk = office.trunks[office.site.number(number).trunk]
    own = office.numbers.get(number)
    if own is None or trunk.health.diverted or trunk.health.state is State.FAILING or not own.since:
        return Standing(trunk.health.state, trunk.why, trunk.since)
    if own.alone or own.health.trial:
        return Standing(own.health.state, own.why, own.since)
    return Standing(trunk.health.state, own.why, trunk.since)


def _doubted(trunk: Trunk) -> Direction:
    match trunk.health.state:
        case State.FAILING:
            return _unproven(trunk, say("it looks bad just now."))
        case State.RECOVERING:
            return _unproven(trunk, say("it looks good again, but has not for long."))
    return _unproven(trunk, trunk.why)


def _since(trunk: Trunk, call: datetime) -> bool:
    """Whether that call was since the trunk went down."""
    return trunk.since is not None and call >= trunk.since


def _no(trunk: Trunk, text: Sentence) -> Direction:
    return Direction(Reachable.NO, text, trunk.since)


def _unproven(trunk: Trunk, text: Sentence) -> Direction:
    return Direction(Reachable.UNPROVEN, text, trunk.since)
