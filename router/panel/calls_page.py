"""/calls: whom to call back, and all calls, looked through, counted, and taken along as a table."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse

from router.core.call_backs import DAYS, NOTE_LENGTH
from router.core.calls import Call
from router.core.counted import WORDS, Count, Figures
from router.core.sentence import say, sentence
from router.panel import calls_table, csv_text, guard, language, live, wishes
from router.panel.callbacks import CallBackView, listed, mark, row_view, take_back
from router.panel.calls import CallView, call_view
from router.panel.calls_asked import Asked, asked
from router.panel.calls_untold import past_outages, untold
from router.panel.deps import Panel, panel_of
from router.panel.guard import Sent
from router.panel.lines import PATIENCE
from router.panel.live import Living, Reading
from router.panel.refusal import Refusal
from router.panel.rendering import see_other
from router.panel.session import Caller
from router.panel.speech import Speech
from router.panel.view import NO_CALLS, UNREAD
from router.ports import Role

routes = APIRouter(include_in_schema=False)

MOST = 50
SHOWS: Mapping[str, str] = {
    "": sentence("all"), Count.MISSED: sentence("missed"), Count.TAKEN: sentence("taken"),
    Count.FORWARDED: sentence("forwarded"), Count.RESCUED: sentence("rescued"),
}  # fmt: skip
NONE_FOUND = say("No call fits what you look for.")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CallsView:
    """`waiting` and `done`: rows to call back; None where they cannot be read. `more`: who wait beyond those.

    `asides`: what no list can show. `figures`: word and count; empty, and `calls` None, where they cannot be read.
    `query`, `first` and `older`: what stands behind the `?` in the address of what is shown, of its first page, and of
    what follows ("" where nothing does).
    """

    title: str
    waiting: Sequence[CallBackView] | None
    done: Sequence[CallBackView]
    more: int
    asides: Sequence[str]
    figures: Sequence[tuple[str, int]]
    calls: Sequence[CallView] | None
    no_calls: str
    query: str
    first: str
    older: str
    newest: bool
    days: int = DAYS
    note_length: int = NOTE_LENGTH


async def seen(reading: Reading) -> CallsView:
    """The page as it is now. What the address asks for and cannot be understood was refused with the page itself."""
    speech, wanted = reading.speech, Asked()
    with suppress(Refusal):
        wanted = asked(reading.query, speech)
    panel = reading.panel
    backs, (calls, figures), past = await asyncio.gather(
        listed(panel), _found(panel, wanted, MOST + 1), past_outages(panel, speech)
    )
    site = reading.office.site
    rows = [row_view(row, site, speech) for row in backs.rows] if backs else []
    waiting = [row for row in rows if not row.done]
    word = speech.line(say("Calls"))
    return CallsView(
        title=f"({backs.still}) {word} · {site.name}" if backs and backs.still else f"{word} · {site.name}",
        waiting=waiting if backs else None, done=[row for row in rows if row.done],
        more=max(0, backs.still - len(waiting)) if backs else 0,
        asides=untold(backs, past, reading.office, speech),
        figures=_figures(figures, speech) if figures else (),
        calls=[call_view(call, site, speech) for call in calls[:MOST]] if calls is not None else None,
        no_calls=speech.render(UNREAD if calls is None else NO_CALLS if wanted == Asked() else NONE_FOUND),
        query=wanted.query(wanted.before), first=wanted.query(),
        older=wanted.query(calls[MOST - 1].id) if calls and len(calls) > MOST else "", newest=wanted.before is None,
    )  # fmt: skip


CALLS = Living("calls", "calls_regions.html", ("backs", "figures", "calls"), seen)


@routes.get("/calls")
async def calls(request: Request, caller: Annotated[Caller, Depends(guard.reads(Role.VIEWER))]) -> Response:
    """`show` (missed, taken, forwarded, rescued), `number`, `from`, `to`, `digits` as the form sends them; `before`."""
    speech = language.speech_for(request)
    wanted, wrong = Asked(), ""
    try:
        wanted = asked(request.query_params, speech)
    except Refusal as refusal:  # the page, and what is wrong with the filter
        wrong = speech.render(refusal.why)
    site = panel_of(request).office.site
    return await live.page(
        request, CALLS, "calls.html", 422 if wrong else 200, asked=wanted, wrong=wrong, shows=SHOWS,
        searches=not speech.masked, words=WORDS,
        numbers=[(known.number, speech.number(known.number)) for known in site.numbers],
    )  # fmt: skip


@routes.post("/calls/mark")
async def marked(request: Request, sent: Annotated[Sent, Depends(guard.changes(Role.STAFF))]) -> Response:
    """The buttons of a row: `do` is done, note or undo."""
    panel, caller, fields = panel_of(request), sent.fields.get("caller", ""), sent.fields
    note = wishes.read_note(fields.get("note"), NOTE_LENGTH)
    match fields.get("do"):
        case "done":
            await mark(panel, sent.caller, caller, note, done=True)
        case "note":
            if note is None:
                raise Refusal(422, say("Please write the note first."))
            await mark(panel, sent.caller, caller, note, done=False)
        case "undo":
            await take_back(panel, sent.caller, caller)
        case _:
            raise Refusal(422, say("{key} cannot be read.", key="do"))
    back = asked(dict(parse_qsl(request.url.query, keep_blank_values=True)), language.speech_for(request))
    return see_other(f"/calls?{back.query(back.before)}#call-backs")


@routes.get("/calls.csv")
async def calls_csv(request: Request, caller: Annotated[Caller, Depends(guard.reads(Role.VIEWER))]) -> Response:
    """The calls that the same address shows on the page, all of them."""
    panel, speech = panel_of(request), language.speech_for(request)
    book, query = panel.deps.call_book, asked(request.query_params, speech)
    wanted = query.wanted(speech.timezone)
    first = await calls_table.piece(book, wanted, query.before)
    if first is None:
        raise Refusal(503, UNREAD)
    return _file(calls_table.calls(book, wanted, first, panel.office.site, speech), "calls", speech)


@routes.get("/call-backs.csv")
async def call_backs_csv(request: Request, caller: Annotated[Caller, Depends(guard.reads(Role.VIEWER))]) -> Response:
    panel, speech = panel_of(request), language.speech_for(request)
    backs = await listed(panel, calls_table.MOST_CALL_BACKS)
    if backs is None:
        raise Refusal(503, UNREAD)
    return _file(calls_table.call_backs(backs, panel.office.site, speech), "call-backs", speech)


def _file(pieces: AsyncIterator[str], name: str, speech: Speech) -> Response:
    today = speech.now.astimezone(speech.timezone).date()
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers=csv_text.headers(f"{name}-{today}"))


async def _found(panel: Panel, wanted: Asked, most: int) -> tuple[Sequence[Call] | None, Figures | None]:
    """A dead database costs the calls and their figures, never the page."""
    book, these = panel.deps.call_book, wanted.wanted(panel.deps.timezone)
    try:
        async with asyncio.timeout(PATIENCE):
            return await asyncio.gather(book.page(these, most, wanted.before), book.figures(these))
    except Exception as fault:  # whatever the database throws
        log.warning("calls unreadable", fault=repr(fault))
        return None, None


def _figures(figures: Figures, speech: Speech) -> list[tuple[str, int]]:
    counted = [(count, getattr(figures, count)) for count in Count]
    return [(speech.line(say("Calls")), figures.calls), *((speech.text(WORDS[of][0]), many) for of, many in counted)]
