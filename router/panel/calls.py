"""The latest calls on the board."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from router.core import counted
from router.core.call_told import leg_told, told
from router.core.calls import Call, Outcome
from router.core.sentence import say
from router.core.site import Site
from router.panel import marks
from router.panel.lines import PATIENCE
from router.panel.marks import Mark
from router.panel.speech import Speech
from router.ports import Journal

MOST = 6
LOOKED_AT = 60
"""Calls that are read for the board, since attempts of one caller stand in one row."""
MOST_TRIES = 4

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CallView:
    """`tries`: of a call that nobody took, what the last mobiles said; `legs`: of any call, what all of them said.

    `to` names the published `number`. `times`: how often he tried in vain, where that was more than once. `also`:
    forwarded or rescued.
    """

    id: str
    time: str
    time_iso: str
    mark: Mark
    caller: str
    to: str
    number: str
    text: str
    tries: tuple[str, ...]
    away: bool
    legs: tuple[str, ...] = ()
    times: str = ""
    also: Mark | None = None


async def latest_calls(journal: Journal) -> Sequence[Call] | None:
    """A dead database costs the calls, never the board: None then."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await journal.calls(LOOKED_AT)
    except Exception as fault:  # whatever the database throws: the board must stand
        log.warning("calls unreadable", fault=repr(fault))
        return None


def latest_views(calls: Sequence[Call], site: Site, speech: Speech) -> list[CallView]:
    """The last rows of the board: attempts of one caller at one number, between which nobody took his call, are one."""
    rows = grouped(calls)[:MOST]
    return [replace(call_view(call, site, speech), times=_times(count, speech)) for call, count in rows]


def grouped(calls: Sequence[Call]) -> list[tuple[Call, int]]:
    """The newest of each group, with how many they are. `calls` are newest first."""
    rows: list[tuple[Call, int]] = []
    open_at: dict[str, dict[str, int]] = {}
    for call in calls:
        his = open_at.setdefault(call.caller or call.id, {})  # who withholds his number may be another each time
        if call.outcome is not Outcome.MISSED:
            his.clear()
        elif call.number in his:
            at = his[call.number]
            rows[at] = rows[at][0], rows[at][1] + 1
            continue
        else:
            his[call.number] = len(rows)
        rows.append((call, 1))
    return rows


def call_view(call: Call, site: Site, speech: Speech) -> CallView:
    legs = tuple(speech.line(leg_told(leg, site)) for leg in call.legs)
    rescued, forwarded = counted.rescued(call), counted.forwarded(call)
    return CallView(
        id=call.id, time=speech.moment(call.began), time_iso=call.began.isoformat(), mark=marks.CALLS[call.outcome],
        caller=speech.number(call.caller) if call.caller else speech.line(say("number withheld")),
        to=speech.render(say("to {number}", number=call.number)),
        number=speech.number(call.number), text=speech.line(told(call, site)),
        tries=legs[-MOST_TRIES:] if call.outcome is Outcome.MISSED else (), away=call.away, legs=legs,
        also=marks.RESCUED if rescued else marks.FORWARDED if forwarded else None,
    )  # fmt: skip


def _times(count: int, speech: Speech) -> str:
    return "" if count == 1 else speech.render(say("{count} times", count=count))
