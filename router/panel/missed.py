"""Who was missed today, in one line for the board: the list to call back stands on its own page."""

from __future__ import annotations

import asyncio
from datetime import datetime, time

import structlog

from router.core.sentence import say
from router.panel.deps import Panel
from router.panel.lines import PATIENCE
from router.panel.speech import Speech

MOST = 500

log = structlog.get_logger(__name__)


async def missed_today(panel: Panel, speech: Speech) -> str:
    """Empty where nobody was missed, or the calls cannot be read: that is said where they would stand."""
    journal, timezone = panel.deps.journal, panel.deps.timezone
    midnight = datetime.combine(speech.now.astimezone(timezone).date(), time(), timezone)
    try:
        async with asyncio.timeout(PATIENCE):
            calls = await journal.calls(MOST, missed=True, since=midnight)
    except Exception as fault:  # whatever the database throws: the board must stand
        log.warning("missed calls unreadable", fault=repr(fault))
        return ""
    callers = len({call.caller for call in calls if call.caller}) + sum(1 for call in calls if not call.caller)
    if not callers:
        return ""
    return speech.render(
        say("1 caller was missed today.") if callers == 1 else say("{count} callers were missed today.", count=callers)
    )
