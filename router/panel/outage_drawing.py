"""What is drawn of an outage: lanes for the trunk, the switches, the orders and the calls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from markupsafe import Markup

from router.core.call_told import told
from router.core.calls import Outcome
from router.core.outage_story import Story, is_saved
from router.core.sentence import sentence
from router.core.site import Site
from router.panel import outage_words as words
from router.panel.drawings.timeline import NARROW, WIDE, Lane, Pin, Span, timeline
from router.panel.speech import Speech


def drawn(whole: Story, site: Site, speech: Speech, head: str) -> tuple[Markup, Markup, Markup]:
    """For wide screens, for phones, for paper."""
    end = _end(whole, speech.now)
    lanes = list(_lanes(whole, site, speech, end))
    title = speech.text(sentence("How it went, drawn"))
    told_ = " ".join([head, *_told(whole, speech)])
    sizes = (("wide", WIDE), ("narrow", NARROW), ("paper", WIDE))
    wide, narrow, paper = (
        timeline(name, lanes, whole.outage.began, end, speech.timezone, title=title, told=told_, width=width)
        for name, width in sizes
    )
    return wide, narrow, paper


def _end(whole: Story, now: datetime) -> datetime:
    moments = [whole.outage.ended or now, *(switch.line.at for switch in whole.switches)]
    return max([whole.outage.began, *moments])


def _lanes(whole: Story, site: Site, speech: Speech, end: datetime) -> Iterator[Lane]:
    yield Lane(words.label(whole.outage, site, speech), spans=list(_spans(whole, speech, end)))
    if whole.switches:
        yield Lane(speech.text(sentence("Calls switched over")), pins=[
            Pin(switch.line.at, "switch" if switch.verified else "unverified",
                f"{speech.exact(switch.line.at)}: {speech.line(switch.line.text)}")
            for switch in whole.switches
        ])  # fmt: skip
    if whole.orders:
        yield Lane(speech.text(sentence("By hand")), pins=[
            Pin(line.at, "hand", f"{speech.exact(line.at)}: {speech.line(line.text)}") for line in whole.orders
        ])  # fmt: skip
    if whole.calls:
        yield Lane(speech.text(sentence("Calls")), pins=[
            Pin(call.began, "saved" if is_saved(call) else "lost" if call.outcome is Outcome.MISSED else "office",
                f"{speech.exact(call.began)}: {speech.line(told(call, site))}")
            for call in whole.calls
        ])  # fmt: skip


def _spans(whole: Story, speech: Speech, end: datetime) -> Iterator[Span]:
    for step, following in zip(whole.steps, (*whole.steps[1:], None), strict=True):
        until = following.at if following else end
        told_ = f"{speech.exact(step.at)}: {speech.text(words.step_word(step.state))}"
        yield Span(step.at, max(until, step.at), step.state, told_)


def _told(whole: Story, speech: Speech) -> Iterator[str]:
    """What the drawing shows, for who does not see it."""
    for step in whole.steps:
        yield f"{speech.exact(step.at)}: {speech.text(words.step_word(step.state))}."
    for switch in whole.switches[:10]:
        yield f"{speech.exact(switch.line.at)}: {speech.line(switch.line.text)}"
    yield speech.text(sentence("The same stands in the table below."))
