"""What each input says about the office, before anything is decided from it."""

from __future__ import annotations

from dataclasses import replace

from router.core import evidence as seen
from router.core import orders, trunk
from router.core.decision import decide
from router.core.effects import ClearOrder, Effect, Kind, Record, Remember, Reply
from router.core.office import Office, Pbx
from router.core.orders import Override
from router.core.plan import VERSION, Plan, diverted_in, orders_in
from router.core.sentence import Sentence, say
from router.core.signals import (
    Applied, At, CallFailed, CallWentThrough, Connected, ContactSaid, Disconnected, Input, Ordered, Probed,
    RegistrationSaid, Remembered, Surveyed, Table,
)  # fmt: skip
from router.core.trunk import Trunk

Outcome = tuple[Office, list[Effect]]

RETRY_SECONDS = 2.0
PERMITTED_DRIFT = 75.0
"""Seconds: a lease further ahead than this was written by a clock that has since been set back, and counts as lapsed."""


def taken(office: Office, said: Input, at: At) -> Outcome:
    """The office after one input, and the effects that follow from the input itself."""
    match said:
        case Connected():
            return _connected(office, said, at)
        case Disconnected():
            return _disconnected(office, said, at)
        case Surveyed():
            return _surveyed(office, said, at)
        case Applied():
            return _applied(office, said, at)
        case Ordered():
            return _ordered(office, said.override, said.ticket, at)
        case Remembered():
            return replace(office, overrides=orders.newest(said.overrides, office.overrides)), []
        case Probed() | ContactSaid() | RegistrationSaid() | CallFailed() | CallWentThrough():
            known = office.trunks.get(said.trunk)
            if known is None or not office.pbx.connected:
                return office, []
            return _with(office, _evident(known, said, at, office)), []
        case _:
            return office, []


def _with(office: Office, changed: Trunk) -> Office:
    return replace(office, trunks={**office.trunks, changed.site.name: changed})


def _evident(
    known: Trunk, said: Probed | ContactSaid | RegistrationSaid | CallFailed | CallWentThrough, at: At, office: Office
) -> Trunk:
    """One trunk after a word about it. Events are hints: a bad one makes the next probe due at once."""
    evidence = known.evidence
    match said:
        case Probed():
            return _probed(known, said, at, office)
        case ContactSaid():
            evidence = seen.contact_said(evidence, said.contact, said.rtt_us, at.mono)
            if said.contact == seen.REACHABLE:
                evidence = seen.probed(evidence, at.mono, True, at.mono)
            due = at.mono if said.contact == seen.UNREACHABLE and known.probe_due is not None else known.probe_due
            return replace(known, evidence=evidence, probe_due=due)
        case RegistrationSaid():
            return replace(known, evidence=seen.registration_said(evidence, said.registration, at.mono))
        case CallFailed():
            due = at.mono if known.probe_due is not None else None
            return replace(known, evidence=seen.call_failed(evidence, said.code, at.mono), probe_due=due)
        case CallWentThrough(inbound=True):
            return replace(known, last_inbound_call=at.wall)
        case CallWentThrough():
            health = replace(known.health, trial=False)
            return replace(known, evidence=seen.call_went_through(evidence), health=health, last_outbound_call=at.wall)


def _probed(known: Trunk, said: Probed, at: At, office: Office) -> Trunk:
    policy = office.site.policy
    if said.sight is None or said.sent < office.connected_at:
        return replace(known, probe_due=at.mono + policy.probe)
    evidence = seen.contact_said(known.evidence, said.sight.contact, said.sight.rtt_us, at.mono)
    if seen.may_probe(evidence):
        evidence = seen.probed(evidence, said.sent, said.answered, at.mono)
    known = replace(known, evidence=evidence)
    return replace(known, probe_due=trunk.next_probe(known, said.sent, at.mono, policy))


def _connected(office: Office, said: Connected, at: At) -> Outcome:
    """The listing is the truth. At the first one the state starts from the route in force."""
    effects: list[Effect] = [Record(Kind.PBX, say("Asterisk {version} is in sight.", version=said.version))]
    if not office.restored:
        office = _restored(office, said.table, at)
    step = office.site.policy.probe / max(len(office.trunks), 1)
    trunks = {}
    for order, (name, known) in enumerate(office.trunks.items()):
        evidence = seen.sighted(known.evidence, said.sights.get(name, seen.Sight()), at.mono)
        due = at.mono if known.health.diverted or order == 0 else at.mono + order * step
        trunks[name] = replace(known, evidence=evidence, probe_due=due)
    pbx = Pbx(True, False, said.version, say("Asterisk {version} is in sight.", version=said.version), at.wall, at.wall)
    route = replace(office.route, plan=None, under_way=False, stored=False, verified=False, proven={}, retry_at=None)
    office = replace(
        office, trunks=trunks, pbx=pbx, route=route, next_plan=max(office.next_plan, (said.table.current or 0) + 1),
        connected_at=at.mono, survey_due=at.mono + office.site.policy.probe, lease_renewed=at.mono,
    )  # fmt: skip
    office, more = _table_read(office, said.table, None, at)
    return office, effects + more


def _restored(office: Office, table: Table, at: At) -> Office:
    """From the route in force, or the router would fail back at once; orders from whichever memory is newer."""
    entries = table.entries or {}
    down = diverted_in(entries)
    trunks = {
        name: trunk.restored(known.site, down[name], at.mono, at.wall) if name in down else known
        for name, known in office.trunks.items()
    }
    held, _ = orders.ended(orders.newest(office.overrides, orders_in(entries)), at.wall)
    decisions = decide(office.site, trunks, held, at.wall)
    return replace(office, trunks=trunks, overrides=held, decisions=decisions, restored=True)


def _disconnected(office: Office, said: Disconnected, at: At) -> Outcome:
    """Blind is not down: evidence is forgotten, no call is moved."""
    same = not office.pbx.connected and office.pbx.why == said.why
    since = office.pbx.since if not office.pbx.connected and office.pbx.since else at.wall
    seen_at = at.wall if office.pbx.connected else office.pbx.seen_at
    pbx = Pbx(False, said.refused, office.pbx.version, said.why, since, seen_at)
    trunks = {
        name: replace(known, evidence=seen.lost_sight(known.evidence), probe_due=None)
        for name, known in office.trunks.items()
    }
    route = replace(office.route, verified=False, under_way=False, retry_at=None, why=said.why)
    effects: list[Effect] = [] if same else [Record(Kind.PBX, said.why)]
    effects += [Reply(ticket, False, said.why) for ticket in office.waiting]
    return replace(office, pbx=pbx, trunks=trunks, route=route, survey_due=None, waiting=()), effects


def _surveyed(office: Office, said: Surveyed, at: At) -> Outcome:
    if not office.pbx.connected:
        return office, []
    trunks = dict(office.trunks)
    for name, sight in said.sights.items():
        if name in trunks:
            known = trunks[name]
            sight = replace(sight, contact=known.evidence.contact, rtt_us=known.evidence.rtt_us)
            trunks[name] = replace(known, evidence=seen.sighted(known.evidence, sight, at.mono))
    office = replace(office, trunks=trunks, survey_due=at.mono + office.site.policy.probe)
    if said.table is None:
        return office, []
    office = replace(office, pbx=replace(office.pbx, seen_at=at.wall))
    return _table_read(office, said.table, said.asked, at)


def _table_read(office: Office, table: Table, asked: int | None, at: At) -> Outcome:
    """Who may write, whether what was written still stands, and what a desk phone asked for meanwhile."""
    effects: list[Effect] = []
    fresh = table.lease is not None and 0 < table.lease - table.now < PERMITTED_DRIFT
    other = table.writer if table.writer not in (None, "", office.writer) and fresh else None
    if other != office.other_writer:
        text = (
            say("Another router ({id}) writes the routes of this PBX; this one only reads.", id=other)
            if other
            else say("No other router writes any more; this one takes over.")
        )
        effects.append(Record(Kind.PBX, text))
        office = replace(office, other_writer=other)
    if other:
        return replace(
            office, route=replace(office.route, plan=None, stored=False, verified=False, proven={}, retry_at=None)
        ), effects
    route = office.route
    if (
        route.plan is not None
        and route.plan.id == asked
        and not route.under_way
        and not _stands(office, route.plan, table)
    ):
        why = say("The route table was changed or deleted by someone else; it is written anew.")
        effects.append(Record(Kind.PBX, why))
        lost = replace(route, plan=None, stored=False, verified=False, proven={}, why=why)
        office = replace(office, route=lost, next_plan=max(office.next_plan, (table.current or 0) + 1))
    if table.order:
        word = orders.from_desk_phone(table.order, at.wall)
        effects.append(ClearOrder(table.order))
        if word is not None:
            office, more = _ordered(office, word, None, at)
            effects += more
    return office, effects


def _stands(office: Office, plan: Plan, table: Table) -> bool:
    """Whether all that we wrote is still there."""
    ours = table.writer == office.writer and table.version == VERSION
    return ours and table.current == plan.id and table.entries == plan.entries


def _ordered(office: Office, word: Override, ticket: str | None, at: At) -> Outcome:
    refusal = _unheard(office, word, at)
    if refusal is not None:
        return office, [Reply(ticket, False, refusal)] if ticket else []
    overrides = orders.heard(office.overrides, word)
    effects: list[Effect] = [
        Remember(overrides),
        Record(Kind.ORDER, _spoken(word), number=word.number, by=word.by, data=_kept(word)),
    ]
    office = replace(office, overrides=overrides)
    if ticket and not office.pbx.connected:
        return office, [
            *effects,
            Reply(ticket, False, say("Stored. The PBX is out of sight; it will follow once it is back.")),
        ]
    return (replace(office, waiting=(*office.waiting, ticket)) if ticket else office), effects


def _unheard(office: Office, word: Override, at: At) -> Sentence | None:
    if office.other_writer:
        return say("Another router ({id}) writes the routes of this PBX; this one only reads.", id=office.other_writer)
    if word.number is not None and word.number not in {site.number for site in office.site.numbers}:
        return say("{number} is none of our numbers.", number=word.number)
    if not word.holds(at.wall):
        return say("That end has already passed.")
    return None


def _spoken(word: Override) -> Sentence:
    names = {"by": word.by, "number": word.number or ""}
    match word.mode, word.number is None:
        case orders.Mode.AUTO, True:
            return say("{by} gave all numbers back to the automatics.", by=word.by)
        case orders.Mode.AUTO, False:
            return say("{by} gave {number} back to the automatics.", **names)
        case orders.Mode.OFFICE, True:
            return say("{by} set all numbers to the office.", by=word.by)
        case orders.Mode.OFFICE, False:
            return say("{by} set {number} to the office.", **names)
        case _, True:
            return say("{by} set all numbers to the mobile.", by=word.by)
        case _:
            return say("{by} set {number} to the mobile.", **names)


def _kept(word: Override) -> dict[str, str]:
    return {
        "mode": word.mode.value, "via": word.via, "reason": word.reason or "",
        "until": word.until.isoformat() if word.until else "",
    }  # fmt: skip


def _applied(office: Office, said: Applied, at: At) -> Outcome:
    route = office.route
    if route.plan is None or said.plan != route.plan.id:
        return office, []
    why = said.why or say("The PBX was asked and answers as it should.")
    news = (said.stored, said.verified, why) != (route.stored, route.verified, route.why)
    retry = None if said.verified else at.mono + RETRY_SECONDS
    office = replace(office, route=replace(
        route, under_way=False, stored=said.stored, verified=said.verified, why=why, since=at.wall, retry_at=retry,
        proven=route.plan.entries if said.verified else {}, seconds=said.seconds,
    ))  # fmt: skip
    effects: list[Effect] = [Reply(ticket, said.verified, why) for ticket in office.waiting]
    if news:
        text = (
            say("Routes switched and verified.")
            if said.verified
            else say("Routes could not be verified: {why}", why=why)
        )
        effects.append(Record(Kind.SWITCH, text, data={"plan": said.plan, "ms": round(said.seconds * 1000, 2)}))
    return replace(office, waiting=()), effects
