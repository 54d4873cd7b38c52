"""Draws static/icon.svg as the PNG files that home screens want: `python -m router.panel.drawn_icons` writes them anew.

In plain Python, since no drawing library is worth a dependency for four files: each pixel's colour comes from its
distance to the strokes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from pathlib import Path

STATIC = Path(__file__).parent / "static"
SIDE = 32.0
"""Of the drawing; all numbers below are in its units."""
GROUND, INK = (0x1F, 0x4F, 0x8F), (0xFF, 0xFF, 0xFF)
ROUND, STROKE = 8.0, 3.0
Point = tuple[float, float]
LINES: Sequence[Sequence[Point]] = (
    [(25, 10), (21, 6)], [(25, 10), (21, 14)], [(19, 22), (19, 22)], [(25, 22), (25, 22)],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Icon:
    """`scale`: how large the drawing is within the square; `bleeds`: the ground goes to the edge, since the system cuts
    its own shape out of it."""

    file: str
    pixels: int
    scale: float = 1.0
    bleeds: bool = False


ICONS = (
    Icon("icon-192.png", 192),
    Icon("icon-512.png", 512),
    Icon("icon-maskable-512.png", 512, scale=0.8, bleeds=True),
    Icon("apple-touch-icon.png", 180, scale=0.9, bleeds=True),
)


def png(icon: Icon) -> bytes:
    """As PNG with eight bits a channel and an alpha channel (ISO/IEC 15948)."""
    strokes = list(_segments())
    rows = b"".join(b"\0" + bytes(_row(icon, y, strokes)) for y in range(icon.pixels))
    header = struct.pack(">IIBBBBB", icon.pixels, icon.pixels, 8, 6, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _segments() -> Iterator[tuple[Point, Point]]:
    """The strokes as straight pieces; the curve is a cubic from (13, 22) to (21, 10)."""
    curve = [_cubic(step / 16, (13, 22), (17, 22), (16, 10), (21, 10)) for step in range(17)]
    for line in ([(7, 22), *curve, (25, 10)], *LINES):
        yield from pairwise(line)


def _cubic(t: float, *p: Point) -> Point:
    u = 1 - t
    parts = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
    return sum(w * q[0] for w, q in zip(parts, p, strict=True)), sum(w * q[1] for w, q in zip(parts, p, strict=True))


def _row(icon: Icon, y: int, strokes: Sequence[tuple[Point, Point]]) -> Iterator[int]:
    unit = SIDE / icon.pixels / icon.scale  # of the drawing, a pixel
    down = (y + 0.5) * unit - SIDE * (1 / icon.scale - 1) / 2
    near = [(a, b) for a, b in strokes if min(a[1], b[1]) - STROKE < down < max(a[1], b[1]) + STROKE]
    for x in range(icon.pixels):
        across = (x + 0.5) * unit - SIDE * (1 / icon.scale - 1) / 2
        distance = min((_distance((across, down), *stroke) for stroke in near), default=SIDE)
        ink = _covered(distance - STROKE / 2, unit)
        shown = 1.0 if icon.bleeds else _covered(_outside(across, down), unit)
        for ground, full in zip(GROUND, INK, strict=True):
            yield round(ground + (full - ground) * ink)
        yield round(255 * shown)


def _distance(point: Point, one: Point, other: Point) -> float:
    dx, dy = other[0] - one[0], other[1] - one[1]
    length = dx * dx + dy * dy
    along = 0.0 if not length else max(0.0, min(1.0, ((point[0] - one[0]) * dx + (point[1] - one[1]) * dy) / length))
    return hypot(point[0] - one[0] - along * dx, point[1] - one[1] - along * dy)


def _outside(x: float, y: float) -> float:
    """How far from the rounded square; below zero within it."""
    dx, dy = (abs(at - SIDE / 2) - (SIDE / 2 - ROUND) for at in (x, y))
    return hypot(max(dx, 0.0), max(dy, 0.0)) + min(max(dx, dy), 0.0) - ROUND


def _covered(distance: float, unit: float) -> float:
    """How much of a pixel lies within an edge so far from its middle."""
    return max(0.0, min(1.0, 0.5 - distance / unit))


if __name__ == "__main__":
    for made in ICONS:
        (STATIC / made.file).write_bytes(png(made))
