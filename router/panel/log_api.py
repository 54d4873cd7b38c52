"""GET /api/v1/log and /api/v1/trunks/NAME/answers: what happened, and how long trunks took to answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema

from router.core.effects import Kind
from router.core.kept_blame import whose_in
from router.core.sentence import say
from router.panel import language
from router.panel.api import Reader
from router.panel.deps import panel_of
from router.panel.faults import evidence_body
from router.panel.lines import LAST_ID, evidence_of, line_view
from router.panel.log_asked import Asked
from router.panel.log_page import UNREAD, Unread, found
from router.panel.refusal import Refusal
from router.panel.speech import Speech
from router.ports import Line

routes = APIRouter(prefix="/api/v1", tags=["log"])


class _Body(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


Moment = Annotated[
    datetime,
    PlainSerializer(lambda at: at.isoformat(timespec="milliseconds"), return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""RFC 3339 in the office's time zone, to the millisecond."""


class ExhibitBody(_Body):
    """One piece of evidence."""

    at: Moment
    text: str


class LineBody(_Body):
    """One line of the log. Times are RFC 3339 in the office's time zone."""

    id: int
    at: Moment
    kind: str
    text: str
    """In the language that was asked for."""
    trunk: str | None
    number: str | None
    """The published number it is about, E.164."""
    by: str | None
    """Whose hand it was; null for the automatics."""
    via: str | None
    """How: panel, api, cli or phone."""
    address: str | None
    """The network address it was done from; null for viewers."""
    reason: str | None
    whose: str | None
    """Whose fault something is, of a line of the kind blame."""
    evidence: list[ExhibitBody]
    """Of a line of the kind blame; else empty."""


class LogBody(_Body):
    """`lines` newest first."""

    lines: list[LineBody]
    next: str | None
    """The address of what came before these; null where there is nothing older."""


class AnswerBody(_Body):
    """One probe; of several within five seconds the worst."""

    at: Moment
    """When it was sent."""
    ms: float | None
    """Milliseconds until the answer; null: there was none."""


class AnswersBody(_Body):
    """The probes of the last hour, newest first. They are kept in memory only: a restart begins anew."""

    trunk: str
    since: Moment
    """When measuring began."""
    answers: list[AnswerBody]


@routes.get("/log", summary="What happened")
async def get_log(
    request: Request, caller: Reader, *,
    kind: Annotated[Kind | None, Query(description="Only lines of this kind.")] = None,
    trunk: Annotated[str | None, Query(description="Only lines about this trunk.", max_length=100)] = None,
    number: Annotated[str | None, Query(description="Only lines about this published number.", max_length=40)] = None,
    by: Annotated[Literal["hand", "automatic"] | None, Query(description="Done by people, or by itself.")] = None,
    since: Annotated[date | None, Query(description="From this day on.")] = None,
    until: Annotated[date | None, Query(description="Up to this day and with it.")] = None,
    q: Annotated[str | None, Query(description="Words to be found, in the language asked for.", max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[int | None, Query(ge=1, le=LAST_ID, description="The id of the last line known.")] = None,
) -> LogBody:  # fmt: skip
    """Everything done by hand or by the automatics, newest first: who, from where, and why."""
    panel, speech = panel_of(request), language.speech_for(request)
    asked = Asked(
        kind=kind or "", trunk=trunk or "", number=number or "", by=by or "", since=since.isoformat() if since else "",
        until=until.isoformat() if until else "", q=(q or "").strip(),
    )  # fmt: skip
    try:
        lines = await found(panel, speech, asked, limit + 1, before)
    except Unread:
        raise Refusal(503, UNREAD) from None
    following = None
    if len(lines) > limit:
        paged = urlencode({"limit": limit, "before": lines[limit - 1].id})
        following = f"/api/v1/log?{asked.query}{'&' if asked.query else ''}{paged}"
    return LogBody(lines=[_line(line, speech) for line in lines[:limit]], next=following)


@routes.get("/trunks/{name}/answers", summary="Answer times of the last hour")
async def get_answers(request: Request, caller: Reader, name: str) -> AnswersBody:
    """How long the trunk took to answer each probe of the last hour."""
    panel, speech = panel_of(request), language.speech_for(request)
    if name not in panel.office.trunks:
        raise Refusal(404, say("There is no trunk {name}.", name=name[:40]))
    answers = panel.deps.answers
    kept = [
        AnswerBody(at=answer.at.astimezone(speech.timezone), ms=answer.ms)
        for answer in reversed(answers.last_hour(name, speech.now))
    ]
    return AnswersBody(trunk=name, since=answers.since.astimezone(speech.timezone), answers=kept)


def _line(line: Line, speech: Speech) -> LineBody:
    view = line_view(line, speech)
    via, address = line.data.get("via"), line.data.get("address")
    return LineBody(
        id=line.id, at=line.at.astimezone(speech.timezone), kind=line.kind, text=view.text, trunk=line.trunk,
        number=speech.shown(line.number), by=line.by, via=via if isinstance(via, str) else None,
        address=address if isinstance(address, str) and address and not speech.masked else None,
        reason=view.reason or None, whose=whose_in(line.data) if line.kind == Kind.BLAME else None,
        evidence=[ExhibitBody.model_validate(piece) for piece in evidence_body(evidence_of(line), speech, line.at)],
    )  # fmt: skip
