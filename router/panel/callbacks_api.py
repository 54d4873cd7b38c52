"""/api/v1/callbacks: whom to call back, and what staff say of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import ConfigDict, Field

from router.core.call_backs import NOTE_LENGTH, CallBack
from router.core.call_told import person, told
from router.core.sentence import say
from router.panel import language, wishes
from router.panel.api import Reader, Steering
from router.panel.callbacks import listed, mark, take_back
from router.panel.calls_api import Body, shown
from router.panel.deps import panel_of
from router.panel.refusal import Refusal

routes = APIRouter(prefix="/api/v1/callbacks", tags=["calls"])

Number = Annotated[str, Path(description="The caller, exactly as `caller` of GET callbacks.", examples=["+4930555001"])]


class RemarkBody(Body):
    at: datetime
    by: str
    note: str | None
    done: bool
    """Whether the call-back was marked as done with it; else it is a note only."""


class CallBackBody(Body):
    """One caller who was missed, and has not got through since."""

    caller: str
    """E.164, or the digits as they were delivered; masked for viewers."""
    person: str | None
    """Whose number it is, where it is one of the office's own people."""
    times: int
    """How often he tried; 50 stands for that many or more."""
    first: datetime
    last: datetime
    """When he tried first, and last."""
    numbers: list[str]
    """The published numbers that he dialled, the last one first."""
    text: str
    """What became of his last attempt."""
    done: RemarkBody | None
    """Who called back; null while somebody should."""
    remarks: list[RemarkBody]
    """Newest first."""


class CallBacksBody(Body):
    callbacks: list[CallBackBody]
    """First those who wait, the last attempt on top; then those that were marked as done last, fifty at most."""
    waiting: int
    """How many wait in all, also those beyond `limit`."""
    withheld: int
    """Missed calls without a number: nobody can call back."""
    next: str | None = None
    """Always null: whoever is called back makes room for the next."""


class NoteBody(Body):
    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(json_schema_extra={"maxLength": NOTE_LENGTH})] | None = None
    """One line."""


class OwnNoteBody(Body):
    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(json_schema_extra={"maxLength": NOTE_LENGTH, "pattern": r"[^\s\x00-\x1f\x7f-\x9f]"})]
    """One line, with something in it."""


@routes.get("", summary="Whom to call back")
async def get_callbacks(
    request: Request, caller: Reader, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> CallBacksBody:
    """Who was missed in the last 14 days and has not got through since, one entry for each caller; and who was called
    back."""
    panel = panel_of(request)
    backs = await listed(panel, limit)
    if backs is None:
        raise Refusal(503, say("The database does not answer."))
    waiting = [row for row in backs.rows if row.done is None]
    done = [row for row in backs.rows if row.done]
    return CallBacksBody(
        callbacks=[_body(row, request) for row in (*waiting, *done)],
        waiting=backs.still, withheld=backs.withheld,
    )  # fmt: skip


@routes.post("/{number}/done", summary="Mark a call-back as done")
async def post_done(request: Request, caller: Steering, number: Number, said: NoteBody | None = None) -> CallBackBody:
    """Covers all attempts up to now; a new one opens the row again. Where somebody had marked it before, that stays,
    and the note is kept beside it."""
    note = wishes.read_note(said.note if said else None, NOTE_LENGTH)
    return _body(await mark(panel_of(request), caller, number, note, done=True), request)


@routes.delete("/{number}/done", summary="Take back that a call-back is done")
async def delete_done(request: Request, caller: Steering, number: Number) -> CallBackBody:
    """Within an hour."""
    return _body(await take_back(panel_of(request), caller, number), request)


@routes.post("/{number}/notes", summary="Keep a note without marking the call-back as done")
async def post_note(request: Request, caller: Steering, number: Number, said: OwnNoteBody) -> CallBackBody:
    """It stands beside the caller for all to read; the row stays open."""
    note = wishes.read_note(said.note, NOTE_LENGTH)
    if note is None:
        raise Refusal(422, say("Please write the note first."))
    return _body(await mark(panel_of(request), caller, number, note, done=False), request)


def _body(row: CallBack, request: Request) -> CallBackBody:
    speech, site = language.speech_for(request), panel_of(request).office.site

    def local(at: datetime) -> datetime:
        return at.astimezone(speech.timezone)

    remarks: Sequence[RemarkBody] = [
        RemarkBody(at=local(said.at), by=said.by, note=speech.written(said.note) if said.note else None, done=said.done)
        for said in row.remarks
    ]
    return CallBackBody(
        caller=shown(row.caller, speech) or "", person=person(site, row.caller), times=len(row.attempts),
        first=local(row.first.began), last=local(row.last.began), numbers=list(row.numbers),
        text=speech.line(told(row.last, site)),
        done=next((said for of, said in zip(row.remarks, remarks, strict=True) if of == row.done), None),
        remarks=list(remarks),
    )  # fmt: skip
