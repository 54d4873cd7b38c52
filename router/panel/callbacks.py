"""The call-back list as people see it, and what they do with it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import structlog

from router.core import call_backs
from router.core.call_backs import MOST_ATTEMPTS, UNDO_WITHIN, CallBack, CallBackList, Remark
from router.core.call_told import person, told
from router.core.effects import Kind, Record
from router.core.numbers import as_written
from router.core.sentence import Sentence, say
from router.core.site import Site
from router.panel.deps import Panel
from router.panel.lines import PATIENCE, UNREADABLE
from router.panel.refusal import Refusal
from router.panel.session import Caller
from router.panel.speech import Speech, masked

SPAN = timedelta(days=call_backs.DAYS)
MOST = 100
"""Callers who wait, on the page."""
MOST_REMARKS = 5
_CALLER = re.compile(r"\+?[0-9]{1,30}")
_DIALLED = re.compile(r"\+[1-9][0-9]{4,14}")

log = structlog.get_logger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RemarkView:
    by: str
    time: str
    time_iso: str
    note: str


@dataclass(frozen=True, slots=True)
class CallBackView:
    """`key` tells the row from others without naming anybody. `caller` and `tel` are for those only who may dial: empty
    for viewers, `tel` also where nobody can dial it. `until`: how long it can be undone, empty where it cannot now.
    """

    key: str
    caller: str
    tel: str
    number: str
    person: str
    times: str
    last: str
    last_iso: str
    age: str
    to: str
    text: str
    remarks: tuple[RemarkView, ...]
    done: str = ""
    until: str = ""


async def listed(panel: Panel, most: int = MOST) -> CallBackList | None:
    """None where the database cannot be read: that costs the list, never the page."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await panel.deps.call_backs.listed(panel.deps.now() - SPAN, most)
    except Exception as fault:  # whatever the database throws: the page must stand
        log.warning("call-backs unreadable", fault=repr(fault))
        return None


def row_view(row: CallBack, site: Site, speech: Speech) -> CallBackView:
    done, last = row.done, row.last
    undo = done is not None and speech.now < done.at + UNDO_WITHIN and not speech.masked
    return CallBackView(
        key=last.id, caller="" if speech.masked else row.caller, number=speech.number(row.caller),
        tel=row.caller if _DIALLED.fullmatch(row.caller) and not speech.masked else "",
        person=person(site, row.caller) or "", times=times(len(row.attempts), speech), last=speech.moment(last.began),
        last_iso=last.began.isoformat(), age=speech.age(last.began),
        to=", ".join(speech.number(number) for number in row.numbers), text=speech.line(told(last, site)),
        remarks=tuple(_remark(said, speech) for said in row.remarks if said.note)[:MOST_REMARKS],
        done=speech.render(say("by {by}, {time}", by=done.by, time=done.at)) if done else "",
        until=speech.clock(done.at + UNDO_WITHIN) if done and undo else "",
    )  # fmt: skip


def times(count: int, speech: Speech) -> str:
    if count == 1:
        return speech.render(say("once"))
    if count >= MOST_ATTEMPTS:
        return speech.render(say("at least {count} times", count=count))
    return speech.render(say("{count} times", count=count))


async def mark(panel: Panel, who: Caller, typed: str, note: str | None, *, done: bool) -> CallBack:
    """A note, or that the call-back is done. Where somebody had marked it as done before, that stays, and the note is
    kept beside it.

    Raises Refusal 404 where nobody of that number was missed, 503 where the database cannot be used.
    """
    row = await _row(panel, typed)
    again = done and row.done is not None
    if again and note is None:
        return row
    done = done and not again
    await _asked(panel.deps.call_backs.say(Remark(row.caller, panel.deps.now(), who.name, note, done)))
    if done:
        _journal(panel, who, row, done=True)
    panel.hub.touch()
    return await _row(panel, row.caller)


async def take_back(panel: Panel, who: Caller, typed: str) -> CallBack:
    """Raises Refusal 404 where nothing is marked as done, 409 where it was too long ago, 503 without a database."""
    row = await _row(panel, typed)
    if row.done is None:
        raise Refusal(404, say("No call-back to that number is marked as done."))
    if panel.deps.now() >= row.done.at + UNDO_WITHIN:
        raise Refusal(409, say("That was marked as done too long ago to be taken back."))
    await _asked(panel.deps.call_backs.undo(row.caller, row.done.at))
    _journal(panel, who, row, done=False)
    panel.hub.touch()
    return await _row(panel, row.caller)


async def _row(panel: Panel, typed: str) -> CallBack:
    since = panel.deps.now() - SPAN
    row = await _asked(panel.deps.call_backs.row(typed, since)) if _CALLER.fullmatch(typed) else None
    if row is None:
        raise Refusal(404, say("Nobody with that number has been missed lately."))
    return row


async def _asked(answer: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(PATIENCE):
            return await answer
    except Exception as fault:
        log.warning("call-backs not to be had", fault=repr(fault))
        raise Refusal(503, Sentence(UNREADABLE)) from fault


def _journal(panel: Panel, who: Caller, row: CallBack, *, done: bool) -> None:
    """The journal has days of its own, and viewers read it, too: it names nobody's whole number."""
    number = masked(as_written(row.caller, panel.office.site.country))
    text = (
        say("{by} marked the call-back to {caller} as done.", by=who.name, caller=number)
        if done
        else say("{by} put {caller} back on the list of people to call back.", by=who.name, caller=number)
    )
    panel.deps.journal.note(
        panel.deps.now(), Record(Kind.CALLBACK, text, by=who.name, data={"via": who.via, "address": who.address})
    )


def _remark(said: Remark, speech: Speech) -> RemarkView:
    return RemarkView(speech.who(said.by), speech.moment(said.at), said.at.isoformat(), speech.written(said.note or ""))
