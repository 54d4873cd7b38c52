"""The journal's last lines on the board."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from router.core.blame import Exhibit
from router.core.effects import Kind
from router.core.kept_blame import evidence_in
from router.core.sentence import sentence
from router.panel import marks
from router.panel.faults import EvidenceView, evidence_view
from router.panel.speech import ACTORS, Speech
from router.ports import Journal, Line, WantedLines

MOST = 12
PATIENCE = 2.0
"""Seconds to wait for the database before the board is shown without its lines."""
LAST_ID = 2**63 - 1
"""The largest id that a database can hold."""
TOLD = tuple(kind.value for kind in Kind if kind is not Kind.ACCOUNT)
"""Who logs in and out stands in the log: on the board it would push the outage off the screen."""
UNREADABLE = sentence("The database does not answer.")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LineView:
    id: int
    time: str
    time_iso: str
    kind: str
    kind_word: str
    text: str
    reason: str
    evidence: EvidenceView | None
    """Under a line that says whose fault something is."""
    by: str
    origin: str
    """From where it was done: by what, and for those who steer from which address; empty where nobody did it."""


async def latest(journal: Journal, most: int = MOST) -> tuple[Sequence[Line], str | None]:
    """The last lines that the board tells, and the journal's trouble. A dead database costs the lines, never the
    board."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await journal.found(WantedLines(kinds=TOLD), most), journal.trouble
    except Exception as fault:  # whatever the database throws: the board must stand
        log.warning("journal unreadable", fault=repr(fault))
        return (), journal.trouble or UNREADABLE


def line_view(line: Line, speech: Speech) -> LineView:
    reason = line.data.get("reason")
    return LineView(
        id=line.id, time=speech.moment(line.at), time_iso=line.at.isoformat(), kind=line.kind,
        kind_word=speech.text(marks.KINDS[line.kind]) if line.kind in marks.KINDS else line.kind,
        text=speech.line(line.text), reason=speech.written(reason) if isinstance(reason, str) else "",
        evidence=evidence_view(evidence_of(line), speech, line.at),
        by=speech.who(line.by) if line.by else "", origin=origin(line, speech),
    )  # fmt: skip


def origin(line: Line, speech: Speech) -> str:
    via, address = line.data.get("via"), line.data.get("address")
    told = isinstance(via, str) and via in marks.VIAS and line.by not in ACTORS  # "the command line" says it already
    word = speech.text(marks.VIAS[str(via)]) if told else ""
    shown = address if isinstance(address, str) and not speech.masked else ""
    return ", ".join(part for part in (word, shown) if part)


def evidence_of(line: Line) -> Sequence[Exhibit]:
    """Of a line that says whose fault something is; no other has any."""
    return evidence_in(line.data) if line.kind == Kind.BLAME else ()
