"""The small office in its namespaces: a call in the normal state, and each fault takes away what it says, no more."""

from __future__ import annotations

import asyncio
import ssl
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.lab import names, sip, small_office
from tests.lab.office import ROOT
from tests.lab.place import Place
from tests.lab.polled import polled
from tests.lab.running import talks
from tests.lab.small_office import DESK, GATEWAY, LISTENER, LISTENER_PORT, NUMBERS, OFFICE, SmallOffice

PATIENCE = 1.5  # seconds
EVERYTHING = {"gateway", "telekom's names", "zweit's names", "web", "listener", "telekom", "zweit", "phone", "pbx"}
BEYOND_THE_LINE = {"telekom's names", "zweit's names", "web", "listener", "telekom", "zweit"}
BY_NAME = {"telekom's names", "zweit's names", "web"}

Fault = Callable[[SmallOffice], AbstractContextManager[None]]
GONE: dict[str, tuple[Fault, set[str]]] = {
    "uplink_dead": (lambda world: world.uplink_dead(), BEYOND_THE_LINE),
    "gateway_dead": (lambda world: world.gateway_dead(), BEYOND_THE_LINE | {"gateway"}),
    "dns_dead": (lambda world: world.dns_dead(), BY_NAME),
    "dns_slow": (lambda world: world.dns_slow(3.0), BY_NAME),
    "carrier_names_dead": (lambda world: world.carrier_names_dead(), {"telekom's names"}),
    "carrier_names_broken": (lambda world: world.carrier_names_dead(world.zweit, broken=True), {"zweit's names"}),
    "carrier_dead": (lambda world: world.carrier_dead(), {"telekom"}),
    "phone_switch_dead": (lambda world: world.phone_switch_dead(), {"phone"}),
    "asterisk_dead": (lambda world: world.asterisk_dead(), {"pbx"}),
}


async def test_a_customers_call_comes_over_the_internet_to_the_desk_and_both_hear_each_other(
    world: SmallOffice,
) -> None:
    for carrier, number in zip(world.carriers, NUMBERS.values(), strict=True):
        call = carrier.calls(number)
        ring = await world.desk.rang(since=call.begun_at)
        await call.answered()
        assert await talks(call, ring)
        call.hangup()
        await call.ended()


async def test_without_a_fault_everything_answers_the_office(world: SmallOffice) -> None:
    assert await _answering(world) == EVERYTHING


@pytest.mark.campaign
@pytest.mark.parametrize("verb", GONE)
async def test_a_fault_takes_away_what_it_says_and_no_more(world: SmallOffice, verb: str) -> None:
    fault, gone = GONE[verb]
    with fault(world):
        assert await _answering(world) == EVERYTHING - gone
    if verb == "asterisk_dead":
        await world.office.booted()
    assert await _answering(world) == EVERYTHING


@pytest.mark.campaign
async def test_slow_names_come_late_but_right(world: SmallOffice) -> None:
    begun = time.monotonic()
    with world.dns_slow(1.0):
        code, found = await asyncio.to_thread(names.asked, world.places["office"], GATEWAY, "telekom.test", within=3.0)
    assert 1.0 <= time.monotonic() - begun < 2.0
    assert (code, found) == (names.NO_ERROR, [bytes(map(int, small_office.TELEKOM.split(".")))])


@pytest.mark.campaign
async def test_while_a_carriers_names_are_dead_the_office_finds_it_unreachable_and_the_other_not(
    world: SmallOffice,
) -> None:
    with world.carrier_names_dead(broken=True):
        await polled("the known names have run out", lambda: _unreachable(world, "telekom"), within=30, every=1.0)
        world.office.qualify("zweit")
        await world.office.sees("zweit", contact="Avail")
    await world.at_rest()


@pytest.mark.campaign
async def test_a_small_office_whose_process_is_killed_leaves_nothing(world: SmallOffice) -> None:
    script = """
import asyncio
from tests.lab.small_office import SmallOffice
async def main():
    async with SmallOffice() as world:
        with world.uplink_dead():
            print(*(a.pid for a in world.all), flush=True)
            await asyncio.sleep(600)
asyncio.run(main())
"""
    victim = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=-1, cwd=ROOT)
    assert victim.stdout
    pids = [int(pid) for pid in (await victim.stdout.readline()).split()]
    assert len(pids) == len(world.all)
    networks = {_network(Path(f"/proc/{pid}")) for pid in pids}
    assert len(networks) == 3  # carriers, desk, office
    victim.kill()
    await victim.wait()
    await polled("every Asterisk is gone", lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), within=5)
    assert not networks & _networks()


def _networks() -> set[str]:
    return {_network(process) for process in Path("/proc").glob("[0-9]*")}


def _network(process: Path) -> str:
    try:
        return str((process / "ns/net").readlink())
    except OSError:
        return ""


def _unreachable(world: SmallOffice, trunk: str) -> bool:
    world.office.qualify(trunk)
    return world.office.contact(trunk) == "Unavail"


async def _answering(world: SmallOffice) -> set[str]:
    """What answers the office's own questions, by address and by name, without its PBX and without a router."""
    office = world.places["office"]
    asked = {
        "gateway": _tcp(office, GATEWAY, 9),
        "telekom's names": _name(office, "sip1.telekom.test"),
        "zweit's names": _name(office, "sip3.zweit.test"),
        "web": _web(world),
        "listener": _tcp(office, LISTENER, LISTENER_PORT),
        "telekom": _sip(office, small_office.TELEKOM),
        "zweit": _sip(office, small_office.ZWEIT),
        "phone": _sip(office, DESK),
        "pbx": _sip(office, OFFICE),
    }
    answers = await asyncio.gather(*asked.values())
    return {name for name, answer in zip(asked, answers, strict=True) if answer}


async def _tcp(place: Place, address: str, port: int) -> bool:
    """Whether somebody is there; a refusal is an answer."""
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await place.connected(address, port)
            writer.close()
    except ConnectionRefusedError:
        return True
    except (OSError, TimeoutError):
        return False
    return True


async def _name(place: Place, name: str) -> str:
    """Its address, empty where the office is not told."""
    try:
        code, found = await asyncio.to_thread(names.asked, place, GATEWAY, name, within=PATIENCE)
    except OSError:
        return ""
    return ".".join(map(str, found[0])) if code == names.NO_ERROR and found else ""


async def _web(world: SmallOffice) -> bool:
    address = await _name(world.places["office"], small_office.WEB_NAME)
    tls = ssl.create_default_context(cafile=str(world.targets.certificate))
    try:
        async with asyncio.timeout(PATIENCE):
            _, wire = await world.places["office"].connected(address or "0.0.0.0", 443)
            await wire.start_tls(tls, server_hostname=small_office.WEB_NAME)
            wire.close()
    except (OSError, TimeoutError):
        return False
    return True


async def _sip(place: Place, address: str) -> bool:
    """Whether OPTIONS get an answer there, whatever it says."""
    answered = asyncio.get_running_loop().create_future()

    class Asking(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            if sip.Message.parse(data) and not answered.done():
                answered.set_result(True)

    wire = await place.datagrams(Asking(), OFFICE, 0)
    port = wire.get_extra_info("sockname")[1]
    lines = [
        f"OPTIONS sip:{address} SIP/2.0", f"Via: SIP/2.0/UDP {OFFICE}:{port};branch=z9hG4bK{port}", "Max-Forwards: 9",
        f"From: <sip:asking@{OFFICE}>;tag={port}", f"To: <sip:{address}>", f"Call-ID: {port}@{OFFICE}",
        "CSeq: 1 OPTIONS", "Content-Length: 0", "", "",
    ]  # fmt: skip
    try:
        wire.sendto("\r\n".join(lines).encode(), (address, 5060))
        async with asyncio.timeout(PATIENCE):
            return await answered
    except TimeoutError:
        return False
    finally:
        wire.close()
