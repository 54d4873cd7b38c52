"""5,000 AMI events a second for a minute: a trunk that dies meanwhile is down as soon as on a quiet day."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path

import pytest

from tests.campaign import report
from tests.lab import flood
from tests.lab.lab import Lab
from tests.lab.running import running

MINUTE = 60.0
TRIES = 3


@pytest.mark.campaign
@pytest.mark.timeout(300)
async def test_in_a_flood_of_events_the_verdict_comes_no_later_and_memory_stays(lab: Lab, tmp_path: Path) -> None:
    async with running(lab, tmp_path, **flood.AGAIN) as router:
        events = await flood.recorded_call(lab, router)
        assert len(events) >= 4  # what the router has not filtered out
        quiet = [await flood.verdict_after(lab, router) for _ in range(TRIES)]
        with router.ami.flooding(events, flood.A_SECOND):
            begun, before = time.monotonic(), router.ami.flooded
            memory = asyncio.create_task(flood.resident_while(router, MINUTE))
            flooded = [await flood.verdict_after(lab, router) for _ in range(TRIES)]
            grown = await memory
            rate = (router.ami.flooded - before) / (time.monotonic() - begun)
        status = await router.status()
    later = statistics.median(flooded) - statistics.median(quiet)
    report(
        "5,000 events a second", events_a_second=round(rate), later_s=round(later, 2), quiet_s=quiet, flooded_s=flooded,
        memory_mb=[round(mb, 1) for mb in grown],
    )  # fmt: skip
    assert status["asterisk"]["connected"]
    assert rate > flood.A_SECOND * 0.95
    assert later < 0.5
    assert grown[-1] - grown[1] < 3  # MB; the first look is still at what the first seconds fill
