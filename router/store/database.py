"""The one way to the database: opening, migrating, transactions, and a plain word when it fails.

A database that cannot be used stops nothing: it is opened all the same, says its `trouble`, and the journal's loop
tries it again until it works.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, NoReturn, cast

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from router.ports import NotUsable
from router.store import complaints, migration, sqlite

log = logging.getLogger(__name__)

_ONE_WRITER: Final = text("SELECT pg_advisory_xact_lock(1)")
"""SQLite lets one write at a time, and what is looked up before it is changed counts on that: that a link is good once,
that one admin stays."""
_ONE_MOMENT: Final[dict[str, Any]] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
LAST_WORDS: Final = 1.0
"""Seconds that the end waits for transactions under way."""


class StoreUnavailable(Exception):  # noqa: N818 - it says what is, as a page will
    """The database cannot be used just now. The text is a plain sentence, fit for a page."""


class Database:
    """`url` as in the settings; `patience` is how long a locked or silent database is waited for, in seconds.

    Raises ValueError for a URL that cannot work: SQLite without a file, or an unknown driver.
    """

    def __init__(self, url: str, patience: float = 5.0) -> None:
        self._url = make_url(url)
        self._patience = patience
        self._file = _file(self._url)
        self._engine = self._connected()
        self._reader = self._engine.execution_options(reads_only=True, **({} if self._file else _ONE_MOMENT))
        self._migrating = asyncio.Lock()
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self.trouble: str | None = "it has not been opened yet"
        """A clause for people; None while the last thing that was done worked."""
        self.attention = asyncio.Event()
        """Set when somebody should look after the database; the journal's loop waits for it."""

    async def migrate(self) -> None:
        """Create the file (mode 0600) where there is none and bring its tables to this version.

        Runs in a thread with a loop of its own, because Alembic's own work would hold up this one. Raises
        StoreUnavailable; may be repeated at any time.
        """
        async with self._migrating:
            try:
                await asyncio.to_thread(self._migrate)
            except Exception as wrong:
                if sqlite.is_read_only(wrong):
                    await (
                        self._engine.dispose()
                    )  # while a connection stays open, SQLite holds its -shm for read-only too
                raise self._unavailable(wrong) from wrong
            self.trouble = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that changes nothing, and sees one moment. Raises StoreUnavailable."""
        async with self._transaction(self._reader) as connection:
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction, one at a time, committed at the end. Raises StoreUnavailable; IntegrityError and NotUsable
        come as they are, and nothing is changed then."""
        async with self._transaction(self._engine) as connection:
            if self._file is None:
                await connection.execute(_ONE_WRITER)
            yield connection

    async def close(self) -> None:
        """Waits a moment for what is under way: a connection that comes back afterwards would be closed by nobody."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                await self._idle.wait()
        await self._engine.dispose()

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        self._under_way += 1
        self._idle.clear()
        try:
            async with engine.begin() as connection:
                yield connection
        except (IntegrityError, NotUsable):
            raise
        except Exception as wrong:
            raise self._unavailable(wrong) from wrong
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    def _unavailable(self, wrong: Exception) -> StoreUnavailable:
        self.trouble = complaints.why(wrong)
        log.debug("the database failed", exc_info=wrong)
        self.attention.set()
        return StoreUnavailable(f"The database cannot be used: {self.trouble}.")

    def _migrate(self) -> None:
        if self._file is None:
            asyncio.run(self._migrate_server())
            return
        sqlite.create(self._file)
        engine = sqlite.engine_for_a_thread(self._file, self._patience)
        with engine.begin() as connection:
            migration.upgrade(connection)

    async def _migrate_server(self) -> None:
        engine = self._connected()
        try:
            async with engine.begin() as connection:
                await connection.run_sync(migration.upgrade)
        finally:
            await engine.dispose()

    def _connected(self) -> AsyncEngine:
        if self._file:
            return sqlite.engine(self._file, self._patience)
        waits = {"timeout": self._patience, "command_timeout": 2 * self._patience}
        try:
            return create_async_engine(self._url, connect_args=waits, pool_pre_ping=True, hide_parameters=True)
        except ModuleNotFoundError as missing:
            return cast(AsyncEngine, _NoDriver(missing))


class _NoDriver:
    """In place of an engine, where the package is missing that speaks to the server: an upgrade without the extra must
    not stop the router."""

    def __init__(self, missing: ModuleNotFoundError) -> None:
        self._missing = missing

    def execution_options(self, **_: object) -> _NoDriver:
        return self

    def begin(self) -> NoReturn:
        raise self._missing

    async def dispose(self) -> None:
        return


def sqlite_file(url: str) -> Path | None:
    """None where the database is a server. Raises ValueError as Database does."""
    return _file(make_url(url))


def _file(url: URL) -> Path | None:
    if url.get_backend_name() == "postgresql":
        return None
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        raise ValueError("the database must be a file of SQLite or a PostgreSQL server")
    return Path(url.database).absolute()


async def open_database(url: str, patience: float = 5.0) -> Database:
    """The database, migrated where that is possible; where not, its `trouble` says why and the journal's loop tries
    again. To be closed in a `finally`."""
    database = Database(url, patience)
    try:
        await database.migrate()
    except StoreUnavailable as wrong:
        log.warning("%s It is tried again.", wrong)
    return database
