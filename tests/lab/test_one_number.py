"""One of three numbers is dead while calls in the name of the others go through: that number only."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.lab.forwarding import CUSTOMER
from tests.lab.lab import Lab
from tests.lab.office import PRODUCT_DIALPLAN
from tests.lab.router import NUMBER, OTHER_NUMBER, Router, number
from tests.lab.running import QUICK, forwarded, rings_office, running, state, talks

SECOND, THIRD = "+4930123457", "+4930123458"
NAMES = {"1": NUMBER, "2": SECOND, "3": THIRD}
OUTSIDE = "030777"
_turn = itertools.count(10)
AS_ANOTHER = """
[failover-features](+)
exten => _77X!,1,Set(CALLERID(num)=${LAB_NAME_${EXTEN:2:1}})
 same => n,Goto(failover-outbound,${EXTEN:3},1)
"""
"""A desk phone that shows another number: 77, which one, the number dialled."""


@pytest_asyncio.fixture(loop_scope="session")
async def of_three(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    """Three numbers on the telekom; desk phones show the one they choose."""

    def change(settings: dict[str, Any]) -> None:
        first = settings["numbers"][0]
        settings["numbers"] += [first | {"number": more, "arrives_as": []} for more in (SECOND, THIRD)]

    async with running(lab, tmp_path, change, **QUICK) as product:
        conf = (lab.office.etc / "failover_office.conf").read_text()
        lab.office.install_dialplan(conf, PRODUCT_DIALPLAN.read_text() + AS_ANOTHER)
        for digit, shown in NAMES.items():
            lab.office.set_global(f"LAB_NAME_{digit}", shown)
        yield product


async def test_the_dead_number_alone_goes_to_the_mobile_until_its_calls_go_through_again(
    lab: Lab, of_three: Router
) -> None:
    with lab.telekom.answers_invites_with(403, caller=SECOND):
        for others in ("1", "3"):
            await _carried(lab, others, await _refused(lab, "2"))  # the same customer: no number that is barred
        assert rings_office(await of_three.status(), SECOND)
        await _refused(lab, "2")
        status = await of_three.wait_for(lambda s: forwarded(s, SECOND), within=2)
        assert state(status, "telekom") == "up"
        assert all(rings_office(status, other) for other in (NUMBER, THIRD, OTHER_NUMBER))
        dead = number(status, SECOND)
        assert dead["state"] == "down"
        assert dead["state_why"] == "3 calls in a row in its name failed, the last with 403, while others went through."
        assert dead["reachable"] == "unproven"
        assert "Calls that arrive go to Anna's mobile over GSM gateway." in dead["why"]
        await _comes_in(lab, SECOND, to_the_mobile=True)
        await _comes_in(lab, THIRD, to_the_mobile=False)
        await _carried(lab, "1", OUTSIDE)
    await of_three.wait_for(lambda s: rings_office(s, SECOND), within=8)
    await _carried(lab, "2", OUTSIDE)
    status = await of_three.status()
    assert number(status, SECOND)["state"] == "up"
    assert number(status, SECOND)["state_why"] == "Calls in its name, or to it, go through."


async def test_a_stranger_who_shows_our_number_speaks_in_nobodys_name(lab: Lab, of_three: Router) -> None:
    """His calls to a forwarded number go out in the name of that number, whatever he shows; and what a phone of the
    office sends out again is in nobody's."""
    await of_three.override("mobile", number=THIRD)
    begun = time.monotonic()
    call = lab.telekom.calls(THIRD, caller=SECOND)
    await lab.mobile.rang()
    call.hangup()
    names = await lab.office.board.until("the leg has its name", lambda: _names(lab, begun), within=3)
    assert names == [THIRD]


def _names(lab: Lab, since: float) -> list[str] | None:
    return [told["Number"] for told in lab.office.board.all("FailoverName", since)] or None


async def _refused(lab: Lab, name: str) -> str:
    """The telekom refuses a call in that name; somebody answers it by the next trunk. The number called."""
    begun, to = time.monotonic(), f"{OUTSIDE}{next(_turn)}"  # one barred number redialled would prove nothing
    call = lab.desk.dials(f"77{name}{to}")
    await call.answered()
    ended = await lab.office.board.wait("FailoverLeg", within=3, since=begun, Trunk="telekom")
    assert (ended["Number"], ended["Ended"], ended["Means"]) == (NAMES[name], "403", "fault")
    call.hangup()
    await call.ended()
    return to


async def _carried(lab: Lab, name: str, to: str) -> None:
    begun = time.monotonic()
    call = lab.desk.dials(f"77{name}{to}")
    await call.answered()
    [invite] = lab.telekom.invites(begun)
    assert invite["Caller"] == NAMES[name]
    call.hangup()
    await call.ended()


async def _comes_in(lab: Lab, published: str, *, to_the_mobile: bool) -> None:
    call = lab.telekom.calls(published, caller=CUSTOMER)
    ring = await (lab.mobile if to_the_mobile else lab.desk).rang()
    assert await talks(call, ring)
    call.hangup()
    await call.ended()
