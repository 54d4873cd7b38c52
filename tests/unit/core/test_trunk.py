"""One trunk: judged by the table, probed at the right moment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.core import evidence as seen
from router.core.evidence import REACHABLE, UNREACHABLE, Evidence, Sight
from router.core.health import Cause, Health, State, Verdict
from router.core.peer import Host
from router.core.site import Policy, WatchKind
from router.core.trunk import Trunk, is_due, judged, located, next_probe, patience, restored, settle, wake_at
from tests.unit.core.offices import MORNING, trunk_site

POLICY = Policy()
WELL = seen.sighted(Evidence(), Sight(REACHABLE, 2000, "Registered"), 0.0)


def a_trunk(evidence: Evidence = WELL, state: State = State.UP, **health: object) -> Trunk:
    return Trunk(trunk_site("telekom"), evidence, Health(state, **health))  # type: ignore[arg-type]


def unwatched(state: State = State.UP, evidence: Evidence | None = None, **health: object) -> Trunk:
    site = trunk_site("modem", WatchKind.NONE)
    return Trunk(site, evidence or Evidence(), Health(state, **health))  # type: ignore[arg-type]


def silent(evidence: Evidence = WELL, times: int = 3) -> Evidence:
    for index in range(times):
        evidence = seen.probed(evidence, 10.0 + index / 2, False, 10.5 + index / 2)
    return evidence


def settled(trunk: Trunk, at: float, blind: bool = False) -> tuple[Trunk, list[tuple[State, State]]]:
    trunk, rules = settle(trunk, at, MORNING, POLICY, blind)
    return trunk, [(rule.state, rule.to) for rule in rules]


def test_several_rows_may_be_walked_at_once():
    trunk, walked = settled(a_trunk(silent()), 20.0)
    assert walked == [(State.UP, State.FAILING), (State.FAILING, State.DOWN)]
    assert trunk.since == MORNING
    assert str(trunk.why) == "3 probes in a row went unanswered."


def test_failed_calls_are_spent_by_the_verdict_they_brought():
    evidence = replace(WELL, failed_calls=3, last_failed_call=5.0, last_code="503")
    trunk, walked = settled(a_trunk(evidence), 5.0)
    assert walked == [(State.UP, State.DOWN)]
    assert trunk.evidence.failed_calls == 0
    assert settled(trunk, 124.9)[1] == []
    assert settled(trunk, 125.0)[1] == [(State.DOWN, State.RECOVERING), (State.RECOVERING, State.UP)]


def test_calls_that_fail_while_it_is_down_are_not_added_up():
    trunk = a_trunk(replace(silent(), failed_calls=2), State.DOWN, cause=Cause.PROBE)
    assert settled(trunk, 50.0)[0].evidence.failed_calls == 0


def test_out_of_sight_a_trunk_keeps_saying_what_it_said():
    trunk = replace(a_trunk(), why=settled(a_trunk(), 1.0)[0].why)
    assert settled(trunk, 9.0, blind=True)[0].why == trunk.why


def test_a_trunk_brought_down_by_its_registration_says_so_until_there_is_better_evidence():
    trunk = a_trunk(seen.registration_said(WELL, "Rejected", 1), State.UP)
    down, _ = settled(trunk, 5.0)
    waiting = replace(down, evidence=seen.registration_said(down.evidence, "Unregistered", 6))
    assert settled(waiting, 7.0)[0].why == down.why


def test_an_unwatched_trunk_is_neither_good_nor_bad_until_its_calls_fail():
    assert judged(unwatched(), 1, blind=False).verdict is Verdict.NOTHING
    failing = unwatched(evidence=Evidence(failed_calls=3, last_code="503"))
    assert judged(failing, 1, blind=False).verdict is Verdict.CONDEMNED
    assert judged(unwatched(State.DOWN, cause=Cause.CALLS), 1, blind=False).verdict is Verdict.GOOD


@pytest.mark.parametrize("calls", [1, 2])
def test_a_few_failed_calls_do_not_keep_an_unwatched_trunk_down(calls):
    trunk = unwatched(State.RECOVERING, Evidence(failed_calls=calls), cause=Cause.PROBE)
    assert judged(trunk, 1, blind=False).verdict is Verdict.GOOD


def test_an_unwatched_trunk_is_never_probed():
    assert not is_due(unwatched(), 1e6, wanted_since=1e6)


def test_a_probe_is_due_by_its_own_pace():
    trunk = replace(a_trunk(), probe_due=10.0, probed_at=5.0)
    assert [is_due(trunk, at) for at in (9.9, 10.0, 11.0)] == [False, True, True]
    assert not is_due(replace(trunk, probe_due=None), 11.0)


def test_a_probe_is_due_once_when_another_trunk_begins_to_look_bad():
    trunk = replace(a_trunk(), probe_due=10.0, probed_at=5.0)
    assert is_due(trunk, 6.0, wanted_since=6.0)
    assert not is_due(replace(trunk, probed_at=6.0), 6.5, wanted_since=6.0)
    assert not is_due(replace(trunk, probe_due=None), 6.5, wanted_since=6.0)
    assert not is_due(replace(trunk, health=Health(State.DOWN)), 6.5, wanted_since=6.0)


@pytest.mark.parametrize(
    ("fall", "rtt_ms", "seconds"),
    [(3, 2, 0.5), (3, None, 0.5), (1, 2, 1 / 6), (0.3, 2, 0.15), (30, 2, 2.0), (3, 300, 0.9), (3, 5000, 2.0)],
)
def test_patience_follows_the_fall_time_and_a_slow_trunk_gets_more(fall, rtt_ms, seconds):
    trunk = a_trunk(replace(WELL, rtt_us=None if rtt_ms is None else rtt_ms * 1000))
    assert patience(trunk, Policy(fall=fall)) == pytest.approx(seconds)


def test_one_answer_that_took_a_second_try_makes_no_trunk_slow_but_two_of_them_do():
    again = seen.contact_said(WELL, REACHABLE, 510_000, 5.0)
    assert patience(a_trunk(again), Policy(fall=1)) == patience(a_trunk(), Policy(fall=1))
    said_again = seen.contact_said(again, REACHABLE, 510_000, 6.0)
    assert patience(a_trunk(said_again), Policy(fall=1)) == patience(a_trunk(), Policy(fall=1))
    slow = seen.contact_said(said_again, REACHABLE, 600_000, 7.0)
    assert patience(a_trunk(slow), Policy(fall=1)) == pytest.approx(3 * 0.51)


def test_the_next_probe_comes_at_the_calm_pace_or_at_once_when_something_looks_bad():
    assert next_probe(a_trunk(), 10.0, 10.1, POLICY) == 15.0
    assert next_probe(a_trunk(silent(times=1)), 10.0, 10.5, POLICY) == 10.5
    assert next_probe(a_trunk(silent(), State.DOWN), 10.0, 10.5, POLICY) == 15.0
    assert next_probe(a_trunk(seen.contact_said(WELL, UNREACHABLE, None, 9)), 10.0, 10.5, POLICY) == 10.5


def test_it_wakes_for_the_fall_for_the_rise_for_the_probe_and_for_the_grace():
    falling = replace(a_trunk(silent(), State.FAILING), probe_due=None)
    assert wake_at(falling, 12.0, POLICY, blind=False) == 13.0
    rising = replace(a_trunk(WELL, State.RECOVERING, since=50.0), probe_due=None)
    assert wake_at(rising, 60.0, POLICY, blind=False) == 170.0
    assert wake_at(replace(a_trunk(), probe_due=65.0), 60.0, POLICY, blind=False) == 65.0
    registering = replace(a_trunk(seen.registration_said(WELL, "Unregistered", 100)), probe_due=None)
    assert wake_at(registering, 101.0, POLICY, blind=False) == 130.0
    assert wake_at(falling, 12.0, POLICY, blind=True) is None


@pytest.mark.parametrize(("written", "cause"), [("probe", "probe"), ("calls", "calls"), ("", "probe"), ("?", "probe")])
def test_a_trunk_held_for_down_by_the_table_starts_there(written, cause):
    trunk = restored(trunk_site("telekom"), written, 7.0, MORNING)
    assert (trunk.health.state, trunk.health.cause, trunk.probe_due) == (State.DOWN, Cause(cause), 7.0)


def test_the_hosts_that_a_look_tells_are_kept_and_those_it_does_not_tell_stay():
    first = located(a_trunk(), Sight(peer=Host("203.0.113.11"), registrar=Host("sip.test")))
    assert (first.peer, first.registrar) == (Host("203.0.113.11"), Host("sip.test"))
    moved = located(first, Sight(peer=Host("203.0.113.12")))
    assert (moved.peer, moved.registrar) == (Host("203.0.113.12"), Host("sip.test"))
    assert located(moved, Sight()) is moved
