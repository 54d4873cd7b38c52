"""What a desk phone dials: extensions and own numbers stay in the house, 112 goes out, a prefix alone nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.forwarding import ANNA, CUSTOMER, forwarding
from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import NUMBER, OTHER_NUMBER, Router
from tests.lab.running import talks


@pytest_asyncio.fixture(loop_scope="session")
async def router(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    """`inside` names the phones' own context, which includes failover-outbound."""
    async with forwarding(lab, tmp_path, "auto", people=(ANNA,), office={"inside": "office"}) as product:
        yield product


async def test_what_only_the_include_knows_goes_out(lab: Lab, router: Router) -> None:
    call = lab.desk.dials("115")
    assert (await lab.telekom.invited())["Number"] == "115"
    await call.answered()
    assert len(lab.telekom.invites()) == 1
    call.hangup()


@pytest.mark.parametrize("dialled", [NUMBER, "030999999"])
async def test_the_offices_own_number_rings_the_office_and_leaves_over_no_trunk(
    lab: Lab, router: Router, dialled: str
) -> None:
    call = lab.desk.dials(dialled)
    ring = await lab.desk.rang()
    await call.answered()
    assert await talks(call, ring)
    assert len(lab.desk.calls_here()) == 1
    assert not _sent(lab)
    call.hangup()


async def test_the_offices_own_number_goes_where_calls_to_it_go(lab: Lab, router: Router) -> None:
    assert (await router.override("mobile", number=OTHER_NUMBER)).status_code == 200
    call = lab.desk.dials(OTHER_NUMBER)
    ring = await lab.mobile.rang(number=ANNA)
    await call.answered()
    assert await talks(call, ring)
    assert len(_sent(lab)) == 1
    call.hangup()


@pytest.mark.campaign
async def test_where_calls_leads_back_out_the_mobiles_ring_and_check_says_so(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(
        lab, tmp_path, "auto", people=(ANNA,), numbers_of={"calls": "office,{did},1"}, total_seconds=14, ring_seconds=5
    ) as router:
        said = (await router.command("check")).stdout
        assert f"{NUMBER} would ring office,{NUMBER},1, which only leads out again" in said
        call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
        ring = await lab.mobile.rang(number=ANNA)
        await call.answered()
        assert await talks(call, ring)
        assert len(_sent(lab)) == 1
        call.hangup()
        await polled("no channel is left", lambda: not lab.office.channels(), within=5)
        desk = lab.desk.dials(NUMBER)
        await lab.mobile.rang(number=ANNA, since=desk.begun_at)
        assert len(_sent(lab)) == 2
        desk.hangup()


@pytest.mark.campaign
async def test_with_nobody_on_a_mobile_it_ends_with_the_announcement(lab: Lab, tmp_path: Path) -> None:
    """Also by way of the office phones, which are looked for at last."""
    keys = {"numbers_of": {"calls": "office,{did},1"}, "total_seconds": 12, "ring_seconds": 5}
    async with forwarding(lab, tmp_path, "auto", people=(ANNA,), **keys):
        lab.mobile.refuses()
        call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
        await call.answered(within=6)
        await call.ended(within=8)
        assert _sent(lab) == [ANNA]


@pytest.mark.parametrize("dialled", ["112#", pytest.param("110#", marks=pytest.mark.campaign)])
async def test_an_emergency_number_is_known_with_the_key_that_ends_it(lab: Lab, router: Router, dialled: str) -> None:
    call = lab.desk.dials(dialled)
    await lab.telekom.rang(number=dialled[:-1], within=3)
    await call.answered()
    call.hangup()


@pytest.mark.parametrize("dialled", ["0", *(pytest.param(rare, marks=pytest.mark.campaign) for rare in ("00", "+49"))])
async def test_a_prefix_alone_is_refused(lab: Lab, router: Router, dialled: str) -> None:
    call = lab.desk.dials(dialled)
    await call.ended(within=3)
    assert call.sip_code == 484
    await asyncio.sleep(0.2)
    assert not _sent(lab)


def _sent(lab: Lab) -> list[str]:
    """The numbers that the office called over its trunks."""
    return [invite["Number"] for carrier in lab.carriers for invite in carrier.invites()]
