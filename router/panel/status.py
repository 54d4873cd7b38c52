"""The office as the JSON of GET status, schema 1. Times are RFC 3339 in the office's time zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from router.core import directions, orders, plan
from router.core.blame import Held
from router.core.decision import Decision
from router.core.directions import Direction
from router.core.office import Office
from router.core.office_blame import office_blame
from router.core.orders import Mode, Override
from router.core.trunk import Trunk
from router.panel.faults import evidence_body
from router.panel.phones import phones
from router.panel.speech import Speech
from router.panel.trunks import answer_time

SCHEMA = 1


def status(office: Office, speech: Speech, started: datetime) -> dict[str, Any]:
    """`started`: since when the automatics hold where nobody ever gave an order."""
    general = orders.general(office.overrides, speech.now) or Override(Mode.AUTO, started, by="")
    return {
        "schema": SCHEMA,
        "office": {"id": office.site.id, "name": office.site.name},
        "override": _override(general, speech),
        "route": {
            "inbound": inbound(office),
            "outbound": [trunk.site.name for trunk in plan.outbound(office.site, office.trunks)],
            "verified": office.route.verified,
            "since": _time(office.route.since, speech),
            "why": speech.line(office.route.why),
        },
        "numbers": [_number(decision, office, speech) for decision in office.decisions],
        "trunks": [_trunk(trunk, office.blames.get(name), office, speech) for name, trunk in office.trunks.items()],
        "asterisk": {"connected": office.pbx.connected, "version": office.pbx.version},
        "fault": _fault(office_blame(office), speech),
    }


def inbound(office: Office) -> str:
    """Where all numbers go, or mixed."""
    ways = {decision.way.value for decision in office.decisions}
    return ways.pop() if len(ways) == 1 else "mixed"


def _override(word: Override, speech: Speech) -> dict[str, Any]:
    return {
        "mode": word.mode.value,
        "number": word.number,
        "until": _time(word.until, speech),
        "reason": word.reason and speech.written(word.reason),
        "by": word.by or None,
        "since": _time(word.since, speech),
    }


def _number(decision: Decision, office: Office, speech: Speech) -> dict[str, Any]:
    own = orders.own(office.overrides, decision.number, speech.now)
    stands = directions.standing(decision.number, office)
    return {
        "number": decision.number,
        "trunk": decision.trunk,
        "inbound": decision.way.value,
        "people": list(dict.fromkeys(person.name for person, _ in decision.mobiles)),
        "reachable": decision.reachable.value,
        "why": speech.line(decision.why),
        "override": _override(own, speech) if own else None,
        "phones": phones(office, decision.number, speech),
        "state": stands.state.value,
        "state_since": _time(stands.since, speech),
        "state_why": speech.line(stands.text),
        "last_inbound_call": _time(office.arrivals.get(decision.number), speech),
    }


def _trunk(trunk: Trunk, held: Held | None, office: Office, speech: Speech) -> dict[str, Any]:
    evidence, connected = trunk.evidence, office.pbx.connected
    return {
        "name": trunk.site.name,
        "label": trunk.site.label,
        "state": trunk.health.state.value,
        "since": _time(trunk.since, speech),
        "why": speech.line(trunk.why),
        "registration": evidence.registration,
        "contact": evidence.contact,
        "rtt_ms": answer_time(evidence),
        "last_inbound_call": _time(trunk.last_inbound_call, speech),
        "last_outbound_call": _time(trunk.last_outbound_call, speech),
        "inbound": _direction(directions.inbound(trunk, connected, speech.now), speech),
        "outbound": _direction(directions.outbound(trunk, connected, speech.now), speech),
        "fault": _fault(held, speech),
    }


def _fault(held: Held | None, speech: Speech) -> dict[str, Any] | None:
    """Whose fault it is, and the evidence, each piece with its moment."""
    if held is None:
        return None
    return {
        "whose": held.blame.whose.value,
        "text": speech.line(held.blame.text),
        "since": _time(held.since, speech),
        "evidence": evidence_body(held.blame.evidence, speech),
    }


def _direction(way: Direction, speech: Speech) -> dict[str, Any]:
    return {"state": way.state.value, "text": speech.line(way.text), "since": _time(way.since, speech)}


def _time(at: datetime | None, speech: Speech) -> str | None:
    return None if at is None else at.astimezone(speech.timezone).isoformat(timespec="milliseconds")
