"""GET /api/v1/calls: the journal of calls, and the shape of its answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict

from router.core import counted
from router.core.call_told import leg_told, person, told
from router.core.calls import Call, Leg, Outcome
from router.core.counted import Count, Wanted
from router.core.sentence import say
from router.core.site import Site, Way
from router.panel import language, wishes
from router.panel.api import Reader
from router.panel.calls_asked import digits_of
from router.panel.deps import Panel, panel_of
from router.panel.lines import PATIENCE, UNREADABLE
from router.panel.refusal import Refusal
from router.panel.speech import Speech, masked

log = structlog.get_logger(__name__)

routes = APIRouter(prefix="/api/v1", tags=["calls"])


def _rfc3339(text: object) -> object:
    """Else a bare number would be seconds since 1970."""
    if isinstance(text, str) and not re.match(r"[0-9]{4}-", text):
        raise ValueError("no date")
    return text


Moment = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]


class Body(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class LegBody(Body):
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


class CallBody(Body):
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
    forwarded: bool
    """At least one mobile was rung for it, whoever took it in the end, and also where nobody did."""
    rescued: bool
    """Taken on a mobile, where the office could not have: its line was down, no office phone could be reached, or
    nobody picked up there. Not where staff had set the number to the mobile while the line worked."""
    router_away: bool
    """It was told by Asterisk afterwards, since the router had been away."""


class CallsBody(Body):
    calls: list[CallBody]
    """Newest first."""
    next: str | None
    """The address of the calls before these; null where there are none."""
    trouble: str | None
    """Why calls cannot be kept or read just now; null while all is well."""


@routes.get("/calls", summary="The calls that came in")
async def get_calls(
    request: Request, caller: Reader, *, limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[str | None, Query(pattern=r"^[0-9.]{1,40}$")] = None,
    missed: bool = False, show: Count | None = None, number: str | None = None,
    since: Moment | None = None, until: Moment | None = None,
    digits: Annotated[str, Query(max_length=40, pattern=r"^$|[1-9]")] = "",
) -> CallsBody:  # fmt: skip
    """`show`: only those that count as that (see the fields of a call); `missed`: the same as `show=missed`. `number`:
    a published number, as people write it. `since`: only calls that began then or later; `until`: before then.
    `digits`: in a row in the caller's number, not for viewers. `before`: the id of the last call of the page before.
    """
    panel, speech = panel_of(request), language.speech_for(request)
    site = panel.office.site
    if speech.masked and digits:
        raise Refusal(403, say("Whoever sees no whole numbers cannot search for them."))
    wanted = Wanted(
        count=Count.MISSED if missed and show is None else show,
        number=wishes.read_number(number, site.country) if number else None,
        since=_moment(since, "since"), until=_moment(until, "until"), digits=digits_of(digits),
    )  # fmt: skip
    found, trouble = await _read(panel, wanted, limit + 1, before)
    more = len(found) > limit
    return CallsBody(
        calls=[call_body(call, site, speech) for call in found[:limit]], trouble=trouble,
        next=str(request.url.include_query_params(before=found[limit - 1].id).replace(scheme="", netloc=""))
        if more else None,
    )  # fmt: skip


def _moment(at: datetime | None, key: str) -> datetime | None:
    """In UTC; Python knows no year before 1 and none after 9999."""
    try:
        return at and at.astimezone(UTC)
    except OverflowError:
        raise Refusal(422, say("{key} cannot be read.", key=key)) from None


async def _read(panel: Panel, wanted: Wanted, most: int, before: str | None) -> tuple[Sequence[Call], str | None]:
    """The calls, and what is wrong with the database; a dead one costs the calls, and is said beside them."""
    trouble = panel.deps.journal.trouble
    try:
        async with asyncio.timeout(PATIENCE):
            return await panel.deps.call_book.page(wanted, most, before), trouble
    except Exception as fault:  # whatever the database throws
        log.warning("calls unreadable", fault=repr(fault))
        return (), trouble or UNREADABLE


def call_body(call: Call, site: Site, speech: Speech) -> CallBody:
    return CallBody(
        id=call.id, number=call.number, caller=shown(call.caller, speech), trunk=call.trunk, way=call.way,
        began=call.began.astimezone(speech.timezone), ended=call.ended.astimezone(speech.timezone),
        seconds_to_ring=_seconds(call.rang_ms), seconds_to_answer=_seconds(call.answered_ms),
        outcome=call.outcome, by=speech.shown(call.by), person=person(site, call.by or ""),
        text=speech.line(told(call, site)),
        legs=[_leg(leg, site, speech) for leg in call.legs], forwarded=counted.forwarded(call),
        rescued=counted.rescued(call), router_away=call.away,
    )  # fmt: skip


def shown(caller: str | None, speech: Speech) -> str | None:
    """As `Speech.shown`; digits that a carrier delivered without a plus are a person's number, too."""
    return masked(caller) if caller and speech.masked and caller not in speech.published else caller


def _leg(leg: Leg, site: Site, speech: Speech) -> LegBody:
    return LegBody(
        trunk=leg.trunk or None, number=speech.shown(leg.number or None), person=person(site, leg.number), end=leg.end,
        text=speech.line(leg_told(leg, site)),
    )  # fmt: skip


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else round(milliseconds / 1000, 1)
