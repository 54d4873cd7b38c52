"""The way out of a network namespace: gateways that answer, reject, drop or are gone, and routes that have none."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from router.core.surroundings import Ending
from tests.lab.place import Namespace, cable

ROOT = Path(__file__).parents[3]
HERE, GATEWAY = "192.0.2.10", "192.0.2.1"
HERE_6, GATEWAY_6 = "2001:db8::10", "2001:db8::1"
_ASK = """
import asyncio, json, sys
from datetime import UTC, datetime
sys.path.insert(0, {root!r})
from router.internet.exits import Exits

async def main():
    exits = Exits()
    routes = exits.routes()
    asked = [await exits.ask(route, 0.5, lambda: datetime.now(UTC)) for route in routes]
    print(json.dumps([[one.card, one.gateway, one.ending.value] for one in asked]))

asyncio.run(main())
"""


@dataclass
class Line:
    office: Namespace
    home: Namespace

    def asked(self) -> list[tuple[str, str, Ending]]:
        """Each exit of the office, as the router there finds it."""
        said = self.office.run(sys.executable, "-c", _ASK.format(root=str(ROOT)))
        return [(card, gateway, Ending(ending)) for card, gateway, ending in json.loads(said)]

    def treats(self, tcp: str) -> None:
        """What the gateway does with TCP to itself; empty: nothing."""
        self.home.run("nft", "flush", "ruleset")
        if tcp:
            hook = "type filter hook input priority 0; policy accept;"
            table = f"table inet f {{\nchain i {{\n{hook}\nmeta l4proto tcp {tcp}\n}}\n}}\n"
            self.home.run("nft", "-f", "-", typed=table)

    def leaves(self, *routes: str) -> None:
        """The default routes of the office."""
        for family in ("-4", "-6"):
            self.office.ip(family, "route", "flush", "default")
        for route in routes:
            self.office.ip(*route.split())


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    office, home = Namespace("office"), Namespace("home")
    try:
        cable(office, "lan", home, "lan")
        for place, address, address_6 in ((office, HERE, HERE_6), (home, GATEWAY, GATEWAY_6)):
            place.ip("addr", "add", f"{address}/24", "dev", "lan")
            place.ip("addr", "add", f"{address_6}/64", "dev", "lan", "nodad")
        home.run("sh", "-c", "echo 0 | tee /proc/sys/net/ipv4/icmp_ratelimit /proc/sys/net/ipv6/icmp/ratelimit")
        yield Line(office, home)
    finally:
        office.close()
        home.close()


@pytest.mark.parametrize(
    "tcp",
    [
        "", "reject with icmp type host-prohibited", "reject with icmp type admin-prohibited",
        "reject with icmp type net-prohibited", "reject with icmp type net-unreachable",
        "reject with icmp type prot-unreachable", "reject with icmp type port-unreachable", "reject with tcp reset",
    ],
)  # fmt: skip
def test_a_gateway_that_rejects_in_whatever_way_is_there(line: Line, tcp: str) -> None:
    line.leaves(f"route add default via {GATEWAY}")
    line.treats(tcp)
    assert line.asked() == [("lan", GATEWAY, Ending.OK)]


def test_a_gateway_that_drops_everything_says_nothing(line: Line) -> None:
    line.leaves(f"route add default via {GATEWAY}")
    line.treats("drop")
    assert line.asked() == [("lan", GATEWAY, Ending.SILENT)]


def test_nobody_at_the_gateways_address(line: Line) -> None:
    line.leaves("route add default via 192.0.2.99")
    assert line.asked() == [("lan", "192.0.2.99", Ending.UNREACHABLE)]


def test_a_gateway_of_ipv6_that_answers_and_one_that_rejects(line: Line) -> None:
    """The neighbours of IPv6 stand in no file: who rejects is not called gone, and not proven to be there."""
    line.leaves(f"-6 route add default via {GATEWAY_6} dev lan")
    line.treats("")
    assert line.asked() == [("lan", GATEWAY_6, Ending.OK)]
    line.treats("reject with icmpv6 type addr-unreachable")
    assert line.asked() == [("lan", GATEWAY_6, Ending.SILENT)]


def test_a_default_route_by_the_card_alone_is_one(line: Line) -> None:
    line.leaves("route add default dev lan", "-6 route add default dev lan")
    assert line.asked() == [("lan", "", Ending.SILENT), ("lan", "", Ending.SILENT)]


def test_a_default_route_that_leads_nowhere_is_none(line: Line) -> None:
    line.leaves("route add unreachable default", "-6 route add unreachable default")
    assert line.asked() == []
