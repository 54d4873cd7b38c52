"""The strip of the day: where its bars stand, how high they are, and what it says in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from router.panel.day import AWAY, Day, Stretch, today
from router.panel.drawn_day import LOOKS, Strip, strip
from router.panel.speech import Speech
from tests.unit.panel.fakes import BERLIN, NOW

DAY = today(NOW, BERLIN)


def made(*steps: tuple[float, str], day: Day = DAY) -> tuple[Stretch, ...]:
    """Each from that hour on."""
    begins = [day.begin + timedelta(hours=hour) for hour, _ in steps]
    ends = [*begins[1:], day.now]
    return tuple(Stretch(b, e, state) for b, e, (_, state) in zip(begins, ends, steps, strict=True))


def drawn(*steps: tuple[float, str], language: str = "en", day: Day = DAY) -> Strip:
    return strip([("Telekom", made(*steps, day=day))], day, Speech(language, BERLIN, "DE", NOW))


def test_bars_stand_where_they_were_and_the_worse_the_higher() -> None:
    row = drawn((0, "up"), (6, "down"), (12, "up")).rows[0]
    assert [(bar.x, bar.width) for bar in row.bars] == [("0.00%", "25.00%"), ("25.00%", "25.00%"), ("50.00%", "11.81%")]
    assert [bar.height for bar in row.bars] == [6, 20, 6]
    assert [bar.tone for bar in row.bars] == ["good", "bad", "good"]


def test_no_two_states_of_a_trunk_look_alike_but_those_that_mean_the_same_and_none_by_colour_alone() -> None:
    looks = {state: (look.height, look.faint) for state, look in LOOKS.items()}
    assert len({looks["up"], looks["down"], looks["failing"], looks["unknown"]}) == 4
    assert len({looks["office"], looks["mobile"], looks["office_then_mobile"], looks[AWAY]}) == 4


def test_what_was_short_is_seen_too() -> None:
    row = drawn((0, "up"), (6, "down"), (6.001, "up")).rows[0]
    assert [(bar.x, bar.width, bar.tone) for bar in row.bars if bar.tone == "bad"] == [("25.00%", "0.50%", "bad")]


def test_a_day_of_a_thousand_changes_is_no_drawing_of_a_thousand_bars() -> None:
    row = drawn(*((n / 100, ("up", "down")[n % 2]) for n in range(1480))).rows[0]
    assert len(row.bars) <= 200
    assert {bar.tone for bar in row.bars} == {"bad"}


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([(0, "up")], "Working since midnight"),
        ([(0, "office")], "Office since midnight"),
        ([(0, "up"), (14.5, "down")], "Down since 14:30"),
        ([(0, "up"), (9, "failing"), (9.01, "down"), (10, "recovering"), (10.1, "up")], "Down from 09:00 to 10:00"),
        ([(0, "up"), (9, "failing"), (9.005, "up")], "Working since midnight"),
        ([(0, "office"), (9, "mobile"), (10, "office"), (12, AWAY), (12.5, "office")],
         "Mobile from 09:00 to 10:00; router away from 12:00 to 12:30"),
        ([(0, "up"), *((h + d, s) for h in range(1, 6) for d, s in ((0, "down"), (0.5, "up")))],
         "2 times before; down from 03:00 to 03:30; down from 04:00 to 04:30; down from 05:00 to 05:30"),
        ([(0, "up"), (9, "down"), (9.01, "up")], "Down for a moment at 09:00"),
        ([(0, "up"), *((h + d, s) for h in range(1, 5) for d, s in ((0, "down"), (0.5, "up")))],
         "Once before; down from 02:00 to 02:30; down from 03:00 to 03:30; down from 04:00 to 04:30"),
        ([(0, "what is this")], "Not known since 00:00"),
    ],
)  # fmt: skip
def test_the_same_in_words(steps: list[tuple[float, str]], words: str) -> None:
    assert drawn(*steps).rows[0].words == words


@pytest.mark.parametrize(
    ("noon", "six"),
    [("2025-03-30T12:00+02:00", "21.74%"), ("2025-10-26T12:00+01:00", "28.00%"), ("2025-07-01T12:00+02:00", "25.00%")],
)
def test_the_hours_stand_where_the_offices_clocks_show_them(noon: str, six: str) -> None:
    day = today(datetime.fromisoformat(noon).astimezone(UTC), BERLIN)
    assert drawn((0, "up"), day=day).scale[:2] == (("0.00%", "0"), (six, "6"))


def test_a_strip_at_midnight_says_nothing_yet() -> None:
    day = Day(DAY.begin, DAY.end, DAY.begin)
    assert strip([("Telekom", ())], day, Speech("en", BERLIN, "DE", DAY.begin)).rows[0].words == ""
