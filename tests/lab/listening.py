"""What is heard in a recording, and when: its tones one after the other, found again by the Goertzel algorithm."""

from __future__ import annotations

import dataclasses
import itertools
import math
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.lab.call import Call
from tests.lab.polled import polled
from tests.lab.sounding import HZ
from tests.lab.tone import FLOOR, RATE, goertzel, samples_of

_WINDOW, _STEP = 0.02, 0.01  # seconds; a window tells tones apart that are 50 Hz apart
_SURE = 0.8  # of a window's energy; what has less is the seam of two tones, or a key
_SHORTEST = 0.03  # seconds; less is a click
_DROPOUT = 0.05  # seconds in one and the same tone: a packet that came late
_NAMES = {hz: name for name, hz in HZ.items()}
ASKING = (950, 1400, 1800)
BUSY = 425
TONES = (*_NAMES, *ASKING, BUSY)


@dataclasses.dataclass(frozen=True)
class Span:
    """One tone, from `begins` to `ends` (seconds of the recording)."""

    hz: int
    begins: float
    ends: float

    @property
    def name(self) -> str:
        """The prompt that it stands for; of another tone its Hz."""
        return _NAMES.get(self.hz, str(self.hz))

    @property
    def seconds(self) -> float:
        return self.ends - self.begins

    def __repr__(self) -> str:
        return f"{self.name} {self.begins:.2f}-{self.ends:.2f}"


def heard(path: Path, also: Iterable[int] = ()) -> list[Span]:
    """The tones in a recording, in order; `also`: further ones to listen for, voices say. Silence is between them."""
    samples, rate = samples_of(path)
    tones, size = [*TONES, *also], int(_WINDOW * rate)
    spans: list[Span] = []
    hz = 0
    for at in range(0, len(samples) - size + 1, int(_STEP * rate)):
        window, now = samples[at : at + size], at / rate
        if sum(s * s for s in window) < FLOOR * FLOOR * size:
            continue
        tones.sort(key=lambda each: each != hz)  # most of the time it is the tone of the window before
        hz = next((each for each in tones if goertzel(window, each, rate) > _SURE), 0)
        if not hz:
            continue
        if spans and spans[-1].hz == hz and now - spans[-1].ends < _DROPOUT:
            spans[-1] = dataclasses.replace(spans[-1], ends=now + _WINDOW)
        else:
            spans.append(Span(hz, now, now + _WINDOW))
    return [span for span in spans if span.seconds >= _SHORTEST]


async def overheard(call: Call, also: Iterable[int] = ()) -> list[Span]:
    """All that this side of a call heard, once the call has ended; seconds since its answer."""
    ended, answered = await call.ended(within=40), call.answered_at
    assert answered is not None
    await polled(f"the recording of {call} is closed", lambda: samples_of(call.recording)[0], within=3)
    samples, rate = samples_of(call.recording)
    before = ended - answered - len(samples) / rate  # it begins with the first packet, and ends with the call
    return [Span(span.hz, span.begins + before, span.ends + before) for span in heard(call.recording, also)]


def likeness(said: Iterable[Path], heard_in: Path) -> list[float]:
    """How alike each of these wavs is to its place in a recording that begins with them; 1: as loud and soft."""
    got, at, alike = _loudness(samples_of(heard_in)[0]), 0, []
    for path in said:
        word = _loudness(samples_of(path)[0])
        places = range(max(0, at - 5), at + 15)  # of 20 ms: the word before may have been cut short, or a packet late
        fits = {place: statistics.correlation(word, _padded(got[place:], len(word))) for place in places}
        at = max(fits, key=lambda place: fits[place])
        alike.append(fits[at])
        at += len(word)
    return alike


def _loudness(samples: Sequence[int]) -> list[float]:
    """The root mean square of each 20 ms."""
    size = RATE // 50
    windows = (samples[at : at + size] for at in range(0, len(samples) - size + 1, size))
    return [math.sqrt(sum(s * s for s in window) / size) for window in windows]


def _padded(values: list[float], length: int) -> list[float]:
    silence = [0.0] * (length - 1) + [0.1]  # not quite, for nothing is like what is all the same
    return [*values[:length], *silence[len(values[:length]) :]]


def names(spans: Iterable[Span]) -> list[str]:
    return [span.name for span in spans]


def gaps(spans: list[Span]) -> list[float]:
    """Seconds of silence between each tone and the next."""
    return [after.begins - before.ends for before, after in itertools.pairwise(spans)]
