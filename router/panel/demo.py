"""The demo's buttons: cut a trunk, restore it, call the office, and what each phone does. Absent outside the demo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse

from router.core.sentence import say, sentence
from router.panel import session
from router.panel.deps import panel_of
from router.panel.refusal import Refusal

WORDS = {
    "cut": sentence("Cut the Telekom trunk"),
    "restore": sentence("Restore the Telekom trunk"),
    "call": sentence("Call the office"),
}
"""How the usual verbs are called on their buttons; any other verb is shown as the port names it."""


class DemoPort(Protocol):
    """What the demo lends the panel. Verbs are single words such as "cut"; texts are English and looked up in the catalogue."""

    def verbs(self) -> Sequence[str]: ...

    async def do(self, verb: str) -> None: ...

    def phones(self) -> Sequence[tuple[str, str]]:
        """Each phone's name, and what it does now."""
        ...


routes = APIRouter(include_in_schema=False)


@routes.post("/demo/{verb}")
async def do(request: Request, verb: str) -> RedirectResponse:
    demo = panel_of(request).deps.demo
    if demo is None or verb not in demo.verbs():
        raise Refusal(404, say("There is no such page."))
    await session.checked_form(request, await session.required(request))
    await demo.do(verb)
    return RedirectResponse("/#demo", status_code=303)
