"""The demo's buttons. These routes exist only where there is a demo."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from router.core.sentence import say
from router.panel import session
from router.panel.deps import panel_of
from router.panel.refusal import Refusal
from router.panel.rendering import see_other

routes = APIRouter()


@routes.post("/demo/{verb}")
async def do(request: Request, verb: str) -> Response:
    """Breaks or mends something in the lab, and goes back to the board."""
    await session.form(request, await session.required(request))
    demo = panel_of(request).deps.demo
    if demo is None or verb not in demo.verbs():
        raise Refusal(404, say("There is no such page."))
    await demo.do(verb)
    return see_other("/#demo")
