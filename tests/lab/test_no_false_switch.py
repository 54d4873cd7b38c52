"""What must move no call: a lost probe, words said again, a short deafness, and an outage that leaves nowhere to go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.lab import MOBILE, Lab
from tests.lab.router import NUMBER, OTHER_NUMBER, Router, number, trunk
from tests.lab.running import QUICK, forwarded, rings_office, route_writes, running, state, talks, watches_on


@pytest_asyncio.fixture(loop_scope="session")
async def quick(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    async with running(lab, tmp_path, **QUICK) as product:
        yield product


async def test_one_lost_options_is_a_short_dip_that_writes_nothing_no_line_either(lab: Lab, quick: Router) -> None:
    begun = time.monotonic()
    with lab.telekom.loses_options(1) as fault:
        await quick.wait_for(lambda s: state(s, "telekom") == "failing", within=4)
        await quick.wait_for(lambda s: state(s, "telekom") == "up", within=2)
    assert len(fault.hit) == 1
    # Asterisk itself gives that probe up only after qualify_timeout, 3 s: no second dip may come of it
    await lab.telekom.board.until(
        "probed for 5 s more", lambda: True if _probed_until(lab, begun) > begun + 6 else None, within=9
    )
    status = await quick.status()
    assert (state(status, "telekom"), rings_office(status, NUMBER)) == ("up", True)
    assert not route_writes(quick, begun)
    told = quick.log()
    assert not [line for line in ("Telekom looks bad:", "A short dip of Telekom", "is down") if line in told]


async def test_registry_events_repeated_ten_times_write_nothing(lab: Lab, quick: Router) -> None:
    begun = time.monotonic()
    with quick.ami.repeating("Registry", times=10):
        lab.office.register("telekom")
        await lab.office.board.wait("Registry", within=12, since=begun, Status="Registered")
        await quick.wait_for(lambda s: trunk(s, "telekom")["registration"] == "Registered")
        await watches_on(quick)
    assert quick.ami.repeated >= 2  # Unregistered, and Registered again
    status = await quick.status()
    assert (state(status, "telekom"), rings_office(status, NUMBER)) == ("up", True)
    assert not route_writes(quick, begun)


async def test_an_ami_hiccup_of_two_seconds_writes_nothing(lab: Lab, quick: Router) -> None:
    begun = time.monotonic()
    await quick.ami.hiccup(2.0)
    await watches_on(quick)
    status = await quick.status()
    assert status["asterisk"]["connected"]
    assert all(state(status, carrier.name) == "up" for carrier in lab.carriers)
    assert rings_office(status, NUMBER)
    assert not route_writes(quick, begun)
    assert not quick.ami.actions("Login", begun)


@pytest.mark.campaign
async def test_hiccups_at_every_moment_of_the_probing_write_nothing(lab: Lab, quick: Router) -> None:
    """Ten in a row, with as many distances to the probe of a second."""
    begun = time.monotonic()
    for phase in range(10):
        await quick.ami.hiccup(1.0 + 0.1 * phase)
        await asyncio.sleep(0.05)
    await watches_on(quick)
    assert rings_office(await quick.status(), NUMBER)
    assert not route_writes(quick, begun)


@pytest.mark.campaign
async def test_a_hiccup_in_the_outage_brings_nothing_back(lab: Lab, quick: Router) -> None:
    with lab.telekom.silent():
        await quick.wait_for(lambda s: forwarded(s, NUMBER))
        begun = time.monotonic()
        await quick.ami.hiccup(2.0)
        await watches_on(quick)
        assert forwarded(await quick.status(), NUMBER)
        assert not route_writes(quick, begun)
        call = lab.zweit.calls(NUMBER)
        await lab.mobile.rang(since=call.begun_at)


async def test_where_the_first_fallback_is_dead_too_calls_go_by_the_second(lab: Lab, quick: Router) -> None:
    with lab.telekom.silent(), lab.gsm.silent():
        status = await quick.wait_for(lambda s: forwarded(s, NUMBER))
        assert "Zweit" in number(status, NUMBER)["why"]
        call = lab.zweit.calls(NUMBER)
        ring = await lab.mobile.rang()
        await call.answered()
        assert await talks(call, ring)
        assert lab.zweit.invites(Number=MOBILE)


async def test_with_every_fallback_dead_too_no_number_is_switched_and_the_page_says_so(lab: Lab, quick: Router) -> None:
    begun = time.monotonic()
    with lab.telekom.leaves_options_unanswered(), lab.zweit.silent(), lab.gsm.silent():
        status = await quick.wait_for(lambda s: all(state(s, c.name) == "down" for c in lab.carriers))
        status = await quick.wait_for(lambda s: s["route"]["verified"])
        for published in (NUMBER, OTHER_NUMBER):
            assert number(status, published)["inbound"] == "office"
            assert "no other trunk is left" in number(status, published)["why"]
        assert not [w for w in route_writes(quick, begun) if w["Val"].startswith("mobile")]
        lab.telekom.calls(NUMBER)
        await lab.desk.rang()


def _probed_until(lab: Lab, since: float) -> float:
    return max((probe.at for probe in lab.telekom.board.all("OPTIONS", since)), default=0.0)
