"""The page of the day: the board, the three buttons, and the choice of language."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from router.core.sentence import Sentence, say
from router.panel import demo, guard, language, live, wishes
from router.panel.calls import latest_calls
from router.panel.deps import panel_of
from router.panel.fates import Told
from router.panel.guard import Sent
from router.panel.lines import latest
from router.panel.live import Living, Reading
from router.panel.refusal import Refusal
from router.panel.rendering import see_other
from router.panel.session import Caller
from router.panel.speech import LANGUAGES
from router.panel.view import BoardView, board_view
from router.ports import Role

routes = APIRouter(include_in_schema=False)

YEAR = 365 * 24 * 3600
BLANK: Mapping[str, str] = {"number": "", "end": "hour", "at": "", "reason": ""}


async def seen(reading: Reading) -> BoardView:
    """The board as it is now, in the reader's language."""
    journal, lent = reading.panel.deps.journal, reading.panel.deps.demo
    (lines, trouble), calls = await asyncio.gather(latest(journal), latest_calls(journal))
    phones = tuple(lent.phones()) if lent else ()
    return board_view(reading.office, lines, trouble, reading.speech, calls, phones=phones)


def orders(reading: Reading, view: BoardView) -> dict[str, Any]:
    """When each order that holds was given: an older page of whoever gave another one then says so."""
    return {"orders": [word.since.isoformat() for word in reading.office.overrides]}


BOARD = Living(
    "board", "regions.html",
    ("notices", "numbers", "checked", "holds", "modes", "trunks", "calls", "lines", "phones"),
    seen, more=orders, reloads=True,
)  # fmt: skip


@routes.get("/")
async def board(
    request: Request, caller: Annotated[Caller, Depends(guard.reads(Role.VIEWER))], fate: str = "", still: bool = False
) -> Response:
    """`fate`: which order's outcome to show. `still`: without JavaScript, do not reload while the form is filled in."""
    told = panel_of(request).fates.take(fate, caller.name)
    return await _page(request, told=told, still=still)


@routes.post("/override")
async def override(request: Request, sent: Annotated[Sent, Depends(guard.changes(Role.STAFF))]) -> Response:
    """The three buttons."""
    panel, fields, by = panel_of(request), sent.fields, sent.caller.name
    try:
        wish = wishes.from_form(fields, panel.office.site, by, panel.deps.now(), panel.deps.timezone)
        wishes.check_writer(panel.office)
    except Refusal as refusal:
        return await _page(request, status=refusal.status, wrong=refusal.why, fields={**BLANK, **fields})
    fate = await panel.deps.board.order(wish)
    return see_other(f"/?fate={panel.fates.keep(Told(by, panel.deps.now(), fate, wish))}")


@routes.get("/language/{code}", dependencies=[Depends(guard.anyone())])
async def choose_language(request: Request, code: str, back: str = "/") -> Response:
    """Remembers the reader's choice; a preference of his browser only, so a plain link suffices."""
    ours = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    answer = see_other(back if ours else "/")
    if code in LANGUAGES:
        answer.set_cookie(language.COOKIE, code, max_age=YEAR, path="/", samesite="lax", httponly=True)
    return answer


async def _page(
    request: Request, *, status: int = 200, told: Told | None = None, wrong: Sentence | None = None,
    fields: Mapping[str, str] = BLANK, still: bool = False,
) -> HTMLResponse:  # fmt: skip
    panel, speech = panel_of(request), language.speech_for(request)
    holds = told is not None and told.order in panel.office.overrides
    numbers = [(site.number, speech.number(site.number)) for site in panel.office.site.numbers]
    return await live.page(
        request, BOARD, "board.html", status, still=still, fields=fields, numbers=numbers, told=told,
        fate=speech.render(told.fate.why) if told else "", what=told.what(speech) if told else "",
        order=told.order.since.isoformat() if told and holds else "",
        outdated=told is not None and told.fate.verified and not holds, wrong=speech.render(wrong) if wrong else "",
        verbs=_verbs(request), nothing=speech.render(say("Nothing has happened yet.")),
    )  # fmt: skip


def _verbs(request: Request) -> list[tuple[str, str]] | None:
    """The demo's buttons, or None where there is no demo."""
    lent = panel_of(request).deps.demo
    return None if lent is None else [(verb, demo.WORDS.get(verb, verb)) for verb in lent.verbs()]
