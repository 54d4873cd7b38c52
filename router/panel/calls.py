"""The latest calls on the board."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from router.core.call_told import leg_told, told
from router.core.calls import Call, Outcome
from router.core.sentence import say
from router.core.site import Site
from router.panel import marks
from router.panel.lines import PATIENCE
from router.panel.marks import Mark
from router.panel.speech import Speech
from router.ports import Journal

MOST = 10
MOST_TRIES = 4

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CallView:
    """`tries`: of a call that nobody took, what the last mobiles said. `to` names the published `number`."""

    time: str
    time_iso: str
    mark: Mark
    caller: str
    to: str
    number: str
    text: str
    tries: tuple[str, ...]
    away: bool


async def latest_calls(journal: Journal) -> Sequence[Call]:
    """A dead database costs the calls, never the board."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await journal.calls(MOST)
    except Exception as fault:  # whatever the database throws: the board must stand
        log.warning("calls unreadable", fault=repr(fault))
        return ()


def call_view(call: Call, site: Site, speech: Speech) -> CallView:
    tries = call.legs[-MOST_TRIES:] if call.outcome is Outcome.MISSED else ()
    return CallView(
        time=speech.moment(call.began), time_iso=call.began.isoformat(), mark=marks.CALLS[call.outcome],
        caller=speech.text("{number}", number=call.caller) if call.caller else speech.line(say("number withheld")),
        to=speech.render(say("to {number}", number=call.number)),
        number=speech.text("{number}", number=call.number), text=speech.line(told(call, site)),
        tries=tuple(speech.line(leg_told(leg, site)) for leg in tries), away=call.away,
    )  # fmt: skip
