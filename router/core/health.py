"""Health of a trunk: one table, every row with the sentence that the panel shows.

The state diagram in the README is drawn from `RULES`. Time comes in as an argument, monotonic, in seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum

from router.core.sentence import Sentence, sentence
from router.core.site import Policy

HOUR = 3600.0
ENOUGH_PROBES = 3
SHAKEN_PROBES = 2
"""Unanswered in a row, after which the rise time counts afresh: on a line that loses much, one that is answered now and
then would else bring the calls back, only to be diverted again."""


class State(StrEnum):
    UNKNOWN = "unknown"
    UP = "up"
    FAILING = "failing"
    DOWN = "down"
    RECOVERING = "recovering"


DIVERTED = frozenset({State.DOWN, State.RECOVERING})


class Verdict(Enum):
    """What the evidence says of a trunk now. NOTHING changes no state; BLIND says that the PBX is out of sight."""

    GOOD = "good evidence"
    BAD = "bad evidence"
    CONDEMNED = "failed calls"
    BLIND = "blind"
    NOTHING = "no evidence"


class Cause(StrEnum):
    """What brought a trunk down, and must itself turn good."""

    PROBE = "probe"
    REGISTRATION = "registration"
    CALLS = "calls"


@dataclass(frozen=True, slots=True)
class Finding:
    """`since` is when this verdict began: for a silent trunk, when the first unanswered probe was sent.

    For good evidence after failed calls, when it began, but not before they brought the trunk down.

    `enough` is False while too few probes went unanswered to act on, however long they took. `shaken`: the rise time
    counts afresh.
    """

    verdict: Verdict
    since: float
    why: Sentence
    cause: Cause | None = None
    enough: bool = True
    shaken: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """Times are monotonic seconds; `since` of `recovering` is when the rise time began to count.

    `relapsed`: when it relapsed within the last hour; each doubles the rise time.
    `came_up`: when its calls last came back. `switches`: when its calls moved within the last hour, either way.
    `trial`: it came back after failed calls, and its next call decides.
    """

    state: State = State.UNKNOWN
    since: float = 0.0
    cause: Cause | None = None
    relapsed: tuple[float, ...] = ()
    came_up: float | None = None
    trial: bool = False
    switches: tuple[float, ...] = ()

    @property
    def diverted(self) -> bool:
        return self.state in DIVERTED


When = Callable[[Health, Finding, Policy], float]


def at_once(health: Health, finding: Finding, policy: Policy) -> float:
    return 0.0


def fallen(health: Health, finding: Finding, policy: Policy) -> float:
    """When bad evidence has lasted for the fall time; never while it rests on too few probes."""
    return finding.since + policy.fall if finding.enough else float("inf")


def believed(health: Health, finding: Finding, policy: Policy) -> float:
    """When good evidence of a trunk that is down counts: at once, but answered probes prove nothing of calls.

    After failed calls the rise time is spent in `down`, from the last failed call on; then the next call is the trial.
    """
    if health.cause is not Cause.CALLS:
        return 0.0
    lately = replace(health, relapsed=_within_the_hour(health.relapsed, finding.since))
    return finding.since + rise_seconds(lately, policy)


def risen(health: Health, finding: Finding, policy: Policy) -> float:
    """When good evidence has lasted for the rise time and the policy allows one more switch."""
    rise = 0.0 if health.cause is Cause.CALLS else rise_seconds(health, policy)
    return max(health.since + rise, next_switch_allowed(health, policy))


def rise_seconds(health: Health, policy: Policy) -> float:
    """The rise time; each relapse within an hour doubles it, up to the policy's most."""
    return min(policy.rise * 2.0 ** min(len(health.relapsed), 16), max(policy.rise_most, policy.rise))


def next_switch_allowed(health: Health, policy: Policy) -> float:
    """When the way back may be taken without exceeding the switches of one hour. Holds back no failover."""
    most = max(policy.switches_per_hour, 1)
    return health.switches[-most] + HOUR if len(health.switches) >= most else 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    state: State
    verdict: Verdict
    to: State
    because: str
    when: When = at_once


RULES = (
    Rule(State.UNKNOWN, Verdict.GOOD, State.UP, sentence("{trunk} answers.")),
    Rule(State.UNKNOWN, Verdict.BAD, State.FAILING, sentence("The first word from {trunk} is bad: {evidence}")),
    Rule(State.UNKNOWN, Verdict.CONDEMNED, State.DOWN, sentence("Calls over {trunk} fail: {evidence}")),
    Rule(State.UP, Verdict.BAD, State.FAILING, sentence("{trunk} looks bad: {evidence}")),
    Rule(State.UP, Verdict.CONDEMNED, State.DOWN, sentence("Calls over {trunk} fail: {evidence}")),
    Rule(State.FAILING, Verdict.GOOD, State.UP, sentence("A short dip of {trunk}, over before the fall time.")),
    Rule(State.FAILING, Verdict.BAD, State.DOWN, sentence("{trunk} is down: {evidence}"), when=fallen),
    Rule(State.FAILING, Verdict.CONDEMNED, State.DOWN, sentence("Calls over {trunk} fail: {evidence}")),
    Rule(State.FAILING, Verdict.BLIND, State.UNKNOWN,
         sentence("Lost sight of {trunk} while it looked bad; counting afresh.")),
    Rule(State.DOWN, Verdict.GOOD, State.RECOVERING,
         sentence("{trunk} looks good again; {evidence}"), when=believed),
    Rule(State.RECOVERING, Verdict.GOOD, State.UP,
         sentence("{trunk} has been good for long enough."), when=risen),
    Rule(State.RECOVERING, Verdict.BAD, State.DOWN,
         sentence("{trunk} is bad again, before it had been good for long enough: {evidence}"), when=fallen),
    Rule(State.RECOVERING, Verdict.CONDEMNED, State.DOWN, sentence("A call over {trunk} failed again: {evidence}")),
    Rule(State.RECOVERING, Verdict.BLIND, State.DOWN,
         sentence("Lost sight of {trunk} while it recovered; counting afresh.")),
)  # fmt: skip

_ROWS = {(rule.state, rule.verdict): rule for rule in RULES}


def step(health: Health, finding: Finding, at: float, policy: Policy) -> tuple[Health, Rule | None]:
    """The health after `finding`, and the row that changed its state, if one did."""
    rule = _ROWS.get((health.state, finding.verdict))
    if rule is None or at < rule.when(health, finding, policy):
        shaken = health.state is State.RECOVERING and finding.shaken
        return replace(health, since=at) if shaken else health, None
    return _entered(health, rule, finding, at), rule


def wake_at(health: Health, finding: Finding, policy: Policy) -> float | None:
    """When the passing of time alone will change the state; None where it cannot."""
    rule = _ROWS.get((health.state, finding.verdict))
    when = rule.when(health, finding, policy) if rule else float("inf")
    return when if when < float("inf") else None


def _entered(health: Health, rule: Rule, finding: Finding, at: float) -> Health:
    """What else changes with the state: the cause, the relapses, the count of switches, the trial."""
    entered = replace(health, state=rule.to, since=at, relapsed=_within_the_hour(health.relapsed, at))
    if entered.diverted != health.diverted:
        entered = replace(entered, switches=(*_within_the_hour(health.switches, at), at))
    if rule.to is State.DOWN and rule.verdict is not Verdict.BLIND:
        relapsed = (*entered.relapsed, at) if _is_relapse(health, at) else entered.relapsed
        return replace(entered, cause=finding.cause, relapsed=relapsed, trial=False)
    if rule.to is State.UP and health.state is State.RECOVERING:
        return replace(entered, cause=None, came_up=at, trial=health.cause is Cause.CALLS)
    return entered


def _is_relapse(health: Health, at: float) -> bool:
    """Down again while it recovered, or within an hour after it had come back."""
    return health.state is State.RECOVERING or (health.came_up is not None and at - health.came_up < HOUR)


def _within_the_hour(moments: tuple[float, ...], at: float) -> tuple[float, ...]:
    return tuple(moment for moment in moments if at - moment < HOUR)
