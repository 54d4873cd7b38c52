"""Calls and call-backs as tables for a spreadsheet, piece by piece: a year of calls holds nobody up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from router.core import counted
from router.core.call_backs import MOST_ATTEMPTS, CallBackList
from router.core.call_told import person, told
from router.core.calls import Call
from router.core.sentence import say
from router.core.site import Site
from router.panel import csv_text, marks
from router.panel.callbacks import note_for
from router.panel.calls_asked import Asked
from router.panel.csv_text import Phone
from router.panel.speech import Speech
from router.ports import CallBook

PIECE = 50
"""Calls that are read and written in one go."""
MOST = 200_000


async def calls(book: CallBook, asked: Asked, site: Site, speech: Speech) -> AsyncIterator[str]:
    head = (
        say("Date"), say("Time"), say("Caller"), say("Number dialled"), say("Outcome"), say("Taken by"),
        say("forwarded"),
        say("rescued"), say("Seconds until taken"), say("Seconds in all"), say("What happened"),
    )  # fmt: skip
    yield csv_text.MARK + csv_text.lines([[speech.line(word) for word in head]], speech.language)
    wanted, before, left = asked.wanted(speech.timezone), asked.before, MOST
    while left > 0 and (found := await book.page(wanted, PIECE, before)):
        yield csv_text.lines([_call(call, site, speech) for call in found], speech.language)
        before, left = found[-1].id, left - len(found)


async def call_backs(backs: CallBackList, site: Site, speech: Speech) -> AsyncIterator[str]:
    head = (
        say("Caller"), say("Number dialled"), say("Times tried"), say("Date"), say("Time"), say("What happened"),
        say("Done by"),
        say("Done at"), say("Note"),
    )  # fmt: skip
    yield csv_text.MARK + csv_text.lines([[speech.line(word) for word in head]], speech.language)
    for row in backs.rows:
        last, done = row.last, row.done
        notes = "; ".join(f"{said.by}: {note_for(said.note, speech)}" for said in row.remarks if said.note)
        cells = [
            _phone(row.caller, speech), ", ".join(speech.number(number) for number in row.numbers),
            f"{len(row.attempts)}{'+' if len(row.attempts) >= MOST_ATTEMPTS else ''}", *_when(last, speech),
            speech.line(told(last, site)), speech.who(done.by) if done else "",
            f"{done.at.astimezone(speech.timezone):%Y-%m-%d %H:%M}" if done else "", notes,
        ]  # fmt: skip
        yield csv_text.lines([cells], speech.language)


def _call(call: Call, site: Site, speech: Speech) -> Sequence[str]:
    return [
        *_when(call, speech), _phone(call.caller, speech), _phone(call.number, speech),
        speech.text(marks.CALLS[call.outcome].word), _by(call.by, site, speech), _yes(counted.forwarded(call), speech),
        _yes(counted.rescued(call), speech),
        "" if call.answered_ms is None else str(round(call.answered_ms / 1000)), str(round(call.seconds)),
        speech.line(told(call, site)),
    ]  # fmt: skip


def _when(call: Call, speech: Speech) -> tuple[str, str]:
    local = call.began.astimezone(speech.timezone)
    return f"{local:%Y-%m-%d}", f"{local:%H:%M:%S}"


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
