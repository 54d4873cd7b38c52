"""A trunk that answers every probe and refuses every call: down at the third, and each of the three is put through."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.call import Call
from tests.lab.lab import Lab
from tests.lab.router import NUMBER, OTHER_NUMBER, Router, number, trunk
from tests.lab.running import QUICK, forwarded, rings_office, route_writes, running, state, talks, watches_on

OUTSIDE = "030777"


@pytest_asyncio.fixture(loop_scope="session")
async def quick(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    async with running(lab, tmp_path, **QUICK) as product:
        yield product


async def test_invites_answered_with_503_bring_a_trunk_down_at_the_third_call_though_options_are_fine(
    lab: Lab, quick: Router
) -> None:
    begun = time.monotonic()
    with lab.telekom.answers_invites_with(503):
        for _ in range(2):
            call = await _goes_through(lab)
            await _leg_ended(lab, "503", since=call.begun_at)
        await watches_on(quick)
        assert state(await quick.status(), "telekom") == "up"
        assert not route_writes(quick, begun)
        await _goes_through(lab)
        status = await quick.wait_for(lambda s: forwarded(s, NUMBER), within=1)
        telekom = trunk(status, "telekom")
        assert telekom["state"] == "down"
        assert telekom["why"] == "3 calls in a row failed, the last with 503."
        assert (telekom["contact"], telekom["registration"]) == ("Reachable", "Registered")
        assert number(status, NUMBER)["reachable"] == "unproven"  # calls in may well arrive
        assert rings_office(status, OTHER_NUMBER)
        invites = len(lab.telekom.invites())
        await _goes_through(lab)
        assert len(lab.telekom.invites()) == invites == 3
        lab.telekom.calls(NUMBER)
        await lab.mobile.rang()


async def test_after_failed_calls_the_next_call_after_the_rise_time_decides(lab: Lab, quick: Router) -> None:
    with lab.telekom.answers_invites_with(503):
        for _ in range(3):
            await _goes_through(lab)
        await quick.wait_for(lambda s: state(s, "telekom") == "down", within=1)
        await quick.wait_for(lambda s: rings_office(s, NUMBER), within=8)
        await _goes_through(lab)
        status = await quick.wait_for(lambda s: forwarded(s, NUMBER), within=1)
        assert trunk(status, "telekom")["why"] == "A call failed with 503."


@pytest.mark.campaign
async def test_a_trial_call_that_goes_through_ends_the_trial(lab: Lab, quick: Router) -> None:
    with lab.telekom.answers_invites_with(503):
        for _ in range(3):
            await _goes_through(lab)
        await quick.wait_for(lambda s: forwarded(s, NUMBER), within=1)
    await quick.wait_for(lambda s: rings_office(s, NUMBER), within=8)
    call = await _goes_through(lab)
    assert await talks(call, await lab.telekom.rang())
    with lab.telekom.answers_invites_with(503):
        call = await _goes_through(lab)
        await _leg_ended(lab, "503", since=call.begun_at)
        await watches_on(quick)
        assert rings_office(await quick.status(), NUMBER)


async def test_what_is_said_of_the_callee_is_no_fault_of_the_trunk(lab: Lab, quick: Router) -> None:
    """Busy and refused end the call, an unknown number goes on to the next trunk: none of them writes anything."""
    begun = time.monotonic()
    for code, ends in ((486, True), (603, True), (404, False)):
        with lab.telekom.answers_invites_with(code):
            for _ in range(3):
                call = lab.desk.dials(OUTSIDE)
                await (call.ended() if ends else call.answered())
                await _leg_ended(lab, str(code), since=call.begun_at)
                assert bool(lab.zweit.invites(call.begun_at)) != ends
    await watches_on(quick)
    assert state(await quick.status(), "telekom") == "up"
    assert not route_writes(quick, begun)


async def _goes_through(lab: Lab) -> Call:
    """A call by the desk, which somebody answers."""
    call = lab.desk.dials(OUTSIDE)
    await call.answered()
    return call


async def _leg_ended(lab: Lab, how: str, since: float) -> None:
    """Until our dialplan has told how a leg ended."""
    await lab.office.board.wait("FailoverLeg", within=3, since=since, Trunk="telekom", Ended=how)
