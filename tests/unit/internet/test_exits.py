"""The way out, from the kernel's tables as they were seen, and gateways on loopback."""

from __future__ import annotations

import errno
from datetime import UTC, datetime
from pathlib import Path

import pytest

from router.core.surroundings import Ending
from router.internet import exits
from router.internet.connecting import connected, failed, source_for
from router.internet.exits import Exits, Route, flags_of
from tests.unit.internet.listeners import black_hole, free_port

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth1\t00000000\tFE01A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
"""
ROUTES_6 = """\
fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000003 00000000 00000003     eth0
00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo
"""  # noqa: E501
NEIGHBOURS = """\
IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x{flags}         00:00:00:00:00:00     *        eth0
"""
DEVICES = "Inter-|   Receive\n face |bytes\n    lo:  1 2\n  eth0: 3 4\n  eth1: 5 6\n"


def kernel(tmp_path: Path, **tables: str) -> Exits:
    for name, text in tables.items():
        (tmp_path / name).write_text(text)
    flags = {"lo": 0x49, "eth0": 0x43, "eth1": 0x03, "eth2": 0x02}
    return Exits(tmp_path, flags.get)


def test_the_default_routes_are_read(tmp_path: Path) -> None:
    found = kernel(tmp_path, route=ROUTES, ipv6_route=ROUTES_6).routes()
    assert found == (Route("eth0", "192.168.1.1", 100), Route("eth0", "fe80::1", 1024))


def test_no_default_route_is_not_the_same_as_no_word(tmp_path: Path) -> None:
    assert Exits(tmp_path / "nowhere").routes() is None
    only = "\n".join(ROUTES.splitlines()[:1] + ROUTES.splitlines()[3:])
    assert kernel(tmp_path, route=only).routes() == ()


@pytest.mark.parametrize("text", ["", "x", "a\tb\tc\n" * 3, "h\neth0\tzz\tzz\tzz\t0\t0\tzz\tzz\n", "\0" * 50])
def test_a_strange_table_holds_no_route(tmp_path: Path, text: str) -> None:
    assert kernel(tmp_path, route=text, ipv6_route=text).routes() == ()


def test_links_by_the_cards_flags(tmp_path: Path) -> None:
    found = kernel(tmp_path, dev=DEVICES)
    assert [found.link(card) for card in ("eth0", "eth1", "eth2", "gone")] == [True, False, False, None]
    assert found.unlinked() == ("eth1",)


def test_this_machines_own_cards() -> None:
    assert flags_of("lo") is not None
    assert flags_of("no-such-card") is None
    assert Exits().link("lo") is True
    assert isinstance(Exits().routes(), tuple)


async def asked(found: Exits, gateway: str = "127.0.0.1", deadline: float = 0.3) -> Ending:
    answer = await found.ask(Route("eth0", gateway, 0), deadline, lambda: NOW)
    assert (answer.card, answer.gateway, answer.at, answer.link) == ("eth0", gateway, NOW, True)
    return answer.ending


async def test_a_gateway_that_refuses_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with black_hole() as silent:
        monkeypatch.setattr(exits, "PORTS", (silent, free_port()))
        assert await asked(kernel(tmp_path)) is Ending.OK


@pytest.mark.parametrize(("flags", "ending"), [("0", Ending.UNREACHABLE), ("2", Ending.SILENT), ("zz", Ending.SILENT)])
async def test_of_a_gateway_that_says_nothing_the_neighbours_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flags: str, ending: Ending
) -> None:
    table = NEIGHBOURS.format(flags=flags).replace("192.168.1.1", "127.0.0.1")
    with black_hole() as silent:
        monkeypatch.setattr(exits, "PORTS", (silent,))
        assert await asked(kernel(tmp_path, arp=table)) is ending


@pytest.mark.parametrize(
    ("known", "speaks", "ending"),
    [
        (True, True, Ending.OK),  # who sent the error is there
        (False, True, Ending.UNREACHABLE),
        (None, True, Ending.SILENT),
        (None, False, Ending.UNREACHABLE),
        (True, False, Ending.UNREACHABLE),
    ],
)
def test_an_error_of_the_network_is_read_beside_the_neighbours(
    known: bool | None, speaks: bool, ending: Ending
) -> None:
    assert exits.by_neighbours(Ending.UNREACHABLE, known, speaks) is ending


@pytest.mark.parametrize(
    "code", ["EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENONET", "EACCES", "ENOPROTOOPT", "EADDRNOTAVAIL"]
)
def test_errors_that_say_that_there_is_no_way(code: str) -> None:
    assert failed(OSError(getattr(errno, code), code)) is Ending.UNREACHABLE
    assert failed(OSError(errno.ETIMEDOUT, "")) is Ending.SILENT


async def test_a_gateway_of_ipv6(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(exits, "PORTS", (free_port(),))
    spoken = source_for("::1") is not None
    assert await asked(kernel(tmp_path), "::1") is (Ending.OK if spoken else Ending.UNREACHABLE)


def test_where_we_speak_from() -> None:
    assert source_for("127.0.0.1") == "127.0.0.1"
    assert source_for("no address") is None
    assert source_for("fe80::1%no-such-card") is None


async def test_an_address_on_a_card_that_is_gone_is_unreachable_or_silent() -> None:
    assert await connected("fe80::1%no-such-card", 53, 0.2) in (Ending.UNREACHABLE, Ending.SILENT)
