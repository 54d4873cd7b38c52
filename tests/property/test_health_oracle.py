"""The table of health against an oracle that knows no states: only runs of one verdict, and when calls moved."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.health import HOUR, Cause, Finding, Health, State, Verdict, step, wake_at
from router.core.sentence import say
from router.core.site import Policy

policies = st.builds(
    Policy,
    fall=st.integers(1, 10),
    rise=st.integers(5, 300),
    rise_most=st.integers(5, 1800),
    switches_per_hour=st.integers(0, 6),
)
words = st.tuples(
    st.one_of(st.integers(0, 12), st.integers(0, 400), st.integers(0, 9000)),
    st.sampled_from(list(Verdict)),
    st.booleans(),
)


@dataclass
class Oracle:
    """`run`: since when the present verdict is unbroken. Everything is in seconds."""

    policy: Policy
    last: Verdict | None = None
    run: float = 0.0
    good_since: float | None = None
    moves: list[float] = field(default_factory=list)
    falls: list[float] = field(default_factory=list)

    def hears(self, at: float, verdict: Verdict, enough: bool) -> None:
        if verdict is not self.last:
            self.run, self.last = at, verdict
        if verdict is Verdict.BLIND or self.may_divert(at, verdict, enough):
            self.good_since = None
        elif verdict is Verdict.GOOD and self.good_since is None:
            self.good_since = at

    def may_divert(self, at: float, verdict: Verdict, enough: bool) -> bool:
        if verdict is Verdict.CONDEMNED:
            return True
        return verdict is Verdict.BAD and enough and at - self.run >= self.policy.fall

    def may_return(self, at: float, verdict: Verdict) -> bool:
        lately = [moment for moment in self.moves if at - moment < HOUR]
        rested = self.good_since is not None and at - self.good_since >= self.policy.rise
        return verdict is Verdict.GOOD and rested and len(lately) < max(self.policy.switches_per_hour, 1)


@settings(max_examples=500, deadline=None)
@given(policy=policies, story=st.lists(words, max_size=60), cause=st.sampled_from(Cause))
def test_calls_move_only_when_runs_of_evidence_allow_it_and_always_when_they_demand_it(policy, story, cause):
    oracle, health, at = Oracle(policy), Health(), 0.0
    for pause, verdict, enough in story:
        at += pause
        oracle.hears(at, verdict, enough)
        finding = Finding(verdict, oracle.run, say("so it is"), cause, enough)
        before = health
        for _ in range(4):  # several rows may follow one word
            health, rule = step(health, finding, at, policy)
            if rule is None:
                break
        assert rule is None, "a word is never chewed for ever"
        if health.diverted and not before.diverted:
            assert oracle.may_divert(at, verdict, enough)
            oracle.moves.append(at)
        elif before.diverted and not health.diverted:
            assert oracle.may_return(at, verdict)
            oracle.moves.append(at)
        elif oracle.may_divert(at, verdict, enough):
            assert health.diverted
        if verdict in (Verdict.BLIND, Verdict.NOTHING):
            assert health.diverted == before.diverted
        woken = wake_at(health, finding, policy)
        assert woken is None or woken > at or step(health, finding, at, policy)[1] is None


@settings(max_examples=200, deadline=None)
@given(policy=policies, story=st.lists(words, max_size=40), cause=st.sampled_from(Cause))
def test_good_evidence_that_lasts_always_brings_a_trunk_back(policy, story, cause):
    health, at = Health(), 0.0
    for pause, verdict, enough in story:
        at += pause
        health, _ = step(health, Finding(verdict, at, say("so it is"), cause, enough), at, policy)
    good = Finding(Verdict.GOOD, at, say("so it is"))
    for _ in range(3):
        health, _ = step(health, good, at, policy)
        at = max(at, wake_at(health, good, policy) or at)
    assert health.state is State.UP


@settings(max_examples=200, deadline=None)
@given(
    policy=policies, state=st.sampled_from(list(State)), verdict=st.sampled_from(list(Verdict)), at=st.integers(0, 99)
)
def test_waking_when_told_to_is_never_too_early(policy, state, verdict, at):
    health, finding = Health(state, since=float(at)), Finding(verdict, float(at), say("so it is"))
    moment = wake_at(health, finding, policy)
    if moment is not None:
        assert step(health, finding, max(moment, at), policy)[1] is not None
