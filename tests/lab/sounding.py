"""Prompts that a recording tells apart: a tone of its own in the place of each sentence, among the office's sounds."""

from __future__ import annotations

import contextlib
import math
import shutil
import struct
import wave
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from router.prompts.places import FOLDER
from router.prompts.sentences import PROMPTS
from tests.lab.office import Office
from tests.lab.tone import RATE

_LOUD = 8000  # of 32768
# Hz. Not near a tone of a telephone key (697 to 941 and 1209 to 1633) nor another's of the lab, and 60 apart.
_TONES = {
    "call-from": 300,
    "plus": 360,
    "unknown-caller": 500,
    "for": 560,
    "office": 620,
    "press-1": 1100,
    "taken": 1280,
    "refused": 1550,
    "nobody": 1700,
} | {f"digit-{digit}": 2000 + 60 * digit for digit in range(10)}
HZ: Mapping[str, int] = _TONES | {
    p.name: 2700 + 60 * i for i, p in enumerate([p for p in PROMPTS if p.name not in _TONES])
}
"""Which tone stands for which prompt."""


def sine(path: Path, hz: float, seconds: float) -> None:
    """A wav as the prompts are: 8 kHz, mono, 16 bit."""
    turn = 2 * math.pi * hz / RATE
    samples = [int(_LOUD * math.sin(turn * at)) for at in range(int(seconds * RATE))]
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


@contextlib.contextmanager
def sounds(
    office: Office, language: str = "en", names: Iterable[str] | None = None, *, without: Iterable[str] = (),
    seconds: float = 0.2, lengths: Mapping[str, float] | None = None,
) -> Iterator[Path]:  # fmt: skip
    """The office has these prompts (all) in that language, `seconds` long but for those in `lengths`. Their folder."""
    folder = office.sounds / language / FOLDER
    for name in set(HZ if names is None else names) - set(without):
        sine(folder / f"{name}.wav", HZ[name], (lengths or {}).get(name, seconds))
    try:
        yield folder
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)
