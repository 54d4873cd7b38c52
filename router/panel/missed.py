"""How many wait to be called back, in one line for the board: the list stands on its own page."""

from __future__ import annotations

import asyncio

import structlog

from router.core.sentence import say
from router.panel.callbacks import SPAN
from router.panel.deps import Panel
from router.panel.lines import PATIENCE
from router.panel.speech import Speech

log = structlog.get_logger(__name__)


async def waiting_callers(panel: Panel, speech: Speech) -> str:
    """Empty where nobody waits, or the calls cannot be read: that is said where they would stand."""
    try:
        async with asyncio.timeout(PATIENCE):
            found = await panel.deps.call_backs.listed(speech.now - SPAN, most=1)
    except Exception as fault:  # whatever the database throws: the board must stand
        log.warning("call-backs unreadable", fault=repr(fault))
        return ""
    if not found.still:
        return ""
    if found.still == 1:
        return speech.render(say("1 caller was missed and waits to be called back."))
    return speech.render(say("{count} callers were missed and wait to be called back.", count=found.still))
