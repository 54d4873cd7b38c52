"""What happened, page by page: for whoever asks after the trouble is over."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from router.core.sentence import say
from router.panel import guard, language
from router.panel.deps import panel_of
from router.panel.lines import LAST_ID, latest, line_view
from router.panel.rendering import page, see_other
from router.ports import Role

routes = APIRouter(include_in_schema=False)

MOST = 50
UNREAD = say("The journal cannot be read just now.")


@routes.get("/journal", dependencies=[Depends(guard.anyone())])
async def moved() -> Response:
    """Where the log was before."""
    return see_other("/log")


@routes.get("/log", dependencies=[Depends(guard.reads(Role.VIEWER))])
async def journal(request: Request, before: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None) -> Response:
    """Newest first. `before`: the id of the last line of the page before."""
    speech = language.speech_for(request)
    lines, trouble = await latest(panel_of(request).deps.journal, MOST, before)
    return page(
        request, speech, "journal.html", view={"lines": [line_view(line, speech) for line in lines]},
        unread=speech.render(UNREAD) if trouble and not lines else "", newest=before is None,
        older=lines[-1].id if len(lines) == MOST else None,
    )  # fmt: skip
