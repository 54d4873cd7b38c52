"""What listings, events, probes and calls leave behind, and how it is judged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.core import evidence as seen
from router.core.evidence import NO_CONTACT, NOT_QUALIFIED, REACHABLE, REMOVED, UNREACHABLE, Evidence, Sight
from router.core.health import Cause, Health, State, Verdict
from router.core.judgement import FAILED_CALLS_IN_A_ROW, UNREGISTERED_GRACE, judge

WELL = seen.sighted(Evidence(), Sight(REACHABLE, 2000, "Registered"), 0.0)
UP = Health(State.UP)


def down(cause: Cause) -> Health:
    return Health(State.DOWN, cause=cause)


def unanswered(evidence: Evidence, times: int, first: float = 10.0) -> Evidence:
    for index in range(times):
        evidence = seen.probed(evidence, first + index, False, first + index + 0.5)
    return evidence


def failing_calls(evidence: Evidence, times: int) -> Evidence:
    for index in range(times):
        evidence = seen.call_failed(evidence, "503", 20.0 + index)
    return evidence


def test_registered_and_reachable_is_good():
    finding = judge(WELL, UP, 1)
    assert (finding.verdict, str(finding.why)) == (Verdict.GOOD, "registered, and probes are answered.")


def test_nothing_seen_is_no_evidence():
    assert judge(Evidence(), UP, 1).verdict is Verdict.NOTHING


def test_what_is_said_again_changes_nothing():
    for at in (5.0, 50.0):
        assert seen.contact_said(WELL, REACHABLE, 2000, at) == WELL
        assert seen.sighted(WELL, Sight(REACHABLE, 2000, "Registered"), at) == WELL


def test_a_silent_trunk_counts_from_the_sending_of_the_first_unanswered_probe():
    finding = judge(unanswered(WELL, 3), UP, 12)
    assert (finding.verdict, finding.since, finding.enough) == (Verdict.BAD, 10.0, True)
    assert str(finding.why) == "3 probes in a row went unanswered."


@pytest.mark.parametrize("times", [1, 2])
def test_one_or_two_lost_options_are_not_enough(times):
    assert not judge(unanswered(WELL, times), UP, 1000).enough


def test_an_answer_ends_the_row():
    evidence = seen.probed(unanswered(WELL, 9), 30.0, True, 30.1)
    assert judge(evidence, UP, 31).verdict is Verdict.GOOD
    assert judge(unanswered(evidence, 1, first=40), UP, 41).since == 40


def test_asterisks_own_unreachable_is_a_hint_that_is_never_enough_alone():
    finding = judge(seen.contact_said(WELL, UNREACHABLE, None, 10), UP, 1000)
    assert (finding.verdict, finding.enough) == (Verdict.BAD, False)
    assert seen.is_suspicious(seen.contact_said(WELL, UNREACHABLE, None, 10), UP)


def test_registered_is_not_reachable():
    assert judge(unanswered(WELL, 3), UP, 12).verdict is Verdict.BAD


def test_reachable_is_not_registered():
    finding = judge(seen.registration_said(WELL, "Rejected", 10), UP, 11)
    assert (finding.verdict, finding.cause, finding.since) == (Verdict.BAD, Cause.REGISTRATION, 10)


def test_of_two_faults_the_longer_one_counts():
    both = seen.registration_said(unanswered(WELL, 3, first=10), "Rejected", 12)
    assert (judge(both, UP, 12).since, judge(both, UP, 12).cause) == (10, Cause.PROBE)
    both = unanswered(seen.registration_said(WELL, "Rejected", 12), 3, first=20)
    assert judge(both, UP, 25).cause is Cause.REGISTRATION


def test_a_fault_that_is_enough_counts_before_an_older_one_that_is_not():
    both = seen.registration_said(unanswered(WELL, 1, first=10), "Rejected", 12)
    assert judge(both, UP, 13).enough


def test_unregistered_is_given_the_time_asterisk_needs_for_its_first_register():
    evidence = seen.registration_said(WELL, "Unregistered", 100)
    assert judge(evidence, UP, 100 + UNREGISTERED_GRACE - 0.1).verdict is Verdict.GOOD
    finding = judge(evidence, UP, 100 + UNREGISTERED_GRACE)
    assert (finding.verdict, finding.since) == (Verdict.BAD, 100 + UNREGISTERED_GRACE)


def test_a_vanished_contact_is_bad_and_owes_no_answer():
    evidence = seen.contact_said(unanswered(WELL, 2), NO_CONTACT, None, 15)
    assert evidence.unanswered == 0
    assert judge(evidence, UP, 16).verdict is Verdict.BAD
    assert not seen.may_probe(evidence)
    assert judge(seen.contact_said(evidence, REACHABLE, None, 20), UP, 21).verdict is Verdict.GOOD


@pytest.mark.parametrize("gone", [None, NOT_QUALIFIED])
def test_a_contact_that_can_be_probed_no_more_is_not_held_for_silent_for_ever(gone):
    evidence = seen.contact_said(unanswered(WELL, 5), gone, None, 20)
    assert judge(evidence, down(Cause.REGISTRATION), 1000).verdict is Verdict.GOOD


def test_an_unqualified_contact_is_probed_three_times_in_vain_and_then_left_alone():
    evidence = seen.contact_said(WELL, NOT_QUALIFIED, None, 0)
    for _ in range(3):
        assert seen.may_probe(evidence)
        evidence = seen.probed(evidence, 5, False, 6)
        assert evidence.unanswered == 0
    assert not seen.may_probe(evidence)
    assert str(judge(replace(evidence, register=Evidence().register), UP, 9).why).startswith("qualify is off")
    assert seen.may_probe(seen.contact_said(evidence, REACHABLE, None, 10))


def test_a_silent_trunk_is_not_good_because_asterisk_has_just_been_restarted():
    evidence = seen.contact_said(WELL, NOT_QUALIFIED, None, 0)
    assert judge(evidence, down(Cause.PROBE), 1).verdict is Verdict.NOTHING
    for _ in range(3):
        evidence = seen.probed(evidence, 5, False, 6)
    assert judge(evidence, down(Cause.PROBE), 9).verdict is Verdict.GOOD  # qualify was switched off: registered counts


def test_a_lost_registration_must_itself_turn_good():
    evidence = seen.registration_said(WELL, "Unregistered", 10)
    assert judge(evidence, down(Cause.REGISTRATION), 11).verdict is Verdict.NOTHING
    assert (
        judge(seen.registration_said(evidence, "Registered", 12), down(Cause.REGISTRATION), 13).verdict is Verdict.GOOD
    )


@pytest.mark.parametrize("times", range(1, FAILED_CALLS_IN_A_ROW + 1))
def test_three_calls_in_a_row_condemn_and_fewer_do_not(times):
    condemned = judge(failing_calls(WELL, times), UP, 30).verdict is Verdict.CONDEMNED
    assert condemned == (times == FAILED_CALLS_IN_A_ROW)


@pytest.mark.parametrize("health", [Health(State.UP, trial=True), Health(State.RECOVERING, cause=Cause.CALLS)])
def test_on_trial_one_call_condemns(health):
    finding = judge(failing_calls(WELL, 1), health, 30)
    assert (finding.verdict, str(finding.why)) == (Verdict.CONDEMNED, "a call failed with 503.")


def test_a_call_that_went_through_ends_the_row():
    evidence = seen.run_ended(failing_calls(WELL, 2))
    assert judge(failing_calls(evidence, 2), UP, 30).verdict is Verdict.GOOD


def test_out_of_sight_only_what_calls_proved_remains():
    evidence = seen.lost_sight(unanswered(failing_calls(WELL, 2), 3))
    assert evidence == Evidence(failed_calls=2, last_failed_call=21.0, last_code="503")


def test_a_trunk_known_to_be_down_is_not_suspicious_any_more():
    assert seen.is_suspicious(unanswered(WELL, 1), UP)
    assert not seen.is_suspicious(unanswered(WELL, 1), down(Cause.PROBE))
    assert not seen.is_suspicious(WELL, UP)


def test_one_contact_that_is_removed_says_nothing_of_the_others():
    for known in (WELL, unanswered(WELL, 2), seen.contact_said(WELL, NO_CONTACT, None, 5)):
        assert seen.contact_said(known, REMOVED, None, 20) == known


def test_after_one_is_removed_even_an_unqualified_contact_is_looked_at_again():
    evidence = seen.contact_said(WELL, NOT_QUALIFIED, None, 0)
    for _ in range(3):
        evidence = seen.probed(evidence, 5, False, 6)
    assert not seen.may_probe(evidence)
    assert seen.may_probe(seen.contact_said(evidence, REMOVED, None, 20))


def test_silence_is_called_silence_also_where_asterisk_has_given_up():
    evidence = WELL
    for at, status in ((10, "Registered"), (3632, "Rejected")):
        evidence = seen.registration_said(evidence, status, at)
    assert str(judge(evidence, UP, 3640).why) == "the carrier does not answer our registration."
    given_up = judge(evidence, UP, 3632 + 105).why
    assert str(given_up) == "the carrier does not answer our registration, and Asterisk has given up trying."
