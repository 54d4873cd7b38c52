"""One trunk as the core sees it: the evidence, the health it makes, and when to probe next."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from router.core import calm, held, judgement
from router.core import evidence as seen
from router.core import health as table
from router.core.evidence import Evidence
from router.core.health import ENOUGH_PROBES, Cause, Finding, Health, Rule, State, Verdict
from router.core.peer import Host
from router.core.registration import UNREGISTERED
from router.core.sentence import Sentence, say
from router.core.site import Policy, TrunkSite, WatchKind

PROBES_PER_FALL = 6
SHORTEST_PATIENCE, LONGEST_PATIENCE = 0.15, 2.0
SOON = 0.45
"""Seconds from probe to probe while a call waits for the answer: two a second, though a busy machine wakes us late."""
ON_THE_BEAT = 1e-6
"""Seconds by which a probe may come before its beat, as floats do."""
TO_THE_BEAT = 4
"""The calm probe comes sooner by so small a part of what it is late for its beat: those once asked together part at the
next pace, and are nearly on their beats after ten."""
MOST_REACHED = 200
"""Numbers called that are remembered as reached; of more, those that were not called for longest are forgotten."""
IMPATIENT_AGAIN = 60.0
"""Seconds: a trunk that is silent by fits and starts must not have the route table written each time."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """`probe_due` and `probed_at` in monotonic seconds; `probe_due` None while a probe is under way. `beat`: a moment
    at which it is probed when all is calm, as each pace before and after.

    `since` and the calls are wall times. `impatient`: calls are to leave it soon when it stays silent; `calmed`: when
    that last ended, in monotonic seconds. `peer` and `registrar`: as they were last told, see Sight. `reached`: the
    numbers to which calls out rang over it, in whoever's name, the latest last. `kept_back`: the row of the table that
    is not told yet, see dips. `fell`: when it went down last, wall time.
    """

    site: TrunkSite
    evidence: Evidence = field(default_factory=Evidence)
    health: Health = field(default_factory=Health)
    why: Sentence = field(default_factory=lambda: say("nothing is known of it yet."))
    since: datetime | None = None
    probe_due: float | None = 0.0
    probed_at: float = float("-inf")
    beat: float = 0.0
    impatient: bool = False
    calmed: float = float("-inf")
    last_inbound_call: datetime | None = None
    last_outbound_call: datetime | None = None
    peer: Host | None = None
    registrar: Host | None = None
    reached: tuple[str, ...] = ()
    kept_back: Rule | None = None
    fell: datetime | None = None

    @property
    def watched(self) -> bool:
        """Whether the router probes it at its own pace; of other kinds Asterisk may tell something, or nothing."""
        return self.site.watch is WatchKind.PJSIP

    def proves(self, call: datetime) -> bool:
        """Whether a call at that moment says anything of it now: one from before its last outage does not."""
        return self.fell is None or call >= self.fell


def located(trunk: Trunk, sight: seen.Sight) -> Trunk:
    """The trunk with the hosts that a look at it has told; what it does not tell stays known."""
    peer, registrar = sight.peer or trunk.peer, sight.registrar or trunk.registrar
    return (
        trunk if (peer, registrar) == (trunk.peer, trunk.registrar) else replace(trunk, peer=peer, registrar=registrar)
    )


def with_reached(reached: tuple[str, ...], to: str) -> tuple[str, ...]:
    """The numbers reached, after one more call that rang; `to` is empty where it is not known."""
    if not to or reached[-1:] == (to,):
        return reached
    return (*(number for number in reached if number != to), to)[-MOST_REACHED:]


def settle(trunk: Trunk, at: float, wall: datetime, policy: Policy, blind: bool) -> tuple[Trunk, tuple[Rule, ...]]:
    """The trunk after its evidence was judged, and the rows of the table that this walked."""
    walked: list[Rule] = []
    while True:
        finding = judged(trunk, at, blind)
        health, rule = table.step(trunk.health, finding, at, policy)
        trunk = trunk if health is trunk.health else replace(trunk, health=health)
        if finding.verdict is Verdict.CONDEMNED or health.state is State.DOWN:
            trunk = replace(trunk, evidence=replace(trunk.evidence, failed_calls=0))
        if rule is None:
            return (trunk if blind else replace(trunk, why=_evident(trunk, finding, at, wall, policy))), tuple(walked)
        walked.append(rule)
        trunk = replace(trunk, health=health, since=wall, why=finding.why)
        if rule.to is State.DOWN:
            trunk = replace(trunk, fell=wall)
        if finding.verdict is Verdict.CONDEMNED:  # the run of failed calls is spent
            return replace(trunk, evidence=replace(trunk.evidence, refused=())), tuple(walked)


def _evident(trunk: Trunk, finding: Finding, at: float, wall: datetime, policy: Policy) -> Sentence:
    """A trunk that failed calls brought down keeps saying so until there is better evidence; one that recovers tells
    until when."""
    if trunk.health.state is State.RECOVERING and finding.verdict is Verdict.GOOD:
        return calm.watched(trunk.health, finding.why, at, wall, policy)
    keep = trunk.health.state is State.DOWN and finding.verdict is not Verdict.BAD
    return trunk.why if keep else finding.why


def judged(trunk: Trunk, at: float, blind: bool) -> Finding:
    if blind:
        return Finding(Verdict.BLIND, at, say("the PBX is out of sight."))
    finding = judgement.judge(trunk.evidence, trunk.health, at)
    untold = trunk.evidence.contact is None or held.says(trunk.evidence.contact, Verdict.NOTHING) is not None
    if trunk.watched or finding.verdict is not Verdict.NOTHING or not untold:
        return finding
    return _unwatched(trunk, at)


def _unwatched(trunk: Trunk, at: float) -> Finding:
    """Nothing but calls can tell: after the rise time the next call is the trial."""
    if trunk.health.diverted:
        since = max(trunk.health.since, trunk.evidence.last_failed_call or 0.0)
        since = since if trunk.health.cause is Cause.CALLS else at
        return Finding(Verdict.GOOD, since, say("it is not watched; the next call after a while is the trial."))
    why = held.says(trunk.evidence.contact, Verdict.NOTHING)
    return Finding(Verdict.NOTHING, at, why or say("it is not watched; only failed calls will show a fault."))


def wake_at(trunk: Trunk, at: float, policy: Policy, blind: bool) -> float | None:
    """The next moment at which this trunk changes by time alone, or is to be probed."""
    if blind:
        return None
    moments = [table.wake_at(trunk.health, judged(trunk, at, blind), policy)]
    if trunk.evidence.registration == UNREGISTERED:
        moments.append(trunk.evidence.register.since + judgement.UNREGISTERED_GRACE)
    moments.append(trunk.evidence.register.expires)
    if is_listed(trunk):
        moments.append(trunk.probe_due)
    return min((moment for moment in moments if moment is not None and moment > at), default=None)


def probes(trunk: Trunk) -> bool:
    return trunk.watched and seen.may_probe(trunk.evidence)


def is_listed(trunk: Trunk) -> bool:
    """Whether it is probed, or looked for because it has no contact: the event that tells of one may be missed."""
    return probes(trunk) or (trunk.watched and seen.is_absent(trunk.evidence.contact))


def is_due(trunk: Trunk, at: float, wanted_since: float | None = None) -> bool:
    """Whether to probe now: by its own pace, or since its answer is wanted and the last probe is older than that."""
    if not is_listed(trunk) or trunk.probe_due is None:
        return False
    wanted = wanted_since is not None and trunk.probed_at < wanted_since and not trunk.health.diverted
    return wanted or trunk.probe_due <= at


def patience(trunk: Trunk, policy: Policy, soon: bool = False) -> float:
    """Seconds to wait for a probe's answer: a sixth of the fall time, more for a trunk that is slow on a good day.

    `soon`: a call waits for it, so that two a second must fit in.
    """
    slow = 3 * trunk.evidence.usual_rtt_us / 1e6
    share = policy.fall / PROBES_PER_FALL
    return min(max(min(share, SOON) if soon else share, slow, SHORTEST_PATIENCE), LONGEST_PATIENCE)


def tempered(trunk: Trunk, at: float) -> Trunk:
    """Impatient with a trunk once three probes in a row went unanswered, until the first answer."""
    silent = trunk.evidence.unanswered >= ENOUGH_PROBES
    if trunk.impatient and not silent:
        return replace(trunk, impatient=False, calmed=at)
    if silent and not trunk.impatient and at - trunk.calmed >= IMPATIENT_AGAIN:
        return replace(trunk, impatient=True)
    return trunk


def next_probe(trunk: Trunk, sent: float, at: float, policy: Policy) -> float:
    """At the calm pace while all is well or all is known; at once while something looks bad.

    Each trunk has its own beat: whatever made several of them be probed at once, they do not stay together.
    """
    if seen.is_suspicious(trunk.evidence, trunk.health):
        return at
    late = (sent - trunk.beat) % policy.probe
    late = late if policy.probe - late > ON_THE_BEAT else 0.0
    return max(at, sent + policy.probe - late / TO_THE_BEAT)


def restored(site: TrunkSite, cause: str, at: float, wall: datetime) -> Trunk:
    """A trunk that the route in force holds for down: it starts there, or the router would fail back at once."""
    known = Cause(cause) if cause in {c.value for c in Cause} else Cause.PROBE
    health = Health(State.DOWN, since=at, cause=known)
    why = say("it was down before the router was restarted.")
    return Trunk(site, health=health, why=why, since=wall, probe_due=at, fell=wall)
