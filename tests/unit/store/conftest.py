"""A database of its own for each test: in a file, or on the PostgreSQL server that FAILOVER_TEST_POSTGRESQL names
(postgresql+asyncpg://USER@HOST:PORT/postgres), where databases are made and dropped."""

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from router.store.database import Database, open_database

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
    database = await open_database(url, patience=5.0 if SERVER else 0.1)
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
