"""Keeps what happened, without ever holding up what happens: lines wait in memory while the database does not work."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select

from router.core.effects import Kind, Record
from router.core.orders import Mode, Override, Overrides
from router.core.sentence import Sentence, say
from router.ports import Line
from router.store import schema
from router.store.database import Database, StoreUnavailable
from router.store.sentences import packed, storable, unpacked

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds, except `capacity` and `batch`."""

    capacity: int = 10_000
    """Lines that wait in memory; the oldest make way. A ten-hour outage writes a few hundred."""
    batch: int = 500
    """Lines in one transaction."""
    retry_first: float = 0.5
    retry_most: float = 15.0
    """Between two attempts on a database that does not work; doubled from the first to the most."""
    last_words: float = 3.0
    """How long a stop waits for what is not written yet."""


class StoredJournal:
    """`router.ports.Journal`. `run` must be running for lines to be kept; `note` and `remember` are for the loop's own
    thread. A line may be kept twice where a server vanishes between committing and saying so."""

    def __init__(self, database: Database, pace: Pace | None = None) -> None:
        self._database = database
        self._pace = pace or Pace()
        self._waiting: deque[dict[str, Any]] = deque()
        self._batch: list[dict[str, Any]] = []
        self._overrides: Overrides | None = None
        self._lost = 0
        self._lost_until: datetime | None = None
        self._why: str | None = None
        self._stopping = asyncio.Event()

    def note(self, at: datetime, record: Record) -> None:
        try:
            row = _row(at, record)
        except Exception:
            log.exception("a line of the journal could not be read: %.200r", record.text.text)
            return
        if len(self._waiting) >= self._pace.capacity:
            self._lost_until = self._waiting.popleft()["at"]
            self._lost += 1
        self._waiting.append(row)
        self._database.attention.set()

    def remember(self, overrides: Overrides) -> None:
        self._overrides = tuple(overrides)
        self._database.attention.set()

    async def remembered(self) -> Overrides:
        """What `remember` was last told, where this journal was told at all; else what the database has."""
        if self._overrides is not None:
            return self._overrides
        try:
            async with self._database.reading() as connection:
                rows = (await connection.execute(select(schema.overrides).order_by(schema.overrides.c.position))).all()
            return tuple(_override(row) for row in rows)
        except StoreUnavailable as wrong:
            log.warning("the overrides cannot be read: %s", wrong)
        except ValueError:
            log.exception("the overrides that were kept make no sense")
        return ()

    async def latest(self, most: int = 50, before: int | None = None) -> Sequence[Line]:
        """Lines that are in the database, newest first, those with an id below `before` only. Lines that still wait in
        memory have no id yet and are not among them; `trouble` counts them. Empty where it cannot be read."""
        table = schema.journal
        wanted = select(table).order_by(table.c.id.desc()).limit(max(0, min(most, _MOST_AT_ONCE)))
        if before is not None:
            wanted = wanted.where(table.c.id < before)
        try:
            async with self._database.reading() as connection:
                rows = (await connection.execute(wanted)).all()
        except StoreUnavailable as wrong:
            log.warning("the journal cannot be read: %s", wrong)
            return ()
        return tuple(_line(row) for row in rows)

    @property
    def trouble(self) -> str | None:
        why = self._why or self._database.trouble
        if why is None:
            return None
        lost = f", {self._lost} older ones are lost" if self._lost else ""
        waiting = len(self._waiting) + len(self._batch)
        return f"The journal cannot be kept: {why}. Lines waiting in memory: {waiting}{lost}."

    async def run(self) -> None:
        """Until cancelled. What waits is still written then, as far as `last_words` seconds allow."""
        self._stopping.clear()
        work = asyncio.create_task(self._work())
        try:
            await asyncio.shield(work)
        finally:  # not cancelled at once: a transaction cut off in its midst may have been committed or not
            self._stopping.set()
            self._database.attention.set()
            await asyncio.wait({work}, timeout=self._pace.last_words)
            work.cancel()
            await asyncio.wait({work})
            if unwritten := len(self._waiting) + len(self._batch):
                log.error("%d lines of the journal were never written", unwritten)

    async def _work(self) -> None:
        attention, patience = self._database.attention, self._pace.retry_first
        while not self._stopping.is_set() or self._unwritten():
            if not self._unwritten():
                await attention.wait()
            attention.clear()
            try:
                if self._database.trouble:
                    await self._database.migrate()
                await self._write()
                patience = self._pace.retry_first
            except Exception as wrong:
                self._report(wrong)
                if self._stopping.is_set():
                    return
                await _either(self._stopping, patience)
                attention.set()
                patience = min(2 * patience, self._pace.retry_most)

    def _unwritten(self) -> bool:
        return bool(self._waiting or self._batch or self._overrides_changed)
