"""Offices of one number, each in a plight of its own, and which sentences the board then says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from router.core.blame import Blame, Held, Whose
from router.core.decision import decide
from router.core.evidence import Evidence, contact_said, registration_said
from router.core.facts import Troubles
from router.core.health import Cause, Health, State
from router.core.office import Behind, Office, Phone, opened
from router.core.orders import Mode, Override
from router.core.sentence import Sentence, say
from router.core.site import Way
from router.core.trunk import Trunk
from router.panel.speech import Speech
from router.panel.view import board_view
from tests.unit.panel.fakes import BERLIN, NOW, ago, blind, named, site, unverified, well

LONG_AGO = ago(hours=30)
BY_HAND = {mode: Override(mode, ago(minutes=5), "Ben") for mode in Mode}
UNTIL = {mode: replace(word, until=NOW + timedelta(hours=1)) for mode, word in BY_HAND.items()}
SILENT = say("{count} probes in a row went unanswered.", count=3)


@dataclass(frozen=True)
class Plight:
    """Changes of an office in which all is well. `state`, `cause`, `trial`, `code`, `registered`, `called_in` and
    `called_out` are of the number's own trunk, `other` is the state of the fallback; `arrived`: when the number was
    called last. `seen`: yes, unverified, lost, refused, never or read only; `was`: the order that held when the PBX was
    last in sight."""

    state: State = State.UP
    cause: Cause | None = None
    trial: bool = False
    code: str = ""
    registered: bool = True
    silent: bool = False
    called_in: datetime | None = field(default=ago(minutes=9))
    called_out: datetime | None = field(default=ago(minutes=40))
    arrived: datetime | None = field(default=ago(minutes=9))
    other: State = State.UP
    fallbacks: tuple[str, ...] | None = None
    word: Override | None = None
    when_down: Way = Way.MOBILE
    people: tuple[str, ...] = ("Anna", "Ben")
    mobiles: bool = True
    numbers: int = 1
    spent: bool = False
    alone: bool = False
    away: bool = False
    proven: bool = True
    seen: str = "yes"
    was: Override | None = None
    doubted: bool = False
    troubles: Troubles = field(default_factory=Troubles)
    blamed: str = ""
    trouble: str | None = None


def office_in(plight: Plight) -> Office:
    made = named(site(), "Anna", "Ben")
    numbers = tuple(
        replace(number, when_down=plight.when_down, people=plight.people, phones=("PJSIP/20",) if plight.away else ())
        for number in made.numbers[: plight.numbers]
    )
    made = replace(made, numbers=numbers, fallbacks=plight.fallbacks)
    if not plight.mobiles:
        made = replace(made, people=tuple(replace(person, numbers=()) for person in made.people))
    if plight.seen == "never":
        return opened(made, "us", NOW)
    office = well(made)
    trunks = {**office.trunks, "telekom": _trunk(office.trunks["telekom"], plight)}
    trunks["gsm"] = replace(trunks["gsm"], health=Health(plight.other, cause=_cause(plight.other)), why=SILENT)
    words = (plight.word,) if plight.word else ()
    arrivals = {n.number: plight.arrived for n in numbers if plight.arrived}
    if plight.numbers > 1:
        arrivals[numbers[1].number] = ago(minutes=9)
    office = replace(office, trunks=trunks, overrides=words, arrivals=arrivals, troubles=plight.troubles)
    if plight.away:
        behind = {numbers[0].number: Behind(True, ago(minutes=17))}
        office = replace(office, behind=behind, phones={"PJSIP/20": Phone("UNAVAILABLE", ago(minutes=18))})
    if plight.blamed:
        held = Held(Blame(Whose.CARRIER_SILENT, say("The carrier does not answer.")), ago(minutes=18))
        office = replace(office, blames={plight.blamed: held})
    if plight.seen in ("lost", "refused"):
        office = blind(office, refused=plight.seen == "refused")
    if plight.seen == "unverified":
        office = unverified(office)
    if plight.seen == "read only":
        office = replace(office, other_writer="router-2")
    return _decided(office, plight)


def _cause(state: State) -> Cause | None:
    return Cause.PROBE if state in (State.DOWN, State.RECOVERING) else None


def _trunk(known: Trunk, plight: Plight) -> Trunk:
    evidence = contact_said(Evidence(), "Unreachable" if plight.silent else "Reachable", 21400, 0)
    evidence = registration_said(evidence, "Registered" if plight.registered else "Rejected", 0)
    if plight.code:
        evidence = replace(evidence, failed_calls=1, last_code=plight.code)
    health = Health(plight.state, cause=plight.cause or _cause(plight.state), trial=plight.trial)
    return replace(
        known, evidence=evidence, health=health, why=SILENT, since=ago(minutes=18), last_inbound_call=plight.called_in,
        last_outbound_call=plight.called_out,
    )  # fmt: skip


def _decided(office: Office, plight: Plight) -> Office:
    words = (plight.was or plight.word,) if plight.was or plight.word else ()
    diverted = decide(office.site, office.trunks, words, NOW) if plight.proven else ()
    made = decide(
        office.site, office.trunks, office.overrides, NOW, before=diverted, view=office.view, arrivals=office.arrivals,
        spent=plight.spent, alone={office.site.numbers[0].number} if plight.alone else (),
        away=frozenset({office.site.numbers[0].number}) if plight.away else frozenset(),
    )  # fmt: skip
    return replace(office, decisions=made)


def said_in(plight: Plight) -> set[str]:
    """The sentences on the board, in English with their places, whatever they are part of."""
    heard: set[str] = set()
    template: Any = Speech._template

    def listening(self: Speech, said: Sentence) -> str:
        heard.add(said.text)
        return str(template(self, said))

    with patch.object(Speech, "_template", listening):
        board_view(office_in(plight), (), plight.trouble, Speech("en", BERLIN, "DE", NOW))
    return heard
