"""Thirty trunks fall silent at random moments: each one's number is switched and verified in time."""

from __future__ import annotations

import random
import statistics

import pytest

from router.core.site import Policy
from tests.bench.silence import TRUNKS, seconds
from tests.campaign import report
from tests.lab.lab import Lab


@pytest.mark.campaign
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("policy", "most"), [(Policy(), 9.0), (Policy(probe=2), 6.0)], ids=["defaults", "probe 2 s"])
async def test_each_of_thirty_silent_trunks_is_switched_in_time(policy: Policy, most: float) -> None:
    seed = random.randrange(10**6)
    async with Lab() as lab:
        took = await seconds(lab, lab.office.ami_secret, policy, random.Random(seed))
    figures = {"median_s": round(statistics.median(took), 2), "most_s": round(max(took), 2)}
    report(f"30 trunks cut at random phases, probe_seconds = {policy.probe:g}", seed=seed, **figures)
    assert len(took) == TRUNKS
    assert max(took) <= most
