"""One published number by the calls in its name: whether they fail while others over its trunk go through.

Its health walks the same table as a trunk's does after failed calls. Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from router.core import calm
from router.core import evidence as seen
from router.core import health as table
from router.core.ended import ended
from router.core.health import Cause, Finding, Health, Rule, State, Verdict
from router.core.judgement import FAILED_CALLS_IN_A_ROW
from router.core.sentence import Sentence, say, sentence
from router.core.site import Policy

REFUSED_CALLS_IN_A_ROW = 6
"""So many where each may as well have been about the number called: somebody tries one barred number after another."""
_FAILED = (
    sentence("{count} calls in a row in its name failed, the last with {code}, while others went through."),
    sentence("{count} calls in a row in its name failed, while others went through. The last one: {end}"),
)
_FAILED_ONCE = (
    sentence("a call in its name failed with {code}."), sentence("a call in its name failed: {end}"),
)  # fmt: skip
_FINE = say("calls in its name, or to it, go through.")


@dataclass(frozen=True, slots=True)
class OneNumber:
    """`failed`: calls in its name that failed in a row, over its own trunk; `others`: whether one in another name went
    through there since the first of them. `refused`: the numbers to which they were refused, the latest last; `surely`:
    whether one of them cannot have failed by the number called. `proven`: whether one in its name, or for it, went
    through since it fell.

    `since` is wall time: of the state of its health.
    """

    failed: int = 0
    others: bool = False
    refused: tuple[str, ...] = ()
    surely: bool = False
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


def call_failed(known: OneNumber, code: str, at: float, to: str, reached: Collection[str]) -> OneNumber:
    """After a call to `to` in its name that failed by the trunk's fault; `reached`: where calls over it rang."""
    if seen.is_said_again(known.refused, code, to):
        return known
    surely = known.surely or not seen.is_refusal(code) or to in reached
    refused = seen.with_refused(known.refused, code, to)
    return replace(known, failed=known.failed + 1, last_failed=at, last_code=code, refused=refused, surely=surely)


def call_went_through(known: OneNumber) -> OneNumber:
    """After a call in its name that rang, or one for it that came by its own trunk. It needs no trial any more."""
    why = known.why if known.alone else _FINE
    return replace(_anew(known), proven=True, why=why, health=replace(known.health, trial=False))


def other_went_through(known: OneNumber, to: str) -> OneNumber:
    """After a call to `to` in another name, or in none, that rang over the same trunk."""
    surely = known.surely or to in known.refused
    return replace(known, others=True, surely=surely) if known.failed else known


def excused(known: OneNumber) -> OneNumber:
    """Its trunk is down: that explains what failed."""
    return _anew(known) if known.failed else known


def _anew(known: OneNumber) -> OneNumber:
    """The run of failed calls is over, or spent."""
    return replace(known, failed=0, others=False, refused=(), surely=False)


def judged(known: OneNumber, at: float) -> Finding:
    """Three failures in a row, others meanwhile being fine, condemn it; one does where it has failed so before.

    Six are needed where each was a refusal that may have been about the number called.
    """
    on_trial = known.health.trial or known.health.diverted
    enough = FAILED_CALLS_IN_A_ROW if known.surely else REFUSED_CALLS_IN_A_ROW
    if known.failed >= (1 if on_trial else enough) and (on_trial or known.others):
        return Finding(Verdict.CONDEMNED, at, _condemned(known), Cause.CALLS)
    if known.health.diverted:
        since = max(known.health.since, known.last_failed)
        return Finding(Verdict.GOOD, since, _FINE if known.proven else say("its next call decides."))
    if known.proven and not known.failed:
        return Finding(Verdict.GOOD, at, _FINE)
    return Finding(Verdict.NOTHING, at, known.why)


def _condemned(known: OneNumber) -> Sentence:
    if known.failed == 1:
        return ended(known.last_code, *_FAILED_ONCE)
    return ended(known.last_code, *_FAILED, count=known.failed)


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
            return _anew(known), tuple(walked)


def wake_at(known: OneNumber, at: float, policy: Policy) -> float | None:
    """When it changes by time alone."""
    return table.wake_at(known.health, judged(known, at), policy) if known.alone else None


def restored(at: float, wall: datetime) -> OneNumber:
    """One that the route in force holds for dead: it starts there, or the router would fail back at once."""
    why = say("calls in its name failed before the router was restarted.")
    return OneNumber(health=Health(State.DOWN, since=at, cause=Cause.CALLS), since=wall, why=why)
