"""What one side of a call hears, and when: tones one after the other, found again by the Goertzel algorithm."""

from __future__ import annotations

import dataclasses
import itertools
import math
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from tests.lab.call import Call
from tests.lab.sounding import HZ
from tests.lab.tone import FLOOR, RATE, goertzel, samples_of
from tests.lab.wiretap import Sound, Wiretap

_WINDOW, _STEP = 0.02, 0.01  # seconds; a window tells tones apart that are 50 Hz apart
_SURE = 0.8  # of a window's energy; what has less is the seam of two tones, or a key
_SHORTEST = 0.03  # seconds; less is a click
_DROPOUT = 0.15  # seconds of silence in one and the same tone: a busy machine
_NAMES = {hz: name for name, hz in HZ.items()}
ASKING = (950, 1400, 1800)
BUSY = 425
TONES = (*_NAMES, *ASKING, BUSY)


@dataclasses.dataclass(frozen=True)
class Span:
    """One tone, from `begins` to `ends` (seconds)."""

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


def heard(sound: Sound, since: float, also: Iterable[int] = ()) -> list[Span]:
    """The tones one after the other, in seconds since that moment; `also`: further ones to listen for, voices say."""
    tones, size, samples = [*TONES, *also], int(_WINDOW * RATE), sound.samples
    spans: list[Span] = []
    hz = 0
    for at in range(0, len(samples) - size + 1, int(_STEP * RATE)):
        window, now = samples[at : at + size], sound.begins - since + at / RATE
        if sum(s * s for s in window) < FLOOR * FLOOR * size:
            continue
        tones.sort(key=lambda each: each != hz)  # most of the time it is the tone of the window before
        hz = next((each for each in tones if goertzel(window, each, RATE) > _SURE), 0)
        if not hz:
            continue
        if spans and spans[-1].hz == hz and now - spans[-1].ends < _DROPOUT:
            spans[-1] = dataclasses.replace(spans[-1], ends=now + _WINDOW)
        else:
            spans.append(Span(hz, now, now + _WINDOW))
    return [span for span in spans if span.seconds >= _SHORTEST]


async def overheard(tap: Wiretap, call: Call, also: Iterable[int] = ()) -> list[Span]:
    """All that this side of a call heard, once the call has ended; seconds since its answer."""
    await call.ended(within=40)
    return heard(tap.sound(call), call.answered_at or 0.0, also)


def likeness(said: Iterable[Path], got: Sequence[int]) -> list[float]:
    """How alike each of these wavs is to its place in what was heard, which begins with them; 1: as loud and soft."""
    windows, at, alike = _loudness(got), 0, []
    for path in said:
        word = _loudness(samples_of(path)[0])
        places = range(max(0, at - 5), at + 15)  # of 20 ms: a packet may be late
        fits = {place: statistics.correlation(word, _padded(windows[place:], len(word))) for place in places}
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
