"""react(office, input, at) -> (office, effects): facts in, effects out."""

from __future__ import annotations

from dataclasses import replace

from router.core import (
    alone,
    blaming,
    dips,
    handover,
    health,
    judgement,
    looking,
    moving,
    office_phones,
    orders,
    phones,
    plan,
    rest,
    revival,
    trial,
    troubles,
    trunk,
)  # fmt: skip
from router.core.budget import Spent
from router.core.decision import PROOF_LASTS, Decision, decide
from router.core.effects import ApplyPlan, Effect, Kind, Probe, Record, Remember, Reply, Survey, WakeAt
from router.core.health import Rule
from router.core.intake import taken
from router.core.office import Office, Route
from router.core.sentence import Sentence, say
from router.core.signals import At, Input
from router.core.site import Way
from router.core.trunk import Trunk

RENEW_SECONDS = 15
LONGEST_SLEEP = 30.0
"""Seconds: the wall clock may be set at any time, so the ends of orders are looked at again at least this often."""

Outcome = tuple[Office, list[Effect]]


def react(office: Office, said: Input, at: At) -> tuple[Office, tuple[Effect, ...]]:
    """The office after `said`, and what shall be done.

    Every input takes the same way: take, judge, decide, plan, move on, blame, look on, rest.
    """
    effects: list[Effect] = []
    office, first = taken(office, said, at)
    effects += first
    for step in STEPS:
        office, more = step(office, at)
        effects += more
    return office, (*effects, WakeAt(_wake_at(office, at)))


def _judged(office: Office, at: At) -> Outcome:
    """Every trunk that does not rest by the table; each row walked is a line of the journal, but for the least dips."""
    effects: list[Effect] = []
    trunks = dict(office.trunks)
    blind = not office.pbx.connected
    for name, before in office.trunks.items():
        if rest.rests(office.rests.get(name), before, at.mono, blind):
            continue
        known = trunk.tempered(before, at.mono)
        settled, walked = trunk.settle(known, at.mono, at.wall, office.site.policy, blind)
        trunks[name], rows = dips.told(settled, walked, at.mono, blind)
        effects += [_transition(trunks[name], rule, office) for rule in rows]
    return replace(office, trunks=trunks), effects


def _transition(known: Trunk, rule: Rule, office: Office) -> Record:
    text = Sentence(rule.because, (("trunk", known.site.label), ("evidence", known.why)))
    data = {"from": rule.state.value, "to": rule.to.value, "cause": (known.health.cause or "")}
    if rule.to is health.State.RECOVERING:
        data["rise"] = str(int(health.rise_seconds(known.health, office.site.policy)))
    return Record(Kind.TRANSITION, text, trunk=known.site.name, data=data)


def _expired(office: Office, at: At) -> Outcome:
    held, over = orders.ended(office.overrides, at.wall)
    if not over:
        return office, []
    effects: list[Effect] = [Remember(held)]
    for word in over:
        text = say("The order of {by} has ended; the automatics decide again.", by=word.by)
        effects.append(Record(Kind.ORDER, text, number=word.number, by=word.by))
    return replace(office, overrides=held), effects


def _decided(office: Office, at: At) -> Outcome:
    """A probe of one trunk of a hundred changes no decision: they are made anew only where what they rest on is new."""
    basis = _basis(office, at)
    if basis == office.basis:
        return office, []
    decisions = decide(
        office.site, office.trunks, office.overrides, at.wall,
        before=office.decisions, view=office.view, arrivals=office.arrivals,
        spent=office.budget.spent is Spent.ALL, alone=office.alone, away=office_phones.away(office),
    )  # fmt: skip
    before = {decision.number: decision for decision in office.decisions}
    effects: list[Effect] = [
        Record(Kind.DECISION, now.why, now.trunk, now.number, data=_kept(now, before.get(now.number)))
        for now in decisions
        if now.number not in before or _path(now) != _path(before[now.number])
    ]  # fmt: skip
    return replace(office, decisions=decisions, basis=basis if decisions == office.decisions else None), effects


def _basis(office: Office, at: At) -> tuple[object, ...]:
    """All that `decide` looks at, beside the decisions before."""
    recent = tuple(at.wall - moment < PROOF_LASTS for moment in office.arrivals.values())
    health_of = tuple((known.health.state, known.health.cause) for known in office.trunks.values())
    away = office_phones.away(office)
    seen = office.view, office.arrivals, recent, office.budget.spent, office.alone, away
    return office.site.people, office.site.numbers, health_of, office.overrides, *seen


def _kept(now: Decision, before: Decision | None) -> dict[str, str]:
    kept = {"way": now.way.value, "over": ",".join(now.over)}
    return kept if before is None else kept | {"from": before.way.value}


def _path(decision: Decision) -> tuple[Way, tuple[str, ...]]:
    """What a caller would notice: the office, or the mobile and the trunks to it."""
    return decision.way, () if decision.way is Way.OFFICE else decision.over


def _planned(office: Office, at: At) -> Outcome:
    """A new plan when the table must change, when the last one could not be verified, and after every connect."""
    if not office.pbx.connected or office.other_writer:
        return _answered(office)
    office = _tabled(office)
    table = office.table
    before = office.route.plan.entries if office.route.plan else {}
    changed = before != table
    overdue = office.route.retry_at is not None and at.mono >= office.route.retry_at
    if not changed and not overdue:
        return _answered(office) if office.route.verified else (office, [])
    unproven = frozenset(key for key, value in table.items() if office.route.proven.get(key) != value)
    asks = plan.asks(office.site, office.trunks, office.decisions, unproven)
    new = plan.Plan(office.next_plan, table, asks)
    same = plan.without_patience(before) == plan.without_patience(table)
    why = office.route.why if same else say("Being switched.")
    route = Route(
        new, under_way=True, proven=office.route.proven, in_force=office.route.in_force, why=why,
        since=office.route.since, doubted=office.route.doubted,
    )  # fmt: skip
    return replace(office, route=route, next_plan=new.id + 1), [ApplyPlan(new)]


def _tabled(office: Office) -> Office:
    """With the table as it should be; the same one while nothing has changed that is written in it."""
    away = office_phones.away(office)
    patience = tuple((known.health.diverted, known.health.cause, known.impatient) for known in office.trunks.values())
    written = (office.decisions, patience, office.overrides, away)
    if written == office.written:
        return office
    table = plan.entries(office.site, office.trunks, office.decisions, office.overrides, away)
    return replace(office, table=table, written=written)


def _answered(office: Office) -> Outcome:
    """Orders that changed nothing in the table are answered at once."""
    replies: list[Effect] = [Reply(ticket, office.route.verified, office.route.why) for ticket in office.waiting]
    return replace(office, waiting=()), replies


def _looked_on(office: Office, at: At) -> Outcome:
    """Probes and the survey that are due. While one trunk looks bad, the others are asked whether they could help.

    So every fallback is verified before a switch, also before one that the next failed call may bring.
    """
    if not office.pbx.connected:
        return office, []
    effects: list[Effect] = []
    trunks = dict(office.trunks)
    failing = [known.health.since for known in trunks.values() if known.health.state is health.State.FAILING]
    failing += [known.evidence.last_failed_call or 0.0 for known in trunks.values() if _one_more(known)]
    if looking.in_trouble(office):  # a look that finds the internet dead is refuted by any trunk that answers
        failing.append(office.around.asked)
    asked = moving.asked_for(office, at.mono)
    for name, known in office.trunks.items():
        if name in asked or trunk.is_due(known, at.mono, wanted_since=max(failing, default=None)):
            effects.append(Probe(name, trunk.patience(known, office.site.policy, soon=name in asked)))
            trunks[name] = replace(known, probe_due=None, probed_at=at.mono)
    office = replace(office, trunks=trunks)
    if office.survey_due is not None and office.survey_due <= at.mono:
        current = office.route.plan.id if office.route.plan and office.route.stored else None
        old = at.mono - office.lease_renewed >= RENEW_SECONDS - office.site.policy.probe / 2
        renew = old and current is not None and not office.other_writer
        asked_phones = office_phones.to_ask(office, at.mono)
        effects.append(Survey(current, renew, _asked_again(office) if renew else (), asked_phones))
        office = replace(office, survey_due=None, lease_renewed=at.mono if renew else office.lease_renewed)
    return office, effects


def _one_more(known: Trunk) -> bool:
    return known.evidence.failed_calls == judgement.FAILED_CALLS_IN_A_ROW - 1


def _asked_again(office: Office) -> tuple[plan.Ask, ...]:
    """All questions, about a route that counts as verified."""
    if not office.route.verified:
        return ()
    return plan.asks(office.site, office.trunks, office.decisions, frozenset(office.route.proven))


def _laid_down(office: Office, at: At) -> Outcome:
    """The last step: what is judged rests."""
    blind = not office.pbx.connected
    found = rest.laid_down(office.rests, office.trunks.values(), at.mono, office.site.policy, blind)
    return replace(office, rests=found), []


def _wake_at(office: Office, at: At) -> float:
    """The next moment that brings something. What was due by now has been done, or never will be."""
    moments = [known.wake for known in office.rests.values()]
    moments += alone.wake_at(office, at.mono) if office.pbx.connected else []
    moments += [office.survey_due, office.route.retry_at, looking.due(office), blaming.due(office)]
    moments.append(handover.due(office, at))
    moments += trial.wake_at(office)
    moments += [*moving.wake_at(office, at.mono), *revival.wake_at(office), *office_phones.wake_at(office)]
    moments += [at.mono + (word.until - at.wall).total_seconds() for word in office.overrides if word.until]
    ahead = [moment for moment in moments if moment is not None and moment > at.mono]
    return min([at.mono + LONGEST_SLEEP, *ahead])


STEPS = (
    _judged, alone.judged, office_phones.judged, _expired, handover.handed_over, _decided, _planned,
    moving.moved_on, phones.shown, revival.revived, trial.given_up, troubles.found, blaming.blamed,
    looking.looked_around, _looked_on, _laid_down,
)  # fmt: skip
