"""A database in a file of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.store.database import Database, open_database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "failover.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = await open_database(url, patience=0.1)
    try:
        yield database
    finally:
        await database.close()
