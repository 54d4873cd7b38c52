"""SQLite as this service needs it: a file only its owner can read, WAL, honest transactions, and no trust in a file
that was replaced while it was open."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import stat
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import aiosqlite
from sqlalchemy import (
    URL,
    AsyncAdaptedQueuePool,
    Connection,
    Engine,
    ExceptionContext,
    NullPool,
    PoolProxiedConnection,
    create_engine,
    event,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

logging.getLogger("aiosqlite").setLevel(logging.WARNING)  # below that it writes every value, hashes included

_PASSING: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CONSTRAINT}
"""After these the connection is as good as before. While the disk is full it is even the better one: it can still
read, whereas a new one could not create the -shm file that WAL needs."""


def create(file: Path) -> None:
    """SQLite gives the files beside it (-wal, -shm) the same mode. The file is made without being opened, since
    closing it would drop the locks of every connection this process has on it (https://sqlite.org/howtocorrupt.html)."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.mknod(file, stat.S_IFREG | 0o600)


def engine(file: Path, patience: float) -> AsyncEngine:
    """One connection is kept open, more are opened as needed; a lock is waited for `patience` seconds. Connections with
    the execution option `reads_only` do not ask for the right to write."""
    engine = create_async_engine(
        _address("sqlite+aiosqlite", file),
        async_creator=partial(_opened, file, patience),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=9,
        hide_parameters=True,  # what goes wrong is logged, and the values may be hashes of passwords
    )

    def opened(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        entry.info["file"] = _identity(file)

    def used_again(connection: DBAPIConnection, entry: ConnectionPoolEntry, lent: PoolProxiedConnection) -> None:
        if entry.info["file"] == _identity(file):
            return
        # Else it would go on writing into a file that nobody finds again. Before it is closed, what stands in the -wal
        # goes where it belongs: SQLite leaves it there otherwise, for whatever file bears the name next.
        with suppress(Exception):
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raise DisconnectionError("the file was replaced")

    event.listen(engine.sync_engine, "connect", opened)
    event.listen(engine.sync_engine, "checkout", used_again)
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "handle_error", _failed)
    return engine


def engine_for_a_thread(file: Path, patience: float) -> Engine:
    """The same without an event loop: aiosqlite's worker outlives a connection that failed for a moment, and must not
    find the loop closed then."""
    engine = create_engine(_address("sqlite", file), connect_args=_options(patience), poolclass=NullPool)
    event.listen(engine, "begin", _begin)
    return engine


def _address(driver: str, file: Path) -> URL:
    """mode=rw: a file that vanished is an error, not made anew with a mode that lets everybody read it."""
    return URL.create(driver, database=_uri(file), query={"mode": "rw", "uri": "true"})


def _uri(file: Path) -> str:
    return f"file:{quote(str(file))}"


async def _opened(file: Path, patience: float) -> aiosqlite.Connection:
    options = {**_options(patience), "uri": True, "check_same_thread": False}
    connection = _Worked(partial(sqlite3.connect, f"{_uri(file)}?mode=rw", **options), iter_chunk_size=64)
    connection._thread.daemon = True  # as SQLAlchemy does it: the end does not wait for a slow disk
    return await connection


class _Worked(aiosqlite.Connection):
    """aiosqlite waits for ever for a worker that was told to end: `close` after `stop`. SQLAlchemy calls both for work
    that is cancelled more than once, as that of a page is whose reader has gone."""

    async def close(self) -> None:
        if self._running:
            await super().close()

    def stop(self) -> asyncio.Future[Any] | None:
        return super().stop() if self._running else None


def _options(patience: float) -> dict[str, object]:
    return {"timeout": patience, "isolation_level": None, "factory": _Connection}


class _Connection(sqlite3.Connection):
    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        try:
            self.execute("PRAGMA journal_mode=WAL")
            self.execute("PRAGMA synchronous=NORMAL")
            self.execute("PRAGMA foreign_keys=ON")
            # what was committed soon stands in the file itself: who copies only that has all but the last lines
            self.execute("PRAGMA wal_autocheckpoint=1")
        except BaseException:
            self.close()
            raise


def _begin(connection: Connection) -> None:
    """The sqlite3 module begins a transaction by itself, but not before DDL and not as IMMEDIATE; a transaction that
    turns from reading to writing can fail at once with "locked", however long the busy timeout."""
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _failed(context: ExceptionContext) -> None:
    """Whatever is wrong with the file, the next attempt begins by opening it anew."""
    code = getattr(context.original_exception, "sqlite_errorcode", None)
    if code is not None and code & 0xFF not in _PASSING:
        context.is_disconnect = True


def is_read_only(wrong: Exception) -> bool:
    code = getattr(getattr(wrong, "orig", wrong), "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_READONLY


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
