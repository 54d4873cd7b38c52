"""One outage on one printed page, for the carrier: what does not fit is left out, and the page says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from router.core.outage_story import Story, Switch
from router.core.sentence import say
from router.core.site import Site
from router.panel import outage_words as words
from router.panel.outage_view import OutageView, facts_of, switch_told
from router.panel.paper_room import LINE, LINES, cut, lines, width
from router.panel.speech import Speech

MOST_EVIDENCE, MOST_SWITCHES, MOST_NUMBERS, MOST_NOTES = 12, 4, 4, 3
LONG, SHORT = 230.0, 56.0
"""Units of one text, of one name."""
LEAST_EVIDENCE = 5
"""Lines: before there are fewer for it, notes make way."""
_FURNITURE: Final = 27
"""Lines that the heads, the drawing, its key and the foot take."""
_FACT: Final = 26.0
"""Units of a value in one of the two columns of facts."""
_ANOTHER_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)
Timed = tuple[str, str]


@dataclass(frozen=True, slots=True)
class PaperView:
    """`left_out`: what is not on the page, in sentences. `switches`, `evidence`: moments and texts."""

    office: str
    head: str
    remarks: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    zone: str
    whose: str
    fault: str
    evidence: tuple[Timed, ...]
    switches: tuple[Timed, ...]
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
    fault = view.blames[-1] if view.blames else None
    paper = PaperView(
        office=cut(site.name, SHORT),
        head=told_at.line(words.head(outage, site, told_at, now=speech.now, most=SHORT)),
        remarks=tuple(cut(told_at.line(remark), LONG) for remark in words.remarks(outage)),
        facts=tuple((name, cut(value, SHORT)) for name, value in facts_of(outage, site, told_at, speech.now)),
        zone=view.zone, whose=speech.text((fault.mark if fault else view.whose).word),
        fault=cut(fault.text, LONG) if fault else "", evidence=(),
        switches=tuple(_switched(switch, told_at) for switch in _ends(whole.switches)),
        counts=view.counts[:MOST_NUMBERS] if len(view.counts) > 1 else (), calls_told=view.calls_told,
        not_counted=cut(view.not_counted, LONG),
        notes=tuple(
            (told_at.exact(datetime.fromisoformat(note.iso)), cut(note.by, SHORT / 2), cut(note.text, LONG / 3))
            for note in view.notes[-MOST_NOTES:]
        ),
        ticket=cut(view.ticket, SHORT), left_out=(), printed=told_at.exact(speech.now),
    )  # fmt: skip
    while paper.notes and LINES - _taken(paper) < LEAST_EVIDENCE:
        paper = replace(paper, notes=paper.notes[1:])
    evidence = _fitting(
        [(told_at.exact(one.at), cut(told_at.line(one.text), LONG)) for one in view.exhibits[:MOST_EVIDENCE]],
        LINES - _taken(paper),
    )
    paper = replace(paper, evidence=tuple(evidence))
    return replace(paper, left_out=tuple(_left_out(paper, view, whole, speech)))


def _left_out(paper: PaperView, view: OutageView, whole: Story, speech: Speech) -> list[str]:
    evidence, notes = len(paper.evidence), len(paper.notes)
    gone = {
        say("{count} more pieces of evidence are left out here.", count=len(view.exhibits) - evidence):
            len(view.exhibits) - evidence,
        say("{count} more switchovers are left out here.", count=len(whole.switches) - MOST_SWITCHES):
            len(whole.switches) - MOST_SWITCHES,
        say("{count} more of our numbers are left out here.", count=len(view.counts) - MOST_NUMBERS):
            len(view.counts) - MOST_NUMBERS,
        say("{count} more notes are left out here.", count=len(view.notes) - notes):
            len(view.notes) - notes,
    }  # fmt: skip
    return [speech.line(said) for said, count in gone.items() if count > 0]


def _switched(switch: Switch, speech: Speech) -> Timed:
    told = f"{speech.line(switch.line.text)} {switch_told(switch, speech)}".strip()
    return speech.exact(switch.line.at), cut(told, LONG / 2)


def _ends(items: Sequence[Switch]) -> Sequence[Switch]:
    """The first and the last of them: the way there and the way back."""
    if len(items) <= MOST_SWITCHES:
        return items
    half = MOST_SWITCHES // 2
    return [*items[:half], *items[-half:]]


def _fitting(pieces: Sequence[Timed], room: int) -> list[Timed]:
    """As many as have room, one at least."""
    found: list[Timed] = []
    for at, text in pieces:
        room -= _lines(f"{at} {text}")
        if room < 0 and found:
            break
        found.append((at, text))
    return found


def _taken(paper: PaperView) -> int:
    """Lines of the page that all but the evidence takes."""
    facts = [max(lines(value, _FACT), lines(name, _FACT / 2), 1) for name, value in (*paper.facts, ("", paper.ticket))]
    texts = [*paper.remarks, paper.fault, paper.not_counted, paper.calls_told]
    texts += [f"{at} {text}" for at, text in paper.switches]
    texts += [f"{at} {by} {text}" for at, by, text in paper.notes]
    head = 2 * lines(paper.head, 60.0)
    table = 2 + len(paper.counts) if paper.counts else 0
    return _FURNITURE + head + (sum(facts) + max(facts)) // 2 + table + sum(_lines(text) for text in texts)


def _lines(text: str) -> int:
    """A word that is longer than half a line begins a new one."""
    return lines(text) + any(width(word) > LINE / 2 for word in text.split())
