"""The log: everything done by hand or by the automatics, who, from where."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from markupsafe import Markup

from router.core.effects import Kind
from router.core.sentence import Sentence, say
from router.panel import csv_text, guard, language, live, marks
from router.panel.deps import Panel, panel_of
from router.panel.lines import LAST_ID, PATIENCE, LineView, line_view
from router.panel.live import Living, Reading
from router.panel.log_asked import Asked, asked_in, wanted
from router.panel.refusal import Refusal
from router.panel.rendering import macro, page, see_other
from router.panel.speech import Speech
from router.ports import Line, Role

routes = APIRouter(include_in_schema=False)

MOST = 50
MOST_IN_A_TABLE, HELPING = 20_000, 500
UNREAD = say("The journal cannot be read just now.")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LogView:
    """`older`: the address of the page after this one, `newest` of the first; None where this is it. `none`: what is
    said where there is no line; `wrong`: what could not be read, of the filters or of the journal."""

    title: str
    lines: tuple[LineView, ...]
    older: str | None
    newest: str | None
    none: str
    wrong: str
    understood: bool = True


async def seen(reading: Reading) -> LogView:
    before = reading.query.get("before", "")
    last = int(before) if before.isdecimal() and len(before) < 19 else None
    return await log_view(reading.panel, reading.speech, asked_in(reading.query), last)


LOG = Living("log", "log_regions.html", ("lines",), seen)


async def log_view(panel: Panel, speech: Speech, asked: Asked, before: int | None) -> LogView:
    title = f"{speech.render(say('Log'))} · {panel.office.site.name}"
    newest = None if before is None else _address("/log", asked)
    try:
        lines = await found(panel, speech, asked, MOST + 1, before)
    except Refusal as refusal:
        return LogView(title, (), None, newest, "", speech.render(refusal.why), understood=False)
    except Unread:
        return LogView(title, (), None, newest, "", speech.render(UNREAD))
    shown = [line_view(line, speech) for line in lines[:MOST]]
    older = _address("/log", asked, lines[MOST - 1].id) if len(lines) > MOST else None
    return LogView(title, tuple(shown), older, newest, speech.render(_none(asked, before)), "")


def _none(asked: Asked, before: int | None) -> Sentence:
    if before is not None:
        return say("Nothing older is kept.")
    return say("Nothing like that is kept.") if asked.query else say("Nothing has happened yet.")


class Unread(Exception):  # noqa: N818 - named for what it says
    """The journal does not answer."""


async def found(panel: Panel, speech: Speech, asked: Asked, most: int, before: int | None) -> Sequence[Line]:
    """Newest first. Raises Refusal 422 for filters that cannot be, and Unread."""
    journal = panel.deps.journal
    try:
        async with asyncio.timeout(PATIENCE):
            shapes = await journal.shapes() if asked.q else ()
            which = wanted(asked, panel.office.site, panel.deps.timezone, speech, shapes)
            lines = await journal.found(which, most, before)
    except Refusal:
        raise
    except Exception as fault:  # whatever the database throws
        log.warning("journal unreadable", fault=repr(fault))
        raise Unread from None
    if not lines and journal.trouble:
        raise Unread
    return lines


def _address(path: str, asked: Asked, before: int | None = None) -> str:
    query = "&".join(part for part in (asked.query, f"before={before}" if before else "") if part)
    return f"{path}?{query}" if query else path


@routes.get("/journal", dependencies=[Depends(guard.anyone())])
async def moved() -> Response:
    """Where the log was before."""
    return see_other("/log")


@routes.get("/log", dependencies=[Depends(guard.reads(Role.VIEWER))])
async def log_page(request: Request, before: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None) -> Response:
    """Newest first; live at its first page unless something is searched for. `before`: the id of the last line of the
    page before."""
    panel, speech = panel_of(request), language.speech_for(request)
    asked = asked_in(request.query_params)
    values: dict[str, Any] = {
        "asked": asked, "kinds": [(kind.value, speech.text(marks.KINDS[kind])) for kind in Kind],
        "trunks": [(trunk.name, trunk.label) for trunk in panel.office.site.trunks],
        "numbers": [(number.number, speech.number(number.number)) for number in panel.office.site.numbers],
        "table": _address("/log.csv", asked),
    }  # fmt: skip
    if before is None and not asked.q:
        return await live.page(request, LOG, "log.html", **values)
    view = await log_view(panel, speech, asked, before)
    regions = {"lines": Markup(macro("lines", LOG.template, speech, view))}  # noqa: S704 - our own escaped HTML
    return page(request, speech, "log.html", 200 if view.understood else 422, view=view, regions=regions, **values)


@routes.get("/log.csv", dependencies=[Depends(guard.reads(Role.VIEWER))])
async def log_table(request: Request) -> Response:
    """The same lines as a table for a spreadsheet, the newest 20 000 of them. 503 where the journal cannot be read."""
    panel, speech = panel_of(request), language.speech_for(request)
    asked = asked_in(request.query_params)
    try:
        first = await found(panel, speech, asked, HELPING, None)
    except Unread:
        raise Refusal(503, UNREAD) from None
    table = _table(panel, speech, asked, first)
    return StreamingResponse(table, media_type="text/csv; charset=utf-8", headers=csv_text.headers("log"))


async def _table(panel: Panel, speech: Speech, asked: Asked, lines: Sequence[Line]) -> AsyncIterator[str]:
    names = (
        say("When"), say("Kind"), say("Who"), say("From where"), say("Trunk"), say("Number"), say("What"),
        say("Reason"), say("Evidence"),
    )  # fmt: skip
    yield csv_text.MARK + csv_text.lines([[speech.line(name) for name in names]], speech.language)
    told = 0
    while lines:
        yield csv_text.lines((_row(line, speech) for line in lines), speech.language)
        told += len(lines)
        if len(lines) < HELPING:
            return
        if told >= MOST_IN_A_TABLE:
            yield csv_text.ended(MOST_IN_A_TABLE, speech)
            return
        try:
            lines = await found(panel, speech, asked, HELPING, lines[-1].id)
        except Unread:
            yield csv_text.lines([[speech.render(UNREAD)]], speech.language)
            return


def _row(line: Line, speech: Speech) -> Sequence[str]:
    view = line_view(line, speech)
    evidence = " | ".join(f"{at} {text}" for at, _, text in view.evidence.pieces) if view.evidence else ""
    return (
        line.at.astimezone(speech.timezone).isoformat(sep=" ", timespec="seconds"), view.kind_word,
        speech.who(line.by) if line.by else "", view.origin, line.trunk or "",
        csv_text.Phone(speech.number(line.number)) if line.number else "", view.text, view.reason, evidence,
    )  # fmt: skip
