"""Who is on duty when: rows, exceptions, holidays, calendar, absences, who took over; across the changes of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.core.duty import WEEK, Absence, Day, Member, Mobile, Plan, Row, Special, Taken
from router.core.roster import Reason, laid_out, moment
from router.core.shifts import Shift

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    ZoneInfo(name) for name in ("Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "UTC")
]
ALL = frozenset({"Anna", "Ben", "Cem"})
PEOPLE = tuple(Member(name, (Mobile(f"+4917112345{n}"),)) for n, name in enumerate(("Anna", "Ben", "Cem"), 678))
FORWARD, BACK = date(2026, 3, 29), date(2026, 10, 25)
"""In Berlin: 02:00 becomes 03:00, and 03:00 becomes 02:00."""


def at(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def row(day: str, begin: str, end: str, *who: str) -> Row:
    return Row(Day(day), time.fromisoformat(begin), time.fromisoformat(end), who)


def daily(begin: str, end: str, *who: str) -> tuple[Row, ...]:
    return tuple(row(day, begin, end, *who) for day in WEEK)


def special(first: str, last: str, begin: str, end: str, *who: str) -> Special:
    return Special(
        date.fromisoformat(first), date.fromisoformat(last), time.fromisoformat(begin), time.fromisoformat(end), who
    )


def who(plan: Plan, when: datetime, ringable=ALL, **more) -> tuple[str, ...]:
    return stretch(plan, when, ringable, **more).who


def stretch(plan: Plan, when: datetime, ringable=ALL, **more):
    found = laid_out(plan, ringable, BERLIN, when - timedelta(days=3), when + timedelta(days=3), **more)
    return next(one for one in found if one.begin <= when < one.end)


# --- which of them holds ----------------------------------------------------------------------------------------------


def test_without_any_plan_everybody_is_rung_in_order():
    assert who(Plan(PEOPLE), at("2026-03-02 09:00")) == ("Anna", "Ben", "Cem")


def test_who_does_not_stand_by_is_rung_only_where_a_plan_names_him():
    plan = Plan((PEOPLE[0], Member("Ben", PEOPLE[1].mobiles, stands_by=False)))
    assert who(plan, at("2026-03-02 09:00")) == ("Anna",)


def test_a_row_holds_from_its_begin_until_its_end_and_otherwise_nobody_does():
    plan = Plan(PEOPLE, (row("monday", "08:00", "18:00", "Ben"),))
    assert who(plan, at("2026-03-02 08:00")) == ("Ben",)
    assert who(plan, at("2026-03-02 17:59:59")) == ("Ben",)
    assert stretch(plan, at("2026-03-02 18:00")).reason is Reason.GAP
    assert who(plan, at("2026-03-02 07:59:59")) == who(plan, at("2026-03-03 09:00")) == ()


def test_a_row_over_midnight_belongs_to_the_day_on_which_it_begins():
    plan = Plan(PEOPLE, (row("monday", "22:00", "06:00", "Cem"),))
    assert who(plan, at("2026-03-03 05:59")) == ("Cem",)
    assert who(plan, at("2026-03-02 05:59")) == ()


def test_the_same_clock_twice_is_a_whole_day():
    plan = Plan(PEOPLE, (row("monday", "08:00", "08:00", "Cem"),))
    assert who(plan, at("2026-03-03 07:59")) == ("Cem",)
    assert who(plan, at("2026-03-03 08:00")) == ()


def test_where_rows_overlap_all_are_rung_those_of_the_earlier_one_first_and_each_once():
    plan = Plan(
        PEOPLE, (row("monday", "16:00", "20:00", "Ben", "Anna"), row("monday", "08:00", "18:00", "Cem", "Anna"))
    )
    assert who(plan, at("2026-03-02 17:00")) == ("Cem", "Anna", "Ben")


def test_an_exception_replaces_the_week_on_its_days_also_where_it_names_nobody():
    plan = Plan(PEOPLE, daily("08:00", "18:00", "Anna"), (special("2026-12-24", "2026-12-26", "10:00", "12:00", "Ben"),
        special("2026-12-31", "2026-12-31", "00:00", "00:00")))  # fmt: skip
    assert who(plan, at("2026-12-24 11:00")) == who(plan, at("2026-12-26 11:00")) == ("Ben",)
    assert who(plan, at("2026-12-25 09:00")) == ()
    assert who(plan, at("2026-12-27 09:00")) == ("Anna",)
    assert stretch(plan, at("2026-12-31 09:00")).reason is Reason.EXCEPTION
    assert who(plan, at("2026-12-31 09:00")) == ()


def test_a_night_that_began_before_an_exception_goes_on_where_the_exception_says_nothing():
    plan = Plan(
        PEOPLE, daily("22:00", "06:00", "Anna"), (special("2026-12-24", "2026-12-24", "05:00", "12:00", "Ben"),)
    )
    assert who(plan, at("2026-12-24 04:59")) == ("Anna",)
    assert who(plan, at("2026-12-24 05:00")) == ("Ben",)
    assert who(plan, at("2026-12-24 23:00")) == ()


def test_holidays_have_a_plan_of_their_own_where_one_is_set():
    week = daily("08:00", "18:00", "Anna")
    holidays = {date(2026, 12, 25)}
    assert who(Plan(PEOPLE, week), at("2026-12-25 09:00"), holidays=holidays) == ("Anna",)
    plan = Plan(PEOPLE, (*week, row("holiday", "10:00", "12:00", "Cem")))
    assert who(plan, at("2026-12-25 11:00"), holidays=holidays) == ("Cem",)
    assert who(plan, at("2026-12-25 09:00"), holidays=holidays) == ()
    assert who(plan, at("2026-12-24 09:00"), holidays=holidays) == ("Anna",)


def test_with_a_plan_for_holidays_alone_everybody_is_rung_on_all_other_days():
    plan = Plan(PEOPLE, (row("holiday", "10:00", "12:00", "Cem"),))
    holidays = {date(2026, 12, 25)}
    assert who(plan, at("2026-12-24 11:00"), holidays=holidays) == ("Anna", "Ben", "Cem")
    assert who(plan, at("2026-12-25 13:00"), holidays=holidays) == ()


def test_a_calendar_takes_the_place_of_week_and_exceptions():
    plan = Plan(
        PEOPLE, daily("00:00", "00:00", "Anna"), (special("2026-03-02", "2026-03-02", "00:00", "00:00", "Ben"),)
    )
    shifts = (Shift(at("2026-03-02 08:00"), at("2026-03-02 12:00"), ("cem", "Somebody")),)
    found = stretch(plan, at("2026-03-02 09:00"), calendar=shifts)
    assert (found.who, found.left_out, found.reason) == (("Cem",), ("Somebody",), Reason.CALENDAR)
    assert who(plan, at("2026-03-02 12:00"), calendar=shifts) == ()
    assert who(plan, at("2026-03-02 12:00"), calendar=None) == ("Ben",)


def test_who_took_over_is_alone_on_duty_until_his_end():
    plan = Plan(
        PEOPLE,
        daily("00:00", "00:00", "Anna"),
        taken=Taken("Ben", at("2026-03-02 09:00"), at("2026-03-02 18:00"), "ben"),
    )
    assert who(plan, at("2026-03-02 08:59")) == ("Anna",)
    assert who(plan, at("2026-03-02 09:00")) == ("Ben",)
    assert who(plan, at("2026-03-02 18:00")) == ("Anna",)


def test_who_took_over_and_is_away_leaves_it_to_the_plan():
    ben = Member("Ben", PEOPLE[1].mobiles, absent=Absence(at("2026-03-02 12:00"), None))
    plan = Plan(
        (PEOPLE[0], ben), daily("00:00", "00:00", "Anna"), taken=Taken("Ben", at("2026-03-02 09:00"), None, "ben")
    )
    assert who(plan, at("2026-03-02 11:59")) == ("Ben",)
    assert who(plan, at("2026-03-02 12:00")) == ("Anna",)


def test_the_absent_and_the_unconfirmed_are_left_out_and_then_it_may_be_nobody():
    anna = Member("Anna", PEOPLE[0].mobiles, absent=Absence(at("2026-03-01 12:00"), at("2026-03-02 12:00")))
    plan = Plan((anna, *PEOPLE[1:]), daily("00:00", "00:00", "Anna", "Ben"))
    assert who(plan, at("2026-03-02 11:00")) == ("Ben",)
    found = stretch(plan, at("2026-03-02 11:00"), ringable={"Anna", "Cem"})
    assert (found.who, found.left_out) == ((), ("Anna", "Ben"))
    assert who(plan, at("2026-03-02 12:00")) == ("Anna", "Ben")


# --- the changes of clocks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("eve", "hours"), [(FORWARD - timedelta(days=1), 7), (BACK - timedelta(days=1), 9), (date(2026, 6, 1), 8)]
)
def test_a_night_shift_lasts_as_long_as_the_clocks_say(eve, hours):
    plan = Plan(PEOPLE, daily("22:00", "06:00", "Anna"))
    found = stretch(plan, at(f"{eve} 23:30"))
    assert found.end - found.begin == timedelta(hours=hours)
    assert found.begin.astimezone(BERLIN).time() == time(22)
    assert found.end.astimezone(BERLIN).time() == time(6)


def test_half_past_two_that_does_not_exist_is_when_the_clocks_jump():
    assert moment(FORWARD, time(2, 30), BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert moment(FORWARD, time(2), BERLIN) == moment(FORWARD, time(3), BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert moment(FORWARD, time(1, 59), BERLIN) == datetime(2026, 3, 29, 0, 59, tzinfo=UTC)


def test_half_past_two_that_comes_twice_is_the_first_one():
    assert moment(BACK, time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_change_at_half_past_two_leaves_no_gap_in_either_night():
    plan = Plan(PEOPLE, (*daily("00:00", "02:30", "Anna"), *daily("02:30", "00:00", "Ben")))
    assert who(plan, at("2026-03-29 01:59:59")) == ("Anna",)
    assert who(plan, at("2026-03-29 03:00")) == ("Ben",)
    assert who(plan, at("2026-10-25 02:29:59")) == ("Anna",)
    assert who(plan, at("2026-10-25 02:30")) == who(plan, at("2026-10-25 02:10", fold=1)) == ("Ben",)


# --- whatever is planned ----------------------------------------------------------------------------------------------

clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
teams = st.lists(st.sampled_from(sorted(ALL)), unique=True, max_size=3).map(tuple)
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
moments = st.builds(lambda day, clock: datetime.combine(day, clock, UTC), days, clocks)
rows = st.builds(Row, st.sampled_from(list(Day)), clocks, clocks, teams)
specials = st.builds(lambda first, more, *rest: Special(first, first + timedelta(days=more), *rest),
    days, st.integers(0, 4), clocks, clocks, teams)  # fmt: skip
absences = st.none() | st.builds(
    lambda since, hours: Absence(since, since + timedelta(hours=hours)), moments, st.integers(1, 90)
)
plans = st.builds(
    lambda rows, specials, away, taken: Plan(
        tuple(Member(m.name, m.mobiles, absent=a) for m, a in zip(PEOPLE, away, strict=True)),
        tuple(rows), tuple(specials), taken,
    ),
    st.lists(rows, max_size=8), st.lists(specials, max_size=3), st.tuples(absences, absences, absences),
    st.none() | st.builds(lambda name, since, hours: Taken(name, since, since + timedelta(hours=hours), "x"),
        st.sampled_from(sorted(ALL)), moments, st.integers(1, 48)),
)  # fmt: skip
ringables = st.sets(st.sampled_from(sorted(ALL))).map(frozenset)


@settings(deadline=None)
@given(plans, ringables, st.sampled_from(ZONES), moments, st.sets(days, max_size=3))
def test_stretches_cover_all_time_without_gap_or_overlap(plan, ringable, zone, begin, holidays):
    end = begin + timedelta(days=20)
    found = laid_out(plan, ringable, zone, begin, end, holidays=holidays)
    assert (found[0].begin, found[-1].end) == (begin, end)
    assert all(one.begin < one.end for one in found)
    for one, other in pairwise(found):
        assert one.end == other.begin
        assert (one.who, one.reason, one.left_out) != (other.who, other.reason, other.left_out)
    for one in found:
        assert set(one.who) <= ringable
        assert not set(one.who) & set(one.left_out)
        for name in one.who:
            assert not plan.member(name).away(one.begin)


@settings(deadline=None)
@given(plans, ringables, st.sampled_from(ZONES), moments, st.integers(1, 9 * 24 * 60))
def test_from_wherever_one_looks_it_is_the_same_people_at_the_same_moment(plan, ringable, zone, when, minutes):
    wide = laid_out(plan, ringable, zone, when - timedelta(minutes=minutes), when + timedelta(days=2))
    narrow = laid_out(plan, ringable, zone, when, when + timedelta(days=1))
    one = next(found for found in wide if found.begin <= when < found.end)
    assert (one.who, one.reason, one.left_out) == (narrow[0].who, narrow[0].reason, narrow[0].left_out)


@settings(deadline=None)
@given(st.sampled_from(ZONES), days, clocks, clocks)
def test_later_clocks_never_come_earlier_and_a_day_follows_the_other(zone, day, one, other):
    first, second = sorted((one, other))
    assert moment(day, first, zone) <= moment(day, second, zone)
    assert moment(day, second, zone) <= moment(day + timedelta(days=1), time(), zone)


@settings(deadline=None)
@given(st.sampled_from(ZONES), days, clocks)
def test_a_moment_is_the_first_at_which_the_clocks_show_at_least_that(zone, day, clock):
    found = moment(day, clock, zone)
    wanted = datetime.combine(day, clock)
    assert found.astimezone(zone).replace(tzinfo=None) >= wanted
    assert (found - timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None) < wanted


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(ZONES), st.lists(clocks, min_size=1, max_size=5, unique=True), moments)
def test_rows_that_follow_each_other_round_the_clock_leave_nobody_out(zone, edges, when):
    edges = sorted(edges)
    shifts = tuple(
        Row(day, begin, end, (sorted(ALL)[turn % 3],))
        for day in WEEK
        for turn, (begin, end) in enumerate(zip(edges, [*edges[1:], edges[0]], strict=True))
    )
    for one in laid_out(Plan(PEOPLE, shifts), ALL, zone, when, when + timedelta(days=10)):
        assert len(one.who) == 1
