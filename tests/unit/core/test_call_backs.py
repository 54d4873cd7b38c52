"""Whom to call back: one row for each caller, closed by whatever reached him, and opened again by his next attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from router.core.call_backs import call_backs
from tests.unit.core.call_book import at, done, missed, noted, taken
from tests.unit.core.call_rows import CALLER
from tests.unit.core.offices import GSM_NUMBER, NUMBER

OTHER = "+4930555002"


def test_five_attempts_of_one_caller_are_one_row() -> None:
    [row] = call_backs([missed(minute) for minute in range(5)])
    assert (row.caller, len(row.attempts), row.done) == (CALLER, 5, None)
    assert (row.first, row.last) == (missed(0), missed(4))


def test_a_caller_who_was_taken_later_is_not_missed_any_more() -> None:
    assert call_backs([missed(0), missed(1), taken(2)]) == ()
    assert call_backs([taken(0), missed(1)])[0].attempts == (missed(1),)
    assert call_backs([missed(0), taken(1), missed(2)])[0].attempts == (missed(2),)


def test_somebody_else_who_got_through_settles_nothing() -> None:
    assert [row.caller for row in call_backs([missed(0), taken(2, OTHER)])] == [CALLER]


def test_of_a_number_with_two_calls_at_once_the_later_one_counts() -> None:
    assert call_backs([missed(0), taken(0.2)]) == ()
    assert call_backs([missed(0), taken(0)]) == (), "at the very same moment"
    assert len(call_backs([taken(0), missed(0.2)])) == 1


def test_who_withheld_his_number_has_no_row_and_our_own_loop_neither() -> None:
    assert call_backs([missed(0, None), missed(1, end="loop")]) == ()


def test_a_call_back_that_is_done_closes_the_row_and_says_by_whom() -> None:
    [row] = call_backs([missed(0), missed(1)], [noted(2, "not there"), done(5, note="comes tomorrow")])
    assert row.done == done(5, note="comes tomorrow")
    assert len(row.attempts) == 2
    assert row.remarks == (done(5, note="comes tomorrow"), noted(2, "not there"))


def test_a_new_attempt_opens_it_again_with_that_attempt_only() -> None:
    [row] = call_backs([missed(0), missed(1), missed(9)], [done(5)])
    assert (row.done, row.attempts, row.remarks) == (None, (missed(9),), (done(5),))


def test_an_attempt_that_still_rang_when_it_was_marked_stays_open() -> None:
    [row] = call_backs([missed(0), missed(4.9)], [done(5)])
    assert (row.done, row.attempts) == (None, (missed(4.9),))


def test_done_a_second_time_it_covers_what_came_between() -> None:
    [row] = call_backs([missed(0), missed(7)], [done(5), done(9, by="ben")])
    assert (row.done, row.attempts) == (done(9, by="ben"), (missed(7),))


def test_of_two_who_mark_it_at_once_the_first_has_done_it() -> None:
    [row] = call_backs([missed(0)], [done(5), done(5.01, by="ben")])
    assert (row.done, row.attempts) == (done(5), (missed(0),))


def test_a_note_alone_closes_nothing() -> None:
    [row] = call_backs([missed(0)], [noted(1, "busy")])
    assert (row.done, row.remarks) == (None, (noted(1, "busy"),))


def test_what_was_done_stays_told_though_he_got_through_later() -> None:
    [row] = call_backs([missed(0), taken(9)], [done(5)])
    assert row.done == done(5)


def test_a_remark_whose_calls_are_forgotten_is_no_row() -> None:
    assert call_backs([], [done(5)]) == ()


def test_the_row_names_every_number_that_he_dialled_once_the_last_one_first() -> None:
    [row] = call_backs([missed(0, number=GSM_NUMBER), missed(1), missed(2, number=GSM_NUMBER)])
    assert row.numbers == (GSM_NUMBER, NUMBER)


def test_those_who_wait_come_first_the_last_attempt_on_top() -> None:
    calls = [missed(0, OTHER), missed(1, "+4930555003"), missed(2, "+4930555004"), missed(3)]
    rows = call_backs(calls, [done(8, OTHER), done(9)])
    assert [row.caller for row in rows] == ["+4930555004", "+4930555003", CALLER, OTHER]


def test_a_clock_that_was_set_back_during_a_call_ends_it_no_earlier_than_it_began() -> None:
    back = replace(missed(6), ended=at(6) - timedelta(minutes=3))
    assert call_backs([back], [done(5)])[0].done is None
