"""Outages as the pages ask for them: a database that does not answer is waited for a moment, and then said."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import structlog

from router.core.sentence import say
from router.panel.deps import Panel
from router.panel.lines import PATIENCE
from router.panel.refusal import Refusal
from router.ports import KeptOutage, OutageLines

log = structlog.get_logger(__name__)

UNREAD = say("The outages cannot be read just now: the database does not answer. That holds up no call.")
NO_SUCH = say("There is no such outage, or it is so old that it is no longer kept.")

Kept = TypeVar("Kept")


async def read(asked: Awaitable[Kept]) -> Kept:
    """Raises Refusal 503 where the database does not answer in time."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await asked
    except Exception as fault:  # whatever the database throws
        log.warning("outages unreadable", fault=repr(fault))
        raise Refusal(503, UNREAD) from None


async def one(panel: Panel, outage: int) -> KeptOutage:
    """Raises Refusal 404 or 503."""
    kept = await read(panel.deps.outages.one(outage))
    if kept is None:
        raise Refusal(404, NO_SUCH)
    return kept


async def lines_of(panel: Panel, kept: KeptOutage) -> OutageLines:
    return await read(panel.deps.outages.lines(kept))
