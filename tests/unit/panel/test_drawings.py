"""Drawings are well-formed whatever stands in them, of any length, and never crowded."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from router.panel.drawings.bars import WIDTH, Bar, bars
from router.panel.drawings.timeline import EDGE, NARROW, WIDE, Lane, Pin, Span, timeline
from tests.unit.panel.fakes import NASTY_NAMES

BERLIN = ZoneInfo("Europe/Berlin")
BEGIN = datetime(2025, 10, 25, 22, 30, tzinfo=UTC)
"""The night in which the clocks are set back in Berlin."""


def drawn(
    seconds: float, pins: list[Pin] | None = None, label: str = "Telekom", width: float = WIDE
) -> ElementTree.Element:
    end = BEGIN + timedelta(seconds=seconds)
    lanes = [Lane(label, spans=[Span(BEGIN, end, "down", label)]), Lane("Calls", pins=pins or [])]
    return ElementTree.fromstring(
        timeline("it", lanes, BEGIN, end, BERLIN, title=label, told=label, width=width)
    )  # fmt: skip


def ticks(whole: ElementTree.Element) -> list[tuple[float, str]]:
    return [(float(t.get("x", "")), t.text or "") for t in whole.findall("text") if t.get("class") == "d-tick"]


@pytest.mark.parametrize("label", [*NASTY_NAMES, "\x00\x0b\x1f", "\ud800", "]]>", "&amp;"])
def test_whatever_is_written_in_it_stays_text(label: str) -> None:
    whole = drawn(600, [Pin(BEGIN, "lost", label)], label)
    assert {part.tag for part in whole.iter()} == {"svg", "title", "desc", "rect", "path", "text", "g", "circle"}
    assert not [
        part for part in whole.iter() if "style" in part.attrib or any(key.startswith("on") for key in part.attrib)
    ]


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("seconds", [-3600, 0, 0.4, 5, 59, 600, 1942, 7200, 36000, 90000, 10 * 86400, 400 * 86400])
def test_however_long_it_lasted_the_axis_has_room_for_its_times(seconds: float, width: float) -> None:
    whole = drawn(seconds, width=width)
    places = [x for x, _ in ticks(whole)]
    assert all(after - before > 40 for before, after in pairwise(places))
    assert all(EDGE <= x <= width - EDGE for x in places)
    for rect in whole.findall("rect"):
        assert 0 <= float(rect.get("x", "")) <= width
        assert float(rect.get("width", "")) > 0


def test_the_axis_tells_the_offices_time_across_a_change_of_the_clocks() -> None:
    assert [text for _, text in ticks(drawn(4 * 3600))][:5] == ["00:30", "01:00", "01:30", "02:00", "02:30"]


def test_many_calls_become_few_marks_that_tell_how_many_they_are() -> None:
    pins = [Pin(BEGIN + timedelta(seconds=second), "lost", "missed") for second in range(3600)]
    marks = drawn(3600, pins).findall("g")
    told = [mark.findtext("title", "") for mark in marks]
    assert len(marks) <= WIDE / 11
    assert sum(int(text.partition(" × ")[0]) if "×" in text else 1 for text in told) == 3600


def test_a_short_outage_is_still_to_be_seen_and_none_leaves_the_strip() -> None:
    now = BEGIN + timedelta(days=30)
    spans = [
        Bar(BEGIN - timedelta(days=3), BEGIN + timedelta(days=1), "before"),
        Bar(now - timedelta(seconds=5), now, "just now", open=True),
    ]
    strip = ElementTree.fromstring(bars("b", spans, BEGIN, now, title="t", told="d"))
    first, last = strip.findall("rect")
    assert (float(first.get("x", "")), float(first.get("width", ""))) == (0, WIDTH / 30)
    assert float(last.get("width", "")) >= 3
    assert float(last.get("x", "")) + float(last.get("width", "")) <= WIDTH
