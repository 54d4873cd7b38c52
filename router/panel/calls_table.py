"""Calls and call-backs as tables for a spreadsheet, piece by piece: a year of calls holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import structlog

from router.core import counted
from router.core.call_backs import MOST_ATTEMPTS, CallBackList
from router.core.call_told import person, told
from router.core.calls import Call
from router.core.counted import Wanted
from router.core.sentence import say
from router.core.site import Site
from router.panel import csv_text, marks
from router.panel.csv_text import Phone
from router.panel.lines import PATIENCE
from router.panel.speech import Speech
from router.panel.view import UNREAD
from router.ports import CallBook

PIECE = 50
"""Calls that are read and written in one go."""
MOST = 200_000
MOST_CALL_BACKS = 1000

log = structlog.get_logger(__name__)


async def piece(book: CallBook, wanted: Wanted, before: str | None) -> Sequence[Call] | None:
    """The calls that follow; None where the database does not answer in time."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await book.page(wanted, PIECE, before)
    except Exception as fault:  # whatever the database throws
        log.warning("calls unreadable", fault=repr(fault))
        return None


async def calls(
    book: CallBook, wanted: Wanted, first: Sequence[Call], site: Site, speech: Speech
) -> AsyncIterator[str]:
    """From the piece that was read already on; where the database stops answering, the last row says so."""
    head = (
        say("Date"), say("Time"), say("UTC offset"), say("Caller"), say("Number dialled"), say("Outcome"),
        say("Taken by"), say("forwarded"), say("rescued"), say("Seconds until taken"), say("Seconds in all"),
        say("What happened"),
    )  # fmt: skip
    yield csv_text.MARK + csv_text.lines([[speech.line(word) for word in head]], speech.language)
    found: Sequence[Call] | None = first
    left = MOST
    while found:
        yield csv_text.lines([_call(call, site, speech) for call in found], speech.language)
        left -= len(found)
        found = await piece(book, wanted, found[-1].id)
        if found and left <= 0:
            yield csv_text.ended(MOST, speech)
            return
    if found is None:
        yield csv_text.lines([[speech.render(UNREAD)]], speech.language)


async def call_backs(backs: CallBackList, site: Site, speech: Speech) -> AsyncIterator[str]:
    head = (
        say("Caller"), say("Number dialled"), say("Times tried"), say("Date"), say("Time"), say("UTC offset"),
        say("What happened"), say("Done by"), say("Done at"), say("Note"),
    )  # fmt: skip
    yield csv_text.MARK + csv_text.lines([[speech.line(word) for word in head]], speech.language)
    for row in backs.rows:
        last, done = row.last, row.done
        notes = "; ".join(f"{said.by}: {speech.written(said.note)}" for said in row.remarks if said.note)
        cells = [
            _phone(row.caller, speech), Phone(", ".join(speech.number(number) for number in row.numbers)),
            f"{len(row.attempts)}{'+' if len(row.attempts) >= MOST_ATTEMPTS else ''}", *_when(last.began, speech),
            speech.line(told(last, site)), speech.who(done.by) if done else "",
            f"{done.at.astimezone(speech.timezone):%Y-%m-%d %H:%M}" if done else "", notes,
        ]  # fmt: skip
        yield csv_text.lines([cells], speech.language)
    more = backs.still - sum(row.done is None for row in backs.rows)
    if more > 0:
        said = say("And {count} more, who tried before these.", count=more)
        yield csv_text.lines([[speech.line(said)]], speech.language)


def _call(call: Call, site: Site, speech: Speech) -> Sequence[str]:
    return [
        *_when(call.began, speech), _phone(call.caller, speech), _phone(call.number, speech),
        speech.text(marks.CALLS[call.outcome].word), _by(call.by, site, speech), _yes(counted.forwarded(call), speech),
        _yes(counted.rescued(call), speech),
        "" if call.answered_ms is None else str(round(call.answered_ms / 1000)), str(round(call.seconds)),
        speech.line(told(call, site)),
    ]  # fmt: skip


def _when(at: datetime, speech: Speech) -> tuple[str, str, str]:
    """Day, clock, and how far that clock was from UTC: in one night of the year an hour comes twice. A bare +01:00
    would be taken for a formula."""
    local = at.astimezone(speech.timezone)
    offset = f"{local:%z}"
    return f"{local:%Y-%m-%d}", f"{local:%H:%M:%S}", f"UTC{offset[:3]}:{offset[3:5]}"


def _by(by: str | None, site: Site, speech: Speech) -> str:
    if not by:
        return ""
    if by.startswith("+"):
        return person(site, by) or _phone(by, speech)
    return speech.render(say("the office")) if by == "office" else by


def _phone(number: str | None, speech: Speech) -> str:
    return Phone(speech.number(number)) if number else speech.render(say("number withheld"))


def _yes(so: bool, speech: Speech) -> str:
    return speech.render(say("yes")) if so else speech.render(say("no"))
