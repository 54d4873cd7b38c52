"""The small line of a trunk's answer times, and what it says in words."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from router.panel.drawn_answers import HEIGHT, WIDTH, drawn
from router.panel.speech import Speech
from router.ports import Answer
from tests.unit.panel.fakes import BERLIN, NOW, ago

LONG_AGO = ago(days=3)


def said(language: str = "en") -> Speech:
    return Speech(language, BERLIN, "DE", NOW)


def hour(*, until: float = 0, begun: float = 60, ms: float | None = 21.0) -> list[Answer]:
    """A probe every five seconds, from `begun` until `until` minutes ago."""
    seconds = range(int(begun * 60) - 1, int(until * 60), -5)
    return [Answer(ago(seconds=s), ms) for s in seconds]


def test_an_hour_of_answers_is_one_line_without_crosses() -> None:
    made = drawn(hour(), LONG_AGO, 5, said())
    assert made.line.count("M") == 1
    assert made.crosses == ""
    assert made.words == "Answer times of the last hour: about 21 ms."


def test_silence_breaks_the_line_and_shows_as_crosses_and_is_said() -> None:
    made = drawn([*hour(until=18), *hour(begun=18, ms=None)], LONG_AGO, 5, said())
    assert made.line.count("M") == 1
    assert made.crosses.count("M") in (9, 10)
    assert re.fullmatch(r"Answer times of the last hour: about 21 ms until 14:3[12], none since\.", made.words)


def test_what_was_not_measured_is_a_gap_and_no_silence() -> None:
    made = drawn([*hour(until=40), *hour(begun=20)], LONG_AGO, 5, said())
    assert made.line.count("M") == 2
    assert made.crosses == ""


def test_a_pace_of_a_minute_draws_one_line_all_the_same() -> None:
    made = drawn([Answer(ago(seconds=s), 21.0) for s in range(3540, 0, -61)], LONG_AGO, 60, said())
    assert made.line.count("M") == 1


@pytest.mark.parametrize(
    ("answers", "since", "words"),
    [
        ([], LONG_AGO, "Answer times of the last hour: none measured."),
        (hour(ms=None), LONG_AGO, "Answer times of the last hour: no probe was answered since 13:50."),
        ([*hour(until=30), Answer(ago(minutes=29), None), *hour(begun=28)], LONG_AGO,
         "Answer times of the last hour: about 21 ms, one probe unanswered (14:21)."),
        ([*hour(until=30), Answer(ago(minutes=29), None), Answer(ago(minutes=28), None), *hour(begun=27)], LONG_AGO,
         "Answer times of the last hour: about 21 ms, 2 probes unanswered (last: 14:22)."),
        (hour(until=10), LONG_AGO, "Answer times of the last hour: about 21 ms. Not measured since 14:40."),
        (hour(begun=5, ms=3.14159), ago(minutes=5),
         "Answer times of the last hour: about 3.1 ms. Measured since 14:45, when the router was started."),
    ],
)  # fmt: skip
def test_the_words_say_what_the_line_shows(answers: list[Answer], since: object, words: str) -> None:
    made = drawn(answers, since, 5, said())  # type: ignore[arg-type]
    assert made.words == words
    assert made.words.endswith(made.note)
    assert bool(made.note) is ("easured since" in words)


def test_every_point_is_inside_of_the_box() -> None:
    answers = [Answer(ago(seconds=s), 0.2 if s % 7 else 3999.0) for s in range(3599, 0, -5)]
    made = drawn([*answers, Answer(NOW + timedelta(seconds=1), None)], LONG_AGO, 5, said())
    for x, y in re.findall(r"[ML](\d+) ([\d.]+)", made.line):
        assert 0 <= int(x) <= WIDTH
        assert 0 <= float(y) <= HEIGHT
    assert len(made.line) < 900
