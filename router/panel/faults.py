"""Whose fault it is, as the reader sees it: the sentence, and the evidence under it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from router.core.blame import Exhibit, Held, Whose
from router.core.sentence import sentence
from router.panel.marks import Mark
from router.panel.speech import Speech

_CARRIER = Mark(sentence("the carrier"), "bad", "triangle")
_OWN = Mark(sentence("our own side"), "wait", "half")
_OPEN = Mark(sentence("not proven"), "off", "ring")
WHOSE: Mapping[Whose, Mark] = {
    Whose.PBX: Mark(sentence("the PBX"), "bad", "eye"),
    Whose.OWN_NETWORK: _OWN,
    Whose.OWN_NAMES: _OWN,
    Whose.OWN_INTERNET: _OWN,
    Whose.COMMON: _OWN,
    Whose.DEVICE: _OWN,
    Whose.PHONES: _OWN,
    Whose.CARRIER_NAMES: _CARRIER,
    Whose.CARRIER_REFUSES: _CARRIER,
    Whose.CARRIER_CALLS: _CARRIER,
    Whose.CARRIER_SILENT: _CARRIER,
    Whose.ONE_NUMBER: _CARRIER,
    Whose.FALLBACK: Mark(sentence("the fallback"), "wait", "diamond"),
    Whose.UNPROVEN: _OPEN,
    Whose.UNKNOWN: Mark(sentence("being looked into"), "off", "ring"),
}


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """`pieces`: of each the moment, the same as ISO 8601 in UTC, and the sentence. `zone`: how far their clock is from
    UTC."""

    pieces: tuple[tuple[str, str, str], ...]
    zone: str


@dataclass(frozen=True, slots=True)
class FaultView:
    """`evidence` is None where there is none, or where it stands elsewhere on the page."""

    mark: Mark
    text: str
    evidence: EvidenceView | None


def fault_view(held: Held | None, speech: Speech, *, evident: bool = True) -> FaultView | None:
    """`evident`: with the evidence under it."""
    if held is None:
        return None
    evidence = evidence_view(held.blame.evidence, speech) if evident else None
    return FaultView(WHOSE[held.blame.whose], speech.line(held.blame.text), evidence)


def evidence_view(exhibits: Sequence[Exhibit], speech: Speech, known: datetime | None = None) -> EvidenceView | None:
    """None where there is none. `known`: when it was laid, where that was not just now; its offset from UTC is told."""
    speech = replace(speech, at=known)
    pieces = tuple((speech.exact(one.at), one.at.isoformat(), speech.line(one.text)) for one in exhibits)
    return EvidenceView(pieces, speech.zone()) if pieces else None


def evidence_body(exhibits: Sequence[Exhibit], speech: Speech, known: datetime | None = None) -> list[dict[str, str]]:
    """As the API has it, in the office's time zone."""
    speech = replace(speech, at=known)
    return [
        {
            "at": one.at.astimezone(speech.timezone).isoformat(timespec="milliseconds"),
            "text": speech.line(one.text),
        }
        for one in exhibits
    ]
