"""In mid-outage the PBX goes and comes back, its wire dies, its table is deleted: within five seconds all is right."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.lab.lab import Lab
from tests.lab.rewritten import WITHIN, plans_only_grow, right_again
from tests.lab.router import NUMBER, Router
from tests.lab.running import QUICK, forwarded, running, state
from tests.lab.streaming import customers_call


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def long_outage(standing_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Router]:
    """A router in the midst of an outage of the Telekom trunk, which lasts for this whole module."""
    await standing_lab.calm()
    async with running(standing_lab, tmp_path_factory.mktemp("outage"), **QUICK) as router:
        with standing_lab.telekom.silent():
            yield router
        await router.wait_for(lambda s: state(s, "telekom") == "up", within=12)


@pytest_asyncio.fixture(loop_scope="session")
async def outage(standing_lab: Lab, long_outage: Router) -> AsyncIterator[Router]:
    await long_outage.wait_for(lambda s: forwarded(s, NUMBER))
    yield long_outage
    standing_lab.hang_up_all()


@pytest.mark.parametrize("how", ["restarted", "killed"])
async def test_a_pbx_that_was_gone_in_mid_outage_has_the_right_route_within_five_seconds_and_no_call_is_lost(
    standing_lab: Lab, outage: Router, how: str
) -> None:
    await asyncio.to_thread(standing_lab.office.kill9 if how == "killed" else standing_lab.office.stop)
    await outage.wait_for(lambda s: not s["asterisk"]["connected"])
    standing_lab.office.start()
    back = await _ami_answers(standing_lab)
    async with customers_call(standing_lab, standing_lab.zweit, NUMBER) as stream:
        await right_again(outage, back, forwarded)
        placed = len(stream.calls)
        await stream.rung(2)
    assert placed > 0
    assert all(stream.phones(call) for call in stream.calls), stream
    assert all(stream.phones(call) == [standing_lab.mobile] for call in stream.calls[placed:]), stream
    assert plans_only_grow(outage)


async def test_a_reload_of_the_dialplan_in_mid_outage_changes_nothing_for_any_call(
    standing_lab: Lab, outage: Router
) -> None:
    async with customers_call(standing_lab, standing_lab.zweit, NUMBER) as stream:
        await stream.rung(2)
        standing_lab.office.dialplan_reload()
        await outage.wait_for(lambda s: forwarded(s, NUMBER), within=WITHIN)
        await stream.rung(3)
    assert stream.rang_only(standing_lab.mobile), stream


async def test_a_wire_that_died_unnoticed_moves_no_call_and_within_five_seconds_of_its_return_all_is_verified(
    standing_lab: Lab, outage: Router
) -> None:
    with outage.ami.half_open():
        await outage.wait_for(lambda s: not s["asterisk"]["connected"])
        async with customers_call(standing_lab, standing_lab.zweit, NUMBER) as stream:
            await stream.rung(3)
        assert stream.rang_only(standing_lab.mobile), stream
    await right_again(outage, time.monotonic(), forwarded)
    assert plans_only_grow(outage)


async def test_a_table_deleted_in_mid_outage_stands_again_and_until_then_calls_ring_somewhere(
    standing_lab: Lab, outage: Router
) -> None:
    async with customers_call(standing_lab, standing_lab.zweit, NUMBER) as stream:
        await stream.rung(1)
        standing_lab.office.wipe_astdb_family()
        await right_again(outage, time.monotonic(), forwarded)
        placed = len(stream.calls)
        await stream.rung(2)
    assert all(stream.phones(call) for call in stream.calls), stream
    assert all(stream.phones(call) == [standing_lab.mobile] for call in stream.calls[placed:]), stream


async def _ami_answers(lab: Lab) -> float:
    """The moment from which AMI greets."""
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection(lab.office.address, 5038)
                greeting = await reader.readline()
                writer.close()
                if greeting:
                    return time.monotonic()
            await asyncio.sleep(0.01)
