"""One trunk on the board: its state, since when, why, and what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from router.core import directions
from router.core.blame import Held
from router.core.evidence import REACHABLE, UNREACHABLE, Evidence, is_reachable
from router.core.health import State
from router.core.registration import REJECTED, Registration
from router.core.sentence import say
from router.core.trunk import Trunk
from router.panel import marks
from router.panel.drawn_answers import Drawing
from router.panel.faults import FaultView, fault_view
from router.panel.marks import Mark
from router.panel.speech import Speech


@dataclass(frozen=True, slots=True)
class TrunkView:
    """`facts`: pairs of a name and what was measured. `ways`: in and out, each with its mark and why it is so.

    `stale`: the PBX is out of sight, this was known last. `fault`: whose fault its trouble is; None while it has none.
    `drawing`: of its answer times; None where nobody can measure them.
    """

    label: str
    name: str
    mark: Mark
    stale: bool
    why: str
    since: str | None
    since_iso: str
    age: str
    facts: tuple[tuple[str, str], ...]
    ways: tuple[tuple[str, Mark, str], ...]
    fault: FaultView | None
    drawing: Drawing | None


def trunk_view(
    trunk: Trunk, held: Held | None, connected: bool, speech: Speech, drawing: Drawing | None = None
) -> TrunkView:
    mark = marks.TRUNKS[trunk.health.state]
    return TrunkView(
        label=trunk.site.label, name=trunk.site.name,
        mark=mark if connected else Mark(mark.word, "off", "ring"),
        stale=not connected and trunk.health.state is not State.UNKNOWN,
        why=speech.line(trunk.why),
        since=speech.moment(trunk.since) if trunk.since else None,
        since_iso=trunk.since.isoformat() if trunk.since else "",
        age=speech.age(trunk.since) if trunk.since else "",
        facts=tuple(_facts(trunk, speech)) if connected else (),
        ways=tuple(_ways(trunk, speech)) if connected else (),
        fault=fault_view(held, speech), drawing=drawing,
    )  # fmt: skip


def _ways(trunk: Trunk, speech: Speech) -> Iterator[tuple[str, Mark, str]]:
    for name, way in (
        (say("Calls in"), directions.inbound(trunk, True, speech.now)),
        (say("Calls out"), directions.outbound(trunk, True, speech.now)),
    ):
        yield speech.render(name), marks.PROVEN[way.state], speech.line(way.text)


def _facts(trunk: Trunk, speech: Speech) -> Iterator[tuple[str, str]]:
    evidence = trunk.evidence
    if evidence.registration:
        yield speech.render(say("Registration")), _registration(evidence.register, evidence.registration, speech)
    contact = _contact(evidence)
    if contact:
        yield speech.render(say("Contact")), _word(marks.CONTACTS, contact, speech)
    took = answer_time(evidence)
    if took is not None:
        yield speech.render(say("Answer time")), speech.render(say("{ms} ms", ms=took))


def answer_time(evidence: Evidence) -> float | None:
    """Milliseconds until the last probe was answered; None while none is: Asterisk says 0 of a silent contact."""
    if not evidence.rtt_us or not is_reachable(_contact(evidence)):
        return None
    return round(evidence.rtt_us / 1000, 1)


def _contact(evidence: Evidence) -> str | None:
    """Asterisk holds it for reachable until its own next try; we know better by then."""
    return UNREACHABLE if evidence.unanswered and evidence.contact == REACHABLE else evidence.contact


def _registration(register: Registration, said: str, speech: Speech) -> str:
    told = marks.REFUSALS.get(register.refusal) if said == REJECTED else None
    return _word(marks.REGISTRATIONS, said, speech) if told is None else speech.text(told)


def _word(words: Mapping[str, str], said: str, speech: Speech) -> str:
    """Asterisk may say what we have no word for: that is shown as it is."""
    return speech.text(words[said]) if said in words else said
