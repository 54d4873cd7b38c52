"""What somebody wants changed in the duty plan: the change itself, and the line that the journal gets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, cast

import structlog

from router.core import duty_changes as change
from router.core.duty import Plan, Row, Special, Taken
from router.core.duty_changes import NotPlanned
from router.core.effects import Kind, Record
from router.core.rung import Rung
from router.core.sentence import Sentence, say
from router.core.site import Site
from router.panel.deps import Panel
from router.panel.refusal import Refusal
from router.panel.session import Caller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from router.core.office import Office

LONGEST = timedelta(days=366)
TAKING_UP = 1.0
"""Seconds for which the answer waits until the change holds; it takes a millisecond."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """`said` goes into the journal once `change` is done; `also` what comes with it."""

    change: Callable[[Plan], Plan]
    said: Sentence
    also: Sentence | None = None


async def done(panel: Panel, caller: Caller, wish: Wish) -> None:
    """Returns once the change holds. Raises Refusal."""
    made: list[Plan] = []

    def apply(plan: Plan) -> Plan:
        made.append(wish.change(plan))
        return made[-1]

    try:
        await panel.deps.duties.change(apply)
    except NotPlanned as no:
        raise Refusal(404 if no.unknown else 422, no.why) from None
    except Refusal:
        raise
    except Exception as fault:  # the store's own errors are not known on this floor
        log.warning("the duty plan cannot be changed", fault=repr(fault))
        raise Refusal(503, say("The duty plan cannot be read just now, so nothing was changed.")) from fault
    _note(panel, caller, wish.said)
    if wish.also:
        _note(panel, caller, wish.also)
    await _held(panel, made[-1])
    panel.hub.touch()


async def _held(panel: Panel, plan: Plan) -> None:
    """Until the core has taken it up, so that whoever changed it sees it on the next page."""
    with suppress(TimeoutError):
        async with (
            asyncio.timeout(TAKING_UP),
            aclosing(cast("AsyncGenerator[Office, None]", panel.deps.board.changes())) as changes,
        ):
            async for office in changes:
                if office.duty.plan == plan:
                    return


async def rung(panel: Panel, caller: Caller, name: str, number: str) -> Rung:
    """The test ring; a number that was confirmed is kept so. Lasts as long as the ring. Raises Refusal."""
    plan = panel.office.duty.plan
    member = plan.member(name) if plan else None
    if member is None or number not in {mobile.number for mobile in member.mobiles}:
        raise Refusal(404, say("{name} has no such number.", name=name[: change.LONGEST_NAME]))
    answer = await panel.deps.rings.ring(number)

    def said(why: Sentence) -> Sentence:
        return say("{by} had {number} of {name} rung for a test. {why}",
            by=caller.name, number=number, name=member.name, why=why)  # fmt: skip

    if answer.confirmed:
        try:
            await done(panel, caller, Wish(lambda plan: change.confirmed(plan, number), said(answer.why)))
        except Refusal as refusal:
            _note(panel, caller, said(refusal.why), how=answer.how.value)
            raise
    else:
        _note(panel, caller, said(answer.why), how=answer.how.value)
    return answer


def _note(panel: Panel, caller: Caller, said: Sentence, **more: str) -> None:
    data = {"via": caller.via, "address": caller.address} | more
    panel.deps.journal.note(panel.deps.now(), Record(Kind.DUTY, said, by=caller.name, data=data))


def ahead(until: datetime | None, now: datetime) -> datetime | None:
    """Raises Refusal 422 for an end that has passed or is more than a year away."""
    if until is not None and until <= now:
        raise Refusal(422, say("That end has already passed."))
    if until is not None and until > now + LONGEST:
        raise Refusal(422, say("That end is more than a year away."))
    return until


def take(office: Office, name: str, now: datetime, until: datetime | None, by: str) -> Wish:
    ahead(until, now)
    member = office.duty.plan.member(name) if office.duty.plan else None
    word = Taken(name, now, until, by)
    if until is None:
        said = say("{by} put {name} on duty until further notice.", by=by, name=name)
    else:
        said = say("{by} put {name} on duty until {until}.", by=by, name=name, until=until)
    returned = say("{by} marked {name} as back.", by=by, name=name) if member and member.away(now) else None
    return Wish(lambda plan: change.taken_over(plan, office.site, word), said, returned)


def release(by: str) -> Wish:
    return Wish(change.released, say("{by} gave the duty back to the plan.", by=by))


def absent(name: str, now: datetime, until: datetime | None, by: str) -> Wish:
    ahead(until, now)
    if until is None:
        said = say("{by} marked {name} as absent until further notice.", by=by, name=name)
    else:
        said = say("{by} marked {name} as absent until {until}.", by=by, name=name, until=until)
    return Wish(lambda plan: change.absent(plan, name, now, until), said)


def back(name: str, by: str) -> Wish:
    return Wish(lambda plan: change.back(plan, name), say("{by} marked {name} as back.", by=by, name=name))


def add_person(name: str, numbers: tuple[str, ...], site: Site, by: str) -> Wish:
    def made(plan: Plan) -> Plan:
        plan = change.with_person(plan, name)
        for typed in numbers:
            plan = change.with_number(plan, site, plan.people[-1].name, typed)
        return plan

    return Wish(made, say("{by} added {name} to the people.", by=by, name=name.strip()))


def remove_person(name: str, by: str) -> Wish:
    return Wish(
        lambda plan: change.without_person(plan, name), say("{by} removed {name} from the people.", by=by, name=name)
    )


def rename(name: str, new: str, by: str) -> Wish:
    said = say("{by} renamed {name} to {new}.", by=by, name=name, new=new.strip())
    return Wish(lambda plan: change.renamed(plan, name, new), said)


def move(name: str, places: int, by: str) -> Wish:
    said = say("{by} changed the order of the people.", by=by)
    return Wish(lambda plan: change.moved(plan, name, places), said)


def stand_by(name: str, stands_by: bool, by: str) -> Wish:
    if stands_by:
        said = say("{by} has {name} rung also where no plan says who is on duty.", by=by, name=name)
    else:
        said = say("{by} has {name} rung only where a plan says so.", by=by, name=name)
    return Wish(lambda plan: change.standing_by(plan, name, stands_by), said)


def add_number(name: str, typed: str, site: Site, by: str) -> Wish:
    number = _read(typed, site)
    said = say("{by} gave {name} the number {number}; it is not confirmed yet.", by=by, name=name, number=number)
    return Wish(lambda plan: change.with_number(plan, site, name, number), said)


def remove_number(name: str, number: str, now: datetime, by: str) -> Wish:
    said = say("{by} took the number {number} of {name} away.", by=by, name=name, number=number)
    return Wish(lambda plan: change.without_number(plan, name, number, now), said)


def move_number(name: str, number: str, places: int, by: str) -> Wish:
    said = say("{by} changed the order in which the numbers of {name} are rung.", by=by, name=name)
    return Wish(lambda plan: change.number_moved(plan, name, number, places), said)


def _read(typed: str, site: Site) -> str:
    try:
        return change.readable(typed, site)
    except NotPlanned as no:
        raise Refusal(422, no.why) from None


def add_rows(rows: tuple[Row, ...], by: str) -> Wish:
    return Wish(lambda plan: change.with_rows(plan, rows), say("{by} added to the weekly plan.", by=by))


def remove_rows(rows: tuple[Row, ...], by: str) -> Wish:
    return Wish(lambda plan: change.without_rows(plan, rows), say("{by} took a line out of the weekly plan.", by=by))


def add_special(special: Special, today: date, by: str) -> Wish:
    said = say("{by} added an exception to the duty plan.", by=by)
    return Wish(lambda plan: change.with_special(plan, special, today), said)


def remove_special(special: Special, by: str) -> Wish:
    said = say("{by} took an exception out of the duty plan.", by=by)
    return Wish(lambda plan: change.without_special(plan, special), said)
