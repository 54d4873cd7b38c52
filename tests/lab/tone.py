"""Whose voice is in a recording: each side of a lab call plays its own tone, found again by the Goertzel algorithm."""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import Sequence
from pathlib import Path

RATE = 8000  # samples a second of every recording
WINDOW = 0.25  # seconds; resolves 4 Hz
SHARE = 0.4  # of a window's energy: a pure tone through A-law has above 0.95, another tone 20 Hz away below 0.05
CLEAR = 0.8  # of a short window, 20 Hz wide
FLOOR = 50.0  # root mean square below which a window is silence; full scale is 32768


def goertzel(samples: tuple[int, ...], hz: float, rate: int) -> float:
    """The share, 0 to 1, that the frequency `hz` has in the energy of these samples."""
    energy = sum(s * s for s in samples)
    if energy < FLOOR * FLOOR * len(samples):
        return 0.0
    turn = 2.0 * math.cos(2.0 * math.pi * hz / rate)
    last = before = 0.0
    for sample in samples:
        last, before = sample + turn * last - before, last
    power = last * last + before * before - turn * last * before
    return 2.0 * power / (len(samples) * energy)


def samples_of(path: Path) -> tuple[tuple[int, ...], int]:
    """The samples of a mono 16 bit wav and their rate in Hz; none where the file is not there or not yet a wav."""
    try:
        with wave.open(str(path), "rb") as file:
            raw = file.readframes(file.getnframes())
            rate = file.getframerate()
    except (FileNotFoundError, EOFError, wave.Error):
        return (), RATE
    raw = raw[: len(raw) // 2 * 2]
    return struct.unpack(f"<{len(raw) // 2}h", raw), rate


def tone_seconds(path: Path, hz: float) -> float:
    """For how many seconds the tone `hz` sounds in the wav at `path`."""
    samples, rate = samples_of(path)
    step = int(WINDOW * rate)
    windows = (samples[at : at + step] for at in range(0, len(samples) - step + 1, step))
    return WINDOW * sum(goertzel(w, hz, rate) >= SHARE for w in windows)


def contains_tone(path: Path, hz: float, seconds: float = 0.5) -> bool:
    """Whether the tone `hz` sounds for at least `seconds` in the wav at `path`."""
    return tone_seconds(path, hz) >= seconds


def tune(path: Path, tones: Sequence[float], step: float = 0.05) -> list[tuple[float, float]]:
    """Which of these tones sound one after the other in the wav at `path`: each with the second at which it begins.

    A tone with gaps is one: a busy machine drops packets.
    """
    samples, rate = samples_of(path)
    size = int(step * rate)
    heard: list[tuple[float, float]] = []
    last = 0.0
    for at in range(0, len(samples) - size + 1, size):
        window = samples[at : at + size]
        clear = [hz for hz in tones if goertzel(window, hz, rate) > CLEAR]
        if clear and clear[0] != last:
            last = clear[0]
            heard.append((last, at / rate))
    return heard
