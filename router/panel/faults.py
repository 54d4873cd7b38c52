"""Whose fault it is, as the reader sees it: the sentence, and the evidence under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from router.core.blame import Held, Whose
from router.core.sentence import say, sentence
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
class FaultView:
    """`evidence`: moment, the same as ISO 8601 in UTC, and sentence. `zone`: how far its clock is from UTC."""

    mark: Mark
    text: str
    evidence: tuple[tuple[str, str, str], ...]
    zone: str


def fault_view(held: Held | None, speech: Speech) -> FaultView | None:
    if held is None:
        return None
    pieces = tuple(
        (speech.moment(one.at, exact=True), one.at.isoformat(), speech.line(one.text)) for one in held.blame.evidence
    )
    offset = held.since.astimezone(speech.timezone).strftime("%z")
    zone = speech.render(say("Times are UTC{offset}.", offset=f"{offset[:3]}:{offset[3:5]}"))
    return FaultView(WHOSE[held.blame.whose], speech.line(held.blame.text), pieces, zone)
