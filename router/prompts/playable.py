"""Whether Asterisk can play a wav: what its format_wav (formats/format_wav.c, Asterisk 22) refuses, and why.

Files in other formats are not looked into.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

RATES = {".wav": 8000, ".wav16": 16000}
"""Samples a second that each ending must have."""
WANTED = "mono, 16 bit, PCM"
_PCM = 1
_RIFF = struct.Struct("<4sI4s")
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIH")
"""Kind, channels, samples a second, bytes a second, bytes a sample of all channels."""


def trouble(path: Path) -> str | None:
    """Why Asterisk cannot play it, as the end of a sentence; None where it can, or where nobody here can tell."""
    rate = RATES.get(path.suffix)
    if rate is None:
        return None
    try:
        why = _refused(path.read_bytes(), rate)
    except OSError:
        return None
    return why and f"{why}; needed is {rate // 1000} kHz, {WANTED}"


def _refused(wav: bytes, rate: int) -> str | None:
    if len(wav) < _RIFF.size or (wav[:4], wav[8:12]) != (b"RIFF", b"WAVE"):
        return "it is no wav file"
    for name, at, length in _chunks(wav):
        if name == b"fmt " and (why := _wrong_format(wav[at : at + length], rate)):
            return why
        if name == b"data":
            return None if length and at < len(wav) else "there is no sound in it"
    return "there is no sound in it"


def _chunks(wav: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and length of each. As Asterisk reads them: without the byte that pads an odd one."""
    at = _RIFF.size
    while at + _CHUNK.size <= len(wav):
        name, length = _CHUNK.unpack_from(wav, at)
        at += _CHUNK.size
        yield name, at, length
        at += length


def _wrong_format(chunk: bytes, rate: int) -> str | None:
    if len(chunk) < _FORMAT.size:
        return "its header is cut off"
    kind, channels, found, _, sample = _FORMAT.unpack_from(chunk)
    if kind != _PCM:
        return f"it is no PCM (format {kind})"
    if channels != 1:
        return f"it has {channels} channels"
    if found != rate:
        return f"it has {found} Hz"
    return None if sample == 2 else f"it has {sample * 8} bit"
