"""Every call of a real Asterisk stands in the journal, those of the router's absence too, and none of them twice."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from tests.lab.call import Call
from tests.lab.lab import MOBILE, Lab
from tests.lab.office import ROOT
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router, number
from tests.unit.core.call_rows import row

Entry = dict[str, Any]
TELLS = "FailoverCall" in (ROOT / "asterisk/extensions_failover.conf").read_text()
by_dialplan = pytest.mark.skipif(not TELLS, reason="the dialplan tells no calls yet")


async def calls(router: Router, **query: str) -> list[Entry]:
    answer = await router.request("GET", "calls", params=query, headers={"accept-language": "en"})
    answer.raise_for_status()
    return list(answer.json()["calls"])


async def journal(router: Router, holds: Callable[[list[Entry]], object], within: float = 5.0) -> list[Entry]:
    """The calls, newest first, once it holds of them."""
    end = time.monotonic() + within
    while not holds(found := await calls(router)):
        assert time.monotonic() < end, found
    return found


async def one_call(router: Router) -> Entry:
    [found] = await journal(router, lambda found: len(found) == 1)
    return found


def ended(name: str, seconds_ago: int = 60, **other: str) -> str:
    """The row of a call of just now, whose id is `name`."""
    began = int(time.time() - seconds_ago) * 1000
    return row(id=name, began=str(began), ended=str(began + 30_000), **other)


def tells(lab: Lab, slot: int, told: str) -> None:
    """As the dialplan does it: into AstDB, and by an event."""
    leaves(lab, slot, told)
    answer = lab.office.ami.act("UserEvent", UserEvent="FailoverCall", Slot=str(slot), Call=told)
    assert answer["Response"] == "Success"


def leaves(lab: Lab, slot: int | str, told: str) -> None:
    answer = lab.office.ami.act("DBPut", Family="failover", Key=f"calls/{slot}", Val=told)
    assert answer["Response"] == "Success"


def left(lab: Lab) -> dict[str, str]:
    """What stands in the ring."""
    shown = lab.office.database_show("failover/calls")
    return {key.removeprefix("/failover/calls/"): value for key, value in shown.items()}


async def emptied(lab: Lab, *but: str) -> None:
    await polled("the ring is cleared", lambda: left(lab).keys() == set(but), within=5)


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


async def test_a_connection_that_was_lost_loses_no_call(lab: Lab, router: Router) -> None:
    with router.ami.refusing():
        await router.wait_for(lambda s: not s["asterisk"]["connected"])
        tells(lab, 17, ended("1.1"))
    call = await one_call(router)
    assert call["router_away"] is True
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


async def test_the_command_lists_them(lab: Lab, router: Router) -> None:
    tells(lab, 17, ended("1.1", by="", end="nobody", legs=f"gsm:{MOBILE}:486"))
    await one_call(router)
    done = await router.command("calls", "--missed")
    assert done.returncode == 0
    assert "missed" in done.stdout
    assert "Annas Handy über GSM gateway: besetzt." in done.stdout


# --- The calls that our own dialplan tells. ---------------------------------------------------------------------------


async def takes(ring: Call) -> None:
    """Answers and presses 1."""
    await ring.answered()
    ring.presses("1")


@by_dialplan
async def test_a_call_on_a_normal_day_is_the_offices(lab: Lab, router: Router) -> None:
    call = lab.telekom.calls(NUMBER, caller="+4930555001")
    await call.answered()
    call.hangup()
    told = await one_call(router)
    assert (told["number"], told["caller"], told["trunk"], told["way"]) == (NUMBER, "+4930555001", "telekom", "office")
    assert (told["outcome"], told["legs"]) == ("taken", [])
    assert told["by"] == "office" or told["by"].startswith("PJSIP/")
    await emptied(lab, "next")


@by_dialplan
async def test_a_forwarded_call_says_who_took_it_and_after_how_many_seconds(lab: Lab, router: Router) -> None:
    assert (await router.override("mobile")).status_code == 200
    lab.mobile.answers(after=1)
    call = lab.zweit.calls(NUMBER, caller="+4930555001")
    ring = await lab.mobile.rang(since=call.begun_at)
    await takes(ring)
    await call.answered()
    waited = time.monotonic() - call.begun_at
    call.hangup()
    told = await one_call(router)
    assert (told["by"], told["person"], told["trunk"], told["way"]) == (MOBILE, "Anna", "zweit", "mobile")
    assert [(leg["trunk"], leg["number"], leg["end"]) for leg in told["legs"]] == [("gsm", MOBILE, "answer")]
    assert told["seconds_to_ring"] < 1 <= told["seconds_to_answer"] <= waited + 0.2


@by_dialplan
async def test_a_caller_who_gives_up_is_missed(lab: Lab, router: Router) -> None:
    assert (await router.override("mobile")).status_code == 200
    lab.mobile.only_rings()
    call = lab.zweit.calls(NUMBER, caller="+4930555001")
    await lab.mobile.rang(since=call.begun_at)
    call.hangup()
    told = await one_call(router)
    assert (told["outcome"], told["by"], told["seconds_to_answer"]) == ("missed", None, None)
    assert told["text"].startswith("The caller hung up after ")


@by_dialplan
async def test_calls_during_the_routers_absence_are_in_the_journal_when_it_is_back(lab: Lab, router: Router) -> None:
    status = await router.status()
    assert number(status, NUMBER)["inbound"] == "office"
    router.kill()
    for caller in ("+4930555001", "+4930555002"):
        call = lab.telekom.calls(NUMBER, caller=caller)
        await call.answered()
        call.hangup()
        await call.ended()
    router.start()
    await router.ready()
    found = await journal(router, lambda found: len(found) == 2)
    assert [call["caller"] for call in found] == ["+4930555002", "+4930555001"]
    assert all(call["router_away"] for call in found)
    await emptied(lab, "next")
