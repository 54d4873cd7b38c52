"""Whom to call back, whatever calls came and whatever was said of them: the rule, and nothing but the rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from router.core.call_backs import Remark, call_backs, over
from router.core.calls import Call, Outcome
from tests.unit.core.call_book import at, missed, taken

callers = st.sampled_from(["+4930555001", "+4930555002", "20", None])
minutes = st.integers(0, 12)
calls = st.lists(
    st.builds(
        lambda made, minute, caller, lasts, end: replace(
            made(minute, caller, end=end), ended=at(minute) + timedelta(minutes=lasts)
        ),
        st.sampled_from([missed, taken]), minutes, callers, st.integers(-2, 3), st.sampled_from(["", "", "", "loop"]),
    ),
    max_size=14,
).map(lambda made: [replace(call, id=f"1700000000.{n}") for n, call in enumerate(made)])  # fmt: skip
remarks = st.lists(
    st.builds(
        Remark, st.sampled_from(["+4930555001", "+4930555002"]), minutes.map(at), st.just("anna"), st.none(),
        st.booleans(),
    ),
    max_size=5,
)  # fmt: skip


def waits(call: Call, among: list[Call], said: list[Remark]) -> bool:
    """The rule as a person would say it, of one call at a time."""
    if call.outcome is not Outcome.MISSED or call.caller is None:
        return False
    got_through = any(
        other.caller == call.caller and other.outcome is Outcome.TAKEN and other.began >= call.began for other in among
    )
    called_back = any(word.caller == call.caller and word.done and word.at >= over(call) for word in said)
    return not got_through and not called_back


@given(calls, remarks)
def test_the_open_rows_hold_exactly_the_attempts_that_nothing_came_after(came: list[Call], said: list[Remark]) -> None:
    still = [call for row in call_backs(came, said) if row.done is None for call in row.attempts]
    assert sorted(call.id for call in still) == sorted(call.id for call in came if waits(call, came, said))


@given(calls, remarks, st.randoms())
def test_the_order_in_which_calls_and_remarks_are_told_does_not_matter(
    came: list[Call], said: list[Remark], chance: st.randoms
) -> None:  # type: ignore[valid-type]
    distinct = list({(word.caller, word.at): word for word in said}.values())
    before = call_backs(came, distinct)
    chance.shuffle(came)  # type: ignore[attr-defined]
    chance.shuffle(distinct)  # type: ignore[attr-defined]
    assert call_backs(came, distinct) == before


@given(calls, remarks)
def test_every_caller_has_one_row_at_most(came: list[Call], said: list[Remark]) -> None:
    rows = [row.caller for row in call_backs(came, said)]
    assert len(rows) == len(set(rows))


@given(calls, minutes)
def test_done_covers_exactly_what_was_over_by_then(came: list[Call], minute: int) -> None:
    caller = "+4930555001"
    before = {row.caller: row for row in call_backs(came)}
    after = {row.caller: row for row in call_backs(came, [Remark(caller, at(minute), "anna", done=True)])}
    for other in before.keys() - {caller}:
        assert after[other] == before[other]
    if caller in before:
        left = tuple(call for call in before[caller].attempts if over(call) > at(minute))
        assert (after[caller].done is None) == bool(left)
        if left:
            assert after[caller].attempts == left
        else:
            assert set(before[caller].attempts) <= set(after[caller].attempts)


@given(calls, minutes)
def test_a_new_attempt_opens_a_row_that_was_done(came: list[Call], minute: int) -> None:
    caller = "+4930555001"
    said = [Remark(caller, at(20), "anna", done=True)]
    again = missed(30 + minute, caller)
    assert call_backs([*came, again], said)[0].attempts == (again,)
