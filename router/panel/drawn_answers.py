"""A trunk's answer times of the last hour as a small line, and the same in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from statistics import median

from router.core.sentence import Sentence, say
from router.panel.speech import Speech
from router.ports import Answer

WIDTH, HEIGHT = 120, 32
COLUMNS = 60
"""One a minute: a path of two points a minute is 60 times shorter than one of all probes, and looks the same."""
TOP, FLOOR = 3, 24
"""Between these the line runs; below it are the crosses of what was not answered."""
HOUR = timedelta(hours=1)
LEAST_SCALE = 10.0
"""Milliseconds that fill the height at least: a line in the same building shall not look like a mountain range."""
GAP = timedelta(minutes=3)
"""What was not measured for longer is a gap; probes are at most a minute apart."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """`line` and `crosses` are paths in a box of WIDTH by HEIGHT; `words` say the same. Empty paths where nothing was
    measured. `note`: why the hour is not whole; empty where it is."""

    line: str
    crosses: str
    words: str
    note: str


@dataclass(frozen=True, slots=True)
class _Minute:
    column: int
    ms: float | None
    unanswered: bool


def drawn(answers: Sequence[Answer], since: datetime, pace: float, speech: Speech) -> Drawing:
    """`answers` oldest first; `since`: when measuring began; `pace`: seconds between two probes."""
    minutes = _minutes([answer for answer in answers if answer.at > speech.now - HOUR], speech.now)
    first, *notes = (speech.line(said) for said in told(answers, since, speech.now))
    return Drawing(_line(minutes, pace), _crosses(minutes), " ".join([first, *notes]), " ".join(notes))


def _minutes(answers: Sequence[Answer], now: datetime) -> list[_Minute]:
    found = []
    for column, group in groupby(answers, lambda answer: _column(answer.at, now)):
        of_it = list(group)
        took = [answer.ms for answer in of_it if answer.ms is not None]
        found.append(_Minute(column, median(took) if took else None, len(took) < len(of_it)))
    return found


def _column(at: datetime, now: datetime) -> int:
    """From 0, an hour ago, to 59, now."""
    return max(0, min(COLUMNS - 1, COLUMNS - 1 - int((now - at) / timedelta(minutes=1))))


def _line(minutes: Sequence[_Minute], pace: float) -> str:
    """A gap where a minute was not measured, or nothing was answered. What stands alone is a short dash."""
    most = max([LEAST_SCALE, *(minute.ms for minute in minutes if minute.ms is not None)])
    widest = 1 + int(pace // 60)
    path, before = [], None
    for minute in minutes:
        if minute.ms is None:
            before = None
            continue
        x, y = minute.column * WIDTH // COLUMNS, round(FLOOR - (FLOOR - TOP) * minute.ms / most, 1)
        joined = before is not None and minute.column - before <= widest
        path.append(f"{'L' if joined else 'M'}{x} {y:g}" + ("" if joined else "h1"))
        before = minute.column
    return "".join(path)


def _crosses(minutes: Sequence[_Minute]) -> str:
    """A small cross under every two minutes in which a probe went unanswered."""
    places = dict.fromkeys(minute.column * WIDTH // COLUMNS // 4 * 4 for minute in minutes if minute.unanswered)
    return "".join(f"M{x} {HEIGHT - 5}l3 4m0-4l-3 4" for x in places)


def told(answers: Sequence[Answer], since: datetime, now: datetime) -> Iterator[Sentence]:
    """In words: about how long, since when no more, and where the hour is not whole."""
    answered = [answer for answer in answers if answer.ms is not None]
    if not answers:
        yield say("Answer times of the last hour: none measured.")
    elif not answered:
        yield say("Answer times of the last hour: no probe was answered since {first}.", first=answers[0].at)
    else:
        yield _times(answers, answered)
    if answers and now - answers[-1].at > GAP:
        yield say("Not measured since {last}.", last=answers[-1].at)
    if now - since < HOUR:
        yield say("Measured since {since}, when the router was started.", since=since)


def _times(answers: Sequence[Answer], answered: Sequence[Answer]) -> Sentence:
    about = _rounded(median(answer.ms for answer in answered if answer.ms is not None))
    unanswered = [answer for answer in answers if answer.ms is None]
    last = answered[-1].at
    if not unanswered:
        return say("Answer times of the last hour: about {ms} ms.", ms=about)
    if answers[-1].ms is None:
        return say("Answer times of the last hour: about {ms} ms until {last}, none since.", ms=about, last=last)
    if len(unanswered) == 1:
        return say(
            "Answer times of the last hour: about {ms} ms, one probe unanswered ({at}).", ms=about, at=unanswered[0].at
        )
    return say(
        "Answer times of the last hour: about {ms} ms, {count} probes unanswered (last: {at}).",
        ms=about, count=len(unanswered), at=unanswered[-1].at,
    )  # fmt: skip


def _rounded(ms: float) -> float | int:
    return round(ms) if ms >= 10 else round(ms, 1)
