"""One outage as a drawn timeline: how the trunk fared, what was switched and ordered, what became of the calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from markupsafe import Markup

from router.panel.drawings.svg import Element, drawing, element

WIDE, NARROW = 720.0, 340.0
EDGE = 10.0
LANE = 40.0
TOUCHING = 11.0
"""Marks of one kind that are closer together than that are drawn as one."""
PER_TICK = 76.0
STEPS = (
    1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 1209600,
    2592000,
)  # fmt: skip
"""Seconds between two marks on the axis."""
_SHAPES = {
    "saved": "m-5 0 4 4.5L6-5",
    "lost": "m-4.5-4.5 9 9m0-9-9 9",
    "office": "M-4 0a4 4 0 1 0 8 0 4 4 0 1 0-8 0",
    "switch": "M0-6 6 0 0 6-6 0z",
    "unverified": "M0-6 6 0 0 6-6 0zM-3 0h6",
    "hand": "M-5-5h10V5H-5z",
}
_ASIDE = {"saved": -5.0, "lost": 5.0}
"""Pixels above or below the line: a call that was taken and one that was missed at the same time are both seen."""


@dataclass(frozen=True, slots=True)
class Span:
    """`state` as in core.health.State; `told`: what is said of it."""

    begin: datetime
    end: datetime
    state: str
    told: str


@dataclass(frozen=True, slots=True)
class Pin:
    """`kind`: one of saved, lost, office, switch, unverified, hand."""

    at: datetime
    kind: str
    told: str


@dataclass(frozen=True, slots=True)
class Lane:
    """`label` stands above its marks."""

    label: str
    spans: Sequence[Span] = ()
    pins: Sequence[Pin] = ()


def timeline(
    name: str, lanes: Sequence[Lane], begin: datetime, end: datetime, zone: tzinfo,
    *, title: str, told: str, width: float = WIDE,
) -> Markup:  # fmt: skip
    """From a little before `begin` to a little after `end`. `told` says the same in words."""
    end = max(end, begin + timedelta(seconds=1))
    margin = (end - begin) / 20
    scale = _Scale(begin - margin, end + margin, width)
    parts: list[Element] = []
    for place, lane in enumerate(lanes):
        top = place * LANE
        parts.append(element("text", lane.label, x=EDGE, y=top + 11, class_="d-label"))
        middle = top + 27
        parts.append(element("path", d=f"M{EDGE:.0f} {middle:.0f}H{width - EDGE:.0f}", class_="d-line"))
        parts += [_drawn(span, scale, middle) for span in lane.spans]
        parts += [_pin(pin, x, middle) for pin, x in _apart(lane.pins, scale)]
    bottom = len(lanes) * LANE
    parts += _axis(scale, bottom, zone)
    return drawing(name, title, told, width, bottom + 24, *parts, class_="d-time")


@dataclass(frozen=True, slots=True)
class _Scale:
    begin: datetime
    end: datetime
    width: float

    def x(self, at: datetime) -> float:
        share = (at - self.begin) / (self.end - self.begin)
        return EDGE + (self.width - 2 * EDGE) * min(1.0, max(0.0, share))


def _drawn(span: Span, scale: _Scale, middle: float) -> Element:
    left, right = scale.x(span.begin), scale.x(span.end)
    half = {"down": 8.0, "recovering": 5.0, "failing": 5.0}.get(span.state, 1.5)
    return element(
        "rect", element("title", span.told), x=left, y=middle - half, width=max(right - left, 1.5), height=2 * half,
        class_=f"d-{span.state}",
    )  # fmt: skip


def _apart(pins: Iterable[Pin], scale: _Scale) -> Iterator[tuple[Pin, float]]:
    """Those that would lie on each other become one, which tells how many it stands for."""
    last: dict[str, tuple[Pin, float, int]] = {}
    for pin in pins:
        x = scale.x(pin.at)
        if (before := last.get(pin.kind)) is not None and abs(x - before[1]) < TOUCHING:
            last[pin.kind] = (before[0], before[1], before[2] + 1)
            continue
        if before is not None:
            yield _many(*before)
        last[pin.kind] = (pin, x, 1)
    for before in last.values():
        yield _many(*before)


def _many(pin: Pin, x: float, count: int) -> tuple[Pin, float]:
    return (pin if count == 1 else Pin(pin.at, pin.kind, f"{count} × {pin.told}")), x


def _pin(pin: Pin, x: float, middle: float) -> Element:
    # the title needs an area to rest on: a mark of strokes alone has next to none
    y = middle + _ASIDE.get(pin.kind, 0.0)
    return element(
        "g", element("title", pin.told), element("circle", r=8, class_="d-rest"),
        element("path", d=_SHAPES[pin.kind], class_=f"d-{pin.kind}"), transform=f"translate({x:.1f} {y:.1f})",
    )  # fmt: skip


def _axis(scale: _Scale, top: float, zone: tzinfo) -> Iterator[Element]:
    yield element("path", d=f"M{EDGE:.0f} {top:.0f}H{scale.width - EDGE:.0f}", class_="d-axis")
    seconds = (scale.end - scale.begin).total_seconds()
    most = max(2, int((scale.width - 2 * EDGE) / PER_TICK))
    step = next((step for step in STEPS if seconds / step <= most), seconds / most)
    for at in _ticks(scale, step, zone):
        x = scale.x(at)
        local = at.astimezone(zone)
        form = "%H:%M:%S" if step < 60 else "%H:%M" if step < 86400 else "%d.%m."
        yield element("path", d=f"M{x:.1f} {top:.0f}v5", class_="d-axis")
        yield element("text", local.strftime(form), x=x, y=top + 18, text_anchor="middle", class_="d-tick")


def _ticks(scale: _Scale, step: float, zone: tzinfo) -> Iterator[datetime]:
    """At round times of the office's clock; none so near the edge that its text would be cut off."""
    local = scale.begin.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    into = (local - midnight).total_seconds()
    at = scale.begin + timedelta(seconds=-into % step)
    while at < scale.end:
        if 2 * EDGE + 6 <= scale.x(at) <= scale.width - 2 * EDGE - 6:
            yield at
        at += timedelta(seconds=step)
