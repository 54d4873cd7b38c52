"""The router dies: calls go on as it last said, and after its lease the dialplan judges by itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.call import Call
from tests.lab.lab import Lab
from tests.lab.phone import Phone
from tests.lab.router import NUMBER, Router
from tests.lab.running import QUICK, forwarded, running
from tests.lab.streaming import customers_call

OUTSIDE, OUTSIDE_E164 = "030777", "+4930777"
LEASE = 60.0


@pytest_asyncio.fixture(loop_scope="session")
async def product(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    async with running(lab, tmp_path, **QUICK) as router:
        yield router


async def test_each_call_rings_the_mobile_while_the_router_is_killed_and_started_in_mid_outage(
    lab: Lab, product: Router
) -> None:
    with lab.telekom.silent():
        await product.wait_for(lambda s: forwarded(s, NUMBER))
        async with customers_call(lab, lab.zweit, NUMBER) as stream:
            await stream.rung(4)
            product.kill()
            await stream.rung(4)
            written = len(product.ami.actions("DBPut", Key="current"))
            product.start()
            await product.ami.board.until(
                "the plan is written anew",
                lambda: len(product.ami.actions("DBPut", Key="current")) > written or None,
                within=15,
            )
            await product.wait_for(lambda s: forwarded(s, NUMBER))
            await stream.rung(4)
        assert len(stream.calls) >= 12
        assert stream.rang_only(lab.mobile), stream


async def test_a_router_that_died_on_a_normal_day_leaves_a_dialplan_that_diverts_while_the_trunk_is_unreachable(
    lab: Lab, product: Router
) -> None:
    product.kill()
    _lapse(lab)
    await _rings(lab, lab.desk)
    async with lab.office.thinks_unreachable(lab.telekom):
        await _rings(lab, lab.mobile)
        await _goes_out_by(lab, "zweit", OUTSIDE_E164, OUTSIDE)
    await _rings(lab, lab.desk)
    await _goes_out_by(lab, "telekom", OUTSIDE_E164, OUTSIDE)


async def test_a_router_that_died_in_an_outage_leaves_a_dialplan_that_comes_back_with_the_trunk(
    lab: Lab, product: Router
) -> None:
    async with lab.office.thinks_unreachable(lab.telekom):
        await product.wait_for(lambda s: forwarded(s, NUMBER))
        product.kill()
        _lapse(lab)
        await _rings(lab, lab.mobile)
    await _rings(lab, lab.desk)


async def test_without_a_router_and_without_its_table_calls_come_in_and_go_out_and_so_do_emergency_calls(
    lab: Lab, product: Router
) -> None:
    product.kill()
    lab.office.stop()
    lab.office.wipe_astdb()
    lab.office.start()
    await lab.office.booted()
    await lab.at_rest()
    assert not lab.office.database_show("failover")
    await _rings(lab, lab.desk)
    await _goes_out_by(lab, "telekom", OUTSIDE_E164, OUTSIDE)
    await _goes_out_by(lab, "telekom", "112", "112")
    async with lab.office.thinks_unreachable(lab.telekom):
        await _rings(lab, lab.desk)  # which mobile to ring stood in the table
        await _goes_out_by(lab, "zweit", OUTSIDE_E164, OUTSIDE)
        await _goes_out_by(lab, "zweit", "112", "112")


@pytest.mark.campaign
@pytest.mark.timeout(300)
async def test_after_the_real_lease_of_a_dead_router_calls_follow_the_trunk(lab: Lab, product: Router) -> None:
    async with lab.office.thinks_unreachable(lab.telekom):
        await product.wait_for(lambda s: forwarded(s, NUMBER))
        product.kill()
        died = time.monotonic()
    back = await _first_at(lab, lab.desk, within=LEASE + 15)
    report("lease of a router dead in an outage", back_at_the_office_s=round(back - died, 1))
    assert LEASE - 20 < back - died < LEASE + 3
    async with lab.office.thinks_unreachable(lab.telekom):
        await _rings(lab, lab.mobile)
    await _rings(lab, lab.desk)


@pytest.mark.campaign
@pytest.mark.timeout(300)
async def test_a_carrier_that_falls_silent_after_the_router_died_is_found_out_by_asterisk_itself(
    lab: Lab, product: Router
) -> None:
    product.kill()
    with lab.telekom.silent():
        cut = time.monotonic()
        diverted = await _first_at(lab, lab.mobile, within=150)
        report("carrier silent, router dead", diverted_s=round(diverted - cut, 1))
        assert diverted - cut < LEASE + 60 + 10  # the lease, and Asterisk's own probe every 60 s


def _lapse(lab: Lab) -> None:
    """As if the router had been dead for its lease."""
    lab.office.cli(f"database put failover lease {int(time.time()) - 1}")


async def _rings(lab: Lab, phone: Phone) -> None:
    """A customer's call rings at that phone, and at no other."""
    call = lab.zweit.calls(NUMBER)
    await phone.rang(since=call.begun_at)
    other = lab.mobile if phone is lab.desk else lab.desk
    assert not other.calls_here(since=call.begun_at)
    await _end(call)


async def _goes_out_by(lab: Lab, trunk: str, number: str, dialled: str) -> None:
    call = lab.desk.dials(dialled)
    carrier = next(c for c in lab.carriers if c.name == trunk)
    await carrier.rang(since=call.begun_at, number=number)
    await call.answered()
    await _end(call)


async def _end(call: Call) -> None:
    call.hangup()
    await call.ended()


async def _first_at(lab: Lab, phone: Phone, within: float) -> float:
    """When a call first rang there; one every second."""
    async with asyncio.timeout(within), customers_call(lab, lab.zweit, NUMBER, every=1.0) as stream:
        while True:
            await stream.rung(1)
            if rung := phone.calls_here(caller=stream.calls[-1].caller):
                return rung[0].begun_at
