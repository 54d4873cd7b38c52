"""A trunk by IAX2, to a real carrier that speaks it: watched by Asterisk's own qualify, used like any other."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab import chroot
from tests.lab.fixtures import left_out_without_root
from tests.lab.iax2 import Iax2Carrier
from tests.lab.lab import Lab
from tests.lab.router import NUMBER, OTHER_NUMBER, Router, trunk
from tests.lab.running import QUICK, forwarded, rings_office, running, state, talks

IAX_NUMBER = "+4930555555"
PACE = 2.0
"""Seconds from one POKE of the office to the next."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def both() -> AsyncIterator[tuple[Lab, Iax2Carrier]]:
    left_out_without_root()
    suite = os.environ.get("FAILOVER_LAB_SUITE", chroot.SUITE)
    lab = Lab(suite=suite, iax2=Iax2Carrier.office(pace=int(PACE * 1000)))
    async with Iax2Carrier(lab) as carrier, lab:
        yield lab, carrier


@pytest.fixture
def standing_lab(both: tuple[Lab, Iax2Carrier]) -> Lab:
    return both[0]  # in the place of the session's


@pytest.fixture
def carrier(both: tuple[Lab, Iax2Carrier]) -> Iax2Carrier:
    both[1].board.clear()
    return both[1]


def with_iax2(settings: dict[str, Any]) -> None:
    iax = {"name": "iax", "label": "IAX", "watch": "iax2:iax", "dial": "IAX2/iax/{number}"}
    settings["trunks"] = [iax, *settings["trunks"]]
    settings["trunks"].append(
        {"name": "bell", "label": "Doorbell", "watch": "device:Custom:bell", "dial": "Local/{number}@nowhere"}
    )
    settings["numbers"].append({"number": IAX_NUMBER, "trunk": "iax", "calls": "office-phones,{did},1"})


@pytest_asyncio.fixture(loop_scope="session")
async def quick(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    async with routed(lab, tmp_path, **QUICK) as product:
        yield product


@contextlib.asynccontextmanager
async def routed(lab: Lab, home: Path, **policy: float) -> AsyncIterator[Router]:
    lab.office.set_global("DEVICE_STATE(Custom:bell)", "NOT_INUSE")
    async with running(lab, home, with_iax2, **policy) as product:
        yield product


@pytest.mark.campaign
async def test_a_silent_iax2_carrier_is_down_when_asterisk_says_so_and_its_number_goes_to_the_mobile(
    lab: Lab, carrier: Iax2Carrier, quick: Router
) -> None:
    status = await quick.status()
    assert trunk(status, "iax")["registration"] == "Registered"
    assert trunk(status, "iax")["contact"] == "OK"
    call = lab.desk.dials("030777")
    assert await talks(call, await carrier.rang(within=5))
    call.hangup()
    call = carrier.calls(IAX_NUMBER)
    assert await talks(call, await lab.desk.rang(within=5))
    call.hangup()
    status = await quick.wait_for(lambda s: trunk(s, "iax")["last_inbound_call"])

    with carrier.silent():
        cut = time.monotonic()
        status = await quick.wait_for(lambda s: forwarded(s, IAX_NUMBER), within=PACE * (1 + 5 / 6) + 2 + 1)
        took = time.monotonic() - cut
        assert trunk(status, "iax")["why"] == "Asterisk's own probes go unanswered."
        assert status["route"]["outbound"][-1] == "iax"
        assert rings_office(status, NUMBER)
        call = lab.zweit.calls(IAX_NUMBER)
        assert await talks(call, await lab.mobile.rang(within=5))
        call.hangup()
        call = lab.desk.dials("030777")
        assert await talks(call, await lab.telekom.rang(within=5))
        call.hangup()
    await quick.wait_for(lambda s: state(s, "iax") == "up" and rings_office(s, IAX_NUMBER), within=12)
    report("IAX2 carrier silent, qualify 2 s, fall 2 s", until_forwarded_s=round(took, 1))


async def test_a_device_is_as_good_as_its_state(lab: Lab, quick: Router) -> None:
    assert trunk(await quick.status(), "bell")["contact"] == "NOT_INUSE"
    lab.office.set_global("DEVICE_STATE(Custom:bell)", "UNAVAILABLE")
    status = await quick.wait_for(lambda s: state(s, "bell") == "down" and rings_office(s, OTHER_NUMBER), within=4)
    assert trunk(status, "bell")["why"] == "Asterisk holds its device for unavailable."
    lab.office.set_global("DEVICE_STATE(Custom:bell)", "NOT_INUSE")
    await quick.wait_for(lambda s: state(s, "bell") == "up", within=6)


async def test_the_check_tells_how_far_each_watch_goes_and_what_ends_a_registration(lab: Lab, quick: Router) -> None:
    done = await quick.command("check")
    said = done.stdout.splitlines()
    assert any(line.startswith("Watch: Trunk iax: Asterisk's own qualify alone") for line in said)
    assert "Watch: Trunk telekom: probed by the router every 1 s; its registration and its calls count, too." in said
    assert any(line.startswith("Watch: Trunk bell: what the driver of Custom:bell tells Asterisk") for line in said)
    assert any(line.startswith("- Trunk telekom: fatal_retry_interval is 0") for line in said)
    old = (await quick.status())["asterisk"]["version"].startswith("16")  # has no such setting
    assert any(line.startswith("Hint: Trunk telekom: qualify_2xx_only is off") for line in said) != old
    assert not [line for line in said if "max_retries" in line or "Trunk gsm: fatal" in line]
    assert done.returncode == 1


@pytest.mark.campaign
@pytest.mark.timeout(400)
async def test_a_silent_iax2_carrier_at_the_pace_that_check_advises(tmp_path: Path) -> None:
    """qualifyfreqok = 10000: within that, five sixths of it without an answer, and the fall time."""
    left_out_without_root()
    lab, took = Lab(iax2=Iax2Carrier.office(pace=10_000)), []
    async with (
        Iax2Carrier(lab) as carrier,
        lab,
        routed(lab, tmp_path, rise_seconds=3, rise_max_seconds=3, max_switches_per_hour=100) as product,
    ):
        for _ in range(4):
            await asyncio.sleep(random.uniform(0, 10))
            with carrier.silent():
                cut = time.monotonic()
                await product.wait_for(lambda s: forwarded(s, IAX_NUMBER), within=10 + 25 / 3 + 3 + 1)
                took.append(round(time.monotonic() - cut, 1))
            await product.wait_for(lambda s: state(s, "iax") == "up", within=30)
    report("IAX2 carrier silent, qualify 10 s, fall 3 s", until_forwarded_s=took, most_s=max(took))
