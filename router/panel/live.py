"""The open board: its regions after each change, and now and then, since ages grow and silence looks like failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent

from router.panel import language, session
from router.panel.calls import latest_calls
from router.panel.deps import panel_of
from router.panel.lines import latest
from router.panel.rendering import macro
from router.panel.view import BoardView, board_view

routes = APIRouter()

REGIONS = ("notices", "numbers", "checked", "holds", "modes", "trunks", "calls", "lines", "phones")
"""Macros of regions.html; on the page each fills the element with the id live-<name>."""


@routes.get("/live", response_class=EventSourceResponse)
async def live(request: Request) -> AsyncIterator[ServerSentEvent]:
    """Events `board`: title, time, HTML by region, and when each order that holds was given.

    One event `login` where nobody is logged in (any more).
    """
    panel = panel_of(request)
    async for _ in panel.streams.follow(panel.deps.board.changes(), panel.deps.refresh_seconds):
        if await session.browsing(request) is None:
            yield ServerSentEvent(event="login", data="/login")
            return
        view = await seen(request)
        orders = [word.since.isoformat() for word in panel.office.overrides]
        regions = {name: region(request, name, view) for name in REGIONS}
        yield ServerSentEvent(
            event="board", data={"title": view.title, "at": view.as_of, "regions": regions, "orders": orders}
        )


async def seen(request: Request) -> BoardView:
    """The board as it is now, in the reader's language."""
    panel = panel_of(request)
    journal = panel.deps.journal
    (lines, trouble), calls = await asyncio.gather(latest(journal), latest_calls(journal))
    return board_view(panel.office, lines, trouble, language.speech_for(request), calls)


def region(request: Request, name: str, view: BoardView) -> str:
    """One region's HTML, the same in the page and in the stream."""
    demo = panel_of(request).deps.demo
    subject = (demo.phones() if demo else ()) if name == "phones" else view
    return macro(name, "regions.html", language.speech_for(request), subject)
