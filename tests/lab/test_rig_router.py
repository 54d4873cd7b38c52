"""The rig's grip on the product: it starts, is asked, is killed, comes back; what it sends to Asterisk is counted."""

from __future__ import annotations

import json

import pytest

from tests.lab.lab import Lab
from tests.lab.router import NUMBER, Router, number, trunk


async def test_the_router_is_at_its_normal_route_and_speaks_by_the_rigs_wire(lab: Lab, router: Router) -> None:
    status = await router.status()
    assert {t["name"] for t in status["trunks"]} == {c.name for c in lab.carriers}
    assert (trunk(status, "telekom")["state"], number(status, NUMBER)["inbound"]) == ("up", "office")
    assert router.ami.actions("DBPut")
    assert lab.office.database_show("failover")
    lab.telekom.calls(NUMBER)
    await lab.desk.rang()


async def test_the_command_line_asks_the_running_router(router: Router) -> None:
    done = await router.command("status", "--json")
    assert (done.returncode, json.loads(done.stdout)["schema"]) == (0, 1)


async def test_a_killed_router_is_gone_and_one_started_again_is_ready(router: Router) -> None:
    router.kill()
    assert not router.running
    with pytest.raises(AssertionError, match="the router ended"):
        await router.wait_for(lambda status: True, within=1)
    router.start()
    await router.ready()
    assert await router.stop() == 0
