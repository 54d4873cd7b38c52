"""Every call of a real Asterisk stands in the journal, those of the router's absence too, and none of them twice."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.lab.call import Call
from tests.lab.forwarding import ANNA, BEN, CUSTOMER, forwarding
from tests.lab.lab import MOBILE, Lab
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router, number
from tests.lab.told_calls import calls, emptied, ended, journal, leaves, left, one_call, tells


async def test_what_is_told_of_a_call_is_written_down_and_taken_out_of_astdb(lab: Lab, router: Router) -> None:
    leaves(lab, "next", "17")
    tells(lab, 17, ended("1.1", legs="&".join([f"gsm:{MOBILE}:486"] * 25)))
    call = await one_call(router)
    assert (call["id"], call["outcome"], call["by"], call["router_away"]) == ("1.1", "taken", MOBILE, False)
    assert [leg["end"] for leg in call["legs"]] == ["486"] * 25
    await emptied(lab, "next")


async def test_calls_of_the_time_without_a_router_are_told_when_it_is_back_once_each(lab: Lab, router: Router) -> None:
    tells(lab, 1, ended("1.1", 300))
    await one_call(router)
    await emptied(lab)
    router.kill()
    leaves(lab, 2, ended("1.2", 200, by="", legs=f"gsm:{MOBILE}:480r"))
    leaves(lab, 3, "no row; ${SHELL(id)}")
    leaves(lab, 500, ended("1.5", 100))
    leaves(lab, "next", "500")
    for _ in ("started", "started once more"):
        router.kill()
        router.start()
        await router.ready()
        found = await journal(router, lambda found: len(found) == 3)
        assert [(call["id"], call["router_away"]) for call in found] == [("1.5", True), ("1.2", True), ("1.1", False)]
        await emptied(lab, "3", "next")
    assert [call["id"] for call in await calls(router, missed="true")] == ["1.2"]
    assert router.log().count("rows in failover/calls that are no calls, left out: 1") == 2


@pytest.mark.campaign
async def test_a_connection_that_was_lost_loses_no_call(lab: Lab, router: Router) -> None:
    with router.ami.refusing():
        await router.wait_for(lambda s: not s["asterisk"]["connected"])
        tells(lab, 17, ended("1.1"))
    call = await one_call(router)
    assert call["router_away"] is True
    await emptied(lab)


@pytest.mark.campaign
async def test_a_call_of_which_no_event_came_is_found_within_seconds(lab: Lab, router: Router) -> None:
    """Events are hints: Asterisk's own filter holds back those in which a caller's name looks like a second event."""
    leaves(lab, 17, ended("1.1"))
    [call] = await journal(router, lambda found: len(found) == 1, within=20)
    assert call["router_away"] is False
    await emptied(lab)


async def test_while_the_database_is_dead_a_call_stays_where_the_next_router_finds_it(lab: Lab, router: Router) -> None:
    with closing(sqlite3.connect(router.home / "failover.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        tells(lab, 17, ended("1.1"))
        status = await router.override("mobile")
        assert status.status_code == 200, "no switch is held up"
        assert left(lab).keys() == {"17"}
        router.kill()
    router.start()
    await router.ready()
    assert (await one_call(router))["id"] == "1.1"
    await emptied(lab)


@pytest.mark.campaign
async def test_the_command_lists_them(lab: Lab, router: Router) -> None:
    tells(lab, 17, ended("1.1", by="", end="nobody", legs=f"gsm:{MOBILE}:486"))
    await one_call(router)
    done = await router.command("calls", "--missed")
    assert done.returncode == 0
    assert "verpasst" in done.stdout
    assert "Annas Handy über GSM gateway: besetzt." in done.stdout


# --- The calls that our own dialplan tells. ---------------------------------------------------------------------------


async def takes(ring: Call) -> None:
    """Answers and presses 1."""
    await ring.answered()
    ring.presses("1")


async def test_a_call_on_a_normal_day_is_the_offices(lab: Lab, router: Router) -> None:
    call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
    await call.answered()
    call.hangup()
    told = await one_call(router)
    assert (told["number"], told["caller"], told["trunk"], told["way"]) == (NUMBER, CUSTOMER, "telekom", "office")
    assert (told["outcome"], told["legs"]) == ("taken", [])
    assert told["by"] == "office" or told["by"].startswith("PJSIP/")
    await emptied(lab, "next")


async def test_a_forwarded_call_says_who_took_it_and_after_how_many_seconds(lab: Lab, router: Router) -> None:
    assert (await router.override("mobile")).status_code == 200
    lab.mobile.answers(after=1)
    call = lab.zweit.calls(NUMBER, caller=CUSTOMER)
    ring = await lab.mobile.rang(since=call.begun_at)
    await takes(ring)
    await call.answered()
    waited = time.monotonic() - call.begun_at
    call.hangup()
    told = await one_call(router)
    assert (told["by"], told["person"], told["trunk"], told["way"]) == (MOBILE, "Anna", "zweit", "mobile")
    assert [(leg["trunk"], leg["number"], leg["end"]) for leg in told["legs"]] == [("gsm", MOBILE, "answer")]
    assert told["seconds_to_ring"] < 1 <= told["seconds_to_answer"] <= waited + 0.2


async def test_a_caller_who_gives_up_is_missed(lab: Lab, router: Router) -> None:
    assert (await router.override("mobile")).status_code == 200
    lab.mobile.only_rings()
    call = lab.zweit.calls(NUMBER, caller=CUSTOMER)
    await lab.mobile.rang(since=call.begun_at)
    call.hangup()
    told = await one_call(router)
    assert (told["outcome"], told["by"], told["seconds_to_answer"]) == ("missed", None, None)
    assert told["text"].startswith("The caller hung up ")


async def test_calls_during_the_routers_absence_are_in_the_journal_when_it_is_back(lab: Lab, router: Router) -> None:
    status = await router.status()
    assert number(status, NUMBER)["inbound"] == "office"
    router.kill()
    for caller in (CUSTOMER, "+4930555002"):
        call = lab.telekom.calls(NUMBER, caller=caller)
        await call.answered()
        call.hangup()
        await call.ended()
    router.start()
    await router.ready()
    found = await journal(router, lambda found: len(found) == 2)
    assert [call["caller"] for call in found] == ["+4930555002", CUSTOMER]
    assert all(call["router_away"] for call in found)
    await emptied(lab, "next")


@pytest.mark.campaign
async def test_a_call_that_nobody_took_says_what_every_mobile_said(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, ring="in_order", ring_seconds=5, total_seconds=14) as router:
        lab.mobile.refuses(17, ANNA)
        lab.mobile.refuses(19, BEN)
        lab.desk.only_rings()
        call = lab.telekom.calls(NUMBER, caller="anonymous")
        await call.ended(within=25)
        told = await one_call(router)
        assert (told["outcome"], told["caller"], told["by"]) == ("missed", None, None)
        assert told["text"].startswith("Nobody took it; the caller waited ")
        assert [(leg["person"], leg["end"]) for leg in told["legs"]] == [("Anna", "486"), ("Ben", "480")]
        assert 0 <= told["seconds_to_ring"] < 6


async def test_a_mobile_that_still_rang_when_the_caller_gave_up_is_told_too(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,)) as router:
        lab.mobile.only_rings()
        call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
        await lab.mobile.rang(since=call.begun_at)
        call.hangup()
        told = await one_call(router)
        assert [leg["person"] for leg in told["legs"]] == ["Anna"]


@pytest.mark.campaign
async def test_our_own_leg_that_came_back_is_told_as_refused(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,)) as router:
        lab.mobile.only_rings()
        call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
        await lab.mobile.rang(since=call.begun_at)
        back = lab.zweit.calls(NUMBER, caller=ANNA)
        await back.ended(within=2)
        told = await one_call(router)
        assert (told["outcome"], told["caller"], told["trunk"]) == ("refused", ANNA, "zweit")
        call.hangup()
        last, _ = await journal(router, lambda found: len(found) == 2)
        assert {last["outcome"], told["outcome"]} == {"refused"}, "the one that began last"


async def test_of_a_flood_every_call_is_told_and_why_it_was_not_forwarded(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,), max_calls=2) as router:
        lab.mobile.only_rings()
        lab.desk.only_rings()
        callers = [f"+49305551{n:03}" for n in range(12)]
        flood = [lab.zweit.calls(NUMBER, caller=caller) for caller in callers]
        for call in flood:
            await call.ringing(within=10)
        await polled("two ring the mobile", lambda: len(lab.mobile.calls_here(flood[0].begun_at)) == 2, within=5)
        await polled("ten ring the desk", lambda: len(lab.desk.calls_here(flood[0].begun_at)) == 10, within=10)
        for call in flood:
            call.hangup()
        found = await journal(router, lambda found: len(found) == len(flood), within=10)
        assert {call["caller"] for call in found} == set(callers)
        kept_back = [call for call in found if [leg["end"] for leg in call["legs"]] == ["calls"]]
        assert len(kept_back) == 10
        assert {call["outcome"] for call in found} == {"missed"}
        await emptied(lab, "next")
