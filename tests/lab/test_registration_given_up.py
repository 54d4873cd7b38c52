"""A registration that Asterisk has given up for ever, after one 403, comes back when the carrier takes it again."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.campaign import report
from tests.lab.fixtures import left_out_without_root
from tests.lab.lab import Lab
from tests.lab.router import Router, trunk
from tests.lab.running import running

POLICY = {"probe_seconds": 2, "fall_seconds": 2, "rise_seconds": 4}
REFUSED = ("The carrier refuses our registration.", "Our registration was refused or not answered.")
FOR_EVER = (
    "The carrier refuses our registration for good (403 or 404: barred, or a wrong password), "
    "and Asterisk has given up trying."
)


@pytest.mark.campaign
@pytest.mark.timeout(900)
async def test_a_registration_given_up_after_a_withdrawn_403_is_back_within_60_s(tmp_path: Path) -> None:
    """Asterisk's own defaults: forbidden_retry_interval = 0, and up to 10 s before a REGISTER that it is asked for."""
    left_out_without_root()
    took = {}
    async with Lab(expiration=20, forbidden_retry_interval=0, initial_delay=10) as lab:
        for refused_for in (2, 46, 150):
            await lab.at_rest()
            home = tmp_path / str(refused_for)
            async with running(lab, home, **POLICY) as router:
                begun = time.monotonic()
                took[refused_for] = await _refused_and_withdrawn(lab, router, refused_for)
                tries = [r.at for r in lab.telekom.board.all("REGISTER", begun) if r["Expires"] != "0"]
                asked = [a.at for a in router.ami.actions("PJSIPRegister", begun)]
                assert all(later - at >= 30 for at, later in pairwise(asked)), asked
                assert all(a["Registration"] == "telekom" for a in router.ami.actions("PJSIPRegister", begun))
                report("registration given up after a 403", refused_for_s=refused_for, back_s=took[refused_for],
                       askings=len(asked), registers=len(tries))  # fmt: skip
    assert max(took.values()) <= 60, took


async def _refused_and_withdrawn(lab: Lab, router: Router, seconds: float) -> float:
    """Refused once by 403, so that Asterisk gives up; taken again after so many seconds. How long it is away then."""
    with lab.telekom.refuses_registration(403):
        await router.wait_for(lambda s: trunk(s, "telekom")["registration"] == "Rejected", within=15)
        await router.wait_for(lambda s: trunk(s, "telekom")["state"] == "down", within=5)
        assert trunk(await router.status(), "telekom")["why"] in REFUSED
        refused = time.monotonic()
        if seconds > 100:
            status = await router.wait_for(lambda s: trunk(s, "telekom")["why"] == FOR_EVER, within=70)
            assert trunk(status, "telekom")["inbound"]["state"] == "no"
            assert trunk(status, "telekom")["outbound"]["state"] == "unproven"
        await lab.telekom.board.until(
            "the time is over", lambda: time.monotonic() - refused >= seconds or None, within=200
        )
    withdrawn = time.monotonic()
    await router.wait_for(lambda s: trunk(s, "telekom")["registration"] == "Registered", within=75)
    return round(time.monotonic() - withdrawn, 1)
