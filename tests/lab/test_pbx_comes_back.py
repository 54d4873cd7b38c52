"""The PBX goes away and comes back, its wire dies, its table is deleted: the right route again within five seconds."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.lab import Lab
from tests.lab.router import NUMBER, Router
from tests.lab.running import QUICK, forwarded, rings_office, running
from tests.lab.streaming import customers_call

WITHIN = 5.0  # seconds


@pytest_asyncio.fixture(loop_scope="session")
async def product(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    async with running(lab, tmp_path, **QUICK) as router:
        yield router


@pytest_asyncio.fixture(loop_scope="session")
async def usual(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    """The product with the policy that it has by default."""
    async with running(lab, tmp_path) as router:
        yield router


@pytest.mark.parametrize("how", ["restarted", "killed"])
async def test_a_pbx_that_was_gone_in_mid_outage_has_the_right_route_within_five_seconds_and_no_call_is_lost(
    lab: Lab, product: Router, how: str
) -> None:
    with lab.telekom.silent():
        await product.wait_for(lambda s: forwarded(s, NUMBER))
        await asyncio.to_thread(lab.office.kill9 if how == "killed" else lab.office.stop)
        await product.wait_for(lambda s: not s["asterisk"]["connected"])
        lab.office.start()
        back = await _ami_answers(lab)
        async with customers_call(lab, lab.zweit, NUMBER) as stream:
            await _right_again(product, back, forwarded)
            placed = len(stream.calls)
            await stream.rung(2)
        assert placed > 0
        assert all(stream.phones(call) for call in stream.calls), stream
        assert all(stream.phones(call) == [lab.mobile] for call in stream.calls[placed:]), stream
        assert _plans_only_grow(product)


async def test_a_reload_of_the_dialplan_in_mid_outage_changes_nothing_for_any_call(lab: Lab, product: Router) -> None:
    with lab.telekom.silent():
        await product.wait_for(lambda s: forwarded(s, NUMBER))
        async with customers_call(lab, lab.zweit, NUMBER) as stream:
            await stream.rung(2)
            lab.office.dialplan_reload()
            await product.wait_for(lambda s: forwarded(s, NUMBER), within=WITHIN)
            await stream.rung(3)
        assert stream.rang_only(lab.mobile), stream


async def test_a_wire_that_died_unnoticed_moves_no_call_and_within_five_seconds_of_its_return_all_is_verified(
    lab: Lab, product: Router
) -> None:
    with lab.telekom.silent():
        await product.wait_for(lambda s: forwarded(s, NUMBER))
        with product.ami.half_open():
            await product.wait_for(lambda s: not s["asterisk"]["connected"])
            async with customers_call(lab, lab.zweit, NUMBER) as stream:
                await stream.rung(3)
            assert stream.rang_only(lab.mobile), stream
        await _right_again(product, time.monotonic(), forwarded)
        assert _plans_only_grow(product)


async def test_an_order_swallowed_by_a_dead_wire_and_withdrawn_is_never_written(lab: Lab, product: Router) -> None:
    before = _plans(product)[-1]
    with product.ami.half_open():
        swallowed = await product.override("mobile")
        assert swallowed.status_code == 202
        await product.wait_for(lambda s: not s["asterisk"]["connected"])
        assert (await product.override("auto")).status_code == 202
    back = time.monotonic()
    await _right_again(product, back, rings_office)
    written = [put["Val"] for put in product.ami.actions("DBPut", back) if put["Key"].startswith("plan/")]
    assert written
    assert not [value for value in written if "|mobile|" in value]
    assert before + 1 not in _plans(product)  # the plan that the wire swallowed
    assert _plans_only_grow(product)


async def test_a_deleted_table_stands_again_within_five_seconds_by_default_settings(lab: Lab, usual: Router) -> None:
    begun, last = time.monotonic(), f"plan/{_plans(usual)[-1]}/orders"
    await usual.ami.board.wait("DBGet", 8, begun, Key=last)
    await asyncio.sleep(0.1)  # it has just been read: from now on it can take longest
    lab.office.wipe_astdb_family()
    deleted = time.monotonic()
    async with customers_call(lab, lab.zweit, NUMBER, every=1.0) as stream:
        await _right_again(usual, deleted, rings_office)
        assert time.monotonic() - deleted < WITHIN
    assert stream.rang_only(lab.desk), stream
    assert lab.office.database_show("failover")["/failover/current"] == str(_plans(usual)[-1])


async def test_a_table_deleted_in_mid_outage_stands_again_and_until_then_calls_ring_somewhere(
    lab: Lab, product: Router
) -> None:
    with lab.telekom.silent():
        await product.wait_for(lambda s: forwarded(s, NUMBER))
        async with customers_call(lab, lab.zweit, NUMBER) as stream:
            await stream.rung(1)
            lab.office.wipe_astdb_family()
            await _right_again(product, time.monotonic(), forwarded)
            placed = len(stream.calls)
            await stream.rung(2)
        assert all(stream.phones(call) for call in stream.calls), stream
        assert all(stream.phones(call) == [lab.mobile] for call in stream.calls[placed:]), stream


@pytest.mark.campaign
@pytest.mark.timeout(600)
async def test_however_long_a_wire_was_dead_all_is_verified_within_five_seconds_of_its_return(
    lab: Lab, product: Router
) -> None:
    took: list[float] = []
    for half_seconds in range(1, 31):
        with product.ami.half_open():
            await asyncio.sleep(half_seconds / 2)
        took.append(await _right_again(product, time.monotonic(), rings_office))
    report("half-open AMI", rounds=len(took), most_s=round(max(took), 2), median_s=round(sorted(took)[15], 2))
    assert _plans_only_grow(product)


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


async def _right_again(product: Router, since: float, right: object) -> float:
    """Until the table has been written anew and the dialplan asked, five seconds at most; how long it took."""
    assert callable(right)
    await product.ami.board.wait("DBPut", WITHIN, since, Key="current")
    await product.wait_for(lambda s: right(s, NUMBER), within=max(0.1, WITHIN - (time.monotonic() - since)))
    return time.monotonic() - since


def _plans(product: Router) -> list[int]:
    """The ids of the plans that were put in force, in the order in which they reached Asterisk."""
    return [int(put["Val"]) for put in product.ami.actions("DBPut", Key="current")]


def _plans_only_grow(product: Router) -> bool:
    """No plan reached Asterisk twice, and none after a newer one."""
    plans = _plans(product)
    return plans == sorted(set(plans)) and len(plans) > 1
