"""Names, asked of a real name server on loopback that behaves in every way one can."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import dns.message
import pytest

from router.core.peer import Host
from router.core.surroundings import Ending
from router.internet.names import MOST_ADDRESSES, Names, look_up
from tests.unit.internet.listeners import free_port
from tests.unit.internet.name_server import NameServer, cut_off, fails, nothing, says

DEADLINE = 0.8


@pytest.fixture
async def server() -> AsyncIterator[NameServer]:
    async with NameServer().running() as running:
        running.zone = {
            ("sip.test", "A"): ["203.0.113.7", "203.0.113.8"],
            ("sip.test", "AAAA"): ["2001:db8::7"],
            ("empty.test", "TXT"): ['"no address"'],
            ("carrier.test", "TXT"): ['"only services"'],
            ("_sip._udp.carrier.test", "SRV"): ["10 1 5060 sip1.carrier.test.", "20 1 5060 sip2.carrier.test."],
            ("sip1.carrier.test", "A"): ["203.0.113.11"],
            ("sip2.carrier.test", "A"): ["203.0.113.12"],
            ("naptr.test", "NAPTR"): ['10 10 "s" "SIPS+D2T" "" _special._tcp.naptr.test.'],
            ("_special._tcp.naptr.test", "SRV"): ["10 1 5061 edge.naptr.test."],
            ("edge.naptr.test", "A"): ["203.0.113.13"],
            ("gone.test", "TXT"): ['"its service leads nowhere"'],
            ("_sip._udp.gone.test", "SRV"): ["10 1 5060 old.gone.test."],
        }
        yield running


async def asked(server: NameServer, name: str, port: bool = False, deadline: float = DEADLINE) -> tuple[Ending, tuple]:
    resolver = Names([("127.0.0.1", server.port)]).resolver()
    assert resolver is not None
    return await look_up(resolver, Host(name, port), deadline)


async def test_a_name_with_addresses(server: NameServer) -> None:
    assert await asked(server, "sip.test", port=True) == (Ending.OK, ("203.0.113.7", "203.0.113.8", "2001:db8::7"))
    assert {kind for _, kind in server.asked} == {"A", "AAAA"}


async def test_a_name_that_has_services_only(server: NameServer) -> None:
    assert await asked(server, "carrier.test") == (Ending.OK, ("203.0.113.11", "203.0.113.12"))


async def test_services_that_naptr_names(server: NameServer) -> None:
    assert await asked(server, "naptr.test") == (Ending.OK, ("203.0.113.13",))
    assert ("_sip._udp.naptr.test", "SRV") not in server.asked


async def test_a_service_that_leads_nowhere(server: NameServer) -> None:
    assert await asked(server, "gone.test") == (Ending.NO_SUCH_NAME, ())


@pytest.mark.parametrize(
    ("odd", "ending"),
    [
        (None, Ending.NO_SUCH_NAME),
        (fails("SERVFAIL"), Ending.SERVER_FAILED),
        (fails("REFUSED"), Ending.REFUSED),
        (fails("FORMERR"), Ending.BROKEN),
        (nothing, Ending.SILENT),
        (cut_off, Ending.REFUSED),
        (lambda query: b"\x00" * 7, Ending.SILENT),
        (lambda query: query.to_wire()[:2] + b"\xff" * 400, Ending.SILENT),
        (lambda query: b"\xff\xff" + fails("NOERROR")(query).to_wire()[2:], Ending.SILENT),  # of another question
        (says("A 0.0.0.0"), Ending.OK),
    ],
)
async def test_how_a_look_up_ends(server: NameServer, odd: object, ending: Ending) -> None:
    if odd is not None:
        server.odd["odd.test"] = odd  # type: ignore[assignment]
    got, _ = await asked(server, "odd.test")
    assert got is ending


async def test_a_name_without_an_address(server: NameServer) -> None:
    assert await asked(server, "empty.test", port=True) == (Ending.NO_ADDRESS, ())


async def test_a_name_without_a_dot_is_looked_for_in_the_domains_of_resolv_conf(server: NameServer) -> None:
    server.zone |= {
        ("gsm.branch.test", "A"): ["192.168.1.50"],
        ("sbc.office.test", "TXT"): ['"only services"'],
        ("_sip._udp.sbc.office.test", "SRV"): ["10 1 5060 edge.naptr.test."],
        ("single", "A"): ["203.0.113.99"],
        ("sip.test.office.test", "A"): ["203.0.113.66"],
    }
    resolver = Names([("127.0.0.1", server.port)], ["office.test", "branch.test"]).resolver()
    assert resolver is not None
    for name, addresses in (
        ("gsm", ("192.168.1.50",)), ("sbc", ("203.0.113.13",)), ("single", ("203.0.113.99",)),
        ("sip.test", ("203.0.113.7", "203.0.113.8", "2001:db8::7")),
    ):  # fmt: skip
        assert await look_up(resolver, Host(name), DEADLINE) == (Ending.OK, addresses)
    assert await look_up(resolver, Host("nobody"), DEADLINE) == (Ending.NO_SUCH_NAME, ())
    assert ("sip.test.office.test", "A") not in server.asked
    crowd = Names([("127.0.0.1", server.port)], [f"d{n}.test" for n in range(50)]).resolver()
    assert crowd is not None
    server.asked.clear()
    assert await look_up(crowd, Host("nobody", port=True), DEADLINE) == (Ending.NO_SUCH_NAME, ())
    assert len({name for name, _ in server.asked}) == 7


async def test_slow_and_never_are_told_apart(server: NameServer) -> None:
    server.slow = {"sip.test": 0.3, "sip1.carrier.test": 30.0}
    begun = time.monotonic()
    assert (await asked(server, "sip.test", port=True))[0] is Ending.OK
    assert 0.3 <= time.monotonic() - begun < DEADLINE
    assert await asked(server, "carrier.test") == (Ending.OK, ("203.0.113.12",))  # what came in time counts
    assert time.monotonic() - begun < 0.3 + DEADLINE + 0.5


async def test_many_addresses_and_strange_names_are_borne(server: NameServer) -> None:
    server.odd["many.test"] = says(*[f"A 203.0.113.{n}" for n in range(200)])
    ending, addresses = await asked(server, "many.test", port=True)
    assert (ending, len(addresses)) == (Ending.OK, MOST_ADDRESSES)
    services = [f"SRV {n} 1 5060 target{n}.many.test." for n in range(60)]
    server.odd |= {"_udp.crowd.test": says(*services), "crowd.test": says()}
    assert (await asked(server, "crowd.test", deadline=3.0))[0] is Ending.OK
    assert len({name for name, _ in server.asked if name.startswith("target")}) == 4
    strange = r"SRV 1 1 5060 \000\255<script>alert\(1\)</script>\032\"\'%{trunk}.odd.test."
    server.odd |= {"_udp.strange.test": says(strange), "strange.test": says()}
    assert (await asked(server, "strange.test"))[0] in (Ending.NO_ADDRESS, Ending.NO_SUCH_NAME)


@pytest.mark.parametrize("by_tcp", [False, True])
async def test_a_huge_answer_is_left_out_unread(server: NameServer, by_tcp: bool) -> None:
    """To read it would hold the loop up for a fifth of a second, each time."""
    huge = says(*[f"A 10.{n // 250}.{n % 250}.1" for n in range(4000)])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(2), "big")
        answer = huge(dns.message.from_wire(await reader.readexactly(length)))
        wire = answer.to_wire(max_size=65535)  # type: ignore[union-attr]
        writer.write(len(wire).to_bytes(2, "big") + wire)
        writer.close()

    server.odd["huge.test"] = cut_off if by_tcp else huge
    listening = await asyncio.start_server(serve, "127.0.0.1", server.port)
    async with listening:
        ending, addresses = await asked(server, "huge.test", port=True)
    assert (ending, addresses) == (Ending.BROKEN if by_tcp else Ending.SILENT, ())


async def test_a_name_server_that_does_not_run_is_known_at_once(server: NameServer) -> None:
    resolver = Names([("127.0.0.1", free_port())]).resolver()
    assert resolver is not None
    begun = time.monotonic()
    assert (await look_up(resolver, Host("sip.test"), 5.0))[0] is Ending.REFUSED
    assert time.monotonic() - begun < 1.0


async def test_an_address_of_the_wrong_length_is_none(server: NameServer) -> None:
    def short(query: dns.message.Message) -> bytes:
        wire = bytearray(says("A 203.0.113.7")(query).to_wire())  # type: ignore[union-attr]
        wire[-6:] = b"\x00\x02ab"
        return bytes(wire)

    server.odd["short.test"] = short
    assert (await asked(server, "short.test", port=True))[1] == ()


@pytest.mark.parametrize("name", ["a" * 64 + ".test", ".".join(["a" * 63] * 5), "..", "xn--\udcff"])
async def test_a_name_that_cannot_be_asked_for_does_not_exist(server: NameServer, name: str) -> None:
    assert await asked(server, name) == (Ending.NO_SUCH_NAME, ())


async def test_where_no_name_server_is_set_there_is_nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Names([]).resolver() is None


def test_the_name_servers_of_this_machine_are_read() -> None:
    resolver = Names().resolver()
    there = [line for line in Path("/etc/resolv.conf").read_text().splitlines() if line.startswith("nameserver")]
    assert [str(server) for server in (resolver.nameservers if resolver else [])] == [line.split()[1] for line in there]


async def test_a_dead_name_server_holds_nobody_up(server: NameServer) -> None:
    """Twenty names at once, none answered: the loop runs on, and the deadline is kept."""
    server.odd[""] = nothing
    longest, begun = 0.0, time.monotonic()
    asking = asyncio.gather(*(asked(server, f"name{n}.test") for n in range(20)))
    while not asking.done():
        before = time.monotonic()
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - before)
    assert {ending for ending, _ in asking.result()} == {Ending.SILENT}
    assert time.monotonic() - begun < DEADLINE + 0.5
    assert longest < 0.25, f"the loop stood still for {longest:.3f} s"
