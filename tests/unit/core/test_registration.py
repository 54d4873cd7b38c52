"""How a registration was refused, told by when the results come."""

from __future__ import annotations

import pytest

from router.core.registration import TOLERANCE, Refusal, Registration, Timing, listed, result


def story(*results: tuple[float, str], timing: Timing | None = None) -> Registration:
    known = listed(Registration(), "Registered", timing, 0.0)
    for at, status in results:
        known = result(known, status, at)
    return known


@pytest.mark.parametrize(
    ("results", "refusal"),
    [
        ([(10, "Registered"), (3600, "Rejected")], Refusal.AT_ONCE),
        ([(10, "Registered"), (3632, "Rejected")], Refusal.UNANSWERED),
        ([(10, "Registered"), (70, "Registered"), (130, "Rejected")], Refusal.AT_ONCE),
        ([(10, "Registered"), (70, "Registered"), (162, "Rejected")], Refusal.UNANSWERED),
        ([(10, "Registered"), (3600, "Rejected"), (3660, "Rejected")], Refusal.FOR_NOW),
        ([(10, "Registered"), (3632, "Rejected"), (3724, "Rejected")], Refusal.UNANSWERED),
        ([(10, "Registered"), (20, "Unregistered"), (26, "Rejected")], Refusal.AT_ONCE),
        ([(10, "Registered"), (20, "Unregistered"), (58, "Rejected")], Refusal.UNCLEAR),
        ([(10, "Registered"), (500, "Rejected")], Refusal.UNCLEAR),
        ([(10, "Rejected")], Refusal.UNCLEAR),
        ([(10, "Rejected"), (70, "Rejected")], Refusal.FOR_NOW),
        ([(10, "Registered"), (3600, "Rejected"), (3640, "Registered")], Refusal.UNCLEAR),
    ],
)
def test_the_seconds_between_two_results_tell_how_it_was_refused(results, refusal):
    assert story(*results).refusal is refusal


def test_a_retry_of_what_is_forbidden_is_told_by_its_own_interval():
    timing = Timing(retry=60, forbidden=300)
    assert story((10, "Rejected"), (310, "Rejected"), timing=timing).refusal is Refusal.FOR_GOOD


def test_intervals_that_are_alike_tell_nothing():
    timing = Timing(retry=60, forbidden=60)
    assert story((10, "Rejected"), (70, "Rejected"), timing=timing).refusal is Refusal.UNCLEAR


def test_the_same_result_again_keeps_when_it_began():
    assert story((10, "Rejected"), (70, "Rejected"), (130, "Rejected")).since == 10


def test_asterisk_has_given_up_when_it_should_long_have_tried_again():
    failed = story((10, "Rejected"))
    assert not failed.gave_up(100)
    assert failed.gave_up(120)
    assert not story((10, "Registered")).gave_up(1e6)


def test_a_listing_replaces_what_events_said():
    known = listed(story((10, "Rejected")), "Registered", None, 20)
    assert (known.status, known.since, known.failed) == ("Registered", 20, False)


@pytest.mark.parametrize(
    ("results", "lasts"),
    [
        ([], None),
        ([10], None),
        ([10, 70], 3600),
        ([10, 9010], 9010),
        ([10, 9010, 9070], 9010),  # granted longer once: it may be again
    ],
)
def test_what_is_not_renewed_has_expired_when_the_longest_that_may_have_been_granted_is_over(results, lasts):
    known = story(*((at, "Registered") for at in results), timing=Timing(expiration=60))
    assert known.expires == (None if lasts is None else results[-1] + lasts + TOLERANCE)


def test_a_gap_with_a_failure_in_it_is_no_pace():
    known = story((10, "Registered"), (70, "Rejected"), (130, "Registered"))
    assert known.expires is None
    missed = result(listed(story((10, "Registered")), "Rejected", None, 50), "Registered", 130)
    assert (missed.period, missed.expires) == (None, None)
