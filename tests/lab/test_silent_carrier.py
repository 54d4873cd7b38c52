"""A carrier falls silent: calls go to the mobile and out by the fallback, and back again, and no call is torn."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.call import Call
from tests.lab.carrier import Carrier
from tests.lab.lab import MOBILE, Lab
from tests.lab.phone import Phone
from tests.lab.router import NUMBER, OTHER_NUMBER, Router, trunk
from tests.lab.running import QUICK, forwarded, rings_office, running, state, talks

CUSTOMER = "+491601111111"
OUTSIDE = "030777"
OUTSIDE_E164 = "+4930777"


@pytest_asyncio.fixture(loop_scope="session")
async def quick(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    """The product with a rise time of seconds."""
    async with running(lab, tmp_path, **QUICK) as product:
        yield product


@pytest_asyncio.fixture(loop_scope="session")
async def usual(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    """The product with the policy that it has by default."""
    async with running(lab, tmp_path) as product:
        yield product


async def test_within_nine_seconds_calls_for_a_silent_carriers_number_ring_the_mobile(lab: Lab, usual: Router) -> None:
    probed = trunk(await usual.status(), "telekom")["rtt_ms"]
    await usual.wait_for(lambda s: trunk(s, "telekom")["rtt_ms"] != probed)
    with lab.telekom.silent():  # just after an answered probe: the longest that it can take
        cut = time.monotonic()
        status = await usual.wait_for(lambda s: forwarded(s, NUMBER), within=9)
        assert time.monotonic() - cut < 9
        assert "probes in a row went unanswered" in trunk(status, "telekom")["why"]
        call = lab.zweit.calls(NUMBER, caller=CUSTOMER)
        assert await talks(call, await _rings(lab, lab.mobile, call))
        assert lab.gsm.invites(Number=MOBILE)
        assert not lab.zweit.invites()
        other = lab.zweit.calls(OTHER_NUMBER, caller=CUSTOMER)
        assert await talks(other, await _rings(lab, lab.desk, other))


async def test_each_number_goes_the_way_of_its_own_trunk_whichever_trunk_a_call_arrives_by(
    lab: Lab, quick: Router
) -> None:
    with lab.telekom.leaves_options_unanswered():  # calls still arrive by it
        await quick.wait_for(lambda s: forwarded(s, NUMBER))
        for carrier in lab.carriers:
            office, mobile = carrier.calls(OTHER_NUMBER), carrier.calls(NUMBER)
            await lab.desk.rang(since=office.begun_at)
            await lab.mobile.rang(since=mobile.begun_at)
            await office.answered()
            await mobile.answered()
            assert len(lab.desk.calls_here(since=office.begun_at)) == 1
            assert len(lab.mobile.calls_here(since=office.begun_at)) == 1
            await _end(office, mobile)


async def test_outbound_calls_leave_by_the_fallback_in_the_outage_and_by_the_first_trunk_before_and_after(
    lab: Lab, quick: Router
) -> None:
    await _leaves_by(lab, lab.telekom)
    with lab.telekom.silent():
        status = await quick.wait_for(lambda s: forwarded(s, NUMBER))
        assert status["route"]["outbound"][0] == "zweit"
        await _leaves_by(lab, lab.zweit)
    recovering = await quick.wait_for(lambda s: state(s, "telekom") == "recovering", within=6)
    assert forwarded(recovering, NUMBER)
    await quick.wait_for(lambda s: rings_office(s, NUMBER))
    await _leaves_by(lab, lab.telekom)
    call = lab.telekom.calls(NUMBER)
    assert await talks(call, await _rings(lab, lab.desk, call))


async def test_calls_in_progress_survive_the_switch_there_and_the_switch_back(lab: Lab, quick: Router) -> None:
    inbound, outbound = lab.telekom.calls(NUMBER), lab.desk.dials(OUTSIDE)
    calls = [(inbound, await lab.desk.rang()), (outbound, await lab.telekom.rang())]
    for call, _ in calls:
        await call.answered()
    with lab.telekom.silent(sip_only=True):
        await quick.wait_for(lambda s: forwarded(s, NUMBER))
        assert all(await asyncio.gather(*(talks(*call) for call in calls)))
        forwarded_call = lab.zweit.calls(NUMBER)
        calls.append((forwarded_call, await _rings(lab, lab.mobile, forwarded_call)))
    await quick.wait_for(lambda s: rings_office(s, NUMBER), within=12)
    assert all(await asyncio.gather(*(talks(*call) for call in calls)))
    await _end(*(call for call, _ in calls))


@pytest.mark.campaign
@pytest.mark.timeout(300)
async def test_with_the_default_rise_time_all_is_as_before_two_minutes_after_the_carrier_is_back(
    lab: Lab, usual: Router
) -> None:
    with lab.telekom.silent():
        cut = time.monotonic()
        await usual.wait_for(lambda s: forwarded(s, NUMBER), within=9)
        switched = time.monotonic() - cut
        call = lab.zweit.calls(NUMBER)
        await call.answered()
    healed = time.monotonic()
    recovering = await usual.wait_for(lambda s: state(s, "telekom") == "recovering", within=10)
    since = datetime.fromisoformat(trunk(recovering, "telekom")["since"])
    up = await usual.wait_for(lambda s: rings_office(s, NUMBER) and state(s, "telekom") == "up", within=140)
    back = time.monotonic() - healed
    rise = (datetime.fromisoformat(trunk(up, "telekom")["since"]) - since).total_seconds()
    report("default settings, there and back", switched_s=round(switched, 2), back_s=round(back, 2), rise_s=rise)
    assert 119.5 < rise < 121
    assert await call.hears(lab.mobile.tone)
    await _leaves_by(lab, lab.telekom)
    await _rings(lab, lab.desk, lab.telekom.calls(NUMBER))


async def _leaves_by(lab: Lab, carrier: Carrier) -> None:
    """A call by the desk goes out there at once, and not by a third trunk."""
    begun = time.monotonic()
    call = lab.desk.dials(OUTSIDE)
    await call.answered(within=2)
    assert await talks(call, await carrier.rang(since=begun, number=OUTSIDE_E164))
    assert [c for c in lab.carriers if c.invites(since=begun)] == [carrier]
    call.hangup()


async def _rings(lab: Lab, phone: Phone, call: Call) -> Call:
    """It rings at that phone and at no other."""
    ring = await phone.rang(since=call.begun_at)
    other = lab.mobile if phone is lab.desk else lab.desk
    await call.answered()
    assert not other.calls_here(since=call.begun_at)
    return ring


async def _end(*calls: Call) -> None:
    for call in calls:
        call.hangup()
    for call in calls:
        await call.ended()
