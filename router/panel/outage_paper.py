"""One outage on one printed page, for the carrier: what does not fit is left out, and the page says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from router.core.outage_story import Story, Switch
from router.core.sentence import Sentence, say
from router.core.site import Site
from router.panel import outage_words as words
from router.panel.outage_view import OutageView, facts_of, switch_told
from router.panel.outage_words import cut
from router.panel.speech import Speech

MOST_EVIDENCE, EVIDENCE_TEXT = 10, 1500
"""Pieces, and characters in all."""
MOST_SWITCHES, MOST_NUMBERS, MOST_NOTES, MOST_REMARKS = 4, 5, 3, 4
LONG, SHORT = 240, 70
"""Characters of one text, of one name."""
_ANOTHER_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PaperView:
    """`left_out`: what is not on the page, in sentences."""

    office: str
    head: str
    remarks: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    zone: str
    whose: str
    fault: str
    evidence: tuple[tuple[str, str], ...]
    switches: tuple[tuple[str, str], ...]
    counts: tuple[tuple[str, int, int, int], ...]
    calls_told: str
    not_counted: str
    notes: tuple[tuple[str, str, str], ...]
    ticket: str
    left_out: tuple[str, ...]
    printed: str


def paper_view(view: OutageView, whole: Story, site: Site, speech: Speech) -> PaperView:
    """All its times have their date: a sheet of paper is read on any day."""
    outage = whole.outage
    told_at = replace(speech, at=outage.began, now=_ANOTHER_DAY)
    evidence, spent = [], 0
    for exhibit in view.exhibits[:MOST_EVIDENCE]:
        text = cut(told_at.line(exhibit.text), LONG)
        spent += len(text) + 30
        if spent > EVIDENCE_TEXT:
            break
        evidence.append((told_at.exact(exhibit.at), text))
    switches = [
        (told_at.exact(s.line.at), cut(f"{told_at.line(s.line.text)} {switch_told(s, told_at)}".strip(), LONG))
        for s in _ends(whole.switches)
    ]
    left_out = [
        say("{count} more pieces of evidence are left out here.", count=len(view.exhibits) - len(evidence)),
        say("{count} more switchovers are left out here.", count=len(whole.switches) - len(switches)),
        say("{count} more of our numbers are left out here.", count=len(view.counts) - MOST_NUMBERS),
        say("{count} more notes are left out here.", count=len(view.notes) - MOST_NOTES),
    ]
    fault = view.blames[-1] if view.blames else None
    return PaperView(
        office=cut(site.name, SHORT),
        head=told_at.line(words.head(outage, site, told_at, now=speech.now, most=SHORT)),
        remarks=tuple(cut(told_at.line(remark), LONG) for remark in words.remarks(outage)[:MOST_REMARKS]),
        facts=tuple((name, cut(value, SHORT)) for name, value in facts_of(outage, site, told_at, speech.now)),
        zone=view.zone,
        whose=speech.text((fault.mark if fault else view.whose).word), fault=cut(fault.text, LONG) if fault else "",
        evidence=tuple(evidence), switches=tuple(switches), counts=view.counts[:MOST_NUMBERS],
        calls_told=view.calls_told, not_counted=cut(view.not_counted, LONG),
        notes=tuple(
            (told_at.exact(datetime.fromisoformat(note.iso)), cut(note.by, SHORT // 2), cut(note.text, LONG))
            for note in view.notes[-MOST_NOTES:]
        ),
        ticket=cut(view.ticket, SHORT),
        left_out=tuple(speech.line(said) for said in left_out if _count(said) > 0),
        printed=told_at.exact(speech.now),
    )  # fmt: skip


def _ends(items: Sequence[Switch]) -> Sequence[Switch]:
    """The first and the last of them: the way there and the way back."""
    if len(items) <= MOST_SWITCHES:
        return items
    half = MOST_SWITCHES // 2
    return [*items[:half], *items[-half:]]


def _count(said: Sentence) -> int:
    return int(str(dict(said.values)["count"]))
