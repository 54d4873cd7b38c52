"""When this router was last alive: a file beside the database that is touched every half minute.

So the journal can tell, at the next start, since when nobody saw anything. It is no part of the database: that may be
what is broken.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from router.core.effects import Kind, Record
from router.core.sentence import say

FILE = "failover.alive"
EVERY = 30.0
"""Seconds."""


def last_alive(place: Path) -> datetime | None:
    """None where it never was, or nobody knows."""
    try:
        return datetime.fromtimestamp((place / FILE).stat().st_mtime, UTC)
    except (OSError, ValueError, OverflowError):
        return None


def touch(place: Path) -> None:
    """A full or slow disk costs this, and nothing else."""
    with suppress(OSError):
        os.close(os.open(place / FILE, os.O_WRONLY | os.O_CREAT, 0o600))
        os.utime(place / FILE)


async def keep_alive(place: Path, every: float = EVERY) -> None:
    """Until cancelled, and then once more."""
    try:
        while True:
            await asyncio.to_thread(touch, place)
            await asyncio.sleep(every)
    finally:
        touch(place)


def started(since: datetime | None, now: datetime) -> Record:
    """The line with which the journal begins anew. `since`: when the router was last alive."""
    if since is None or since > now:
        return Record(Kind.ROUTER, say("The router has started."))
    return Record(
        Kind.ROUTER, say("The router has started. It was away since {since}.", since=since), data={"away_since": since}
    )
