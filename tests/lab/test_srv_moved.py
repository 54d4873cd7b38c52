"""A carrier moves to another host, as its SRV record says: the router's picture is right within 30 s (RFC 3263)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.campaign import report
from tests.lab import small_office
from tests.lab.names import asked
from tests.lab.router import NUMBER, Router, trunk
from tests.lab.running import state
from tests.lab.small_office import GATEWAY, SmallOffice

RIGHT_WITHIN = 30.0  # seconds


@pytest.mark.campaign
@pytest.mark.timeout(240)
async def test_after_its_srv_record_has_moved_a_trunk_is_up_at_the_new_host_within_thirty_seconds(
    tmp_path: Path,
) -> None:
    async with SmallOffice(retry_interval=5) as world:
        router = Router(world, tmp_path)
        try:
            await router.wire_office()
            router.start()
            await router.ready()
            moved = time.monotonic()
            world.telekom_moves()
            _, found = asked(world.places["office"], GATEWAY, "telekom.test")
            assert found == [bytes(map(int, small_office.TELEKOM_MOVED.split(".")))]
            world.telekom_moved.board.clear()
            states = []
            right = None
            while right is None and time.monotonic() < moved + 150:
                status = await router.wait_for(lambda s: s["asterisk"]["connected"])
                telekom = trunk(status, "telekom")
                now = (round(time.monotonic() - moved, 1), telekom["state"], telekom["contact"], telekom["why"])
                if not states or states[-1][1:] != now[1:]:
                    states.append(now)
                true_now = world.office.contact("telekom") == "Avail"
                if true_now and state(status, "telekom") in ("up", "recovering"):
                    right = time.monotonic() - moved
            report("SRV record moved, old host dead", right_s=right, pictures=states)
            assert right is not None and right < RIGHT_WITHIN
            call = world.desk.dials("030777")
            await world.telekom_moved.rang(since=call.begun_at, within=8)
            inbound = world.telekom_moved.calls(NUMBER)
            await world.desk.rang(since=inbound.begun_at)
        finally:
            router.close()
