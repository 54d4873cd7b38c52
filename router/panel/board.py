"""The page of the day: the board, the three buttons, and the choice of language."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from router.core.sentence import Sentence, say
from router.panel import demo, language, session, wishes
from router.panel.deps import panel_of
from router.panel.fates import Told
from router.panel.live import REGIONS, region, seen
from router.panel.refusal import Refusal
from router.panel.rendering import page, see_other
from router.panel.speech import LANGUAGES

routes = APIRouter()

YEAR = 365 * 24 * 3600
BLANK: Mapping[str, str] = {"number": "", "end": "hour", "at": "", "reason": ""}


@routes.get("/")
async def board(request: Request, fate: str = "", still: bool = False) -> Response:
    """`fate`: which order's outcome to show. `still`: without JavaScript, do not reload while the form is filled in."""
    caller = await session.browsing(request)
    if caller is None:
        return see_other("/login")
    told = panel_of(request).fates.take(fate, caller.name)
    return await _page(request, told=told, still=still)


@routes.post("/override")
async def override(request: Request) -> Response:
    """The three buttons."""
    caller = await session.required(request)
    fields = await session.form(request, caller)
    panel = panel_of(request)
    try:
        wish = wishes.from_form(fields, panel.office.site, caller.name, panel.deps.now(), panel.deps.timezone)
        wishes.check_writer(panel.office)
    except Refusal as refusal:
        return await _page(request, status=refusal.status, wrong=refusal.why, fields={**BLANK, **fields})
    fate = await panel.deps.board.order(wish)
    return see_other(f"/?fate={panel.fates.keep(Told(caller.name, panel.deps.now(), fate, wish))}")


@routes.get("/language/{code}")
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
    view = await seen(request)
    holds = told is not None and told.order in panel.office.overrides
    numbers = [(site.number, speech.text("{number}", number=site.number)) for site in panel.office.site.numbers]
    return page(
        request, speech, "board.html", status, view=view, still=still, fields=fields, numbers=numbers, told=told,
        fate=speech.render(told.fate.why) if told else "", what=told.what(speech) if told else "",
        order=told.order.since.isoformat() if told and holds else "",
        outdated=told is not None and told.fate.verified and not holds, wrong=speech.render(wrong) if wrong else "",
        regions={name: Markup(region(request, name, view)) for name in REGIONS},  # noqa: S704 - our own escaped HTML
        verbs=_verbs(request), nothing=speech.render(say("Nothing has happened yet.")),
    )  # fmt: skip


def _verbs(request: Request) -> list[tuple[str, str]] | None:
    """The demo's buttons, or None where there is no demo."""
    lent = panel_of(request).deps.demo
    return None if lent is None else [(verb, demo.WORDS.get(verb, verb)) for verb in lent.verbs()]
