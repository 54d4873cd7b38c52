"""The page of the day: the board, the three buttons, and the choice of language."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from router.core.sentence import Sentence
from router.core.site import WatchKind
from router.panel import control, demo, guard, language, live, wishes
from router.panel.calls import latest_calls
from router.panel.day import today
from router.panel.deps import panel_of
from router.panel.drawn_answers import Drawing, drawn
from router.panel.drawn_day import Strip
from router.panel.fates import Told, displaced, fate_view
from router.panel.guard import Sent
from router.panel.lines import latest
from router.panel.live import Living, Reading
from router.panel.missed import waiting_callers
from router.panel.refusal import Refusal
from router.panel.rendering import see_other
from router.panel.session import Caller
from router.panel.speech import LANGUAGES
from router.panel.today import strip_of
from router.panel.view import Around, BoardView, board_view
from router.ports import Role

routes = APIRouter(include_in_schema=False)

YEAR = 365 * 24 * 3600
BLANK: Mapping[str, str] = {"number": "", "end": "hour", "at": "", "on": "", "reason": ""}


async def seen(reading: Reading) -> BoardView:
    """The board as it is now, in the reader's language."""
    panel, speech, office = reading.panel, reading.speech, reading.office
    (lines, trouble), calls, missed, (strip, note) = await asyncio.gather(
        latest(panel.deps.journal), latest_calls(panel.deps.journal), waiting_callers(panel, speech), _today(reading)
    )
    lent = panel.deps.demo
    around = Around(
        phones=tuple(lent.phones()) if lent else (), fate=fate_view(_told(reading), office, speech), strip=strip,
        strip_note=note, drawings=_drawings(reading), missed=missed,
    )  # fmt: skip
    return board_view(office, lines, trouble, speech, calls, around=around)


async def _today(reading: Reading) -> tuple[Strip | None, str]:
    timezone = reading.panel.deps.timezone
    found = await reading.panel.today.lines(reading.office, today(reading.speech.now, timezone))
    return (None, "") if found is None else strip_of(reading.office, found, timezone, reading.speech)


def _drawings(reading: Reading) -> dict[str, Drawing]:
    answers, speech, pace = reading.panel.deps.answers, reading.speech, reading.office.site.policy.probe
    return {
        name: drawn(answers.last_hour(name, speech.now), answers.since, pace, speech)
        for name, trunk in reading.office.trunks.items()
        if trunk.site.watch in (WatchKind.PJSIP, WatchKind.IAX2)
    }


def _told(reading: Reading) -> Told | None:
    return reading.panel.fates.get(reading.query.get("fate", ""))


BOARD = Living(
    "board", "regions.html",
    ("notices", "numbers", "checked", "fate", "advice", "holds", "modes", "duty", "trunks", "today", "missed", "calls",
     "lines", "phones"),
    seen, reloads=True,
)  # fmt: skip


@routes.get("/")
async def board(
    request: Request, caller: Annotated[Caller, Depends(guard.reads(Role.VIEWER))], fate: str = "", still: bool = False
) -> Response:
    """`fate`: which order's outcome to show, to whoever gave it. `still`: without JavaScript, do not reload while the
    form is filled in."""
    told = panel_of(request).fates.get(fate)
    if fate and (told is None or told.user != caller.name):
        return see_other("/")
    return await _page(request, still=still)


@routes.post("/override")
async def override(request: Request, sent: Annotated[Sent, Depends(guard.changes(Role.STAFF))]) -> Response:
    """The three buttons."""
    panel, fields, by = panel_of(request), sent.fields, sent.caller.name
    deps, office = panel.deps, panel.office
    try:
        wish = wishes.from_form(fields, office.site, by, deps.now(), timezone=deps.timezone, hours=deps.hours)
        wishes.check_writer(office)
    except Refusal as refusal:
        return await _page(request, status=refusal.status, wrong=refusal.why, fields={**BLANK, **fields})
    before = displaced(office.overrides, wish)
    fate = await deps.board.order(wish, sent.caller.address)
    return see_other(f"/?fate={panel.fates.keep(Told(by, deps.now(), fate, wish, before))}")


@routes.get("/language/{code}", dependencies=[Depends(guard.anyone())])
async def choose_language(request: Request, code: str, back: str = "/") -> Response:
    """Remembers the reader's choice; a preference of his browser only, so a plain link suffices."""
    ours = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    answer = see_other(back if ours else "/")
    if code in LANGUAGES:
        answer.set_cookie(language.COOKIE, code, max_age=YEAR, path="/", samesite="lax", httponly=True)
    return answer


async def _page(
    request: Request, *, status: int = 200, wrong: Sentence | None = None, fields: Mapping[str, str] = BLANK,
    still: bool = False,
) -> HTMLResponse:  # fmt: skip
    panel, speech = panel_of(request), language.speech_for(request)
    numbers = [(site.number, speech.number(site.number)) for site in panel.office.site.numbers]
    ends = list(control.ends(panel.deps.hours, speech.now, panel.deps.timezone, speech))
    return await live.page(
        request, BOARD, "board.html", status, still=still, fields=fields, numbers=numbers, ends=ends,
        wrong=speech.render(wrong) if wrong else "", verbs=_verbs(request),
    )  # fmt: skip


def _verbs(request: Request) -> list[tuple[str, str]] | None:
    """The demo's buttons, or None where there is no demo."""
    lent = panel_of(request).deps.demo
    return None if lent is None else [(verb, demo.WORDS.get(verb, verb)) for verb in lent.verbs()]
