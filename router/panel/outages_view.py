"""The list of outages as the reader sees it: newest first, as bars over the last days, and added up by month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_skeleton
from babel.numbers import format_percent
from markupsafe import Markup

from router.core.outage_sums import Sum, sums
from router.core.outages import What
from router.core.sentence import Sentence, say, sentence
from router.core.site import Site
from router.panel import outage_words as words
from router.panel.drawings.bars import Bar, bars
from router.panel.marks import Mark
from router.panel.speech import Speech
from router.ports import KeptOutage

SPANS = (30, 90)
"""Days over which bars are drawn."""
MOST_TOLD = 200
"""Bars of one trunk that each tell what they stand for: of more, none is as wide as a finger."""
BEHIND = sentence("Older lines of the journal are still being read: outages may be missing here.")


@dataclass(frozen=True, slots=True)
class RowView:
    """One outage of the list. `calls`: what became of the calls to it, in one sentence, or why that is not known."""

    id: int
    mark: Mark
    kind: str
    text: str
    whose: Mark
    calls: str
    ticket: str


@dataclass(frozen=True, slots=True)
class BarsView:
    label: str
    told: str
    drawing: Markup


@dataclass(frozen=True, slots=True)
class SumView:
    label: str
    count: int
    down: str
    available: str


@dataclass(frozen=True, slots=True)
class MonthView:
    """`span`: from when to when it is counted."""

    name: str
    span: str
    sums: tuple[SumView, ...]


@dataclass(frozen=True, slots=True)
class OutagesView:
    title: str
    rows: tuple[RowView, ...]
    first: bool
    older: int | None
    trouble: str
    behind: str
    days: int
    since: str
    bars: tuple[BarsView, ...]
    months: tuple[MonthView, ...]
    excluded: str
    asked: str


def row_view(kept: KeptOutage, site: Site, speech: Speech) -> RowView:
    outage = kept.outage
    return RowView(
        id=outage.id, mark=words.state_mark(outage, kept.false_alarm), kind=speech.text(words.KINDS[outage.what]),
        text=speech.line(words.head(outage, site, speech)), whose=words.whose_mark(outage),
        calls=speech.line(calls_told(kept)), ticket=kept.ticket,
    )  # fmt: skip


def calls_told(kept: KeptOutage) -> Sentence:
    if kept.tally is None:
        return say("Its calls are no longer kept, and were not counted in time.")
    whole = kept.tally.whole
    if not whole.all:
        return say("No call that reached us fell into it.")
    return say(
        "Calls that reached us: {saved} taken on a mobile, {lost} missed, {office} taken in the office.",
        saved=whole.saved, lost=whole.lost, office=whole.office,
    )  # fmt: skip


def bars_view(kept: Sequence[KeptOutage], site: Site, speech: Speech, days: int) -> tuple[BarsView, ...]:
    """One line for each trunk, and one for each other thing that was out meanwhile."""
    now = speech.now
    since = now - timedelta(days=days)
    keys = [(What.TRUNK, trunk.name) for trunk in site.trunks]
    by_key: dict[tuple[What, str], list[KeptOutage]] = {}
    for one in kept:
        if not one.false_alarm and (one.outage.ended or now) > since:
            by_key.setdefault(one.outage.key, []).append(one)
    found = []
    for place, key in enumerate(dict.fromkeys([*keys, *by_key])):
        own = by_key.get(key, [])
        name = words.label(own[0].outage, site, speech) if own else _trunk(site, key[1])
        down = sum(((one.outage.ended or now) - max(one.outage.began, since)).total_seconds() for one in own)
        told = speech.line(
            say("{count} × down, {duration} in all.", count=len(own), duration=words.lasted(max(0.0, down), speech))
            if own
            else say("No outage.")
        )
        spans = [
            Bar(one.outage.began, one.outage.ended or now,
                speech.line(words.head(one.outage, site, speech)) if len(own) <= MOST_TOLD else "", one.outage.open)
            for one in own
        ]  # fmt: skip
        title = speech.text(sentence("{trunk}, the last {days} days"), trunk=name, days=days)
        found.append(BarsView(name, told, bars(f"bars-{place}", spans, since, now, title=title, told=told)))
    return tuple(found)


def _trunk(site: Site, name: str) -> str:
    return next((trunk.label for trunk in site.trunks if trunk.name == name), name)


def months_view(
    kept: Sequence[KeptOutage], site: Site, since: datetime | None, speech: Speech, most: int = 12
) -> tuple[MonthView, ...]:
    """Of the trunks alone, newest month first. `since`: from when on the journal tells."""
    if since is None or since >= speech.now:
        return ()
    named = [(trunk.name, trunk.label) for trunk in site.trunks]
    outages = [one.outage for one in kept if one.outage.what is What.TRUNK and not one.false_alarm]
    known = {name for name, _ in named}
    named += [(one.subject, one.label) for one in {o.subject: o for o in outages if o.subject not in known}.values()]
    by_month: dict[tuple[int, int], list[Sum]] = {}
    for one in sums(outages, named, since, speech.now, speech.timezone):
        by_month.setdefault((one.year, one.month), []).append(one)
    return tuple(_month(found, speech) for found in list(by_month.values())[:most])


def _month(found: Sequence[Sum], speech: Speech) -> MonthView:
    first = found[0]
    local = first.begin.astimezone(speech.timezone)
    span = say(
        "Counted from {begin} to {end}: {duration}.", begin=_dated(first.begin, speech), end=_dated(first.end, speech),
        duration=words.lasted(first.span, speech),
    )  # fmt: skip
    rows = tuple(
        SumView(
            one.label,
            one.count,
            words.lasted(one.down, speech, short=True) if one.down else "–",
            available(one, speech),
        )
        for one in found
    )
    return MonthView(str(format_skeleton("yMMMM", local, locale=speech.locale)), speech.line(span), rows)


def _dated(at: datetime, speech: Speech) -> str:
    return f"{words.day(at, speech)}, {speech.clock(at)}"


def available(one: Sum, speech: Speech) -> str:
    """Rounded down to the thousandth of a per cent: what was down at all was not there all the time."""
    share = int(one.availability * 100_000) / 100_000
    return str(format_percent(share, "0.000 %" if speech.language == "de" else "0.000%", locale=speech.locale))
