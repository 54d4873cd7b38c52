"""The duty page: who is on duty now and next, who takes over, who is away, people, week and exceptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from router.core.duty import Plan
from router.core.sentence import Sentence, say, sentence
from router.panel import duty_forms as forms
from router.panel import duty_wishes as wishes
from router.panel import guard, language, live
from router.panel.deps import panel_of
from router.panel.duty_view import DutyView, duty_view, end_of_shift
from router.panel.duty_wishes import Wish
from router.panel.ends import tomorrow
from router.panel.guard import Sent
from router.panel.live import Living, Reading
from router.panel.refusal import Refusal
from router.panel.rendering import see_other
from router.ports import Role

routes = APIRouter(include_in_schema=False)

T = TypeVar("T")
BLANK: Mapping[str, str] = dict.fromkeys(
    ("name", "end", "at", "back", "number", "day", "begin", "from", "to", *forms.TURNS), ""
)

SHIFT, GAP = sentence("until the end of the shift ({time})"), sentence("until the next shift ({time})")

Staff = Annotated[Sent, Depends(guard.changes(Role.STAFF))]


async def seen(reading: Reading) -> DutyView:
    return duty_view(reading.office, reading.speech)


DUTY = Living("duty", "duty_regions.html", ("now", "days", "people", "week", "exceptions", "calendar"), seen)


@routes.get("/duty", dependencies=[Depends(guard.reads(Role.VIEWER))])
async def duty(request: Request) -> Response:
    return await _page(request)


@routes.post("/duty/take")
async def take(request: Request, sent: Staff) -> Response:
    """`name` takes over; how long: `end`."""
    panel, fields = panel_of(request), sent.fields
    now, office = panel.deps.now(), panel.office

    def wish() -> Wish:
        until = forms.end_of_duty(fields, now, panel.deps.timezone, end_of_shift(office, now))
        return wishes.take(office, _name(fields), now, until, sent.caller.name)

    return await _changed(request, sent, wish)


@routes.post("/duty/release")
async def release(request: Request, sent: Staff) -> Response:
    return await _changed(request, sent, lambda: wishes.release(sent.caller.name))


@routes.post("/duty/absent")
async def absent(request: Request, sent: Staff) -> Response:
    panel, fields, by = panel_of(request), sent.fields, sent.caller.name

    def wish() -> Wish:
        until = forms.end_of_absence(fields, panel.deps.timezone)
        return wishes.absent(_name(fields), panel.deps.now(), until, by)

    return await _changed(request, sent, wish)


@routes.post("/duty/back")
async def back(request: Request, sent: Staff) -> Response:
    return await _changed(request, sent, lambda: wishes.back(_name(sent.fields), sent.caller.name))


@routes.post("/duty/people")
async def add_person(request: Request, sent: Staff) -> Response:
    fields, site = sent.fields, panel_of(request).office.site
    typed = tuple(text for text in (fields.get("number", ""),) if text.strip())
    return await _changed(request, sent, lambda: wishes.add_person(_name(fields), typed, site, sent.caller.name))


@routes.post("/duty/people/change")
async def change_person(request: Request, sent: Staff) -> Response:
    """`do` is up, down, rename (to `new`), always, planned or remove."""
    fields, by = sent.fields, sent.caller.name

    def wish() -> Wish:
        name = _name(fields)
        match fields.get("do"):
            case "up" | "down" as way:
                return wishes.move(name, -1 if way == "up" else 1, by)
            case "rename":
                return wishes.rename(name, fields.get("new", ""), by)
            case "always" | "planned" as when:
                return wishes.stand_by(name, when == "always", by)
            case "remove":
                return wishes.remove_person(name, by)
        raise _unclear()

    return await _changed(request, sent, wish)


@routes.post("/duty/numbers")
async def add_number(request: Request, sent: Staff) -> Response:
    fields, site = sent.fields, panel_of(request).office.site
    number = fields.get("number", "")
    return await _changed(request, sent, lambda: wishes.add_number(_name(fields), number, site, sent.caller.name))


@routes.post("/duty/numbers/change")
async def change_number(request: Request, sent: Staff) -> Response:
    """`do` is up, down or remove."""
    fields, by, now = sent.fields, sent.caller.name, panel_of(request).deps.now()

    def wish() -> Wish:
        name, number = _name(fields), fields.get("number", "")
        match fields.get("do"):
            case "up" | "down" as way:
                return wishes.move_number(name, number, -1 if way == "up" else 1, by)
            case "remove":
                return wishes.remove_number(name, number, now, by)
        raise _unclear()

    return await _changed(request, sent, wish)


@routes.post("/duty/numbers/ring")
async def ring(request: Request, sent: Staff) -> Response:
    """The test ring: the answer comes when it is over."""
    fields = sent.fields
    try:
        rung = await wishes.rung(panel_of(request), sent.caller, _name(fields), fields.get("number", ""))
    except Refusal as refusal:
        return await _page(request, refusal.status, refusal.why)
    return see_other("/duty#people") if rung.confirmed else await _page(request, 409, rung.why)


@routes.post("/duty/rows")
async def add_rows(request: Request, sent: Staff) -> Response:
    return await _changed(request, sent, lambda: wishes.add_rows(forms.rows(sent.fields), sent.caller.name), "#week")


@routes.post("/duty/rows/remove")
async def remove_row(request: Request, sent: Staff) -> Response:
    """`key`: those of all the days that stand in one line."""
    keys = sent.fields.get("key", "").split(",")
    rows = tuple(row for row in _plan(request).rows if forms.key(row) in keys)
    return await _changed(request, sent, lambda: wishes.remove_rows(_found(rows or None), sent.caller.name), "#week")


@routes.post("/duty/exceptions")
async def add_special(request: Request, sent: Staff) -> Response:
    def wish() -> Wish:
        panel = panel_of(request)
        today = panel.deps.now().astimezone(panel.deps.timezone).date()
        return wishes.add_special(forms.special(sent.fields), today, sent.caller.name)

    return await _changed(request, sent, wish, "#exceptions")


@routes.post("/duty/exceptions/remove")
async def remove_special(request: Request, sent: Staff) -> Response:
    plan, key = _plan(request), sent.fields.get("key", "")
    special = next((one for one in plan.specials if forms.key(one) == key), None)
    return await _changed(
        request, sent, lambda: wishes.remove_special(_found(special), sent.caller.name), "#exceptions"
    )


async def _changed(request: Request, sent: Sent, wish: Callable[[], Wish], where: str = "") -> Response:
    """Back to the page; where it could not be, the page says so above what was typed, which is kept."""
    try:
        await wishes.done(panel_of(request), sent.caller, wish())
    except Refusal as refusal:
        return await _page(request, refusal.status, refusal.why, sent.fields)
    return see_other(f"/duty{where}")


async def _page(
    request: Request, status: int = 200, wrong: Sentence | None = None, fields: Mapping[str, str] = BLANK
) -> Response:
    panel, speech = panel_of(request), language.speech_for(request)
    now, plan = panel.deps.now(), _plan(request)
    names = [member.name for member in plan.people]
    mine = own_name(request.state.user.name, names)
    morning = tomorrow(now, panel.deps.timezone)
    end = end_of_shift(panel.office, now)
    shift = speech.text(SHIFT if panel.office.duty.who else GAP, time=end) if end and end != morning else ""
    return await live.page(
        request, DUTY, "duty.html", status, wrong=speech.line(wrong) if wrong else "", names=names,
        takers=sorted(names, key=lambda name: name != mine), mine=mine,
        shift=shift, offers={"shift": end, "morning": morning}, fields={**BLANK, **fields}, turns=forms.TURNS,
        adding=wrong is not None and request.url.path == "/duty/people",
        morning=speech.moment(morning),
        day_words=[(value, word) for value, (word, _) in forms.DAYS.items()],
    )  # fmt: skip


def own_name(user: str, names: Sequence[str]) -> str:
    """Which of the people is the user; empty: none."""
    return next((name for name in names if name.casefold() == user.casefold()), "")


def _plan(request: Request) -> Plan:
    return panel_of(request).office.duty.plan or Plan(())


def _name(fields: Mapping[str, str]) -> str:
    return fields.get("name", "")


def _found(line: T | None) -> T:
    if line is None:
        raise Refusal(404, say("That line is not in the plan any more."))
    return line


def _unclear() -> Refusal:
    return Refusal(422, say("It is not clear what to do."))
