"""`failover users list` goes by the office's clock."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from router.__main__ import app
from router.store import schema
from router.store.database import open_database
from tests.unit.test_bad_settings_command import GOOD


@pytest.mark.parametrize(
    ("login", "told"),
    [
        (None, "Anna  (admin, never logged in)"),
        (datetime(2026, 7, 1, 22, 30, 59, tzinfo=UTC), "Anna  (admin, last login 2026-07-02 00:30, UTC+02:00)"),
        (datetime(2026, 12, 1, 12, tzinfo=UTC), "Anna  (admin, last login 2026-12-01 13:00, UTC+01:00)"),
    ],
)
async def test_a_login_is_told_in_the_offices_time_zone(tmp_path: Path, login: datetime | None, told: str) -> None:
    url, file = f"sqlite+aiosqlite:///{tmp_path}/failover.db", tmp_path / "failover.toml"
    file.write_text(GOOD.replace("sqlite+aiosqlite:///failover.db", url))
    await users(file, "add", "Anna", typed="drei Wörter hintereinander\n")
    database = await open_database(url)
    async with database.writing() as connection:
        await connection.execute(update(schema.account_tables.users).values(last_login=login))
    await database.close()
    assert await users(file, "list") == f"{told}\n"


async def users(file: Path, *arguments: str, typed: str = "") -> str:
    done = await asyncio.to_thread(CliRunner().invoke, app, ["users", *arguments, "--config", str(file)], input=typed)
    assert done.exit_code == 0, done.output
    return done.output
