"""What a forwarded call must never do: loop, take a channel that is not there, grow into a flood, delay a 112."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.lab.call import Call
from tests.lab.forwarding import ANNA, BEN, CUSTOMER, VOICEMAIL, forwarding
from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import NUMBER, OTHER_NUMBER
from tests.lab.running import talks
from tests.lab.told_calls import journal

CHAIN = {"ring_seconds": 5, "total_seconds": 14}


def _rare(*values: object) -> ParameterSet:
    """For the campaign: `make test` has its time."""
    return pytest.param(*values, marks=pytest.mark.campaign)


@pytest.mark.parametrize("shown", [_rare("kept"), _rare("changed"), "ours", _rare("anonymous")])
async def test_a_mobile_that_forwards_back_to_the_office_makes_no_loop(lab: Lab, tmp_path: Path, shown: str) -> None:
    """The mobile network sends our leg back in by another trunk, under one number or another."""
    caller = {"kept": CUSTOMER, "changed": ANNA, "ours": OTHER_NUMBER, "anonymous": "anonymous"}[shown]
    async with forwarding(lab, tmp_path, people=(ANNA,), **CHAIN):
        lab.mobile.only_rings()
        call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
        await lab.mobile.rang()
        back = lab.zweit.calls(NUMBER, caller=caller)
        if shown == "anonymous":
            ring = await lab.desk.rang(within=2)  # it may be a second caller
            await back.answered()
            assert await talks(back, ring)
            back.hangup()
        else:
            await back.ended(within=2)
            assert back.sip_code == 486
        assert len(lab.mobile.calls_here()) == 1
        ring = await lab.desk.rang(within=9, since=back.begun_at + 1)
        await call.answered()
        assert await talks(call, ring)
        call.hangup()
        await polled("no channel is left", lambda: not lab.office.channels(), within=5)


@pytest.mark.parametrize(
    ("hops", "shown"),
    [(1, "kept"), _rare(1, "changed"), _rare(1, "anonymous"), _rare(2, "kept"), (2, "changed"), _rare(2, "anonymous")],
)
async def test_a_mobile_network_that_forwards_back_ends_no_call_in_the_loop(
    lab: Lab, tmp_path: Path, hops: int, shown: str
) -> None:
    """The leg to Anna comes back to the office; with two hops by way of her line at home."""
    home = "+491715550100"
    async with forwarding(lab, tmp_path, people=(ANNA,), **CHAIN):
        lab.gsm.forwards(ANNA, NUMBER if hops == 1 else home, shown)
        lab.gsm.forwards(home, NUMBER, shown)
        call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
        ring = await lab.desk.rang(within=4)
        await call.answered()
        if shown != "anonymous":
            assert await talks(call, ring)
        assert len(lab.gsm.invites()) <= hops
        call.hangup()
        await polled("no channel is left", lambda: not lab.office.channels(), within=5)


async def test_a_second_caller_rings_the_same_mobile(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,)):
        lab.mobile.only_rings()
        lab.telekom.calls(NUMBER, caller=CUSTOMER)
        await lab.mobile.rang(caller=CUSTOMER)
        lab.zweit.calls(NUMBER, caller="+491602222222")
        await lab.mobile.rang(caller="+491602222222")


async def test_a_gateway_with_one_channel_cannot_forward_the_call_that_came_in_by_it(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,), trunks_of={"gsm": {"channels": 1}}):
        call = lab.gsm.calls(NUMBER)
        ring = await lab.desk.rang(within=2)
        await call.answered()
        assert await talks(call, ring)
        assert not lab.gsm.invites()


@pytest.mark.parametrize("way", ["forwarded", _rare("inbound")])
async def test_an_emergency_call_takes_the_channel_of_another_call(lab: Lab, tmp_path: Path, way: str) -> None:
    lab.gsm.set_channels(1)
    try:
        async with forwarding(lab, tmp_path, people=(ANNA,), trunks_of={"gsm": {"channels": 1}}):
            first: Call = (lab.telekom if way == "forwarded" else lab.gsm).calls(NUMBER)
            await (lab.mobile if way == "forwarded" else lab.desk).rang()
            await first.answered()
            with lab.telekom.silent(), lab.zweit.silent():
                help_ = lab.desk.dials("112")
                ring = await lab.gsm.rang(within=14, number="112")
                await help_.answered()
                assert await talks(help_, ring)
            await first.ended(within=3)
    finally:
        lab.gsm.set_channels(0)


async def test_of_thirty_callers_two_are_forwarded_and_the_others_ring_the_office(lab: Lab, tmp_path: Path) -> None:
    keys = {"trunks_of": {"gsm": {"channels": 2}}, "total_seconds": 20, "ring_seconds": 10}
    async with forwarding(lab, tmp_path, people=(ANNA,), **keys) as router:
        lab.mobile.answers(after=0.2)
        calls = [lab.zweit.calls(NUMBER, caller=f"+4916077700{n:02}") for n in range(30)]
        await polled("28 rang the desk", lambda: len(lab.desk.calls_here()) == 28, within=15)
        await asyncio.gather(*(call.answered() for call in calls))
        assert len(lab.mobile.calls_here()) == len(lab.gsm.invites()) == 2
        lab.zweit.hang_up_all()
        await polled("no channel is left", lambda: not lab.office.channels(), within=8)
        told = await journal(router, lambda found: len(found) == 30, within=8, limit="100")
        assert sorted(entry["caller"] for entry in told) == [f"+4916077700{n:02}" for n in range(30)]
        assert sum(entry["by"] == ANNA for entry in told) == 2
        assert sum(entry["by"] == "office" for entry in told) == 28


@pytest.mark.campaign
async def test_a_flood_of_calls_is_forwarded_up_to_the_cap(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,), max_calls=1):
        lab.telekom.calls(NUMBER, caller=CUSTOMER)
        await lab.mobile.rang()
        lab.zweit.calls(NUMBER, caller="+491602222222")
        await lab.desk.rang(within=2)
        assert len(lab.mobile.calls_here()) == 1


async def test_when_the_minutes_of_the_day_are_used_up_calls_ring_the_office(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,), minutes_per_day=1):
        call = lab.telekom.calls(NUMBER)
        await call.answered()
        await asyncio.sleep(1.2)
        call.hangup()
        await polled("its seconds are counted", lambda: _spent(lab) in (1, 2), within=3)
        day = lab.office.database_show("failover")["/failover/spent"].split(":")[0]
        lab.office.cli(f"database put failover spent {day}:60")
        lab.telekom.calls(NUMBER)
        await lab.desk.rang(within=2)


def _spent(lab: Lab) -> int:
    return int(lab.office.database_show("failover").get("/failover/spent", ":0").split(":")[1])


async def test_a_number_outside_the_allowed_prefixes_is_never_rung(lab: Lab, tmp_path: Path) -> None:
    """Also where the route table was written by somebody else."""
    async with forwarding(lab, tmp_path, people=(ANNA,)):
        shown = lab.office.database_show("failover")
        plan, number = shown["/failover/current"], NUMBER
        row = shown[f"/failover/plan/{plan}/{number}"].replace(ANNA, "+4490012345")
        lab.office.cli(f"database put failover plan/{plan}/{number} {row}")
        lab.telekom.calls(NUMBER)
        await lab.desk.rang(within=2)
        assert not lab.gsm.invites()


@pytest.mark.campaign
async def test_an_anonymous_caller_is_never_refused_and_skips_the_ringing_mobile(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA, BEN), ring="in_order"):
        lab.mobile.only_rings()
        lab.telekom.calls(NUMBER, caller=CUSTOMER)
        await lab.mobile.rang(number=ANNA)
        lab.mobile.answers(number=BEN)
        second = lab.zweit.calls(NUMBER, caller="anonymous")
        ring = await lab.mobile.rang(number=BEN)
        await second.answered()
        assert await talks(second, ring)


@pytest.mark.campaign
async def test_the_voicemail_of_a_mobile_is_heard_by_nobody(lab: Lab, tmp_path: Path) -> None:
    """Before somebody presses 1 the caller hears ringing, and the mobile's side hears no caller."""
    async with forwarding(lab, tmp_path, people=(ANNA,), **CHAIN):
        lab.mobile.answers(presses=VOICEMAIL)
        call = lab.telekom.calls(NUMBER, early=True)
        voicemail = await lab.mobile.rang()
        await voicemail.answered()
        assert not await voicemail.hears(lab.telekom.tone, within=2)
        call.hangup()
