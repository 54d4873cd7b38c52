"""/outages/N: one outage, drawn and told, with what the carrier is shown on one printed page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from router.core.sentence import Sentence
from router.panel import guard, language, live, outages_csv
from router.panel.deps import panel_of
from router.panel.guard import Sent
from router.panel.lines import LAST_ID
from router.panel.live import Living, Reading
from router.panel.outage_paper import PaperView, paper_view
from router.panel.outage_view import OutageView, cut_told, outage_view, story_of
from router.panel.outage_writing import LONGEST_NOTE, LONGEST_TICKET, write_false_alarm, write_note, write_ticket
from router.panel.outages import csv_file
from router.panel.outages_kept import lines_of, one
from router.panel.refusal import Refusal
from router.panel.rendering import see_other
from router.ports import Role

routes = APIRouter(include_in_schema=False)

Number = Annotated[int, Path(ge=1, le=LAST_ID)]
Changing = Annotated[Sent, Depends(guard.changes(Role.STAFF))]


class Whole(NamedTuple):
    """All that the page of one outage shows. `trouble`: why that is nothing just now."""

    title: str
    view: OutageView | None
    paper: PaperView | None
    trouble: str = ""


async def seen(reading: Reading) -> Whole:
    """The query: `id`."""
    panel, speech, site = reading.panel, reading.speech, reading.office.site
    wanted = reading.query.get("id", "")
    try:
        kept = await one(panel, int(wanted) if wanted.isdecimal() and int(wanted) <= LAST_ID else 0)
        found = await lines_of(panel, kept)
    except Refusal as refusal:
        return Whole(f"{speech.text('Outages')} · {site.name}", None, None, speech.render(refusal.why))
    view = outage_view(kept, found, site, speech)
    paper = paper_view(view, story_of(kept, found, site, speech), site, speech)
    return Whole(f"{view.title} · {site.name}", view, paper)


OUTAGE = Living("outage", "outage_regions.html", ("head", "drawn", "fault", "calls", "events", "notes", "paper"), seen)


@routes.get("/outages/{outage}", dependencies=[Depends(guard.reads(Role.VIEWER))])
async def outage_page(request: Request, outage: Number) -> Response:
    await one(panel_of(request), outage)
    return await _page(request, outage)


@routes.get("/outages/{outage}/lines.csv", dependencies=[Depends(guard.reads(Role.VIEWER))])
async def outage_table(request: Request, outage: Number) -> Response:
    panel, speech = panel_of(request), language.speech_for(request)
    kept = await one(panel, outage)
    found = await lines_of(panel, kept)
    whole = story_of(kept, found, panel.office.site, speech)
    return csv_file(outages_csv.told(whole, speech, cut_told(found, whole, speech)), f"outage-{outage}")


@routes.post("/outages/{outage}/ticket")
async def ticket_form(request: Request, outage: Number, sent: Changing) -> Response:
    try:
        await write_ticket(panel_of(request), sent.caller, outage, sent.fields.get("ticket", ""))
    except Refusal as refusal:
        return await _refused(request, outage, refusal, sent.fields)
    return see_other(f"/outages/{outage}#notes")


@routes.post("/outages/{outage}/notes")
async def note_form(request: Request, outage: Number, sent: Changing) -> Response:
    try:
        await write_note(panel_of(request), sent.caller, outage, sent.fields.get("note", ""))
    except Refusal as refusal:
        return await _refused(request, outage, refusal, sent.fields)
    return see_other(f"/outages/{outage}#notes")


@routes.post("/outages/{outage}/false-alarm")
async def false_alarm_form(request: Request, outage: Number, sent: Changing) -> Response:
    await write_false_alarm(panel_of(request), sent.caller, outage, sent.fields.get("false_alarm") == "yes")
    return see_other(f"/outages/{outage}")


async def _refused(request: Request, outage: int, refusal: Refusal, fields: Mapping[str, str]) -> Response:
    """The same page with what was typed; where there is no such outage, that."""
    if refusal.status != 422:
        raise refusal
    return await _page(request, outage, status=422, wrong=refusal.why, fields=fields)


async def _page(
    request: Request, outage: int, *, status: int = 200, wrong: Sentence | None = None,
    fields: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    speech = language.speech_for(request)
    return await live.page(
        request, OUTAGE, "outage.html", status, beside={"id": str(outage)}, outage=outage, fields=fields or {},
        wrong=speech.render(wrong) if wrong else "",
        longest={"ticket": LONGEST_TICKET, "note": LONGEST_NOTE},
    )  # fmt: skip
