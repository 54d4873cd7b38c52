"""GET /api/v1/calls: the journal of calls, and the shape of its answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict

from router.core.call_told import leg_told, person, told
from router.core.calls import Call, Leg, Outcome
from router.core.site import Site, Way
from router.panel import language, wishes
from router.panel.api import Reader
from router.panel.deps import panel_of
from router.panel.speech import Speech

routes = APIRouter(prefix="/api/v1")


class _Body(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class LegBody(_Body):
    """One try to reach a mobile; without trunk and number: why the call was not forwarded at all."""

    trunk: str | None
    number: str | None
    """The mobile, E.164."""
    person: str | None
    end: str
    """A SIP status such as 486 or 480r (r: after ringing, e: after early media), or answer, none, silence, slow, full,
    busy, noanswer, unconfirmed, refused, taken, time (it rang when our time was up), cancel, calls,
    minutes."""
    text: str


class CallBody(_Body):
    """Times are RFC 3339 in the office's time zone, seconds count from `began`."""

    id: str
    number: str
    """The published number that was dialled, E.164."""
    caller: str | None
    """E.164, or the digits as they were delivered; null where the number is withheld."""
    trunk: str | None
    """Which it came in by."""
    way: Way | None
    """The path that was in force for it."""
    began: datetime
    ended: datetime
    seconds_to_ring: float | None
    seconds_to_answer: float | None
    outcome: Outcome
    by: str | None
    """Who took it: a mobile in E.164, an office phone such as PJSIP/20, or office."""
    person: str | None
    """Whose mobile that is."""
    text: str
    legs: list[LegBody]
    """In the order in which they ended."""
    router_away: bool
    """It was told by Asterisk afterwards, since the router had been away."""


class CallsBody(_Body):
    calls: list[CallBody]
    """Newest first."""
    trouble: str | None
    """Why calls cannot be kept or read just now; null while all is well."""


@routes.get("/calls")
async def get_calls(
    request: Request, caller: Reader, *, limit: Annotated[int, Query(ge=1, le=500)] = 50,
    missed: bool = False, number: str | None = None, since: AwareDatetime | None = None,
) -> CallsBody:  # fmt: skip
    """`number`: a published number, as people write it. `since`: only calls that began then or later."""
    panel, speech = panel_of(request), language.speech_for(request)
    site = panel.office.site
    wanted = wishes.read_number(number, site.country) if number else None
    calls = await panel.deps.journal.calls(limit, missed, wanted, since)
    return CallsBody(calls=[_call(call, site, speech) for call in calls], trouble=panel.deps.journal.trouble)


def _call(call: Call, site: Site, speech: Speech) -> CallBody:
    return CallBody(
        id=call.id, number=call.number, caller=speech.shown(call.caller), trunk=call.trunk, way=call.way,
        began=call.began.astimezone(speech.timezone), ended=call.ended.astimezone(speech.timezone),
        seconds_to_ring=_seconds(call.rang_ms), seconds_to_answer=_seconds(call.answered_ms),
        outcome=call.outcome, by=speech.shown(call.by), person=person(site, call.by or ""),
        text=speech.line(told(call, site)),
        legs=[_leg(leg, site, speech) for leg in call.legs], router_away=call.away,
    )  # fmt: skip


def _leg(leg: Leg, site: Site, speech: Speech) -> LegBody:
    return LegBody(
        trunk=leg.trunk or None, number=speech.shown(leg.number or None), person=person(site, leg.number), end=leg.end,
        text=speech.line(leg_told(leg, site)),
    )  # fmt: skip


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else round(milliseconds / 1000, 1)
