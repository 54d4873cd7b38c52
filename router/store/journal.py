"""Keeps what happened, without ever holding up what happens: lines wait in memory while the database does not work."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select

from router.core.calls import Call
from router.core.effects import Record
from router.core.orders import Overrides
from router.ports import Line
from router.store import calls, complaints, rows, schema
from router.store.database import Database, StoreUnavailable
from router.store.waiting import WaitingLines

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 1000


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


class StoredJournal:
    """`router.ports.Journal`. Lines are kept while `run` runs; all methods are for the event loop's own thread.

    Calls are forgotten after `keep_calls`: who called whom is personal data. A line may stand there twice where a
    server vanishes between committing and saying so; a call stands there once.
    """

    def __init__(
        self, database: Database, pace: Pace | None = None, keep_calls: timedelta = timedelta(days=90)
    ) -> None:
        self._database = database
        self._pace = pace or Pace()
        self._lines = WaitingLines(self._pace.capacity, self._pace.batch)
        self._calls = calls.WaitingCalls(self._pace.capacity)
        self._keep_calls = keep_calls
        self._prune_at = 0.0
        self._overrides: Overrides | None = None
        self._overrides_written = True
        self._why: str | None = None
        self._stopping = asyncio.Event()

    def note(self, at: datetime, record: Record) -> None:
        try:
            self._lines.put(rows.of_record(at, record))
        except Exception:
            log.exception("a line of the journal cannot be kept")
        self._database.attention.set()

    def keep(self, call: Call, kept: Callable[[], None]) -> None:
        self._calls.put(call, kept)
        self._database.attention.set()

    def remember(self, overrides: Overrides) -> None:
        self._overrides, self._overrides_written = overrides, False
        self._database.attention.set()

    async def remembered(self) -> Overrides:
        """What `remember` was last told, where this journal was told at all; else what the database has."""
        if self._overrides is not None:
            return self._overrides
        try:
            async with self._database.reading() as connection:
                kept = await connection.execute(select(schema.overrides).order_by(schema.overrides.c.position))
            return rows.overrides(kept)
        except StoreUnavailable as wrong:
            log.warning("the overrides cannot be read: %s", wrong)
        except ValueError:
            log.exception("the overrides as they were kept make no sense")
        return ()

    async def latest(self, most: int = 50, before: int | None = None) -> Sequence[Line]:
        """What the database has, newest first, only ids below `before` where it is given; empty where it cannot be
        read. Lines that still wait in memory have no id yet and are not among them; `trouble` counts them."""
        wanted = select(schema.journal).order_by(schema.journal.c.id.desc()).limit(max(0, min(most, _MOST_AT_ONCE)))
        if before is not None:
            wanted = wanted.where(schema.journal.c.id < before)
        try:
            async with self._database.reading() as connection:
                kept = await connection.execute(wanted)
            return [rows.line(row) for row in kept]
        except StoreUnavailable as wrong:
            log.warning("the journal cannot be read: %s", wrong)
        except ValueError:
            log.exception("lines of the journal make no sense")
        return ()

    async def calls(
        self, most: int = 50, missed: bool = False, number: str | None = None, since: datetime | None = None
    ) -> Sequence[Call]:
        """What the database has; empty where it cannot be read."""
        try:
            async with self._database.reading() as connection:
                kept = await connection.execute(calls.wanted(max(0, min(most, _MOST_AT_ONCE)), missed, number, since))
            return [calls.call_of(row) for row in kept]
        except StoreUnavailable as wrong:
            log.warning("the calls cannot be read: %s", wrong)
        except ValueError:
            log.exception("calls as they were kept make no sense")
        return ()

    @property
    def trouble(self) -> str | None:
        why = self._why or self._database.trouble
        if why is None:
            return None
        lost = f", older ones lost: {self._lines.lost}" if self._lines.lost else ""
        return f"The journal cannot be kept: {why}. Lines waiting in memory: {self._waiting()}{lost}."

    async def run(self) -> None:
        """Until cancelled. What waits is still written then, as far as `last_words` seconds allow."""
        self._stopping.clear()
        work = asyncio.create_task(self._work())
        try:
            await asyncio.shield(work)
        finally:  # not cancelled at once: nobody could tell whether a transaction cut off in its midst was committed
            self._stopping.set()
            self._database.attention.set()
            await asyncio.wait({work}, timeout=self._pace.last_words)
            work.cancel()
            await asyncio.wait({work}, timeout=1.0)
            if self._unwritten():
                log.error("the journal ends with lines that were never written: %d", self._waiting())

    async def _work(self) -> None:
        attention, pause = self._database.attention, self._pace.retry_first
        while not self._stopping.is_set() or self._unwritten():
            if not self._unwritten():
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pace.prune_every):
                        await attention.wait()
            attention.clear()
            try:
                if self._database.trouble:
                    await self._database.migrate()
                await self._write()
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

    def _unwritten(self) -> bool:
        return bool(self._waiting()) or not self._overrides_written

    def _waiting(self) -> int:
        return len(self._lines) + len(self._calls)

    async def _write(self) -> None:
        batch, told = self._lines.batch(), None if self._overrides_written else self._overrides
        if not batch and told is None and not self._calls:
            return
        async with self._database.writing() as connection:
            if batch:
                await connection.execute(insert(schema.journal), batch)
            if told is not None:
                await connection.execute(delete(schema.overrides))
                if told:
                    await connection.execute(insert(schema.overrides), rows.of_overrides(told))
            called = await self._calls.write(connection)
        self._lines.written()
        self._calls.written(called)
        if told is self._overrides:
            self._overrides_written = True

    async def _prune(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._prune_at or self._stopping.is_set():
            return
        async with self._database.writing() as connection:
            await calls.prune(connection, datetime.now(UTC) - self._keep_calls)
        self._prune_at = now + self._pace.prune_every

    def _failed(self, wrong: Exception) -> None:
        known = isinstance(wrong, StoreUnavailable)
        why = self._database.trouble if known and self._database.trouble else complaints.why(wrong)
        if why != self._why:
            log.warning("the journal cannot be kept: %s", why, exc_info=None if known else wrong)
        self._why = why

    def _worked(self) -> None:
        if self._why is not None:
            log.warning("the journal is kept again")
        self._why = None


async def _event_or(event: asyncio.Event, seconds: float) -> None:
    """Wait for `event`, but no longer than `seconds`."""
    waiting = asyncio.ensure_future(event.wait())
    await asyncio.wait({waiting}, timeout=seconds)
    waiting.cancel()
