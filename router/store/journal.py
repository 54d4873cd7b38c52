"""Keeps what happened, without ever holding up what happens: lines wait in memory while the database does not work."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from router.core.calls import Call
from router.core.effects import Record
from router.core.orders import Overrides
from router.ports import Line, WantedLines
from router.store import callbacks, calls, rows, schema, search
from router.store.database import Database, StoreUnavailable
from router.store.keeper import Keeper, Pace
from router.store.waiting import WaitingLines

log = logging.getLogger(__name__)

_MOST_AT_ONCE = 1000
_HELPINGS = 20
"""Of what is old that are forgotten in one go; what is left then goes the next time."""


class StoredJournal:
    """`router.ports.Journal`. Lines are kept while `run` runs; all methods are for the event loop's own thread.

    Calls are forgotten after `keep_calls`: who called whom is personal data; lines after `keep_lines`. A line may stand
    there twice where a server vanishes between committing and saying so; a call stands there once.
    """

    def __init__(
        self, database: Database, pace: Pace | None = None, keep_calls: timedelta = timedelta(days=90),
        keep_lines: timedelta = timedelta(days=90),
    ) -> None:  # fmt: skip
        self._database = database
        pace = pace or Pace()
        self._lines = WaitingLines(pace.capacity, pace.batch)
        self._calls = calls.WaitingCalls(pace.capacity)
        self._keep_calls, self._keep_lines = keep_calls, keep_lines
        self._keeper = Keeper(database, pace, self)
        self._overrides: Overrides | None = None
        self._overrides_written = True
        self._tell: list[Callable[[], None]] = []

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

    def tell_when_written(self, tell: Callable[[], None]) -> None:
        self._tell.append(tell)

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
        return await self.found(WantedLines(), most, before)

    async def found(self, wanted: WantedLines, most: int = 50, before: int | None = None) -> Sequence[Line]:
        try:
            async with self._database.reading() as connection:
                kept = await connection.execute(search.lines(wanted, max(0, min(most, _MOST_AT_ONCE)), before))
            return [rows.line(row) for row in kept]
        except StoreUnavailable as wrong:
            log.warning("the journal cannot be read: %s", wrong)
        except ValueError:
            log.exception("lines of the journal make no sense")
        return ()

    async def shapes(self) -> Sequence[str]:
        try:
            async with self._database.reading() as connection:
                return list(await connection.scalars(search.shapes()))
        except StoreUnavailable as wrong:
            log.warning("the journal cannot be read: %s", wrong)
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
        why = self._keeper.why or self._database.trouble
        if why is None:
            return None
        lost = f", older ones lost: {self._lines.lost}" if self._lines.lost else ""
        return f"The journal cannot be kept: {why}. Lines waiting in memory: {self._waiting()}{lost}."

    async def run(self) -> None:
        """Until cancelled; see Keeper."""
        await self._keeper.run()

    def unwritten(self) -> int:
        """How much waits to be written; for the keeper, as are the next two."""
        return self._waiting() + (not self._overrides_written)

    async def write(self) -> None:
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
        for tell in self._tell:
            tell()
        if told is self._overrides:
            self._overrides_written = True

    async def prune(self) -> None:
        now = datetime.now(UTC)
        await self._forget(calls.prune, now - self._keep_calls)
        await self._forget(callbacks.prune, now - self._keep_calls)
        await self._forget(rows.prune, now - self._keep_lines)

    async def _forget(self, prune: Callable[[AsyncConnection, datetime], Awaitable[int]], before: datetime) -> None:
        for _ in range(_HELPINGS):
            async with self._database.writing() as connection:
                gone = await prune(connection, before)
            if gone < rows.HELPING:
                return

    def _waiting(self) -> int:
        return len(self._lines) + len(self._calls)
