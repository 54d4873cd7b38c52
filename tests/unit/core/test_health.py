"""The table of health: complete, and each row as DESIGN has it."""

from __future__ import annotations

import pytest

from router.core.health import (
    DIVERTED,
    HOUR,
    RULES,
    Cause,
    Finding,
    Health,
    State,
    Verdict,
    rise_seconds,
    step,
    wake_at,
)
from router.core.sentence import say
from router.core.site import Policy

POLICY = Policy(fall=3, rise=120, rise_most=1800, switches_per_hour=4)

RESTING = {
    (State.UNKNOWN, Verdict.BLIND),
    (State.UP, Verdict.GOOD),
    (State.UP, Verdict.BLIND),
    (State.DOWN, Verdict.BAD),
    (State.DOWN, Verdict.CONDEMNED),
    (State.DOWN, Verdict.BLIND),
    *((state, Verdict.NOTHING) for state in State),
}
"""What leaves a trunk as it is, whatever the time."""


def found(verdict: Verdict, since: float = 0.0, cause: Cause | None = None, enough: bool = True) -> Finding:
    return Finding(verdict, since, say("as it is"), cause or Cause.PROBE, enough)


def after(health: Health, *story: tuple[float, Verdict], cause: Cause | None = None) -> Health:
    """The health after a story of (moment, verdict). Bad evidence began with the first bad word of its run."""
    began, last = 0.0, None
    for at, verdict in story:
        began = began if verdict is last else at
        last = verdict
        health, _ = step(health, found(verdict, began, cause), at, POLICY)
    return health


def test_every_pair_has_a_row_or_stands_in_the_written_list_of_resting_pairs():
    rows = [(rule.state, rule.verdict) for rule in RULES]
    assert len(rows) == len(set(rows))
    assert {(state, verdict) for state in State for verdict in Verdict} - set(rows) == RESTING


@pytest.mark.parametrize(("state", "verdict"), sorted(RESTING, key=str))
def test_a_resting_pair_changes_nothing_and_wakes_nobody(state, verdict):
    health = Health(state, since=1.0)
    assert step(health, found(verdict), 1e6, POLICY) == (health, None)
    assert wake_at(health, found(verdict), POLICY) is None


def test_no_row_moves_calls_on_blindness_or_on_nothing():
    for rule in RULES:
        moves = (rule.state in DIVERTED) != (rule.to in DIVERTED)
        assert not (moves and rule.verdict in (Verdict.BLIND, Verdict.NOTHING)), rule


def test_every_row_says_which_trunk():
    for rule in RULES:
        assert "{trunk}" in rule.because
        assert "{evidence}" in rule.because or rule.verdict in (Verdict.GOOD, Verdict.BLIND)


def test_bad_evidence_brings_a_trunk_down_after_the_fall_time_and_not_before():
    failing = after(Health(State.UP), (10, Verdict.BAD))
    assert failing.state is State.FAILING
    assert wake_at(failing, found(Verdict.BAD, 10), POLICY) == 13
    assert step(failing, found(Verdict.BAD, 10), 12.99, POLICY)[0].state is State.FAILING
    assert step(failing, found(Verdict.BAD, 10), 13, POLICY)[0].state is State.DOWN


def test_too_few_probes_are_never_enough_however_long_they_took():
    failing = Health(State.FAILING, since=0.0)
    assert step(failing, found(Verdict.BAD, 0, enough=False), 1e6, POLICY)[1] is None
    assert wake_at(failing, found(Verdict.BAD, 0, enough=False), POLICY) is None


def test_a_short_dip_is_over_before_the_fall_time():
    assert after(Health(State.UP), (10, Verdict.BAD), (12, Verdict.GOOD)).state is State.UP


def test_failed_calls_bring_a_trunk_down_at_once_from_any_state_in_use():
    for state in (State.UNKNOWN, State.UP, State.FAILING, State.RECOVERING):
        health, _ = step(Health(state), found(Verdict.CONDEMNED, cause=Cause.CALLS), 5, POLICY)
        assert (health.state, health.cause) == (State.DOWN, Cause.CALLS)


def test_a_trunk_comes_back_after_the_rise_time_and_not_before():
    recovering = after(Health(State.DOWN), (50, Verdict.GOOD))
    assert recovering.state is State.RECOVERING
    assert wake_at(recovering, found(Verdict.GOOD), POLICY) == 170
    assert step(recovering, found(Verdict.GOOD), 169.9, POLICY)[1] is None
    assert step(recovering, found(Verdict.GOOD), 170, POLICY)[0].state is State.UP


def test_the_rise_time_counts_afresh_after_probes_that_went_unanswered_in_a_row_and_not_after_one():
    recovering = after(Health(State.DOWN), (50, Verdict.GOOD))
    one, _ = step(recovering, found(Verdict.BAD, 100, enough=False), 100, POLICY)
    assert wake_at(one, found(Verdict.GOOD), POLICY) == 170
    shaken = Finding(Verdict.BAD, 100, say("as it is"), Cause.PROBE, enough=False, shaken=True)
    two, rule = step(one, shaken, 101, POLICY)
    assert (two.state, rule) == (State.RECOVERING, None)
    assert wake_at(two, found(Verdict.GOOD), POLICY) == 221
    assert step(two, found(Verdict.GOOD), 220.9, POLICY)[1] is None
    assert step(two, found(Verdict.GOOD), 221, POLICY)[0].state is State.UP


def test_out_of_sight_a_count_starts_afresh():
    assert after(Health(State.UP), (10, Verdict.BAD), (11, Verdict.BLIND)).state is State.UNKNOWN
    again = after(Health(State.DOWN), (10, Verdict.GOOD), (100, Verdict.BLIND), (110, Verdict.GOOD))
    assert (again.state, again.since) == (State.RECOVERING, 110)
    assert again.relapsed == ()


def test_going_out_of_sight_keeps_what_brought_it_down():
    health = Health(State.RECOVERING, cause=Cause.REGISTRATION)
    assert after(health, (10, Verdict.BLIND)).cause is Cause.REGISTRATION


def relapsing(times: int) -> Health:
    health, at = Health(State.DOWN), 0.0
    for _ in range(times):
        at += 10
        health = after(health, (at, Verdict.GOOD), (at + 1, Verdict.BAD), (at + 5, Verdict.BAD))
    return after(health, (at + 10, Verdict.GOOD))


@pytest.mark.parametrize(("relapses", "seconds"), [(0, 120), (1, 240), (2, 480), (3, 960), (4, 1800), (40, 1800)])
def test_each_relapse_doubles_the_rise_time_up_to_the_most(relapses, seconds):
    assert rise_seconds(relapsing(relapses), POLICY) == seconds


def test_the_most_never_shortens_the_rise_time_itself():
    assert rise_seconds(Health(), Policy(rise=120, rise_most=60)) == 120


def test_down_again_within_an_hour_of_coming_back_is_a_relapse():
    up = Health(State.UP, came_up=1_001_000.0)
    assert after(up, (1_002_000, Verdict.BAD), (1_002_003, Verdict.BAD)).relapsed == (1_002_003,)
    assert after(up, (1_005_000, Verdict.BAD), (1_005_003, Verdict.BAD)).relapsed == ()


def test_relapses_are_forgotten_after_an_hour_even_when_it_stayed_down():
    down = after(relapsing(3), (100, Verdict.BAD), (103, Verdict.BAD))
    assert len(down.relapsed) == 4
    assert rise_seconds(after(down, (200, Verdict.GOOD)), POLICY) == 1800
    assert rise_seconds(after(down, (103 + HOUR, Verdict.GOOD)), POLICY) == 120


def test_the_switches_of_an_hour_hold_back_the_way_back_only():
    health, at = Health(State.UP), 0.0
    policy = Policy(fall=3, rise=10, rise_most=10, switches_per_hour=4)
    for _ in range(5):  # five failovers, each at once though the fourth switch is spent
        health, rule = step(
            Health(**{**_fields(health), "state": State.FAILING}), found(Verdict.BAD, at), at + 3, policy
        )
        assert rule is not None
        assert health.state is State.DOWN
        health, _ = step(health, found(Verdict.GOOD), at + 4, policy)
        back = wake_at(health, found(Verdict.GOOD), policy)
        health, rule = step(health, found(Verdict.GOOD), back, policy)
        assert health.state is State.UP
        at = back + 1
    assert all(later - first >= HOUR for first, later in zip(health.switches, health.switches[4:], strict=False))
    assert at > HOUR


def _fields(health: Health) -> dict[str, object]:
    return {name: getattr(health, name) for name in health.__dataclass_fields__}


@pytest.mark.parametrize("most", [0, 1, 2])
def test_the_smallest_caps_leave_a_way_back(most):
    policy = Policy(switches_per_hour=most)
    health = Health(State.RECOVERING, since=100.0, switches=(90.0,))
    assert wake_at(health, found(Verdict.GOOD), policy) <= 90 + HOUR + policy.rise


def test_a_trunk_that_failed_calls_brought_down_comes_back_on_trial():
    health = after(Health(State.UP), (1, Verdict.CONDEMNED), cause=Cause.CALLS)
    health = after(health, (2, Verdict.GOOD), (121, Verdict.GOOD))
    assert health.state is State.DOWN  # answered probes prove nothing of calls
    health = after(health, *[(at, Verdict.GOOD) for at in (2, 122, 122)])
    assert (health.state, health.trial, health.cause) == (State.UP, True, None)
    again = after(health, (130, Verdict.CONDEMNED), cause=Cause.CALLS)
    assert (again.state, again.trial) == (State.DOWN, False)


def test_a_trunk_that_fell_silent_comes_back_without_a_trial():
    health = after(Health(State.UP), (1, Verdict.BAD), (4, Verdict.BAD), (5, Verdict.GOOD), (125, Verdict.GOOD))
    assert (health.state, health.trial) == (State.UP, False)


def test_switches_older_than_an_hour_are_forgotten():
    health = Health(State.FAILING, switches=(1.0, 2.0, 5000.0))
    assert step(health, found(Verdict.BAD, 5000), 5003, POLICY)[0].switches == (5000.0, 5003)
