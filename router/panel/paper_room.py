"""How much room a text takes on a printed page: an estimate on the safe side, since no browser is asked.

A unit is a usual letter of the page's print, 9 pt; measured with DejaVu Sans, the widest of the usual fonts.
"""

from __future__ import annotations

import math
import unicodedata

LINE = 104.0
"""Units across the page."""
LINES = 63
"""On the page, between its margins."""
_WIDEST, _WIDE = frozenset("WMm@%&—…"), frozenset("w+<>=~#")


def width(text: str) -> float:
    """In units."""
    return sum(map(_width, text))


def lines(text: str, line: float = LINE) -> int:
    return math.ceil(width(text) / line) if text else 0


def cut(text: str, most: float) -> str:
    """On one line of text, and not wider than that."""
    whole = " ".join(text.split())
    if width(whole) <= most:
        return whole
    taken, room = 0, most - _width("…")
    for character in whole:
        room -= _width(character)
        if room < 0:
            break
        taken += 1
    return whole[:taken] + "…"


def _width(character: str) -> float:
    if character in _WIDEST:
        return 1.8
    if character in _WIDE:
        return 1.5
    if unicodedata.east_asian_width(character) in ("W", "F") or ord(character) > 0xFFFF:
        return 2.2
    return 1.25 if character.isupper() else 1.0
