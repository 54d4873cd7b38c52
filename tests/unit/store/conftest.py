"""A database in a file of its own, a clock that stands, and two users."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.ports import Role
from router.store.accounts import StoredAccounts
from router.store.database import Database, open_database
from tests.unit.store.account_clock import PASSWORD, Clock


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
