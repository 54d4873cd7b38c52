"""`failover route` against a running panel: what it prints, and the exit code that tells an order's fate."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from router.__main__ import app
from router.panel.server import listening
from tests.unit.panel.fakes import FakeBoard, House, blind, well
from tests.unit.panel.test_panel_streams import serving

SETTINGS = """
[office]
id = "muster"
name = "Muster"
[asterisk]
username = "failover"
secret = "s"
[[trunks]]
name = "telekom"
watch = "pjsip:telekom"
[[numbers]]
number = "+4930123456"
trunk = "telekom"
calls = "office-phones,{{did}},1"
[[people]]
name = "Anna"
numbers = ["+4917112345678"]
[panel]
listen = "{listen}"
[database]
url = "sqlite+aiosqlite:///{home}/failover.db"
"""


async def route(board: FakeBoard, home: Path, mode: str = "mobile", listen: str = "") -> tuple[int, str]:
    """Exit code and output of `failover route`, with that board behind the panel."""
    async with serving(House(board)) as (address, _):
        text = SETTINGS.format(listen=listen or address.removeprefix("http://"), home=home)
        (home / "failover.toml").write_text(text)
        (home / "failover.token").write_text("the-token\n")
        command = ["route", mode, "--config", str(home / "failover.toml")]
        done = await asyncio.to_thread(CliRunner().invoke, app, command)
    return done.exit_code, done.output


async def status(board: FakeBoard, home: Path) -> str:
    """Output of `failover status`."""
    async with serving(House(board)) as (address, _):
        text = SETTINGS.format(listen=address.removeprefix("http://"), home=home)
        (home / "failover.toml").write_text(text)
        (home / "failover.token").write_text("the-token\n")
        command = ["status", "--config", str(home / "failover.toml")]
        done = await asyncio.to_thread(CliRunner().invoke, app, command)
    assert done.exit_code == 0, done.output
    return done.output


async def test_out_of_sight_a_trunks_state_is_the_last_known(tmp_path: Path) -> None:
    in_sight, lost = await status(FakeBoard(well()), tmp_path), await status(FakeBoard(blind(well())), tmp_path)
    assert "\n  Telekom  up " in in_sight
    assert "last known" not in in_sight
    assert "\n  last known: Telekom  up " in lost
    assert "\n  last known: GSM-Gateway  up " in lost


async def test_0_verified(tmp_path: Path) -> None:
    assert await route(FakeBoard(well()), tmp_path) == (
        0,
        "Die Telefonanlage wurde gefragt und antwortet, wie sie soll.\n",
    )


async def test_1_stored_but_not_verified_and_why(tmp_path: Path) -> None:
    board = FakeBoard(well())
    board.verifies = False
    code, said = await route(board, tmp_path)
    assert (code, said[:12]) == (1, "Gespeichert.")
    assert board.heard


@pytest.mark.parametrize("mode", ["auto", "mobile"])
async def test_2_refused_where_another_router_writes(tmp_path: Path, mode: str) -> None:
    board = FakeBoard(replace(well(), other_writer="router-2"))
    code, said = await route(board, tmp_path, mode)
    assert code == 2
    assert said == "Ein anderer Router (router-2) steuert diese Telefonanlage; dieser hier liest nur mit.\n"
    assert not board.heard


async def test_3_not_running(tmp_path: Path) -> None:
    with listening("127.0.0.1:0") as free:
        port = free.getsockname()[1]
    code, said = await route(FakeBoard(well()), tmp_path, listen=f"127.0.0.1:{port}")
    assert code == 3
    assert f"127.0.0.1:{port}" in said
