"""/outages: what was down, for how long, and how much that was in each month."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from router.core.sentence import sentence
from router.panel import csv_text, guard, language, live, outages_csv
from router.panel.deps import panel_of
from router.panel.lines import LAST_ID
from router.panel.live import Living, Reading
from router.panel.outages_kept import read
from router.panel.outages_view import BEHIND, SPANS, OutagesView, bars_view, months_view, row_view
from router.panel.refusal import Refusal
from router.ports import Role

routes = APIRouter(include_in_schema=False)

MOST = 25
MOST_OPEN = 500
"""A house with a hundred trunks shows all that are down."""
MOST_IN_CSV, HELPING = 20_000, 200
CSV = "text/csv; charset=utf-8"
EXCLUDED = sentence("False alarms are left out of bars and sums.")


async def seen(reading: Reading) -> OutagesView:
    """The query: `before`, the last outage of the page before; `trunk`, its name; `days`, 30 or 90."""
    speech, site, query = reading.speech, reading.office.site, reading.query
    outages, trunk = reading.panel.deps.outages, query.get("trunk") or None
    before = int(query["before"]) if query.get("before", "").isdecimal() else None
    before = before if before is None or before <= LAST_ID else None
    days = SPANS[1] if query.get("days") == str(SPANS[1]) else SPANS[0]
    try:
        rows = [] if before else list(await read(outages.latest(MOST_OPEN, subject=trunk, open_now=True)))
        older = await read(outages.latest(MOST + 1, before, subject=trunk, open_now=False))
        told_since = await read(outages.told_since())
        all_of_them = await read(outages.since(told_since)) if told_since else ()
    except Refusal as refusal:
        return OutagesView(
            title=_title(reading), rows=(), first=True, older=None, trouble=speech.render(refusal.why), behind="",
            days=days, since="", bars=(), months=(), excluded="", asked="",
        )  # fmt: skip
    rows += older[:MOST]
    false_alarms = any(one.false_alarm for one in all_of_them)
    return OutagesView(
        title=_title(reading), rows=tuple(row_view(one, site, speech) for one in rows), first=before is None,
        older=older[MOST - 1].outage.id if len(older) > MOST else None, trouble="",
        behind=speech.text(BEHIND) if outages.behind else "", days=days,
        since=speech.moment(told_since) if told_since else "",
        bars=bars_view(all_of_them, site, speech, days), months=months_view(all_of_them, site, told_since, speech),
        excluded=speech.text(EXCLUDED) if false_alarms else "",
        asked="".join(f"&{urlencode({name: query[name]})}" for name in ("trunk", "days") if query.get(name)),
    )  # fmt: skip


def _title(reading: Reading) -> str:
    return f"{reading.speech.text('Outages')} · {reading.office.site.name}"


OUTAGES = Living("outages", "outages_regions.html", ("list", "bars", "sums"), seen)


@routes.get("/outages", dependencies=[Depends(guard.reads(Role.VIEWER))])
async def outages_page(
    request: Request, trunk: str = "", before: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None
) -> Response:
    """Open ones first, then newest first."""
    return await live.page(request, OUTAGES, "outages.html", spans=SPANS, trunk=trunk)


@routes.get("/outages.csv", dependencies=[Depends(guard.reads(Role.VIEWER))])
async def outages_table(request: Request, trunk: str = "") -> Response:
    panel, speech = panel_of(request), language.speech_for(request)
    outages, subject = panel.deps.outages, trunk or None
    first = await read(outages.latest(HELPING, subject=subject))

    async def table() -> AsyncIterator[str]:
        yield outages_csv.head(speech)
        found, told = first, 0
        while found:
            yield outages_csv.listed(found, panel.office.site, speech)
            told += len(found)
            if len(found) < HELPING:
                return
            if told >= MOST_IN_CSV:
                yield csv_text.ended(MOST_IN_CSV, speech)
                return
            try:
                found = await read(outages.latest(HELPING, found[-1].outage.id, subject=subject))
            except Refusal as refusal:
                yield csv_text.lines([[speech.render(refusal.why)]], speech.language)
                return

    return StreamingResponse(table(), media_type=CSV, headers=csv_text.headers("outages"))


def csv_file(text: str, name: str) -> Response:
    return Response(text, media_type=CSV, headers=csv_text.headers(name))
