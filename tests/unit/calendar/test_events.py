"""What a calendar says of who is on duty: repeated, moved, cancelled, all day, and when clocks change."""

from __future__ import annotations

import time
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.calendar.source import Unread
from tests.unit.calendar.texts import BERLIN, NOW, calendar, event, local, made_out, told

WEEKLY = event("Anna", local("20261123T080000"), local("20261123T160000"), "RRULE:FREQ=WEEKLY", uid="w")


def test_a_weekly_event_is_a_shift_in_each_week() -> None:
    assert told(calendar(WEEKLY)) == ["Anna 23 08:00-16:00", "Anna 30 08:00-16:00", "Anna 07 08:00-16:00"]


def test_an_exception_leaves_one_out() -> None:
    text = WEEKLY.replace("SUMMARY", "EXDATE;TZID=Europe/Berlin:20261130T080000\r\nSUMMARY")
    assert told(calendar(text)) == ["Anna 23 08:00-16:00", "Anna 07 08:00-16:00"]


def test_a_single_one_that_was_moved_counts_where_it_was_moved_to() -> None:
    moved = event(
        "Ben", local("20261201T100000"), local("20261201T120000"), "RECURRENCE-ID;TZID=Europe/Berlin:20261130T080000",
        uid="w",
    )  # fmt: skip
    assert told(calendar(WEEKLY, moved)) == ["Anna 23 08:00-16:00", "Ben 01 10:00-12:00", "Anna 07 08:00-16:00"]


def test_a_single_one_that_was_cancelled_is_none() -> None:
    off = event(
        "Anna", local("20261130T080000"), local("20261130T160000"), "RECURRENCE-ID;TZID=Europe/Berlin:20261130T080000",
        "STATUS:CANCELLED", uid="w",
    )  # fmt: skip
    assert told(calendar(WEEKLY, off)) == ["Anna 23 08:00-16:00", "Anna 07 08:00-16:00"]


def test_a_cancelled_event_is_none_and_no_trouble_either() -> None:
    text = calendar(event("Otto", ":20261124T080000Z", ":20261124T090000Z", "STATUS:CANCELLED"))
    assert (made_out(text).shifts, made_out(text).trouble) == ((), None)


def test_all_following_ones_may_be_changed_from_one_day_on() -> None:
    later = event(
        "Carla", local("20261130T090000"), local("20261130T170000"),
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261130T080000", uid="w",
    )  # fmt: skip
    assert told(calendar(WEEKLY, later)) == ["Anna 23 08:00-16:00", "Carla 30 09:00-17:00", "Carla 07 09:00-17:00"]


def test_an_all_day_event_lasts_from_midnight_to_midnight_of_the_office() -> None:
    text = calendar(event("Anna", ";VALUE=DATE:20261128", ";VALUE=DATE:20261130"))
    assert told(text) == ["Anna 28 00:00-30 00:00"]
    assert told(calendar(event("Anna", ";VALUE=DATE:20261128", ""))) == ["Anna 28 00:00-29 00:00"]


@pytest.mark.parametrize(
    ("day", "hours"), [("20260329", 23), ("20261025", 25), ("20261124", 24)], ids=["spring", "autumn", "any"]
)
def test_an_all_day_event_is_as_long_as_the_day(day: str, hours: int) -> None:
    now = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
    [shift] = made_out(calendar(event("Anna", f";VALUE=DATE:{day}", "")), now=now).shifts
    assert shift.end - shift.begin == timedelta(hours=hours)


@pytest.mark.parametrize("sunday", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_a_weekly_shift_keeps_its_clock_time_when_clocks_change(sunday: datetime) -> None:
    first = f"{sunday - timedelta(days=6):%Y%m%d}T080000"
    text = calendar(event("Anna", local(first), local(first.replace("08", "08")[:9] + "160000"), "RRULE:FREQ=WEEKLY"))
    shifts = made_out(text, now=sunday, back=8, days=9).shifts
    assert [shift.begin.astimezone(BERLIN).hour for shift in shifts] == [8, 8, 8]
    assert len({shift.begin.hour for shift in shifts}) == 2
    assert all(shift.end - shift.begin == timedelta(hours=8) for shift in shifts)


@pytest.mark.parametrize(("day", "hours"), [("20260328", 9), ("20261024", 11)])
def test_a_night_over_the_change_of_clocks_lasts_as_long_as_it_does(day: str, hours: int) -> None:
    now = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
    after = f"{now + timedelta(days=1):%Y%m%d}"
    [shift] = made_out(calendar(event("Anna", local(f"{day}T220000"), local(f"{after}T080000"))), now=now).shifts
    assert shift.end - shift.begin == timedelta(hours=hours)


@pytest.mark.parametrize("day", ["20260329", "20261025"])
def test_shifts_that_follow_each_other_at_an_hour_that_is_left_out_or_comes_twice_leave_no_gap(day: str) -> None:
    now = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
    text = calendar(
        event("Anna", local(f"{day}T000000"), local(f"{day}T023000")),
        event("Ben", local(f"{day}T023000"), local(f"{day}T060000")),
    )
    first, second = made_out(text, now=now).shifts
    assert first.end == second.begin
    assert first.begin < first.end < second.end


def test_a_time_without_a_zone_is_the_office_s() -> None:
    assert told(calendar(event("Anna", ":20261124T080000", ":20261124T160000"))) == ["Anna 24 08:00-16:00"]


def test_a_time_of_another_zone_is_converted_and_so_is_utc() -> None:
    text = calendar(
        event("Anna", ";TZID=America/New_York:20261124T080000", ";TZID=America/New_York:20261124T090000"),
        event("Ben", ":20261125T080000Z", ":20261125T090000Z"),
        event(
            "Carla", ";TZID=W. Europe Standard Time:20261126T080000", ";TZID=W. Europe Standard Time:20261126T090000"
        ),
    )
    assert told(text) == ["Anna 24 14:00-15:00", "Ben 25 09:00-10:00", "Carla 26 08:00-09:00"]


def test_events_that_overlap_are_both_told_in_order() -> None:
    text = calendar(
        event("Ben", local("20261124T120000"), local("20261124T200000")),
        event("Anna", local("20261124T080000"), local("20261124T160000"), "TRANSP:TRANSPARENT"),
    )
    assert told(text) == ["Anna 24 08:00-16:00", "Ben 24 12:00-20:00"]


def test_an_event_that_began_long_ago_and_goes_on_counts() -> None:
    text = calendar(event("Anna", ";VALUE=DATE:20261001", ";VALUE=DATE:20270101"))
    [shift] = made_out(text).shifts
    assert shift.begin < NOW < shift.end


def test_an_event_may_say_how_long_it_lasts_instead_of_its_end() -> None:
    assert told(calendar(event("Anna", local("20261124T080000"), "", "DURATION:PT90M"))) == ["Anna 24 08:00-09:30"]


def test_an_event_of_nobody_known_is_told_and_no_shift() -> None:
    found = made_out(calendar(event("Otto", local("20261124T080000"), local("20261124T160000")), WEEKLY))
    assert len(found.shifts) == 3
    assert str(found.trouble) == "The calendar has “Otto” (07:00 UTC), whom we do not know."
    assert dict(found.trouble.values)["at"] == datetime(2026, 11, 24, 7, tzinfo=UTC)  # type: ignore[union-attr]


def test_of_several_strangers_the_next_is_named_and_the_others_are_counted() -> None:
    text = calendar(
        *(event(f"Otto{day}", local(f"202611{day}T080000"), local(f"202611{day}T090000")) for day in (26, 24, 25))
    )
    assert str(made_out(text).trouble).startswith("The calendar has “Otto24”")
    assert str(made_out(text).trouble).endswith("So it is with 2 more of its events.")


def test_who_was_not_known_and_is_over_troubles_nobody() -> None:
    text = calendar(event("Otto", local("20261123T060000"), local("20261123T070000")))
    assert made_out(text).trouble is None


def test_an_event_without_an_end_or_a_title_is_told() -> None:
    assert "has no end" in str(made_out(calendar(event("Anna", local("20261124T080000"), ""))).trouble)
    assert "without a title" in str(made_out(calendar(event("", ";VALUE=DATE:20261124", ""))).trouble)


# --- what comes from outside may be anything --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"", "What came is no calendar."),
        (b"<!DOCTYPE html><title>Sign in</title>", "A web page came instead"),
        (b"\xef\xbb\xbf\r\n<html>", "A web page came instead"),
        (b"PK\x03\x04\x00", "What came is no calendar."),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "broken"),
        (b"BEGIN:VCALENDAR\r\n\xff\xfe\x00:::\r\nEND:VTODO\r\n", "broken"),
    ],
)
def test_what_is_no_calendar_is_told_so(text: bytes, why: str) -> None:
    with pytest.raises(Unread, match=why):
        made_out(text)


def test_broken_utf_8_spoils_no_other_event() -> None:
    text = calendar(WEEKLY, event("J~rgen", local("20261124T080000"), local("20261124T090000")))
    found = made_out(text.replace(b"~", b"\xfc"))
    assert len(found.shifts) == 3
    assert "J\ufffdrgen" in str(found.trouble)


def test_a_broken_series_spoils_no_other_event() -> None:
    rule = "RRULE:FREQ=WEEKLY;UNTIL=never"
    broken = event("Ben", local("20261124T080000"), local("20261124T090000"), rule, uid="b")
    found = made_out(calendar(WEEKLY, broken))
    assert len(found.shifts) == 3
    assert found.trouble is not None


@pytest.mark.parametrize(
    "rule",
    ["FREQ=SECONDLY", "FREQ=MINUTELY;COUNT=1000000", "FREQ=hourly",
     "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9;BYMINUTE=" + ",".join(map(str, range(60)))],
)  # fmt: skip
def test_what_repeats_too_often_is_left_out_and_told_at_once(rule: str) -> None:
    often = event("Ben", local("19700101T000000"), local("19700101T000001"), f"RRULE:{rule}", uid="often")
    began = time.monotonic()
    found = made_out(calendar(WEEKLY, often))
    assert time.monotonic() - began < 2
    assert {shift.who for shift in found.shifts} == {("Anna",)}
    assert "“Ben” repeats too often" in str(found.trouble)


def test_thousands_of_shifts_are_no_plan() -> None:
    daily = [
        event("Anna", local("20261101T080000"), local("20261101T090000"), "RRULE:FREQ=DAILY", uid=f"{n}")
        for n in range(120)
    ]
    with pytest.raises(Unread, match="more than 2000"):
        made_out(calendar(*daily))


def test_a_calendar_full_of_daily_shifts_is_given_up_before_they_are_all_in_memory() -> None:
    begins, ends = local("20261101T080000"), local("20261101T090000")
    text = calendar(*(event("Anna", begins, ends, "RRULE:FREQ=DAILY", uid=f"{n}") for n in range(400)))
    tracemalloc.start()
    try:
        with pytest.raises(Unread, match="more than 2000"):
            made_out(text)
        assert tracemalloc.get_traced_memory()[1] < 15_000_000
    finally:
        tracemalloc.stop()


def test_a_title_of_4_kb_is_cut_and_its_signs_are_plain() -> None:
    title = "<b>\u202eOtto\u202c</b> \U0001f600 " + "x" * 4096
    text = str(made_out(calendar(event(title, ";VALUE=DATE:20261124", ""))).trouble)
    assert len(text) < 140
    assert "\u202e" not in text
    assert "<b> Otto" in text


LINES = [
    "",
    "BEGIN:VEVENT",
    "END:VEVENT",
    "BEGIN:VTIMEZONE",
    "END:VTIMEZONE",
    "DTSTART:20261124T080000Z",
    "DTSTART:",
    "DTSTART;TZID=No/Where:20261124T080000",
    "DTSTART;VALUE=DATE:00000000",
    "DTEND:99",
    "DTEND;VALUE=DATE:20261125",
    "DTEND:99991231T235959Z",
    "RRULE:FREQ=DAILY;COUNT=3",
    "RRULE:FREQ=",
    "RRULE:FREQ=YEARLY;BYMONTH=13",
    "DURATION:P99999999D",
    "DURATION:-P1D",
    "UID:1",
    "SUMMARY:Anna",
    'SUMMARY;X="',
    "RECURRENCE-ID:20261124T080000Z",
    "EXDATE:x",
    "RDATE:20261124T080000Z,20261125T080000Z",
    "",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=14))
def test_whatever_comes_there_are_shifts_or_a_reason(lines: list[str]) -> None:
    text = "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""]).encode()
    try:
        found = made_out(text)
    except Unread as error:
        assert str(error.why)
    else:
        assert all(shift.begin < shift.end and shift.who for shift in found.shifts)


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (local("20261123T080000"), ";TZID=America/New_York:99991231T235959"),
        (local("20261123T080000"), ";TZID=America/New_York:99991231T235900"),
        (";TZID=Europe/Berlin:00010101T000000", local("20261124T080000")),
        (";VALUE=DATE:00010101", ";VALUE=DATE:20261125"), (":00010101T000000Z", ":99991231T235959Z"),
        (";VALUE=DATE:20261123", ";VALUE=DATE:99991231"),
    ],
)  # fmt: skip
def test_a_shift_without_end_is_one_and_spoils_no_other(begins: str, ends: str) -> None:
    found = made_out(calendar(WEEKLY, event("Ben", begins, ends)))
    assert [shift.who for shift in found.shifts].count(("Anna",)) == 3
    assert ("Ben",) in {shift.who for shift in found.shifts if shift.begin <= NOW < shift.end}


@pytest.mark.parametrize(
    "line",
    ["EXDATE;TZID=America/New_York:99991231T235959", "RECURRENCE-ID;TZID=Europe/Berlin:00010101T000000",
     "RRULE:FREQ=DAILY;INTERVAL=0"],
)  # fmt: skip
def test_an_event_that_no_clock_can_show_is_left_out_alone_and_named(line: str) -> None:
    odd = event("Ben", local("20261123T080000"), local("20261123T160000"), "RRULE:FREQ=WEEKLY", line, uid="odd")
    began = time.monotonic()
    found = made_out(calendar(WEEKLY, odd.replace("RRULE:FREQ=WEEKLY\r\n", "") if "RRULE" in line else odd))
    assert time.monotonic() - began < 2
    assert [shift.who for shift in found.shifts] == [("Anna",)] * 3
    assert "“Ben”" in str(found.trouble)
