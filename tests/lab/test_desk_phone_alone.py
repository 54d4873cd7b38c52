"""*28 with the router dead or helpless, and by many at once: obeyed at once, never lost, taken up afterwards."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path
from typing import Any

import pytest

from tests.campaign import report
from tests.lab.feature_codes import hears, ordered, orders, recorded, spoken
from tests.lab.lab import Lab
from tests.lab.lamp import lamp
from tests.lab.ordering import journal_tells, rings
from tests.lab.polled import polled
from tests.lab.router import NUMBER, OTHER_NUMBER, Router
from tests.lab.running import QUICK, forwarded, rings_office, running, state

PATIENCE = 3.0
"""Seconds for which the phone waits for it."""


async def test_with_the_router_dead_an_order_holds_for_the_next_call_and_is_taken_up_and_verified_after_its_start(
    lab: Lab, tmp_path: Path
) -> None:
    async with running(lab, tmp_path, **QUICK) as router:
        router.kill()
        lab.office.set_global("FAILOVER_NUMBER_3", "+4930123459")  # was taken out, and a reload leaves its variable
        with spoken(lab):
            async with lamp(lab) as key:
                heard = await hears(lab, "*28")
                assert heard.words == ["saved-at-once"]
                assert PATIENCE < heard.seconds < PATIENCE + 0.7
                assert ordered(lab) == ["mobile"]
                for each in (NUMBER, OTHER_NUMBER):
                    await rings(lab, lab.mobile, each)
                await key.shows(True)
                router.start()
                await router.wait_for(lambda s: forwarded(s, NUMBER) and forwarded(s, OTHER_NUMBER), within=15)
                await polled("it is taken out", lambda: not ordered(lab), within=2)
                await rings(lab, lab.mobile, NUMBER)
                await journal_tells(router, "order", by="desk phone", text="The desk phone set all numbers")
                router.kill()
                await orders(lab, "*281")
                await orders(lab, "*281")
                assert ordered(lab) == [f"auto,{NUMBER}", f"mobile,{NUMBER}"]
                await orders(lab, "*28")
                for each in (NUMBER, OTHER_NUMBER):
                    await rings(lab, lab.desk, each)
                await key.shows(False)
                router.start()
                await router.wait_for(lambda s: rings_office(s, NUMBER) and rings_office(s, OTHER_NUMBER), within=15)
                await polled("they are taken out", lambda: not ordered(lab), within=2)
                await rings(lab, lab.desk, NUMBER)
                await key.shows(False)


@pytest.mark.campaign
async def test_an_order_for_all_is_verified_beside_a_number_with_an_order_of_its_own(lab: Lab, tmp_path: Path) -> None:
    """As long as it is in the table, the dialplan obeys it for that number too."""
    async with running(lab, tmp_path, **QUICK) as router:
        assert (await router.override("office", number=OTHER_NUMBER)).status_code == 200
        router.kill()
        await orders(lab, "*28")
        await rings(lab, lab.mobile, OTHER_NUMBER)
        router.start()
        await router.wait_for(lambda s: forwarded(s, NUMBER) and rings_office(s, OTHER_NUMBER), within=15)
        await polled("it is taken out", lambda: not ordered(lab), within=2)
        await rings(lab, lab.mobile, NUMBER)
        await rings(lab, lab.desk, OTHER_NUMBER)


@pytest.mark.campaign
async def test_a_list_that_grows_long_without_a_router_loses_no_order_that_counts(lab: Lab, tmp_path: Path) -> None:
    async with running(lab, tmp_path, **QUICK) as router:
        router.kill()
        now = int(time.time())
        long = [f"mobile,{OTHER_NUMBER}@{now - 60}.000"]
        long += [f"{('mobile', 'auto')[n % 2]},{NUMBER}@{now - 59 + n}.000" for n in range(24)]
        lab.office.ami.act("DBPut", Family="failover", Key="order", Val="&".join(long))
        await orders(lab, "*281")
        assert ordered(lab) == [f"mobile,{OTHER_NUMBER}", f"mobile,{NUMBER}"]
        for each in (NUMBER, OTHER_NUMBER):
            await rings(lab, lab.mobile, each)
        router.start()
        await router.wait_for(lambda s: forwarded(s, NUMBER) and forwarded(s, OTHER_NUMBER), within=15)
        await polled("all are taken out", lambda: not ordered(lab), within=2)


@pytest.mark.campaign
async def test_two_phones_at_once_without_a_router_lose_no_order(lab: Lab, tmp_path: Path) -> None:
    async with running(lab, tmp_path, **QUICK) as router:
        router.kill()
        calls = [lab.desk.dials(code) for code in ("*281", "*282")]
        for call in calls:
            await call.ended(within=8)
        assert sorted(ordered(lab)) == [f"mobile,{NUMBER}", f"mobile,{OTHER_NUMBER}"]
        for each in (NUMBER, OTHER_NUMBER):
            await rings(lab, lab.mobile, each)
        async with lamp(lab) as key:
            for code, lit in (("*281", True), ("*282", False), ("*282", True), ("*281", True)):
                await orders(lab, code)
                await key.shows(lit)
        router.start()
        await router.wait_for(lambda s: forwarded(s, NUMBER) and forwarded(s, OTHER_NUMBER), within=15)
        await polled("both are taken out", lambda: not ordered(lab), within=2)


@pytest.mark.parametrize("rounds", [3, pytest.param(23, marks=pytest.mark.campaign)])
@pytest.mark.campaign
async def test_of_nine_phones_that_dial_at_once_no_order_is_lost(lab: Lab, tmp_path: Path, rounds: int) -> None:
    """Each has its own number, and hears that it is done."""
    published = [NUMBER, OTHER_NUMBER, *(f"+493099999{n}" for n in range(1, 8))]

    def many(settings: dict[str, Any]) -> None:
        settings["numbers"] += [
            {"number": each, "trunk": "zweit", "calls": "office-phones,{did},1"} for each in published[2:]
        ]

    seconds: list[float] = []
    with spoken(lab):
        async with running(lab, tmp_path, many, **QUICK) as router:
            for turn in range(rounds):
                calls = [lab.desk.dials(f"*28{place}") for place in range(1, 10)]
                for call in calls:
                    await call.ended(within=9)
                heard = [await recorded(call, call.begun_at) for call in calls]
                word = "forwarding-off" if turn % 2 else "forwarding-on"
                assert [each.words for each in heard] == [[word]] * 9
                seconds += [each.seconds for each in heard]
                for each in (await router.status())["numbers"]:
                    assert each["inbound"] == ("office" if turn % 2 else "mobile")
                assert not ordered(lab)
            assert await _orders_in_the_journal(router) == 9 * rounds
    name = f"desk phones: {len(seconds)} orders, nine at once, from the last key to the confirmation"
    report(name, median_s=round(statistics.median(seconds), 2), slowest_s=round(max(seconds), 2))


@pytest.mark.parametrize("tries", [pytest.param(200, marks=[pytest.mark.campaign, pytest.mark.timeout(1200)])])
async def test_what_one_phone_dials_while_the_order_of_another_is_taken_out_is_not_lost(
    lab: Lab, tmp_path: Path, tries: int
) -> None:
    """Over a long wire, which parts the router's actions; the second phone dials a little later with each try."""
    wire = 0.02
    async with running(lab, tmp_path, **QUICK) as router:
        with router.ami.slow(wire):
            for turn in range(tries):
                calls = [lab.desk.dials("*281")]
                await asyncio.sleep(wire * (10 + (8 + 2 * turn) % 21))
                calls.append(lab.desk.dials("*282"))
                begun = calls[0].begun_at
                both = lambda: len(lab.office.board.all("FailoverOrder", begun)) == 2 or None  # noqa: B023, E731
                await lab.office.board.until("both have ordered", both, within=3)
                for call in calls:
                    call.hangup()
                wanted = rings_office if turn % 2 else forwarded
                await router.wait_for(lambda s: wanted(s, NUMBER) and wanted(s, OTHER_NUMBER), within=6)  # noqa: B023
                await polled("both are taken out", lambda: not ordered(lab), within=6)
        assert await _orders_in_the_journal(router) == 2 * tries


@pytest.mark.campaign
async def test_where_the_route_cannot_be_verified_the_order_holds_and_a_later_one_takes_its_place(
    lab: Lab, tmp_path: Path
) -> None:
    async with running(lab, tmp_path, **QUICK) as router:
        conf = (lab.office.etc / "failover_office.conf").read_text()
        lab.office.install_dialplan(conf.replace("+4930999999=zweit=office-phones", "+4930999999=zweit=elsewhere"))
        await router.wait_for(lambda s: not s["route"]["verified"])
        with spoken(lab):
            assert (await hears(lab, "*281")).words == ["saved-at-once"]
            await rings(lab, lab.mobile, NUMBER)
            assert ordered(lab) == [f"mobile,{NUMBER}"]
            assert (await router.override("auto", number=NUMBER)).status_code == 202
            await polled("it is taken out", lambda: not ordered(lab), within=5)
            await rings(lab, lab.desk, NUMBER)


@pytest.mark.campaign
async def test_without_a_trunk_left_to_forward_over_nobody_is_told_that_calls_go_to_the_mobile(
    lab: Lab, tmp_path: Path
) -> None:
    def only_one(settings: dict[str, Any]) -> None:
        settings["forwarding"]["trunks"] = ["gsm"]

    async with running(lab, tmp_path, only_one, **QUICK) as router:
        with spoken(lab), lab.gsm.leaves_options_unanswered():
            await router.wait_for(lambda s: state(s, "gsm") == "down")
            async with lamp(lab) as key:
                assert (await hears(lab, "*28")).words == ["saved"]
                await key.shows(False)
                await rings(lab, lab.desk, NUMBER)


@pytest.mark.campaign
async def test_the_lamp_is_right_after_a_restart_of_asterisk_and_of_the_router(lab: Lab, tmp_path: Path) -> None:
    async with running(lab, tmp_path, **QUICK) as router:
        await orders(lab, "*282")
        await polled("it is taken up", lambda: not ordered(lab), within=5)
        router.kill()
        await lab.office.restart()
        async with lamp(lab) as key:
            await key.shows(True)
            router.start()
            await router.wait_for(lambda s: forwarded(s, OTHER_NUMBER), within=15)
            await asyncio.sleep(0.5)
            await key.shows(True)
        await lab.office.restart()
        await router.wait_for(lambda s: s["asterisk"]["connected"] and forwarded(s, OTHER_NUMBER), within=15)
        async with lamp(lab) as key:
            await key.shows(True)
            await router.stop()
            lab.office.cli("devstate change Custom:failover NOT_INUSE")
            await key.shows(False)
            router.start()
            await router.wait_for(lambda s: forwarded(s, OTHER_NUMBER), within=15)
            await key.shows(True)
            assert (await router.override("auto")).status_code == 200
            await key.shows(False)


async def _orders_in_the_journal(router: Router) -> int:
    """How many lines tell of an order of a desk phone."""
    count, page = 0, {"limit": 500}
    while lines := (await router.request("GET", "log", params=page)).json()["lines"]:
        count += sum(line["kind"] == "order" and line["by"] == "desk phone" for line in lines)
        page["before"] = lines[-1]["id"]
    return count
