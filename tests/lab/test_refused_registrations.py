"""A carrier that refuses our registration, or says nothing to it, while OPTIONS and calls are fine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.fixtures import NO_LAB
from tests.lab.lab import Lab
from tests.lab.router import NUMBER, OTHER_NUMBER, Router, Status, number, trunk
from tests.lab.running import forwarded, rings_office, running, state

POLICY = {"probe_seconds": 2, "fall_seconds": 2, "rise_seconds": 4}
REFUSED = "The carrier refuses our registration."
FOR_NOW = "The carrier refuses our registration for now (503 or the like); Asterisk will try again."
FOR_GOOD = "The carrier refuses our registration for good (403 or 404: barred, or a wrong password)."
UNANSWERED = "The carrier does not answer our registration."


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hurried_lab() -> AsyncIterator[Lab]:
    """A lab whose office registers every 3 s, and tries again in 13 s, or in 26 s what was forbidden."""
    if NO_LAB:
        pytest.skip(NO_LAB)
    async with Lab(expiration=13, retry_interval=13, forbidden_retry_interval=26) as lab:
        yield lab


@pytest_asyncio.fixture(loop_scope="session")
async def hurried(standing_lab: Lab, hurried_lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    """The product at an office that has registered twice since: so often one must look on to know the pace."""
    await hurried_lab.calm()
    async with running(hurried_lab, tmp_path, **POLICY) as product:
        for _ in range(2):
            await _registered_again(hurried_lab)
        yield product


@pytest.mark.campaign
async def test_a_registration_refused_for_now_says_so_at_the_second_try(hurried_lab: Lab, hurried: Router) -> None:
    with hurried_lab.telekom.refuses_registration(503):
        await _down_with(hurried, "telekom", REFUSED, within=8)
        status = await hurried.wait_for(lambda s: forwarded(s, NUMBER), within=1)
        assert rings_office(status, OTHER_NUMBER)
        await _down_with(hurried, "telekom", FOR_NOW, within=18)


@pytest.mark.campaign
async def test_a_registration_refused_for_good_and_one_left_unanswered_say_which_they_are(
    hurried_lab: Lab, hurried: Router
) -> None:
    with hurried_lab.telekom.refuses_registration(403), hurried_lab.zweit.leaves_registration_unanswered():
        forbidden, unanswered = await asyncio.gather(
            _down_with(hurried, "telekom", FOR_GOOD, within=40), _down_with(hurried, "zweit", UNANSWERED, within=45)
        )
    assert number(forbidden, NUMBER)["inbound"] == "mobile"
    assert number(unanswered, OTHER_NUMBER)["inbound"] == "mobile"
    for status, name in ((forbidden, "telekom"), (unanswered, "zweit")):
        assert (trunk(status, name)["registration"], trunk(status, name)["contact"]) == ("Rejected", "Reachable")


@pytest.mark.campaign
@pytest.mark.timeout(600)
async def test_at_a_usual_offices_pace_each_refusal_says_which_it_is_and_is_over_by_itself(
    lab: Lab, tmp_path: Path
) -> None:
    """It registers every 50 s; what is forbidden is tried again after 30 s, anything else after 60 s."""
    async with running(lab, tmp_path) as usual:
        for _ in range(2):
            await _registered_again(lab, within=60)
        begun = time.monotonic()
        with lab.telekom.refuses_registration(403), lab.zweit.leaves_registration_unanswered():
            await asyncio.gather(
                _down_with(usual, "telekom", FOR_GOOD, within=100), _down_with(usual, "zweit", UNANSWERED, within=180)
            )
        told = time.monotonic() - begun
        await usual.wait_for(lambda s: rings_office(s, NUMBER), within=240)  # the next try, and the rise time
        report("registration refused (403) and left unanswered", told_apart_s=round(told, 1))


async def _down_with(router: Router, name: str, why: str, within: float) -> Status:
    return await router.wait_for(lambda s: state(s, name) == "down" and trunk(s, name)["why"] == why, within)


async def _registered_again(lab: Lab, within: float = 8) -> None:
    """Until both trunks have registered once more."""
    for carrier in (lab.telekom, lab.zweit):
        begun = max((seen.at for seen in carrier.board.all("REGISTER")), default=0.0)
        await carrier.board.until(
            "registers anew", lambda c=carrier, t=begun: next(iter(c.board.all("REGISTER", t + 0.5)), None), within
        )
