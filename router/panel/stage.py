"""The demo's buttons. These routes exist only where there is a demo."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from router.core.sentence import say
from router.panel import guard
from router.panel.deps import panel_of
from router.panel.guard import Sent
from router.panel.refusal import Refusal
from router.panel.rendering import see_other
from router.ports import Role

routes = APIRouter(include_in_schema=False)


@routes.post("/demo/{verb}")
async def do(request: Request, verb: str, sent: Annotated[Sent, Depends(guard.changes(Role.STAFF))]) -> Response:
    """Breaks or mends something in the lab, and goes back to the board."""
    demo = panel_of(request).deps.demo
    if demo is None or verb not in demo.verbs():
        raise Refusal(404, say("There is no such page."))
    await demo.do(verb)
    return see_other("/#demo")
