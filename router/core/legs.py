"""Legs that have shown no sign of life yet: what their silence asks for, and when they are moved on.

A leg is the attempt of one call over one trunk. Ten seconds until it rings are normal, and on AMI a leg that got
100 Trying looks like one that got nothing: silence alone is no verdict. It only has the trunk probed, and the probes
are the verdict. A leg that speaks (ringing, early media, an answer) is forgotten: from then on nobody may touch it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from router.core.health import ENOUGH_PROBES, State
from router.core.signals import CallFailed, LegBegan, LegEnded, LegMoved, LegSpoke
from router.core.site import Site, TrunkSite
from router.core.trunk import SOON, Trunk, probes

SILENT = 1.0
"""Seconds without a sign of life after which a leg counts as silent."""
GIVEN_UP = 2.0
"""Seconds of nothing but unanswered probes, three of them at least, after which a silent leg is moved on."""
LAST_RESORT = 2.5
"""Seconds that a leg gets which began while its trunk was known to be down: the dialplan allows it two and should have
left it by then; an Asterisk that cannot is helped."""
UNHEARD = 12.5
"""Seconds: the dialplan leaves a leg after twelve; an Asterisk that cannot (before 18.22, 20.7, 21.2) is helped."""
HELP, HELP_BY_URI = 4.5, 12.5
"""Seconds, the same for a leg to an emergency number, in the first pass and in the second. For no other reason is such
a leg ever moved."""
LONGEST = 120.0
"""Seconds: what is still silent then has ended unheard, or waits for the far end and not for us."""
MOST = 300
"""Legs at once; of more, the oldest are left to the dialplan."""


@dataclass(frozen=True, slots=True)
class Leg:
    """`began`: monotonic seconds. `caller`: the unique id of the channel that wants to be connected.

    `moved`: we are ending it, or have; the dialplan's word on how it ended is still to come. `limit`: of a leg to an
    emergency number, its seconds; None for any other.
    """

    channel: str
    trunk: str
    caller: str
    began: float
    moved: bool = False
    limit: float | None = None


Legs = Mapping[str, Leg]
"""By channel."""


def heard(legs: Legs, said: LegBegan | LegSpoke | LegEnded | LegMoved, site: Site, at: float) -> Legs:
    """After a word about a leg. A second end, or one of a leg never heard of, changes nothing."""
    match said:
        case LegBegan():
            known = next((trunk for trunk in site.trunks if trunk.name == said.trunk), None)
            if known is None:
                return legs
            others = [leg for leg in legs.values() if at - leg.began < LONGEST and leg.channel != said.channel]
            new = Leg(said.channel, said.trunk, said.caller, at, limit=_limit(said.dialled, known, site.emergency))
            return {leg.channel: leg for leg in (*others, new)[-MOST:]}
        case LegMoved(done=True):
            return legs
        case _:
            leg = legs.get(said.channel)
            keeps = leg is not None and leg.moved and not isinstance(said, LegMoved)
            return legs if leg is None or keeps else _without(legs, leg)


def _without(legs: Legs, gone: Leg) -> Legs:
    return {channel: leg for channel, leg in legs.items() if channel != gone.channel}


def excused(legs: Legs, failed: CallFailed) -> Legs | None:
    """The legs without the one whose failure this is, if we ended it ourselves: then it says nothing of the trunk.

    The probes have spoken already; counted again as failed calls, a few legs would bring a trunk down at once.
    """
    for leg in legs.values():
        if leg.moved and leg.caller and (leg.caller, leg.trunk) == (failed.caller, failed.trunk):
            return _without(legs, leg)
    return None


def moved(legs: Legs, gone: Iterable[Leg]) -> Legs:
    return {**legs, **{leg.channel: replace(leg, moved=True) for leg in gone}}


def waiting(legs: Legs, at: float) -> dict[str, list[Leg]]:
    """The legs that wait for a sign of life, by trunk, the oldest first."""
    found: dict[str, list[Leg]] = {}
    for leg in legs.values():
        if not leg.moved and at - leg.began < LONGEST:
            found.setdefault(leg.trunk, []).append(leg)
    return found


def probe_at(silent: list[Leg], trunk: Trunk) -> float | None:
    """When the silence of a trunk's legs wants it probed next; None: not at all, or a probe is under way."""
    if not silent or trunk.probe_due is None or trunk.health.state is State.DOWN or not probes(trunk):
        return None
    return max(silent[0].began + SILENT, trunk.probed_at + SOON)


def move_at(leg: Leg, trunk: Trunk) -> float:
    """When `leg` is moved on, unless it speaks before.

    A trunk that is down needs no more probes; a leg that was sent into it all the same gets the time of a last resort.
    """
    if leg.limit is not None:
        return leg.began + leg.limit
    if trunk.health.state is State.DOWN:
        fell = trunk.health.since
        return max(leg.began + SILENT, fell) if leg.began < fell else leg.began + LAST_RESORT
    if trunk.evidence.unanswered >= ENOUGH_PROBES:
        return max(leg.began + SILENT, trunk.evidence.first_unanswered + GIVEN_UP)
    return leg.began + UNHEARD


def _limit(dialled: str, trunk: TrunkSite, emergency: Iterable[str]) -> float | None:
    if not may_be_emergency(dialled, trunk, emergency):
        return None
    return HELP_BY_URI if "sip:" in dialled or "sips:" in dialled else HELP


def may_be_emergency(dialled: str, trunk: TrunkSite, emergency: Iterable[str]) -> bool:
    """Whether this is, or could be, a leg to an emergency number: what cannot be read could be one."""
    user = _user(dialled)
    as_sent = {_user(trunk.dial.partition("/")[2].replace("{number}", number)) for number in emergency}
    return not user or user in as_sent or user in emergency


def _user(dialled: str) -> str:
    """The number in `112@trunk`, `trunk/112` and `trunk/sip:112@host:5060`."""
    address = dialled.partition("@")[0].rpartition("/")[2]
    return address.rpartition(":")[2].partition(";")[0]
