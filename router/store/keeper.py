"""The loop that writes what waits, mends a database that fails, and has old lines and calls forgotten."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from router.store import complaints
from router.store.database import Database, StoreUnavailable

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How much waits, and for how long. Times in seconds."""

    capacity: int = 10_000
    """Lines, and calls, that wait in memory; beyond it the oldest make way."""
    batch: int = 500
    """Lines in one transaction."""
    retry_first: float = 0.5
    """Between two attempts on a database that does not work; doubled each time, up to `retry_most`."""
    retry_most: float = 15.0
    last_words: float = 3.0
    """How long a stop waits for what is not written yet."""
    prune_every: float = 3600.0


class Work(Protocol):
    """What there is to do in the database."""

    def unwritten(self) -> int: ...

    async def write(self) -> None: ...

    async def prune(self) -> None: ...


class Keeper:
    """`why`: what keeps the work from being done, in words for people; None while all is well."""

    def __init__(self, database: Database, pace: Pace, work: Work) -> None:
        self.why: str | None = None
        self._database = database
        self._pace = pace
        self._work = work
        self._prune_at = 0.0
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. What waits is still written then, as far as `last_words` seconds allow."""
        self._stopping.clear()
        keeping = asyncio.create_task(self._keep())
        try:
            await asyncio.shield(keeping)
        finally:  # not cancelled at once: nobody could tell whether a transaction cut off in its midst was committed
            self._stopping.set()
            self._database.attention.set()
            await asyncio.wait({keeping}, timeout=self._pace.last_words)
            keeping.cancel()
            await asyncio.wait({keeping}, timeout=1.0)
            if self._work.unwritten():
                log.error("the journal ends with lines that were never written: %d", self._work.unwritten())

    async def _keep(self) -> None:
        attention, pause = self._database.attention, self._pace.retry_first
        while not self._stopping.is_set() or self._work.unwritten():
            if not self._work.unwritten():
                await _event_or(attention, self._pace.prune_every)
            attention.clear()
            try:
                if self._database.trouble:
                    await self._database.migrate()
                await self._work.write()
                await self._prune()
            except Exception as wrong:
                self._failed(wrong)
                if self._stopping.is_set():
                    return
                await _event_or(self._stopping, pause)
                attention.set()
                pause = min(2 * pause, self._pace.retry_most)
            else:
                self._worked()
                pause = self._pace.retry_first

    async def _prune(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._prune_at and not self._stopping.is_set():
            await self._work.prune()
            self._prune_at = now + self._pace.prune_every

    def _failed(self, wrong: Exception) -> None:
        known = isinstance(wrong, StoreUnavailable)
        why = self._database.trouble if known and self._database.trouble else complaints.why(wrong)
        if why != self.why:
            log.warning("the journal cannot be kept: %s", why, exc_info=None if known else wrong)
        self.why = why

    def _worked(self) -> None:
        if self.why is not None:
            log.warning("the journal is kept again")
        self.why = None


async def _event_or(event: asyncio.Event, seconds: float) -> None:
    """Wait for `event`, but no longer than `seconds`."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
