"""`failover users`: roles, the last admin, and the way back in for who forgot his password."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from router.__main__ import app
from router.store.accounts import StoredAccounts
from router.store.database import open_database
from router.store.links import StoredLinks
from tests.unit.test_bad_settings_command import GOOD

PASSWORD = "drei Wörter hintereinander"


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/failover.db"


@pytest.fixture
def file(tmp_path: Path, url: str) -> Path:
    file = tmp_path / "failover.toml"
    file.write_text(GOOD.replace("sqlite+aiosqlite:///failover.db", url))
    return file


async def users(file: Path, *arguments: str, code: int = 0) -> str:
    done = await asyncio.to_thread(
        CliRunner().invoke, app, ["users", *arguments, "--config", str(file)], input=f"{PASSWORD}\n"
    )
    assert done.exit_code == code, done.output
    return done.output


async def test_the_first_is_admin_and_others_are_staff_unless_it_is_said(file: Path) -> None:
    assert "as admin" in await users(file, "add", "Anna")
    assert "as staff" in await users(file, "add", "Ben")
    assert "as viewer" in await users(file, "add", "Carla", "--role", "viewer")
    listed = await users(file, "list")
    assert [line.split(",")[0] for line in listed.splitlines()] == ["Anna  (admin", "Ben  (staff", "Carla  (viewer"]


async def test_a_role_is_changed_but_never_that_of_the_only_admin(file: Path) -> None:
    await users(file, "add", "Anna")
    await users(file, "add", "Ben")
    for refused in (("role", "Anna", "staff"), ("remove", "anna")):
        assert "Anna is the only admin. Make somebody else admin first." in await users(file, *refused, code=2)
    await users(file, "role", "Ben", "admin")
    await users(file, "role", "Anna", "viewer")
    await users(file, "remove", "Anna")
    assert "There is no user Anna." in await users(file, "role", "Anna", "staff", code=1)
    await users(file, "role", "Ben", "boss", code=2)


async def test_who_forgot_his_password_gets_a_link(file: Path, url: str) -> None:
    await users(file, "add", "Anna")
    link = await users(file, "link", "Anna", "--second-factor-off")
    token = re.fullmatch(r"http://127\.0\.0\.1:\d+/password/(\S+)\n", link)
    assert token, link
    database = await open_database(url)
    try:
        assert await StoredLinks(database).set_anew(token[1], "another good one") == "Anna"
        assert await StoredAccounts(database).right("Anna", "another good one")
    finally:
        await database.close()
    assert "There is no user Ben." in await users(file, "link", "Ben", code=1)
