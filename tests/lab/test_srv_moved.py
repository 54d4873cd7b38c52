"""A carrier moves to another host, as its SRV record says: the router's picture is right within 30 s (RFC 3263).

Where the registration is concerned, both hosts are one carrier: the second has heard of it from the first.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.fixtures import left_out_without_root
from tests.lab.lab import MOBILE
from tests.lab.router import NUMBER, Router, Status, trunk
from tests.lab.running import state
from tests.lab.small_office import SmallOffice

RIGHT_WITHIN = 30.0  # seconds


@pytest_asyncio.fixture(loop_scope="session")
async def moving() -> AsyncIterator[SmallOffice]:
    """A small office of this test alone: its carrier does not come back."""
    left_out_without_root()
    async with SmallOffice() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def router(moving: SmallOffice, tmp_path: Path) -> AsyncIterator[Router]:
    """The product beside it, with the policy that it has by default."""
    product = Router(moving, tmp_path)
    try:
        await product.wire_office()
        product.start()
        await product.ready()
        yield product
    finally:
        product.close()


pytestmark = pytest.mark.lab


@pytest.mark.campaign
@pytest.mark.timeout(180)
async def test_a_carrier_that_moves_before_its_old_host_dies_stays_up_by_probes_of_the_new_host(
    moving: SmallOffice, router: Router
) -> None:
    before = trunk(await router.status(), "telekom")["rtt_ms"]
    moving.telekom_moves()
    moved = time.monotonic()

    def proven(status: Status) -> bool:  # nobody but the new host can have answered
        telekom = trunk(status, "telekom")
        return telekom["state"] == "up" and telekom["rtt_ms"] != before

    await router.wait_for(proven, within=RIGHT_WITHIN)
    right = time.monotonic() - moved
    while time.monotonic() < moved + RIGHT_WITHIN:
        status = await router.status()
        assert state(status, "telekom") == "up", trunk(status, "telekom")
        await asyncio.sleep(0.2)
    report("SRV record moved, then the old host dies", right_s=round(right, 1))
    call = moving.telekom_moved.calls(NUMBER)
    await moving.desk.rang(since=call.begun_at)
    await _takes_calls(moving)


@pytest.mark.campaign
@pytest.mark.timeout(240)
async def test_a_dead_carrier_whose_name_moves_to_a_new_host_is_seen_well_again_within_thirty_seconds(
    moving: SmallOffice, router: Router
) -> None:
    moving.telekom.kill9()
    died = time.monotonic()
    await router.wait_for(lambda s: state(s, "telekom") == "down", within=15)
    down = time.monotonic() - died
    moving.telekom_moves()
    moved = time.monotonic()
    status = await router.wait_for(lambda s: state(s, "telekom") in ("recovering", "up"), within=RIGHT_WITHIN)
    right = time.monotonic() - moved
    report(
        "old host dead, then the SRV record moved",
        down_s=round(down, 1), right_s=round(right, 1), why=trunk(status, "telekom")["why"],
    )  # fmt: skip
    call = moving.telekom_moved.calls(NUMBER)  # it comes, and goes to the mobile until the rise time is over
    await moving.zweit.rang(since=call.begun_at, number=MOBILE)
    await _takes_calls(moving)


async def _takes_calls(moving: SmallOffice) -> None:
    """The new host does, over the trunk."""
    begun = time.monotonic()
    moving.office.ami.act(
        "Originate", Channel="PJSIP/030777@telekom", Application="Wait", Data="1", Async="true", Timeout="8000"
    )
    await moving.telekom_moved.rang(since=begun, within=8)
