"""A database of its own for each test: in a file, or on the PostgreSQL server that FAILOVER_TEST_POSTGRESQL names
(postgresql+asyncpg://USER@HOST:PORT/postgres), where databases are made and dropped. A clock that stands, two users."""

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from router.ports import Role
from router.store.accounts import StoredAccounts
from router.store.database import Database, open_database
from tests.unit.store.account_clock import PASSWORD, Clock

SERVER = os.environ.get("FAILOVER_TEST_POSTGRESQL", "")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "failover.db"


@pytest.fixture
async def url(file: Path) -> AsyncIterator[str]:
    if not SERVER:
        yield f"sqlite+aiosqlite:///{file}"
        return
    name = f"failover_{uuid.uuid4().hex}"
    await _on_the_server(f"CREATE DATABASE {name}")
    try:
        yield make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    finally:
        await _on_the_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = await open_database(url, patience=5.0 if SERVER else 1.0)
    try:
        yield database
    finally:
        await database.close()


async def _on_the_server(statement: str) -> None:
    engine = create_async_engine(SERVER, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(statement))
    finally:
        await engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def accounts(database: Database, clock: Clock) -> StoredAccounts:
    """Anna, who is admin, and Ben, who is staff."""
    accounts = StoredAccounts(database, clock)
    await accounts.add("Anna", PASSWORD, Role.ADMIN)
    await accounts.add("Ben", PASSWORD, Role.STAFF)
    return accounts
