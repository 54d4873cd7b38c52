"""Whose fault it is, by the router beside a small office: for each fault the right one is named, with evidence."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.polled import polled
from tests.lab.router import Router
from tests.lab.small_office import SmallOffice

WITHIN = 100.0
Fault = Callable[[SmallOffice], AbstractContextManager[None]]
BLAMED: dict[str, tuple[Fault, str]] = {
    "uplink_dead": (lambda world: world.uplink_dead(), "own_internet"),
    "gateway_dead": (lambda world: world.gateway_dead(), "own_network"),
    "dns_dead": (lambda world: world.dns_dead(), "own_names"),
    "dns_slow": (lambda world: world.dns_slow(6.0), "own_names"),
    "carrier_names_dead": (lambda world: world.carrier_names_dead(), "carrier_names"),
    "carrier_names_broken": (lambda world: world.carrier_names_dead(broken=True), "carrier_names"),
    "carrier_dead": (lambda world: world.carrier_dead(), "carrier_silent"),
    "phone_switch_dead": (lambda world: world.phone_switch_dead(), "phones"),
    "asterisk_dead": (lambda world: world.asterisk_dead(), "pbx"),
}


@pytest_asyncio.fixture(loop_scope="session")
async def beside(world: SmallOffice, tmp_path: Path) -> AsyncIterator[Router]:
    """The product beside that office, its trunks up, at its default policy but for the rise time."""
    world.office.wipe_astdb_family()
    router = Router(world, tmp_path)
    router.environment["SSL_CERT_FILE"] = str(world.targets.certificate)
    router.settings["policy"] = {"rise_seconds": 3}
    asked = world.targets.asked
    try:
        await router.wire_office()
        router.start()
        await router.ready()
        await polled("the targets have answered once", lambda: world.targets.asked >= asked + 2, within=10)
        yield router
    finally:
        router.close()
        if not world.office.running:
            world.office.start()
        await world.office.booted()
        world.office.wipe_astdb_family()


@pytest.mark.campaign
@pytest.mark.timeout(180)
@pytest.mark.parametrize("verb", BLAMED)
async def test_each_fault_is_blamed_on_the_right_one_with_evidence(
    world: SmallOffice, beside: Router, verb: str
) -> None:
    assert (await beside.status())["fault"] is None
    fault, whose = BLAMED[verb]
    said: list[str] = []

    def blamed(status: dict) -> bool:
        found = status["fault"]
        if found and found["whose"] not in said:
            said.append(found["whose"])
        return bool(found) and found["whose"] == whose

    with fault(world):
        begun = time.monotonic()
        status = await beside.wait_for(blamed, within=WITHIN)
        took = time.monotonic() - begun
    told = status["fault"]
    report(f"whose fault: {verb}", after_s=round(took, 1), said_before=said[:-1], **told)
    assert told["text"] and told["evidence"]
    assert "carrier" not in said or whose.startswith("carrier_silent"), "own trouble is never blamed on the carrier"
    await beside.wait_for(lambda s: s["fault"] is None, within=WITHIN)
