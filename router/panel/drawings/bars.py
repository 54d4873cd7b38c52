"""One trunk's outages over the last days, as bars on a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from router.panel.drawings.svg import drawing, element

WIDTH, HEIGHT = 720.0, 24.0
THINNEST = 3.0
"""A short outage in a long span is still to be seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """`told`: what is said of it where a finger or a mouse rests on it."""

    begin: datetime
    end: datetime
    told: str
    open: bool = False


def bars(name: str, spans: Sequence[Bar], since: datetime, now: datetime, *, title: str, told: str) -> Markup:
    """From `since` on the left to `now` on the right; `told` says the same in words."""
    whole = (now - since).total_seconds()
    parts = [element("path", d=f"M0 {HEIGHT / 2:.0f}H{WIDTH:.0f}", class_="d-line")]
    for bar in spans:
        left = WIDTH * _share((bar.begin - since).total_seconds(), whole)
        right = WIDTH * _share((bar.end - since).total_seconds(), whole)
        width = max(right - left, THINNEST)
        parts.append(element(
            "rect", element("title", bar.told), x=min(left, WIDTH - width), y=2, width=width, height=HEIGHT - 4,
            class_="d-down d-open" if bar.open else "d-down",
        ))  # fmt: skip
    return drawing(name, title, told, WIDTH, HEIGHT, *parts, preserveAspectRatio="none", class_="d-bars")


def _share(seconds: float, whole: float) -> float:
    return min(1.0, max(0.0, seconds / whole)) if whole > 0 else 0.0
