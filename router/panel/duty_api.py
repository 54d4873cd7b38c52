"""The API of people and duty: who is rung when, and who takes over."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request

from router.core import duty_changes as change
from router.core import duty_told
from router.core.duty import Member, Mobile, Plan, Row, Special, mobiles
from router.core.on_duty import near_gap
from router.core.roster import Stretch
from router.core.sentence import say
from router.panel import duty_wishes as wishes
from router.panel import language
from router.panel.api import Reader, Steering
from router.panel.deps import Panel, panel_of
from router.panel.duty_bodies import (
    CalendarBody,
    ChangedPerson,
    DutyBody,
    ExceptionBody,
    MobileBody,
    NewPerson,
    PeopleBody,
    PersonBody,
    PlanBody,
    RowBody,
    RungBody,
    StretchBody,
    Take,
    ToRing,
    Until,
)
from router.panel.duty_wishes import Wish
from router.panel.on_duty import duty_notices, standing_now
from router.panel.refusal import Refusal
from router.panel.speech import Speech

routes = APIRouter(prefix="/api/v1", tags=["duty"])

Name = Annotated[str, Path(max_length=200, description="The name as the plan has it, in any capitals.")]


@routes.get("/people", summary="Everybody who can be rung")
async def get_people(request: Request, caller: Reader) -> PeopleBody:
    """People with their numbers, in order."""
    return _people(request)


@routes.post("/people", status_code=201, summary="Add a person")
async def post_person(request: Request, caller: Steering, body: NewPerson) -> PeopleBody:
    """At the end of the order. New numbers are rung in earnest only after a test ring."""
    panel = panel_of(request)
    await wishes.done(panel, caller, wishes.add_person(body.name, tuple(body.numbers), panel.office.site, caller.name))
    return _people(request)


@routes.put("/people/{name}", summary="Change a person")
async def put_person(request: Request, caller: Steering, name: Name, body: ChangedPerson) -> PeopleBody:
    """Name, numbers, place in the order, and whether he is rung where no plan says otherwise."""
    panel = panel_of(request)
    said = say("{by} changed the data of {name}.", by=caller.name, name=name)
    await wishes.done(panel, caller, Wish(lambda plan: _changed(plan, name, body, panel), said))
    return _people(request)


@routes.delete("/people/{name}", summary="Remove a person")
async def delete_person(request: Request, caller: Steering, name: Name) -> PeopleBody:
    """Also from the plan: what named nobody else goes with him."""
    await wishes.done(panel_of(request), caller, wishes.remove_person(name, caller.name))
    return _people(request)


@routes.post("/people/{name}/absent", summary="Mark a person as absent")
async def post_absent(request: Request, caller: Steering, name: Name, body: Until) -> PeopleBody:
    """From now on; nobody who is absent is rung."""
    panel = panel_of(request)
    await wishes.done(panel, caller, wishes.absent(name, panel.deps.now(), body.until, caller.name))
    return _people(request)


@routes.delete("/people/{name}/absent", summary="Mark a person as back")
async def delete_absent(request: Request, caller: Steering, name: Name) -> PeopleBody:
    """Back before the absence ends by itself."""
    await wishes.done(panel_of(request), caller, wishes.back(name, caller.name))
    return _people(request)


@routes.post("/people/{name}/ring", summary="Test ring")
async def post_ring(request: Request, caller: Steering, name: Name, body: ToRing) -> RungBody:
    """Rings one of the person's numbers; whoever presses 1 confirms it. The answer takes up to 50 seconds."""
    panel, speech = panel_of(request), language.speech_for(request)
    number = _read(body.number, panel)
    rung = await wishes.rung(panel, caller, name, number)
    return RungBody(how=rung.how, confirmed=rung.confirmed, text=speech.line(rung.why))


@routes.get("/duty", summary="Who is on duty now and next")
async def get_duty(request: Request, caller: Reader) -> DutyBody:
    """With the plan, and what is wrong with it."""
    return _duty(request)


@routes.put("/duty", summary="Replace the plan")
async def put_duty(request: Request, caller: Steering, body: PlanBody) -> DutyBody:
    """The whole week and all exceptions; people stay as they are. With the version that was read, nothing is lost that
    somebody else has changed meanwhile."""
    said = say("{by} replaced the duty plan.", by=caller.name)
    await wishes.done(panel_of(request), caller, Wish(lambda plan: _replaced(plan, body), said))
    return _duty(request)


@routes.post("/duty/take", summary="Take over")
async def post_take(request: Request, caller: Steering, body: Take) -> DutyBody:
    """From now on this person alone is on duty, whatever the plan says."""
    panel = panel_of(request)
    wish = wishes.take(panel.office, body.name, panel.deps.now(), body.until, caller.name)
    await wishes.done(panel, caller, wish)
    return _duty(request)


@routes.delete("/duty/take", summary="Back to the plan")
async def delete_take(request: Request, caller: Steering) -> DutyBody:
    """Ends what somebody took over."""
    await wishes.done(panel_of(request), caller, wishes.release(caller.name))
    return _duty(request)


def _changed(plan: Plan, name: str, body: ChangedPerson, panel: Panel) -> Plan:
    member = change.known(plan, name)
    if body.stands_by is not None:
        plan = change.standing_by(plan, name, body.stands_by)
    if body.position is not None:
        plan = change.moved(plan, name, body.position - 1 - plan.people.index(change.known(plan, name)))
    if body.numbers is not None:
        plan = _numbered(plan, member, [_read(typed, panel) for typed in body.numbers], panel)
    return plan if body.name is None else change.renamed(plan, name, body.name)


def _numbered(plan: Plan, member: Member, wanted: list[str], panel: Panel) -> Plan:
    for mobile in member.mobiles:
        if mobile.number not in wanted:
            plan = change.without_number(plan, member.name, mobile.number, panel.deps.now())
    for place, number in enumerate(dict.fromkeys(wanted)):
        held = [mobile.number for mobile in change.known(plan, member.name).mobiles]
        if number not in held:
            plan = change.with_number(plan, panel.office.site, member.name, number)
            held.append(number)
        plan = change.number_moved(plan, member.name, number, place - held.index(number))
    return plan


def _read(typed: str, panel: Panel) -> str:
    try:
        return change.readable(typed, panel.office.site)
    except change.NotPlanned as no:
        raise Refusal(422, no.why) from None


def _replaced(plan: Plan, body: PlanBody) -> Plan:
    if body.version is not None and body.version != _version(plan):
        raise Refusal(409, say("The plan was changed meanwhile. Read it again."))
    plan = Plan(plan.people, taken=plan.taken)
    plan = change.with_rows(plan, [Row(one.day, one.begin, one.end, tuple(one.people)) for one in body.rows])
    for one in body.exceptions:
        special = Special(one.first, one.last, one.begin, one.end, tuple(one.people))
        plan = change.with_special(plan, special)
    return plan


def _version(plan: Plan) -> str:
    return hashlib.sha256(repr((plan.rows, plan.specials)).encode("utf-8", "backslashreplace")).hexdigest()[:16]


# --- answers ---------------------------------------------------------------------------------------------------------


def _people(request: Request) -> PeopleBody:
    panel, speech = panel_of(request), language.speech_for(request)
    plan = panel.office.duty.plan or Plan(())
    return PeopleBody(people=[_person(member, panel, speech) for member in plan.people])


def _person(member: Member, panel: Panel, speech: Speech) -> PersonBody:
    office, away = panel.office, member.away(speech.now)
    ringable = mobiles(member, office.site)
    until = member.absent.until if member.absent and away else None
    return PersonBody(
        name=member.name, numbers=[_number(mobile, mobile.number in ringable, speech) for mobile in member.mobiles],
        stands_by=member.stands_by, on_duty=member.name in office.duty.who, absent=away,
        absent_until=until and until.astimezone(speech.timezone),
    )  # fmt: skip


def _number(mobile: Mobile, ringable: bool, speech: Speech) -> MobileBody:
    return MobileBody(number=speech.shown(mobile.number) or "", confirmed=mobile.confirmed, rung=ringable)


def _duty(request: Request) -> DutyBody:
    panel, speech = panel_of(request), language.speech_for(request)
    office, now = panel.office, panel.deps.now()
    duty, found = office.duty, standing_now(office, now)
    plan = duty.plan or Plan(())
    gap = near_gap(duty.stretches, now)
    taken = plan.taken is not None and plan.taken.holds(now)
    return DutyBody(
        text=speech.line(duty_told.headline(found)) if found else "",
        now=_stretch(found.now, found.since, found.until, speech) if found else None,
        next=_stretch(found.then, found.then.begin, None, speech) if found and found.then else None,
        by_hand=taken, plan=_plan(plan), calendar=_calendar(panel, speech),
        nobody_from=_local(gap.begin, speech) if gap else None, nobody_until=_local(gap.end, speech) if gap else None,
        warnings=[f"{notice.text} {notice.more}".strip() for notice in duty_notices(office, speech)],
    )  # fmt: skip


def _stretch(stretch: Stretch, since: datetime | None, until: datetime | None, speech: Speech) -> StretchBody:
    return StretchBody(
        people=list(stretch.who), since=_local(since, speech), until=_local(until, speech),
        why=speech.line(duty_told.why(stretch)),
    )  # fmt: skip


def _plan(plan: Plan) -> PlanBody:
    return PlanBody(
        rows=[RowBody(day=row.day, begin=row.begin, end=row.end, people=list(row.who)) for row in plan.rows],
        exceptions=[
            ExceptionBody(first=one.first, last=one.last, begin=one.begin, end=one.end, people=list(one.who))
            for one in plan.specials
        ],
        version=_version(plan),
    )


def _calendar(panel: Panel, speech: Speech) -> CalendarBody | None:
    calendar = panel.office.duty.calendar
    if not calendar.source:
        return None
    return CalendarBody(
        source=calendar.source, read=_local(calendar.read, speech), failing_since=_local(calendar.since, speech),
        trouble=speech.line(calendar.trouble) if calendar.trouble else None,
    )  # fmt: skip


def _local(at: datetime | None, speech: Speech) -> datetime | None:
    return at and at.astimezone(speech.timezone)
