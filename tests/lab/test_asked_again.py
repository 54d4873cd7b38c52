"""The dialplan is asked again and again: a reload may bring another one, and Asterisk says no word about it."""

from __future__ import annotations

import pytest

from tests.lab.lab import Lab
from tests.lab.router import Router

pytestmark = pytest.mark.lab


async def test_a_reload_that_brings_a_broken_dialplan_is_no_longer_called_verified(lab: Lab, router: Router) -> None:
    include = lab.office.etc / "extensions_failover.conf"
    good = include.read_text()
    include.write_text(good.replace("[failover-way]", "[failover-away]"))
    lab.office.dialplan_reload()

    status = await router.wait_for(lambda s: not s["route"]["verified"], within=25)
    assert status["route"]["why"]

    include.write_text(good)
    lab.office.dialplan_reload()
    await router.wait_for(lambda s: s["route"]["verified"], within=5)
