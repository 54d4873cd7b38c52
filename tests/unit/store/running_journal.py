"""A journal that is being kept, and waiting for what the store offers no event for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from router.core.calls import Call
from router.store.database import Database
from router.store.journal import StoredJournal
from router.store.keeper import Pace

FOR_EVER = timedelta(days=36500)
"""The lines of tests may be of any day."""
HURRIED = Pace(retry_first=0.01, retry_most=0.05, last_words=2.0)


@asynccontextmanager
async def being_kept(database: Database, pace: Pace = HURRIED) -> AsyncIterator[StoredJournal]:
    """A journal whose `run` runs; at the end it is stopped as the service stops it."""
    journal = StoredJournal(database, pace, keep_lines=FOR_EVER)
    running = asyncio.create_task(journal.run())
    await asyncio.sleep(0)  # a task that is cancelled before its first step never takes one
    try:
        yield journal
    finally:
        running.cancel()
        await asyncio.wait({running})


async def keeping(database: Database, *calls: Call) -> None:
    """Writes calls of any day into the database."""
    journal = StoredJournal(database, HURRIED, keep_calls=FOR_EVER, keep_lines=FOR_EVER)
    for call in calls:
        journal.keep(call, lambda: None)
    running = asyncio.create_task(journal.run())
    await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait({running})


async def until(holds: Callable[[], bool], patience: float = 10.0) -> None:
    async with asyncio.timeout(patience):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.005)
