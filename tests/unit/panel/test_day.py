"""Today as stretches: from the journal's lines and what is now, through restarts, blindness and changed clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.sentence import say
from router.panel.day import AWAY, UNSEEN, UNTOLD, Day, Stretch, number_day, today, trunk_day
from router.ports import Line
from tests.unit.panel.fakes import BERLIN

NOON = datetime(2025, 11, 22, 11, 0, tzinfo=UTC)
"""In Berlin."""
DAY = today(NOON, BERLIN)
STATES = ("unknown", "up", "failing", "down", "recovering")


def at(hour: float) -> datetime:
    return DAY.begin + timedelta(hours=hour)


def line(hour: float, kind: str, *, trunk: str | None = None, number: str | None = None, **data: object) -> Line:
    return Line(int(hour * 1000), at(hour), kind, say("…"), trunk, number, None, dict(data))


def turned(hour: float, before: str, after: str, trunk: str = "telekom") -> Line:
    return line(hour, "transition", trunk=trunk, **{"from": before, "to": after})


def told(stretches: tuple[Stretch, ...]) -> list[tuple[float, float, str]]:
    hours = timedelta(hours=1)
    return [((s.begin - DAY.begin) / hours, (s.end - DAY.begin) / hours, s.state) for s in stretches]


def test_a_day_without_lines_is_what_is_now() -> None:
    assert told(trunk_day("telekom", "up", True, [], DAY)) == [(0, 12, "up")]
    assert told(number_day("+4930123456", "office", True, [], DAY)) == [(0, 12, "office")]


def test_what_nobody_wrote_down_is_not_known() -> None:
    assert told(trunk_day("telekom", "down", True, [], DAY, since=at(9))) == [(0, 9, UNTOLD), (9, 12, "down")]
    assert told(trunk_day("telekom", "down", True, [], DAY, since=at(-9))) == [(0, 12, "down")]


def test_the_first_line_tells_what_was_since_midnight_and_other_trunks_lines_tell_nothing() -> None:
    lines = [turned(9, "down", "up"), turned(8, "up", "down"), turned(7, "up", "down", "gsm")]
    assert told(trunk_day("telekom", "up", True, lines, DAY)) == [(0, 8, "up"), (8, 9, "down"), (9, 12, "up")]


def test_a_pbx_out_of_sight_hides_what_the_trunks_were() -> None:
    lines = [line(3, "pbx", sight="lost"), line(5, "pbx", sight="seen"), turned(6, "up", "down")]
    assert told(trunk_day("telekom", "down", True, lines, DAY)) == [
        (0, 3, "up"), (3, 5, UNSEEN), (5, 6, "up"), (6, 12, "down")
    ]  # fmt: skip


def test_a_pbx_that_is_out_of_sight_now_is_so_to_the_end_and_one_seen_first_was_out_of_sight_at_midnight() -> None:
    assert told(trunk_day("telekom", "up", False, [line(3, "pbx", sight="lost")], DAY)) == [
        (0, 3, "up"),
        (3, 12, UNSEEN),
    ]
    assert told(trunk_day("telekom", "up", True, [line(3, "pbx", sight="seen")], DAY)) == [
        (0, 3, UNSEEN),
        (3, 12, "up"),
    ]
    assert told(trunk_day("telekom", "up", False, [], DAY)) == [(0, 12, UNSEEN)]


def test_a_router_that_was_away_knows_nothing_of_that_time() -> None:
    lines = [
        turned(2, "up", "down"), line(6, "router", away_since=at(4)), line(7, "pbx", sight="seen"),
        turned(7, "unknown", "up"),
    ]  # fmt: skip
    assert told(trunk_day("telekom", "up", True, lines, DAY)) == [
        (0, 2, "up"), (2, 4, "down"), (4, 6, AWAY), (6, 7, UNSEEN), (7, 12, "up")
    ]  # fmt: skip


def test_what_was_before_a_restart_is_what_was_told_last_or_nobody_knows() -> None:
    lines = [line(6, "router", away_since=at(5.5)), line(6.5, "pbx", sight="seen"), turned(6.5, "unknown", "up")]
    expected = [(0, 5.5, "down"), (5.5, 6, AWAY), (6, 6.5, UNSEEN), (6.5, 12, "up")]
    assert told(trunk_day("telekom", "up", True, lines, DAY, earlier="down")) == expected
    assert trunk_day("telekom", "up", True, lines, DAY)[0].state == UNTOLD


def test_a_router_started_today_for_the_first_time_knows_nothing_before() -> None:
    lines = [line(6, "router"), line(7, "pbx", sight="seen"), turned(7, "unknown", "up")]
    assert told(trunk_day("telekom", "up", True, lines, DAY)) == [(0, 6, UNTOLD), (6, 7, UNSEEN), (7, 12, "up")]


def test_a_number_goes_its_ways() -> None:
    lines = [
        line(8, "decision", number="+4930123456", **{"from": "office", "way": "mobile"}),
        line(9, "decision", number="+4930123456", **{"from": "mobile", "way": "office"}),
    ]
    assert told(number_day("+4930123456", "office", True, lines, DAY)) == [
        (0, 8, "office"), (8, 9, "mobile"), (9, 12, "office")
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "hours"), [(date(2025, 3, 30), 23), (date(2025, 10, 26), 25), (date(2025, 7, 1), 24)])
def test_a_day_on_which_clocks_change_is_as_long_as_it_is(day: date, hours: int) -> None:
    made = today(datetime(day.year, day.month, day.day, 12, tzinfo=BERLIN).astimezone(UTC), BERLIN)
    assert made.end - made.begin == timedelta(hours=hours)
    assert made.share(made.begin + timedelta(hours=hours / 2)) == 0.5


moments = st.floats(0, 12).map(lambda hour: round(hour, 3))
lines_of_a_day = st.lists(
    st.one_of(
        st.builds(turned, moments, st.sampled_from(STATES), st.sampled_from(STATES)),
        st.builds(lambda hour, sight: line(hour, "pbx", sight=sight), moments, st.sampled_from(["seen", "lost"])),
        st.builds(lambda hour, gone: line(hour, "router", away_since=at(hour - gone)), moments, st.floats(0, 20)),
        st.builds(lambda hour: line(hour, "order", number="+4930123456"), moments),
    ),
    max_size=12,
)


@given(lines=lines_of_a_day, state=st.sampled_from(STATES), seen=st.booleans())
def test_whatever_was_told_the_stretches_fill_the_day_until_now_without_gap_or_overlap(
    lines: list[Line], state: str, seen: bool
) -> None:
    made = trunk_day("telekom", state, seen, lines, DAY)
    assert made[0].begin == DAY.begin
    assert made[-1].end == DAY.now
    for one, other in pairwise(made):
        assert one.end == other.begin
        assert one.state != other.state
        assert one.begin < one.end


def test_midnight_itself_is_a_day_of_no_length() -> None:
    assert trunk_day("telekom", "up", True, [], Day(DAY.begin, DAY.end, DAY.begin)) == ()
