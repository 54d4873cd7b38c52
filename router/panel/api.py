"""The HTTP API under /api/v1: status, override, events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent

from router.panel import guard, language, session, wishes
from router.panel.deps import panel_of
from router.panel.live import Held
from router.panel.refusal import Refusal
from router.panel.session import Caller
from router.panel.status import status
from router.panel.status_body import ORDER, ORDERED, StatusBody
from router.ports import Role

routes = APIRouter(prefix="/api/v1", tags=["now"])

Reader = Annotated[Caller, Depends(guard.api_reads(Role.VIEWER))]
Steering = Annotated[Caller, Depends(guard.api_changes(Role.STAFF))]


@routes.get("/status", summary="The office now", responses={200: {"model": StatusBody}})
async def get_status(request: Request, caller: Reader) -> JSONResponse:
    """Where calls go, whether they reach us, why, and what each trunk is like."""
    return JSONResponse(_status(request))


@routes.put("/override", summary="Say where calls go", openapi_extra=ORDER, responses=ORDERED)
async def put_override(request: Request, caller: Steering) -> JSONResponse:
    """Staff's word: 200 verified; 202 stored, not verified yet; 409 where another router writes; 422 not understood."""
    panel, speech = panel_of(request), language.speech_for(request)
    site = panel.office.site
    wish = wishes.from_json(await request.body(), site, caller.name, caller.via, panel.deps.now())
    wishes.check_writer(panel.office)
    fate = await panel.deps.board.order(wish, caller.address)
    body = {"verified": fate.verified, "why": speech.render(fate.why), "status": _status(request)}
    return JSONResponse(body, 200 if fate.verified else 202)


@routes.get("/events", summary="The office as it changes", response_class=EventSourceResponse)
async def get_events(request: Request, caller: Reader) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events named `status`: the office now, then after each change. A comment keeps the line alive."""
    held, sent = Held(request, caller, _still), None
    async for _ in panel_of(request).hub.follow():
        if await held.still() is None:
            return
        if (told := _status(request)) != sent:
            sent = told
            yield ServerSentEvent(event="status", data=told)


async def _still(request: Request) -> Caller | None:
    try:
        return await session.api_caller(request)
    except Refusal as refused:
        if refused.status == 401:
            return None
        raise


def _status(request: Request) -> dict[str, Any]:
    panel = panel_of(request)
    return status(panel.office, language.speech_for(request), panel.started)
