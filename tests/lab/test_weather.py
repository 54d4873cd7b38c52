"""Bad weather on the line: loss, latency and flapping switch calls seldom or not at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.lab import Lab
from tests.lab.router import NUMBER, Router, Status, number
from tests.lab.running import running, state

FIVE_MINUTES, TEN_MINUTES = 300.0, 600.0
ROUND_TRIP = 0.5  # seconds
CAP = 4  # max_switches_per_hour, by default


@pytest_asyncio.fixture(loop_scope="session")
async def usual(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    """The product with the policy that it has by default."""
    async with running(lab, tmp_path) as product:
        yield product


class Watched:
    """What the status said of the telekom and its number while one looked on: each change, and when."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.states: list[tuple[float, str]] = []
        self.ways: list[tuple[float, str]] = []

    async def during(self, seconds: float) -> None:
        begun = time.monotonic()
        while (now := time.monotonic() - begun) < seconds:
            status: Status = await self._router.status()
            self._seen(self.states, now, state(status, "telekom"))
            self._seen(self.ways, now, number(status, NUMBER)["inbound"])
            await asyncio.sleep(0.2)

    @staticmethod
    def _seen(story: list[tuple[float, str]], now: float, word: str) -> None:
        if not story or story[-1][1] != word:
            story.append((round(now, 1), word))

    @property
    def switches(self) -> int:
        """How many times the way of the number's calls has changed."""
        return len(self.ways) - 1


@pytest.mark.campaign
@pytest.mark.timeout(400)
async def test_five_minutes_of_a_tenth_of_loss_and_half_a_second_of_latency_switch_nothing(
    lab: Lab, usual: Router
) -> None:
    watched = Watched(usual)
    with lab.telekom.loses_share(0.1), lab.telekom.slow(ROUND_TRIP / 2):
        await watched.during(FIVE_MINUTES)
    report("10 % loss and 500 ms for 5 min", switches=watched.switches, states=watched.states)
    assert watched.switches == 0


@pytest.mark.campaign
@pytest.mark.timeout(400)
async def test_five_minutes_of_nearly_a_third_of_loss_switch_once_at_most(lab: Lab, usual: Router) -> None:
    watched = Watched(usual)
    with lab.telekom.loses_share(0.3):
        await watched.during(FIVE_MINUTES)
    report("30 % loss for 5 min", switches=watched.switches, states=watched.states)
    assert watched.switches <= 1


@pytest.mark.campaign
@pytest.mark.timeout(800)
async def test_ten_minutes_of_flapping_every_twenty_seconds_stay_within_the_cap(lab: Lab, usual: Router) -> None:
    watched = Watched(usual)
    looking = asyncio.create_task(watched.during(TEN_MINUTES))
    while not looking.done():
        with lab.telekom.silent():
            await asyncio.wait([looking], timeout=20)
        await asyncio.wait([looking], timeout=20)
    await looking
    report("flapping every 20 s for 10 min", switches=watched.switches, ways=watched.ways, changes=len(watched.states))
    assert 1 <= watched.switches <= CAP
