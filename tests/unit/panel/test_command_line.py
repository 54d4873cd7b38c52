"""`failover route` against a running panel: what it prints, and the exit code that tells an order's fate."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from router.__main__ import app
from router.panel.server import listening
from tests.unit.panel.fakes import BERLIN, FakeBoard, House, blind, site, well
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


async def command(
    board: FakeBoard, home: Path, *arguments: str, listen: str = "", house: House | None = None
) -> Result:
    """What `failover` with these arguments does, with that board behind the panel."""
    async with serving(house or House(board)) as (address, _):
        text = SETTINGS.format(listen=listen or address.removeprefix("http://"), home=home)
        (home / "failover.toml").write_text(text)
        (home / "failover.token").write_text("the-token\n")
        return await asyncio.to_thread(CliRunner().invoke, app, [*arguments, "--config", str(home / "failover.toml")])


async def route(board: FakeBoard, home: Path, mode: str = "mobile", listen: str = "") -> tuple[int, str]:
    """Exit code and output of `failover route`."""
    done = await command(board, home, "route", mode, listen=listen)
    return done.exit_code, done.output


async def status(board: FakeBoard, home: Path) -> str:
    """Output of `failover status`."""
    done = await command(board, home, "status")
    assert done.exit_code == 0, done.output
    return done.output


async def test_out_of_sight_a_trunks_state_is_the_last_known(tmp_path: Path) -> None:
    in_sight, lost = await status(FakeBoard(well()), tmp_path), await status(FakeBoard(blind(well())), tmp_path)
    assert "\n  Telekom  up " in in_sight
    assert "last known" not in in_sight
    assert "\n  last known: Telekom  up " in lost
    assert "\n  last known: GSM-Gateway  up " in lost


async def test_0_verified_and_what_holds_now(tmp_path: Path) -> None:
    told = await route(FakeBoard(well()), tmp_path)
    assert told == (0, "Alle Nummern: Handy (Anna) bis auf Weiteres, geprüft.\n")


async def test_1_stored_but_not_verified_and_why(tmp_path: Path) -> None:
    board = FakeBoard(well())
    board.verifies = False
    code, said = await route(board, tmp_path)
    first, why = said.splitlines()
    assert (code, first) == (1, "Alle Nummern: Handy (Anna) bis auf Weiteres, nicht geprüft.")
    assert why.startswith("Gespeichert.")
    assert board.heard


async def test_an_order_for_one_number_tells_of_that_one(tmp_path: Path) -> None:
    done = await command(FakeBoard(well()), tmp_path, "route", "mobile", "--number", "030 123456")
    assert done.output == "030 123456: Handy (Anna) bis auf Weiteres, geprüft.\n"


async def test_numbers_that_go_different_ways_are_told_one_by_one(tmp_path: Path) -> None:
    board = FakeBoard(well())
    await command(board, tmp_path, "route", "mobile", "--number", "030 123456")
    done = await command(board, tmp_path, "route", "office")
    assert done.output.splitlines() == [
        "030 123456: Handy (Anna) bis auf Weiteres, geprüft.",
        "0171 5550123: Büro bis auf Weiteres, geprüft.",
    ]
    done = await command(board, tmp_path, "route", "auto")
    assert done.output == "Alle Nummern: Automatik, jetzt: Büro, geprüft.\n"


async def test_an_order_that_cannot_be_obeyed_is_told_so(tmp_path: Path) -> None:
    made = site()
    nobody = replace(made, numbers=tuple(replace(number, people=()) for number in made.numbers), people=())
    done = await command(FakeBoard(well(nobody)), tmp_path, "route", "mobile", "--number", "030 123456")
    first, why = done.output.splitlines()
    assert first == "030 123456: Büro, geprüft."
    assert "auf dem Handy" in why, why


async def test_an_end_that_is_tomorrow_is_said_to_be(tmp_path: Path) -> None:
    now = datetime.now(BERLIN)
    earlier = (now - timedelta(minutes=10)).strftime("%H:%M")
    house = House(FakeBoard(well()), now=now.astimezone(UTC))
    done = await command(house.board, tmp_path, "route", "mobile", "--until", earlier, house=house)
    word = "morgen " if earlier < now.strftime("%H:%M") else ""  # ten minutes after midnight it is today
    assert done.output == f"Alle Nummern: Handy (Anna) bis {word}{earlier}, geprüft.\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["mobile", "--number", ""], "--number is empty: leave it out for all numbers"),
        (["mobile", "--number", " "], "--number is empty: leave it out for all numbers"),
        (["mobile", "--until", ""], "--until is empty: leave it out for an open end"),
        (["auto", "--until", "20:00"], "--until goes with office or mobile only: auto has no end"),
        (["mobile", "--number", "x"], "--number 'x' has letters in it, a telephone number has none"),
        (["home"], "mode 'home' is none of auto, office, mobile"),
        (
            ["mobile", "--until", "2027-03-28 02:30"],
            "--until '2027-03-28 02:30' does not exist: at that hour the clocks of Europe/Berlin are put forward",
        ),
        (
            ["mobile", "--until", "gestern"],
            "--until 'gestern' is no time: write 18:00, 24.12.2026 18:00 or 2026-12-24 18:00",
        ),
    ],
)
async def test_2_an_order_that_is_not_clear_is_refused_in_one_line(
    tmp_path: Path, arguments: list[str], line: str
) -> None:
    board = FakeBoard(well())
    done = await command(board, tmp_path, "route", *arguments)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"{line}\n")
    assert not board.heard


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
