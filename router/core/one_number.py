"""One published number by the calls in its name: whether they fail while others over its trunk go through.

Its health walks the same table as a trunk's does after failed calls. Times are monotonic seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from router.core import calm
from router.core import health as table
from router.core.health import Cause, Finding, Health, Rule, State, Verdict
from router.core.judgement import FAILED_CALLS_IN_A_ROW
from router.core.sentence import Sentence, say
from router.core.site import Policy

_FINE = say("calls in its name, or to it, go through.")


@dataclass(frozen=True, slots=True)
class OneNumber:
    """`failed`: calls in its name that failed in a row, over its own trunk; `others`: whether one in another name went
    through there since the first of them. `proven`: whether one in its name, or for it, went through since it fell.

    `since` is wall time: of the state of its health.
    """

    failed: int = 0
    others: bool = False
    last_failed: float = 0.0
    last_code: str = ""
    proven: bool = False
    health: Health = field(default_factory=Health)
    since: datetime | None = None
    why: Sentence = field(default_factory=lambda: say("no call in its name has been seen yet."))

    @property
    def alone(self) -> bool:
        """Whether it counts as dead though its trunk may well be fine."""
        return self.health.diverted

    @property
    def settled(self) -> bool:
        """Whether neither time nor judgement will change it before the next call."""
        return not self.failed and self.health.state is State.UP


def call_failed(known: OneNumber, code: str, at: float) -> OneNumber:
    """After a call in its name that failed by the trunk's fault."""
    return replace(known, failed=known.failed + 1, last_failed=at, last_code=code)


def call_went_through(known: OneNumber) -> OneNumber:
    """After a call in its name that rang, or one for it that came by its own trunk. It needs no trial any more."""
    why = known.why if known.alone else _FINE
    return replace(known, failed=0, others=False, proven=True, why=why, health=replace(known.health, trial=False))


def other_went_through(known: OneNumber) -> OneNumber:
    """After a call in another name, or in none, that rang over the same trunk."""
    return replace(known, others=True) if known.failed and not known.others else known


def excused(known: OneNumber) -> OneNumber:
    """Its trunk is down: that explains what failed."""
    return replace(known, failed=0, others=False) if known.failed else known


def judged(known: OneNumber, at: float) -> Finding:
    """Three failures in a row, others meanwhile being fine, condemn it; one does where it has failed so before."""
    on_trial = known.health.trial or known.health.diverted
    if known.failed >= (1 if on_trial else FAILED_CALLS_IN_A_ROW) and (on_trial or known.others):
        return Finding(Verdict.CONDEMNED, at, _condemned(known), Cause.CALLS)
    if known.health.diverted:
        since = max(known.health.since, known.last_failed)
        return Finding(Verdict.GOOD, since, _FINE if known.proven else say("its next call decides."))
    if known.proven and not known.failed:
        return Finding(Verdict.GOOD, at, _FINE)
    return Finding(Verdict.NOTHING, at, known.why)


def _condemned(known: OneNumber) -> Sentence:
    if known.failed == 1:
        return say("a call in its name failed with {code}.", code=known.last_code)
    return say(
        "{count} calls in a row in its name failed, the last with {code}, while others went through.",
        count=known.failed, code=known.last_code,
    )  # fmt: skip


def settle(known: OneNumber, at: float, wall: datetime, policy: Policy) -> tuple[OneNumber, tuple[Rule, ...]]:
    """The number after its calls were judged, and the rows of the table that this walked."""
    walked: list[Rule] = []
    while True:
        finding = judged(known, at)
        health, rule = table.step(known.health, finding, at, policy)
        if finding.verdict is Verdict.CONDEMNED:
            known = replace(known, failed=0, others=False, proven=False)
        if rule is None:
            if known.health.state is State.RECOVERING:
                known = replace(known, why=calm.watched(known.health, finding.why, at, wall, policy))
            return known, tuple(walked)
        walked.append(rule)
        if rule.to is State.UP and known.proven:
            health = replace(health, trial=False)
        known = replace(known, health=health, since=wall, why=finding.why)
        if finding.verdict is Verdict.CONDEMNED:
            return known, tuple(walked)


def wake_at(known: OneNumber, at: float, policy: Policy) -> float | None:
    """When it changes by time alone."""
    return table.wake_at(known.health, judged(known, at), policy) if known.alone else None


def restored(at: float, wall: datetime) -> OneNumber:
    """One that the route in force holds for dead: it starts there, or the router would fail back at once."""
    why = say("calls in its name failed before the router was restarted.")
    return OneNumber(health=Health(State.DOWN, since=at, cause=Cause.CALLS), since=wall, why=why)
