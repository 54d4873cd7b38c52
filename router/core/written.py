"""The route table as it was read back, and what became of a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from router.core import orders
from router.core.budget import budget, told
from router.core.effects import Effect, Kind, Record, Remember, Reply
from router.core.heard import Outcome, only_reading
from router.core.office import Office, Route
from router.core.phones import dialled
from router.core.plan import VERSION, Plan, orders_in, without_patience
from router.core.sentence import Sentence, Value, say
from router.core.signals import Applied, At, Table

RETRY_SECONDS = 2.0
PERMITTED_DRIFT = 75.0
"""Seconds: a lease further ahead was written by a clock that has since been set back, and counts as lapsed."""
SWITCHED = say("Routes switched and verified.")


def table_read(office: Office, table: Table, asked: int | None, at: At) -> Outcome:
    """Who may write, whether what was written still stands, and what a desk phone asked for meanwhile."""
    office = replace(office, next_plan=max(office.next_plan, (table.current or 0) + 1))
    office, effects = _writers(office, table)
    spent = budget(office.site, table.spent, at.wall)
    effects += told(office.budget, spent, office.site)
    office = replace(office, budget=spent)
    if office.other_writer:
        return office, effects
    plan = office.route.plan
    if plan is not None and plan.id == asked and not office.route.under_way and not _stands(office, plan, table):
        why = say("The route table was changed or deleted by someone else; it is written anew.")
        effects.append(Record(Kind.PBX, why))
        route = replace(unwritten(office.route), in_force=table.entries or {}, why=why)
        office = replace(office, route=route)
    elif not is_fresh(table):
        office = replace(office, lease_renewed=float("-inf"))
    if table.lamp is not None:
        office = replace(office, lamp=table.lamp)
    office, more = dialled(office, table.order or "", at)
    return office, effects + more


def _writers(office: Office, table: Table) -> Outcome:
    """Another router is respected while its lease is fresh; what staff told it holds for us, too."""
    effects: list[Effect] = []
    other = None
    if table.writer not in (None, "", office.writer):
        other = table.writer if is_fresh(table) else None
        told = orders.newest(office.overrides, orders_in(table.entries or {}))
        effects += [Remember(told)] if told != office.overrides else []
        office = replace(office, overrides=told)
    if other == office.other_writer:
        return office, effects
    why = only_reading(other) if other else say("No other router writes any more; this one takes over.")
    route = replace(unwritten(office.route), why=why)
    return replace(office, other_writer=other, route=route), [*effects, Record(Kind.PBX, why)]


def is_fresh(table: Table) -> bool:
    return table.lease is not None and 0 < table.lease - table.now < PERMITTED_DRIFT


def unwritten(route: Route) -> Route:
    """What was handed out counts no more: the next plan is written and proven as a whole."""
    return replace(route, plan=None, stored=False, verified=False, proven={}, retry_at=None)


def _stands(office: Office, plan: Plan, table: Table) -> bool:
    """Whether all that we wrote is still there."""
    ours = table.writer == office.writer and table.version == VERSION
    return ours and table.current == plan.id and table.entries == plan.entries


def applied(office: Office, said: Applied, at: At) -> Outcome:
    route = office.route
    if route.plan is None or said.plan != route.plan.id:
        return office, []
    why, waiting = said.why or say("The PBX was asked and answers as it should."), office.waiting
    news = not _differs_in_patience_only(route) if said.verified else why != route.why
    moved = _routes(route.plan.entries) != _routes(route.in_force)
    office = replace(office, waiting=(), route=replace(
        route, under_way=False, stored=said.stored, verified=said.verified, why=why, seconds=said.seconds,
        doubted=not said.verified, since=at.wall if moved or route.since is None else route.since,
        retry_at=None if said.verified else at.mono + RETRY_SECONDS,
        proven=route.plan.entries if said.verified else {},
        in_force=route.plan.entries if said.stored else route.in_force,
    ))  # fmt: skip
    effects: list[Effect] = [Reply(ticket, said.verified, why) for ticket in waiting]
    if news:
        data: dict[str, Value] = {"plan": said.plan, "ms": round(said.seconds * 1000, 2)}
        effects.append(Record(*_told(said, moved, why), data=data))
    return office, effects


def _told(said: Applied, moved: bool, why: Sentence) -> tuple[Kind, Sentence]:
    if not said.verified:
        return Kind.SWITCH, say("Routes could not be verified: {why}", why=why)
    if moved:
        return Kind.SWITCH, SWITCHED
    return Kind.PBX, say("The routes in the PBX stand as they should: read back and asked for.")


def _differs_in_patience_only(route: Route) -> bool:
    """Whether this plan moves nothing that was not proven before: a trunk that only dips must not fill the journal."""
    return route.plan is not None and without_patience(route.plan.entries) == without_patience(route.proven)


def _routes(entries: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in without_patience(entries).items() if key not in ("orders", "phones")}
