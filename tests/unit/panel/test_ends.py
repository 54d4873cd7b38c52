"""Until when an order holds: the presets and the times that people write, also when clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.panel.ends import Hours, chosen, closing, moment, tomorrow
from router.panel.refusal import Refusal
from tests.unit.panel.fakes import BERLIN, NOW

WEEK = (((480, 1080),),) * 4 + (((480, 720), (780, 960)),) + ((), ())
"""Monday to Thursday 8 to 18, Friday 8 to 12 and 13 to 16."""
OPEN = Hours(WEEK, lambda day: day == date(2025, 11, 19))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "closes"),
    [
        ("2025-11-17T09:00", "2025-11-17T18:00"),
        ("2025-11-17T06:00", "2025-11-17T18:00"),
        ("2025-11-17T17:59:59", "2025-11-17T18:00"),
        ("2025-11-17T18:00", None),
        ("2025-11-21T12:30", "2025-11-21T16:00"),
        ("2025-11-22T12:00", None),
        ("2025-11-19T12:00", None),
    ],
)
def test_the_working_day_ends_when_the_office_closes_and_not_on_holidays(now: str, closes: str | None) -> None:
    assert closing(OPEN, berlin(now), BERLIN) == (berlin(closes) if closes else None)


def test_an_office_that_is_always_open_has_no_end_of_its_day() -> None:
    assert closing(Hours(), NOW, BERLIN) is None
    until_midnight = Hours((((0, 1440),),) * 7)
    assert closing(until_midnight, NOW, BERLIN) == berlin("2025-11-23T00:00")


def test_tomorrow_is_eight_oclock_on_the_wall_also_when_clocks_are_changed() -> None:
    assert tomorrow(NOW, BERLIN) == berlin("2025-11-23T08:00")
    assert tomorrow(berlin("2025-03-29T20:00"), BERLIN) == datetime(2025, 3, 30, 6, tzinfo=UTC)
    assert tomorrow(berlin("2025-10-25T20:00"), BERLIN) == datetime(2025, 10, 26, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "on", "until"),
    [
        ("18:00", "", "2025-11-22T18:00"), ("18.00", "", "2025-11-22T18:00"), ("18 Uhr", "", "2025-11-22T18:00"),
        ("18h", "", "2025-11-22T18:00"), ("8", "", "2025-11-23T08:00"), ("1830", "", "2025-11-22T18:30"),
        ("14:50", "", "2025-11-23T14:50"), ("08:00", "2025-11-24", "2025-11-24T08:00"),
        ("8:00", "24.11.2025", "2025-11-24T08:00"), ("8:00", "24.11.", "2025-11-24T08:00"),
        ("8:00", "2. 1.", "2026-01-02T08:00"), ("2025-11-24T08:00", "", "2025-11-24T08:00"),
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_write_it(at: str, on: str, until: str) -> None:
    assert moment(at, on, NOW, BERLIN) == berlin(until)


@pytest.mark.parametrize(
    ("at", "on"),
    [("", ""), ("25:00", ""), ("18:60", ""), ("soon", ""), ("18:00", "31.2."), ("18:00", "never"), ("-1", "")],
)
def test_what_is_no_time_is_refused_with_an_example(at: str, on: str) -> None:
    with pytest.raises(Refusal) as refused:
        moment(at, on, NOW, BERLIN)
    assert refused.value.status == 422


def test_each_choice_of_the_form_has_its_end() -> None:
    monday = berlin("2025-11-17T09:00")
    choices = ("hour", "day", "tomorrow", "open", "time")
    ends = {end: chosen({"end": end, "at": "17:15"}, monday, BERLIN, OPEN) for end in choices}
    assert ends == {
        "hour": berlin("2025-11-17T10:00"), "day": berlin("2025-11-17T18:00"), "tomorrow": berlin("2025-11-18T08:00"),
        "open": None, "time": berlin("2025-11-17T17:15"),
    }  # fmt: skip
    for end in ("", "bogus"):
        with pytest.raises(Refusal):
            chosen({"end": end}, monday, BERLIN, OPEN)


def test_the_end_of_a_working_day_that_is_over_is_refused_and_not_taken_for_an_open_end() -> None:
    with pytest.raises(Refusal) as refused:
        chosen({"end": "day"}, berlin("2025-11-17T18:01"), BERLIN, OPEN)
    assert str(refused.value.why) == "The office is closed by now. Please choose another end."


@given(
    now=st.datetimes(datetime(2025, 1, 1), datetime(2026, 1, 1)),  # noqa: DTZ001 - given its zone below
    clock=st.times(),
)
def test_the_next_time_is_ahead_within_a_day_and_the_clock_shows_it(now: datetime, clock: time) -> None:
    at = now.replace(tzinfo=UTC)
    end = moment(f"{clock:%H:%M}", "", at, BERLIN)
    ahead = end.timestamp() - at.timestamp()
    assert 0 < ahead <= timedelta(hours=25).total_seconds()
    shown = datetime.fromtimestamp(end.timestamp(), BERLIN)
    in_the_gap = shown.strftime("%H:%M") != f"{clock:%H:%M}"
    assert not in_the_gap or (shown.month == 3 and clock.hour == 2)
