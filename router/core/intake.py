"""What each input says about the office, before anything is decided from it."""

from __future__ import annotations

from dataclasses import replace

from router.core import alone, handover, legs, moving, office_phones, orders, standings, trial, trunk
from router.core import evidence as seen
from router.core.counted import by_hand
from router.core.decision import decide
from router.core.effects import ClearCall, Effect, KeepCall, Kind, Record, Remember, Reply
from router.core.heard import Outcome, ordered
from router.core.office import Office, Pbx
from router.core.plan import VERSION, away_in, diverted_in, numbers_in, orders_in
from router.core.sentence import Value, say
from router.core.sights import IN_SIGHT, OUT_OF_SIGHT, SIGHT, started_from
from router.core.signals import (
    Applied,
    At,
    CalendarRead,
    CallEnded,
    CallFailed,
    CallKept,
    CallWentThrough,
    Connected,
    ContactSaid,
    Disconnected,
    DutySet,
    Input,
    LegBegan,
    LegEnded,
    LegMoved,
    LegSpoke,
    LookedAround,
    Ordered,
    PhoneSaid,
    Probed,
    RangOut,
    RegistrationSaid,
    Remembered,
    RingWanted,
    Surveyed,
)
from router.core.trunk import Trunk
from router.core.written import applied, is_fresh, table_read, unwritten

SURVEY_SECONDS = 4.0
"""Between two readings of the table at most: one that was deleted must stand again within 5 s."""


def survey_seconds(office: Office) -> float:
    """With every probe, and not less often than that."""
    return min(office.site.policy.probe, SURVEY_SECONDS)


def taken(office: Office, said: Input, at: At) -> Outcome:  # noqa: PLR0911, PLR0912 - one way in for each input
    """The office after one input, and the effects that follow from the input itself."""
    match said:
        case Connected():
            return _connected(office, said, at)
        case Disconnected():
            return _disconnected(office, said, at)
        case Surveyed():
            return _surveyed(office, said, at)
        case Applied():
            return applied(office, said, at)
        case Ordered():
            return ordered(office, said.override, said.ticket, at, said.origin)
        case Remembered():
            return replace(office, overrides=orders.newest(said.overrides, office.overrides)), []
        case DutySet() | CalendarRead():
            return handover.heard(office, said, at)
        case RingWanted():
            return trial.wanted(office, said, at)
        case RangOut():
            return trial.ended(office, said)
        case CallEnded():
            return office, [KeepCall(replace(said.call, by_hand=by_hand(said.call, office)), said.slot)]
        case CallKept():
            ours = office.pbx.connected and not office.other_writer  # the other one may not have heard of it yet
            return office, [ClearCall(said.id, said.slot)] if said.slot is not None and ours else []
        case LegBegan() | LegSpoke() | LegEnded() | LegMoved():
            return moving.heard(office, said, at)
        case PhoneSaid():
            return office_phones.told(office, {said.device: said.state}, at) if office.pbx.connected else office, []
        case CallFailed() if (left := legs.excused(office.legs, said)) is not None:
            return replace(office, legs=left), []
        case CallFailed() if _was_not_sent(office, said):
            return office, []
        case LookedAround():
            return standings.looked(office, said.look)
        case Probed() | ContactSaid() | RegistrationSaid() | CallFailed() | CallWentThrough():
            known = office.trunks.get(said.trunk)
            if known is None or not office.pbx.connected:
                return office, []
            return _called(_with(office, _evident(known, said, at, office)), said, at), []
        case _:
            return office, []


def _called(office: Office, said: Input, at: At) -> Office:
    """A call to a number proves that this number is delivered, and only where it came by the number's own trunk."""
    if isinstance(said, CallFailed | CallWentThrough):
        office = alone.heard(office, said, at)
    match said:
        case CallWentThrough(trunk=name, inbound=True, number=str(number)):
            if any(site.number == number and site.trunk == name for site in office.site.numbers):
                return replace(office, arrivals={**office.arrivals, number: at.wall})
    return office


def _was_not_sent(office: Office, failed: CallFailed) -> bool:
    known = office.trunks.get(failed.trunk)
    return known is not None and seen.was_not_sent(known.evidence, failed.code)


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
            due = at.mono if said.contact != seen.REACHABLE and known.probe_due is not None else known.probe_due
            return replace(known, evidence=evidence, probe_due=due)
        case RegistrationSaid():
            return replace(known, evidence=seen.registration_said(evidence, said.registration, at.mono))
        case CallFailed():
            return _failed(known, said, at, office)
        case CallWentThrough(inbound=True):
            return replace(known, last_inbound_call=at.wall)
        case CallWentThrough():
            health = replace(known.health, trial=False)
            reached = trunk.with_reached(known.reached, said.to)
            known = replace(known, health=health, reached=reached, last_outbound_call=at.wall)
            return replace(known, evidence=seen.run_ended(evidence))


def _failed(known: Trunk, said: CallFailed, at: At, office: Office) -> Trunk:
    evidence = known.evidence
    if seen.is_said_again(evidence.refused, said.code, said.to):
        return known
    if not alone.explains(office, said):
        evidence = seen.call_failed(evidence, said.code, at.mono, said.to)
    return replace(known, evidence=evidence, probe_due=at.mono if known.probe_due is not None else None)


def _probed(known: Trunk, said: Probed, at: At, office: Office) -> Trunk:
    policy = office.site.policy
    if said.sent < office.connected_at:
        return known
    if said.sight is None:
        return replace(known, probe_due=at.mono + policy.probe)
    evidence = seen.contact_said(known.evidence, said.sight.contact, said.sight.rtt_us, at.mono)
    known = replace(known, evidence=seen.probed(evidence, said.sent, said.answered, at.mono))
    known = trunk.located(known, said.sight)
    return replace(known, probe_due=trunk.next_probe(known, said.sent, at.mono, policy))


def _connected(office: Office, said: Connected, at: At) -> Outcome:
    """The listing is the truth. At the first one the state starts from the route in force."""
    in_sight = say("Asterisk {version} is in sight.", version=said.version)
    again = office.pbx.connected and office.pbx.version == said.version
    pbx = Pbx(True, False, said.version, in_sight, office.pbx.since if again else at.wall, at.wall)
    office = office_phones.told(office, said.phones, at)
    effects: list[Effect] = []
    data: dict[str, Value] = {SIGHT: IN_SIGHT}
    if not office.restored:
        kept = office.overrides
        office = _restored(office, said, at)
        effects += [Remember(office.overrides)] if office.overrides != kept else []
        data |= started_from(office)
    effects = effects if again else [Record(Kind.PBX, in_sight, data=data), *effects]
    step = office.site.policy.probe / max(len(office.trunks), 1)
    trunks = {}
    for order, (name, known) in enumerate(office.trunks.items()):
        sight = said.sights.get(name, seen.Sight())
        evidence = seen.sighted(known.evidence, sight, at.mono)
        beat = at.mono + order * step
        due = at.mono if known.health.diverted else beat
        trunks[name] = trunk.located(replace(known, evidence=evidence, probe_due=due, beat=beat), sight)
    route = replace(unwritten(office.route), under_way=False, in_force=said.table.entries or {})
    office = replace(
        office, trunks=trunks, pbx=pbx, route=route, connected_at=at.mono, lease_renewed=at.mono, lamp=None,
        survey_due=at.mono + survey_seconds(office), duty=replace(office.duty, due=None),
        legs={},  # one of them may have rung while the PBX was listed, unheard
    )  # fmt: skip
    office, more = table_read(office, said.table, None, at)
    return office, effects + more


def _restored(office: Office, said: Connected, at: At) -> Office:
    """From the route in force, or the router would fail back at once; orders from whichever memory is newer.

    Once nobody vouches for the table, the dialplan judges by itself: a trunk whose contact it finds is not diverted.
    """
    entries = said.table.entries or {}
    vouched = said.table.version == VERSION and is_fresh(said.table)
    reachable = {name for name, sight in said.sights.items() if seen.is_reachable(sight.contact)}
    down = {name: cause for name, cause in diverted_in(entries).items() if vouched or name not in reachable}
    trunks = {
        name: trunk.restored(known.site, down[name], at.mono, at.wall) if name in down else known
        for name, known in office.trunks.items()
    }
    held, _ = orders.ended(orders.newest(office.overrides, orders_in(entries)), at.wall)
    office = alone.restored(office, numbers_in(entries) if vouched else (), at)
    office = office_phones.restored(office, away_in(entries), vouched, at)
    decisions = decide(office.site, trunks, held, at.wall, alone=office.alone, away=office_phones.away(office))
    return replace(office, trunks=trunks, overrides=held, decisions=decisions, basis=None, restored=True)


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
    office = office_phones.unseen(office, at)
    route = replace(unwritten(office.route), under_way=False, why=said.why)
    effects: list[Effect] = [] if same else [Record(Kind.PBX, said.why, data={SIGHT: OUT_OF_SIGHT})]
    effects += [Reply(ticket, False, said.why) for ticket in office.waiting]
    return replace(office, pbx=pbx, trunks=trunks, route=route, survey_due=None, waiting=(), legs={}), effects


def _surveyed(office: Office, said: Surveyed, at: At) -> Outcome:
    if not office.pbx.connected:
        return office, []
    trunks = dict(office.trunks)
    for name, sight in said.sights.items():
        if name in trunks:
            listed = seen.registration_listed if trunks[name].watched else seen.sighted
            evidence = listed(trunks[name].evidence, sight, at.mono)
            trunks[name] = trunk.located(replace(trunks[name], evidence=evidence), sight)
    office = replace(office, trunks=trunks, survey_due=at.mono + survey_seconds(office))
    office = office_phones.told(office, said.phones, at)
    if said.table is None:
        return office, []
    office = replace(office, pbx=replace(office.pbx, seen_at=at.wall))
    return table_read(office, said.table, said.asked, at)
