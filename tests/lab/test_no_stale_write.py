"""Nothing stale reaches the route table by a wire that died, and a table that was deleted stands again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.lab import Lab
from tests.lab.rewritten import WITHIN, plans, plans_only_grow, right_again
from tests.lab.router import NUMBER, Router
from tests.lab.running import QUICK, rings_office, running
from tests.lab.streaming import customers_call


@pytest_asyncio.fixture(loop_scope="session")
async def product(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    async with running(lab, tmp_path, **QUICK) as router:
        yield router


@pytest_asyncio.fixture(loop_scope="session")
async def usual(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    """The product with the policy that it has by default."""
    async with running(lab, tmp_path) as router:
        yield router


async def test_an_order_swallowed_by_a_dead_wire_and_withdrawn_is_never_written(lab: Lab, product: Router) -> None:
    before = plans(product)[-1]
    with product.ami.half_open():
        swallowed = await product.override("mobile")
        assert swallowed.status_code == 202
        await product.wait_for(lambda s: not s["asterisk"]["connected"])
        assert (await product.override("auto")).status_code == 202
    back = time.monotonic()
    await right_again(product, back, rings_office)
    written = [put["Val"] for put in product.ami.actions("DBPut", back) if put["Key"].startswith("plan/")]
    assert written
    assert not [value for value in written if "|mobile|" in value]
    assert before + 1 not in plans(product)  # the plan that the wire swallowed
    assert plans_only_grow(product)


async def test_a_deleted_table_stands_again_within_five_seconds_by_default_settings(lab: Lab, usual: Router) -> None:
    begun, last = time.monotonic(), f"plan/{plans(usual)[-1]}/orders"
    await usual.ami.board.wait("DBGet", 8, begun, Key=last)
    await asyncio.sleep(0.1)  # it has just been read: from now on it can take longest
    lab.office.wipe_astdb_family()
    deleted = time.monotonic()
    async with customers_call(lab, lab.zweit, NUMBER, every=1.0) as stream:
        await right_again(usual, deleted, rings_office)
        assert time.monotonic() - deleted < WITHIN
    assert stream.rang_only(lab.desk), stream
    assert lab.office.database_show("failover")["/failover/current"] == str(plans(usual)[-1])


@pytest.mark.campaign
@pytest.mark.timeout(600)
async def test_however_long_a_wire_was_dead_all_is_verified_within_five_seconds_of_its_return(
    lab: Lab, product: Router
) -> None:
    took: list[float] = []
    for half_seconds in range(1, 31):
        with product.ami.half_open():
            await asyncio.sleep(half_seconds / 2)
        took.append(await right_again(product, time.monotonic(), rings_office))
    report("half-open AMI", rounds=len(took), most_s=round(max(took), 2), median_s=round(sorted(took)[15], 2))
    assert plans_only_grow(product)
