"""Outages by API: the list, one of them in full, the carrier's ticket number and notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from router.core.blame import Exhibit
from router.core.kept_blame import evidence_in, whose_in
from router.core.outage_story import Story, Switch
from router.core.outages import Ending, Told, What
from router.core.site import Site
from router.panel import guard, language
from router.panel import outage_words as words
from router.panel.api import Reader, Steering
from router.panel.deps import panel_of
from router.panel.lines import LAST_ID
from router.panel.outage_view import story_of
from router.panel.outage_writing import LONGEST_NOTE, LONGEST_TICKET, write_false_alarm, write_note, write_ticket
from router.panel.outages_kept import lines_of, one, read
from router.panel.session import Caller
from router.panel.speech import Speech
from router.ports import KeptOutage, Note, Role

routes = APIRouter(prefix="/api/v1", tags=["outages"])

Number = Annotated[int, Path(ge=1, le=LAST_ID)]


class _Body(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")


class CountBody(_Body):
    """Calls that reached us while it lasted, by what became of them. What the carrier did not deliver is in none."""

    number: str
    """The published number that was dialled, E.164."""
    saved: int
    """Taken on a mobile."""
    lost: int
    """Missed."""
    office: int
    """Taken in the office."""


class OutageNoteBody(_Body):
    id: int
    at: datetime
    by: str
    text: str


class OutageBody(_Body):
    """Times are RFC 3339 in the office's time zone."""

    id: int
    what: What
    """What was out: a trunk, one published number alone, the office phones behind a number, our sight of the PBX."""
    subject: str
    """The trunk's name, or the number in E.164; empty for the PBX."""
    label: str
    text: str
    """The outage in one sentence."""
    began: datetime
    """The first bad sign."""
    down: datetime | None
    """When it was held for down."""
    answered: datetime | None
    """When it looked good again."""
    ended: datetime | None
    """When it was up again; null while it lasts."""
    ending: Ending
    """open; seen: the router saw the end; unseen, lapsed: it was away, and it was over by `ended` at the latest."""
    found: bool
    """It was down already when the router began to look."""
    clock_set_back: bool
    """The clock was, meanwhile: how long it lasted is not certain."""
    seconds: float
    relapses: int
    cause: str | None
    """probe, registration or calls: what showed it."""
    whose: str | None
    """Whose fault, as under `fault` of GET status."""
    calls: list[CountBody] | None
    """null: they are no longer kept, and nobody counted them in time."""
    ticket: str
    """The carrier's number for it; empty where none was written down."""
    false_alarm: bool


class OutagesBody(_Body):
    outages: list[OutageBody]
    """Newest first."""
    next: str | None
    """The address of what is older."""
    complete: bool
    """false while older lines of the journal are still being read: outages may be missing."""


class OutageEvidenceBody(_Body):
    at: datetime
    text: str


class OutageFaultBody(_Body):
    at: datetime
    whose: str | None
    text: str
    evidence: list[OutageEvidenceBody]


class SwitchBody(_Body):
    at: datetime
    verified: bool
    seconds_after: float | None
    """From when the trunk was held for down, or was up again."""
    milliseconds: float | None
    """For writing it into the PBX and asking the dialplan."""
    text: str


class OrderBody(_Body):
    at: datetime
    by: str | None
    text: str


class OneOutageBody(OutageBody):
    faults: list[OutageFaultBody]
    """Oldest first, as the following."""
    switches: list[SwitchBody]
    orders: list[OrderBody]
    notes: list[OutageNoteBody]
    not_counted: str | None
    """What nobody can know, in one sentence."""


class Changed(_Body):
    """What is left out stays as it is."""

    ticket: Annotated[str | None, Field(json_schema_extra={"maxLength": LONGEST_TICKET})] = None
    """Empty takes it away; at most 60 characters."""
    false_alarm: bool | None = None


class NewNote(_Body):
    text: Annotated[str, Field(json_schema_extra={"maxLength": LONGEST_NOTE, "pattern": r"\S"})]
    """At most 1000 characters."""


@routes.get("/outages", summary="What was down")
async def get_outages(
    request: Request, caller: Reader, *, limit: Annotated[int, Query(ge=1, le=500)] = 50,
    before: Annotated[int | None, Query(ge=1, le=LAST_ID)] = None, trunk: str | None = None, what: What | None = None,
) -> OutagesBody:  # fmt: skip
    """Newest first. `before`: only ids below that one. `trunk`: only of the trunk of that name."""
    panel, speech = panel_of(request), language.speech_for(request)
    subject, kind = (trunk, What.TRUNK) if trunk is not None else (None, what)
    found = await read(panel.deps.outages.latest(limit + 1, before, what=kind, subject=subject))
    page = found[:limit]
    asked = {"limit": limit, "trunk": trunk, "what": what, "before": page[-1].outage.id if page else None}
    older = urlencode({name: value for name, value in asked.items() if value is not None})
    return OutagesBody(
        outages=[_outage(kept, panel.office.site, speech) for kept in page],
        next=f"/api/v1/outages?{older}" if len(found) > limit else None, complete=not panel.deps.outages.behind,
    )  # fmt: skip


@routes.get("/outages/{outage}", summary="One outage in full")
async def get_outage(request: Request, caller: Reader, outage: Number) -> OneOutageBody:
    """With whose fault it was and the evidence for it, the switches, the orders by hand and the notes."""
    return await _one(request, outage)


@routes.patch("/outages/{outage}", summary="Write down the ticket number, or call it a false alarm")
async def patch_outage(request: Request, caller: Steering, outage: Number, body: Changed) -> OneOutageBody:
    """False alarms are left out of the sums."""
    panel = panel_of(request)
    if body.ticket is not None:
        await write_ticket(panel, caller, outage, body.ticket)
    if body.false_alarm is not None:
        await write_false_alarm(panel, caller, outage, body.false_alarm)
    return await _one(request, outage)


@routes.post("/outages/{outage}/notes", status_code=201, summary="Write a note beside an outage")
async def post_note(
    request: Request, caller: Annotated[Caller, Depends(guard.api_changes(Role.STAFF))], outage: Number, body: NewNote
) -> OutageNoteBody:
    """It is kept as long as the outage."""
    return _note(await write_note(panel_of(request), caller, outage, body.text), language.speech_for(request))


async def _one(request: Request, outage: int) -> OneOutageBody:
    panel, speech = panel_of(request), language.speech_for(request)
    site = panel.office.site
    kept = await one(panel, outage)
    whole = story_of(kept, await lines_of(panel, kept), site, speech)
    unknown = words.not_counted(kept.outage, tuple(kept.tally.numbers) if kept.tally else (), speech)
    return OneOutageBody(
        **dict(_outage(kept, site, speech)), **_told(whole, speech),
        notes=[_note(note, speech) for note in kept.notes], not_counted=speech.line(unknown) if unknown else None,
    )  # fmt: skip


def _outage(kept: KeptOutage, site: Site, speech: Speech) -> OutageBody:
    one, zone = kept.outage, speech.timezone
    counts = kept.tally.numbers.items() if kept.tally else None
    moments = {name: getattr(one, name) for name in ("began", "down", "answered", "ended")}
    return OutageBody(
        id=one.id, what=one.what, subject=one.subject, label=words.label(one, site, speech),
        text=speech.line(words.head(one, site, speech)),
        **{name: at.astimezone(zone) if at else None for name, at in moments.items()}, ending=one.ending,
        found=one.found, clock_set_back=one.set_back, seconds=round(one.seconds(speech.now), 3), relapses=one.relapses,
        cause=one.cause or None, whose=one.whose or None,
        calls=None if counts is None else [
            CountBody(number=number, saved=c.saved, lost=c.lost, office=c.office) for number, c in counts
        ],
        ticket=kept.ticket, false_alarm=kept.false_alarm,
    )  # fmt: skip


def _told(whole: Story, speech: Speech) -> dict[str, list[OutageFaultBody] | list[SwitchBody] | list[OrderBody]]:
    at_begin = replace(speech, at=whole.outage.began)
    return {
        "faults": [_fault(line, at_begin) for line in whole.blames],
        "switches": [_switch(switch, at_begin) for switch in whole.switches],
        "orders": [
            OrderBody(at=line.at.astimezone(speech.timezone), by=line.by, text=speech.line(line.text))
            for line in whole.orders
        ],
    }


def _fault(line: Told, speech: Speech) -> OutageFaultBody:
    evidence = [_exhibit(exhibit, speech) for exhibit in evidence_in(line.data)]
    at = line.at.astimezone(speech.timezone)
    return OutageFaultBody(at=at, whose=whose_in(line.data), text=speech.line(line.text), evidence=evidence)


def _exhibit(exhibit: Exhibit, speech: Speech) -> OutageEvidenceBody:
    return OutageEvidenceBody(at=exhibit.at.astimezone(speech.timezone), text=speech.line(exhibit.text))


def _switch(switch: Switch, speech: Speech) -> SwitchBody:
    line = switch.line
    return SwitchBody(
        at=line.at.astimezone(speech.timezone), verified=switch.verified, seconds_after=switch.after,
        milliseconds=switch.ms, text=speech.line(line.text),
    )  # fmt: skip


def _note(note: Note, speech: Speech) -> OutageNoteBody:
    written = speech.written(note.text)
    return OutageNoteBody(id=note.id, at=note.at.astimezone(speech.timezone), by=note.by, text=written)
