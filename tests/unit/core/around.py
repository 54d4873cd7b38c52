"""What may be found around a PBX: looks with their targets, exits and names, and trunks in every kind of trouble."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from router.core.evidence import NO_CONTACT, REACHABLE, Evidence
from router.core.health import Cause, Health, State
from router.core.peer import Host
from router.core.registration import Refusal, Registration
from router.core.sentence import say
from router.core.surroundings import Ending, Exit, Look, Lookup, Reach
from router.core.trunk import Trunk
from tests.unit.core.offices import MORNING, trunk_site

BEGAN, LOOKED, NOW = 100.0, 100.6, 104.0
"""Monotonic seconds: the first unanswered probe was sent, the look began, the question is asked."""
WEB, LISTENER = "https://example.net", "tcp:192.0.2.53:443"
GATEWAY = "192.168.1.1"


def web(ending: Ending = Ending.OK, **more: object) -> Reach:
    status = 204 if ending is Ending.OK else 0
    return replace(Reach(WEB, ending, 0.04, MORNING, status, "192.0.2.80"), **more)  # type: ignore[arg-type]


def listener(ending: Ending = Ending.OK) -> Reach:
    return Reach(LISTENER, ending, 0.02, MORNING, address="192.0.2.53")


def name(ending: Ending = Ending.OK, host: str = "sip.carrier.test", seconds: float = 0.02) -> Lookup:
    found = ("203.0.113.11",) if ending is Ending.OK else ()
    return Lookup(host, ending, seconds, MORNING, "192.168.1.1", found)


def control(ending: Ending = Ending.OK, seconds: float = 0.02) -> Lookup:
    return name(ending, "example.net", seconds)


def gateway(ending: Ending = Ending.OK, link: bool | None = True) -> Exit:
    return Exit("eth0", GATEWAY, ending, 0.001, MORNING, link, "192.168.1.10")


def look(*targets: Reach, names: tuple[Lookup, ...] = (), **more: object) -> Look:
    exits = more.pop("exits", (gateway(),))
    return Look(LOOKED, MORNING, exits, targets, names, **more)  # type: ignore[arg-type]


FINE = look(web(), listener())
DEAD = look(web(Ending.SILENT), listener(Ending.SILENT), exits=(gateway(Ending.SILENT),))
NOT_ASKED = look()


def trunk(label: str = "Telekom", host: str = "203.0.113.11") -> Trunk:
    """In order: registered, and it answered a moment ago."""
    site = trunk_site(label.lower())
    fine = Evidence(contact=REACHABLE, answered=BEGAN - 1, rtt_us=9000, register=Registration("Registered", since=10.0))
    return Trunk(
        site, fine, Health(State.UP, since=10.0), say("probes are answered."), MORNING, peer=Host(host, port=True),
        probed_at=BEGAN + 3,
    )  # fmt: skip


def silent(known: Trunk | None = None, since: float = BEGAN, state: State = State.DOWN) -> Trunk:
    known = known or trunk()
    evidence = replace(known.evidence, unanswered=6, first_unanswered=since)
    return replace(known, evidence=evidence, health=Health(state, since=since + 3, cause=Cause.PROBE))


def disconnected(known: Trunk | None = None) -> Trunk:
    known = known or trunk()
    evidence = replace(known.evidence, contact=NO_CONTACT, contact_since=BEGAN)
    return replace(known, evidence=evidence, health=Health(State.DOWN, since=BEGAN + 3, cause=Cause.PROBE))


def refused(refusal: Refusal, known: Trunk | None = None, answers: bool = True) -> Trunk:
    """Its registration has failed, though it answers probes."""
    known = known or trunk()
    register = Registration("Rejected", since=BEGAN, refusal=refusal)
    evidence = replace(known.evidence, register=register, answered=NOW - 1 if answers else None)
    return replace(known, evidence=evidence, health=Health(State.DOWN, since=BEGAN + 3, cause=Cause.REGISTRATION))


def failing_calls(code: str = "503", known: Trunk | None = None, answers: bool = True) -> Trunk:
    known = known or trunk()
    answered = NOW - 1 if answers else None
    evidence = replace(known.evidence, last_failed_call=BEGAN, last_code=code, answered=answered)
    return replace(known, evidence=evidence, health=Health(State.DOWN, since=BEGAN, cause=Cause.CALLS))


def answering(label: str = "Sipgate", host: str = "198.51.100.7") -> Trunk:
    """Another one, that has answered after the look began."""
    known = trunk(label, host)
    return replace(known, evidence=replace(known.evidence, answered=NOW - 1))


def named(known: Trunk, host: str = "sip.carrier.test") -> Trunk:
    return replace(known, peer=Host(host))


WALL = MORNING + timedelta(seconds=NOW - BEGAN)
