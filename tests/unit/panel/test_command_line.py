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
from tests.unit.panel.fakes import BERLIN, FakeBoard, FakeJournal, House, blind, outage, site, well
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
    assert "\n  Telekom      in Ordnung" in in_sight
    assert "zuletzt bekannt" not in in_sight
    assert "\n  Telekom      zuletzt bekannt: in Ordnung  " in lost
    assert "\n  GSM-Gateway  zuletzt bekannt: in Ordnung  " in lost


async def test_the_status_is_in_the_offices_language_in_columns(tmp_path: Path) -> None:
    assert (await status(FakeBoard(outage()), tmp_path)).splitlines() == [
        "PC-Notdienst Muster: Asterisk 22.10.1, Ziel: je nach Nummer, geprüft",
        "  030 123456    Handy (Anna)  Wer 030 123456 wählt, erreicht uns gerade nicht. Anrufe, die über eine andere"
        " Leitung ankommen, gehen über GSM-Gateway auf die Handys von Anna und Ben.",
        "  0171 5550123  Büro          Anrufe an 0171 5550123 klingeln im Büro.",
        "  Telekom      gestört     1080 Testanfragen in Folge blieben unbeantwortet.",
        "    Anrufe herein  tot   Von dort kommt keine Antwort.",
        "    Anrufe hinaus  tot   Von dort kommt keine Antwort.",
        "  GSM-Gateway  in Ordnung  Angemeldet, und Testanfragen werden beantwortet.",
        "    Anrufe herein  geht  Anrufe kommen an, der letzte 14:41.",
        "    Anrufe hinaus  geht  Anrufe gehen hinaus, der letzte 14:10.",
    ]


async def test_what_is_not_verified_is_told_with_the_reason(tmp_path: Path) -> None:
    first = (await status(FakeBoard(blind(well())), tmp_path)).splitlines()[0]
    assert first.startswith("PC-Notdienst Muster: Anlage nicht zu sehen, Ziel: Büro, nicht bestätigt: Wir sehen die")


async def test_0_verified_and_what_holds_now(tmp_path: Path) -> None:
    told = await route(FakeBoard(well()), tmp_path)
    assert told == (0, "Alle Nummern: Handy (Anna) bis auf Weiteres, geprüft.\n")


async def test_1_stored_but_not_verified_and_why(tmp_path: Path) -> None:
    board = FakeBoard(well())
    board.verifies = False
    code, said = await route(board, tmp_path)
    first, why = said.splitlines()
    assert (code, first) == (1, "Alle Nummern: Handy (Anna) bis auf Weiteres, nicht bestätigt.")
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


async def test_calls_are_told_in_the_offices_language_in_columns(tmp_path: Path) -> None:
    done = await command(FakeBoard(well()), tmp_path, "calls")
    assert [line for line in done.output.splitlines() if not line.startswith(" ")] == [
        "2025-11-22 14:48:07  verpasst    030 555001          an 030 123456    Niemand hat abgenommen; der Anrufer"
        " wartete 60 s.  (während der Router weg war)",
        "2025-11-22 14:47:07  angenommen  030 555001          an 030 123456    Anna hat nach 12 s am Handy abgenommen.",
        "2025-11-22 13:50:07  angenommen  030 555001          an 030 123456    Telefon 20 hat nach 4 s abgenommen.",
        "2025-11-22 12:50:07  abgewiesen  0171 12345678       an 030 123456    Abgewiesen: Unser eigener"
        " weitergeleiteter Anruf kam zurück.",
        "2025-11-21 12:50:07  verpasst    Nummer unterdrückt  an 0171 5550123  Der Anrufer hat nach 8 s aufgelegt.",
    ]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--number", "0305555"], "030 5555 gehört nicht zu unseren Nummern."),
        (["--number", ""], "--number is empty: leave it out for all numbers"),
        (["--number", "<b>"], "„<b>“ enthält Buchstaben; eine Telefonnummer hat keine."),
        (["--limit", "0"], "--limit '0' is no number from 1 to 500"),
        (["--limit", "x"], "--limit 'x' is no number from 1 to 500"),
        (["--limit", "501"], "--limit '501' is no number from 1 to 500"),
    ],
)
async def test_2_calls_that_cannot_be_asked_for_are_refused_in_one_line(
    tmp_path: Path, arguments: list[str], line: str
) -> None:
    done = await command(FakeBoard(well()), tmp_path, "calls", *arguments)
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"{line}\n")


@pytest.mark.parametrize("arguments", [(), ("--number", "030 123456")])
async def test_where_there_are_no_calls_that_is_said(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    house = House(FakeBoard(well()), journal=FakeJournal())
    done = await command(house.board, tmp_path, "calls", *arguments, house=house)
    assert (done.exit_code, done.output) == (0, "keine Anrufe\n")
