"""Outages for spreadsheets: the list, and the lines of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from router.core.outage_story import Story
from router.core.outages import Ending
from router.core.sentence import sentence
from router.core.site import Site
from router.panel import csv_text
from router.panel import outage_words as words
from router.panel.csv_text import Phone
from router.panel.outage_view import events
from router.panel.speech import Speech
from router.ports import KeptOutage

LISTED = (
    sentence("Outage"), sentence("Kind"), sentence("What was down"), sentence("First bad sign"),
    sentence("Held for down"), sentence("Answered again"), sentence("Up again"), sentence("Seconds"),
    sentence("End seen"), sentence("Relapses meanwhile"), sentence("Whose fault"), sentence("Taken on a mobile"),
    sentence("Missed"), sentence("Taken in the office"), sentence("The carrier's ticket number"),
    sentence("False alarm"),
)  # fmt: skip
TOLD = (sentence("Time"), sentence("Kind"), sentence("What happened"))
"""The heads of the columns."""


def head(speech: Speech) -> str:
    """What the table of outages begins with."""
    return csv_text.MARK + csv_text.lines([[speech.text(name) for name in LISTED]], speech.language)


def listed(outages: Iterable[KeptOutage], site: Site, speech: Speech) -> str:
    """One row an outage. Moments in the office's time zone, with their offset from UTC; lengths in seconds."""
    return csv_text.lines([_row(one, site, speech) for one in outages], speech.language)


def _row(kept: KeptOutage, site: Site, speech: Speech) -> Sequence[str]:
    outage = kept.outage
    counts = kept.tally.whole if kept.tally else None
    yes, no = speech.text(sentence("yes")), speech.text(sentence("no"))
    moments = (outage.began, outage.down, outage.answered, outage.ended)
    name = words.label(outage, site, speech)
    return (
        str(outage.id), speech.text(words.KINDS[outage.what]), Phone(name) if outage.subject.startswith("+") else name,
        *("" if at is None else at.astimezone(speech.timezone).isoformat(timespec="seconds") for at in moments),
        str(round(outage.seconds(speech.now))),
        "" if outage.open else yes if outage.ending is Ending.SEEN else no, str(outage.relapses),
        speech.text(words.whose_mark(outage).word),
        *(("", "", "") if counts is None else (str(counts.saved), str(counts.lost), str(counts.office))),
        kept.ticket, yes if kept.false_alarm else no,
    )  # fmt: skip


def told(whole: Story, speech: Speech, cut: str = "") -> str:
    """The lines of one outage, oldest first; `cut`: what they do not tell, in a row of its own."""
    names = [speech.text(name) for name in TOLD]
    rows = [(_iso(event.iso, speech), event.kind, event.text) for event in events(whole, replace(speech, at=None))]
    return csv_text.MARK + csv_text.lines([names, *rows, *([[cut]] if cut else [])], speech.language)


def _iso(iso: str, speech: Speech) -> str:
    return datetime.fromisoformat(iso).astimezone(speech.timezone).isoformat(timespec="milliseconds")
