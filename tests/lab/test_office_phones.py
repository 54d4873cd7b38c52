"""The office's phones are gone, as when their switch has died: calls go to the mobile, and come back with a phone."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.lab import Lab
from tests.lab.router import NUMBER, OTHER_NUMBER, Router, number
from tests.lab.running import QUICK, forwarded, rings_office, running, talks

PHONE = "PJSIP/20"


def watch_the_desk(settings: dict[str, Any]) -> None:
    settings["numbers"][0]["phones"] = [PHONE]
    settings["forwarding"]["trunks"] = ["gsm", "telekom"]


@pytest_asyncio.fixture(loop_scope="session")
async def quick(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    async with running(lab, tmp_path, watch_the_desk, **QUICK, phones_seconds=3) as product:
        yield await _met(product)


@pytest_asyncio.fixture(loop_scope="session")
async def usual(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    async with running(lab, tmp_path, watch_the_desk) as product:
        yield await _met(product)


async def _met(product: Router) -> Router:
    """After a boot Asterisk holds the phone for unavailable, until the router has it probed."""
    await product.wait_for(lambda s: phone(s)["reachable"] is True)
    return product


def phone(status: dict[str, Any]) -> dict[str, Any]:
    return number(status, NUMBER)["phones"][0]


async def test_where_the_phones_are_dead_calls_ring_the_mobile_and_come_back_with_a_phone(
    lab: Lab, quick: Router
) -> None:
    with lab.firewall.losing([lab.desk.address]):
        lab.office.qualify("20")  # Asterisk's own next probe is up to a minute away
        status = await quick.wait_for(lambda s: forwarded(s, NUMBER), within=3 + 3 + 3)
        assert rings_office(status, OTHER_NUMBER)
        assert (phone(status)["device"], phone(status)["reachable"]) == (PHONE, False)
        assert number(status, NUMBER)["why"] == (
            "None of the office phones behind 030 123456 can be reached; calls go to Anna's mobile over GSM gateway."
        )
        told = (await quick.command("status")).stdout
        assert f"Cannot be reached: {PHONE} (since " in told
        call = lab.telekom.calls(NUMBER)
        assert await talks(call, await lab.mobile.rang(within=5))
        call.hangup()
    status = await quick.wait_for(lambda s: rings_office(s, NUMBER), within=9)  # the router has it probed
    assert phone(status)["reachable"] is True
    call = lab.telekom.calls(NUMBER)
    assert await talks(call, await lab.desk.rang(within=5))


@pytest.mark.campaign
@pytest.mark.timeout(400)
async def test_phones_that_die_at_the_defaults_and_an_asterisk_that_boots(lab: Lab, usual: Router) -> None:
    """The phone dies unnoticed: Asterisk's own probe, the half minute, and the way back. A boot moves no call."""
    begun = time.monotonic()
    with lab.firewall.losing([lab.desk.address]):
        await usual.wait_for(lambda s: forwarded(s, NUMBER), within=60 + 3 + 30 + 5)
        gone = time.monotonic() - begun
        begun = time.monotonic()
    await usual.wait_for(lambda s: rings_office(s, NUMBER), within=30)
    back = time.monotonic() - begun
    await lab.office.restart()
    begun = time.monotonic()
    moved = 0
    while time.monotonic() - begun < 80:
        try:
            await usual.wait_for(lambda s: forwarded(s, NUMBER), within=5)
            moved += 1
        except TimeoutError:
            pass
    assert moved == 0
    report("phones dead at the defaults", until_forwarded_s=round(gone, 1), until_back_s=round(back, 1))
