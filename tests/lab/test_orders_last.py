"""Staff's word outlives the router, its restart and its database, and ends at its time all the same."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.lab.lab import Lab
from tests.lab.ordering import in_seconds, journal_tells, rings
from tests.lab.polled import polled
from tests.lab.router import NUMBER, OTHER_NUMBER, number
from tests.lab.running import QUICK, forwarded, rings_office, running

REASON = 'Müller sagt: "Umzug", 50 % | weg; ${EPOCH} \\ & <b>'


@pytest.mark.campaign
async def test_an_order_outlives_the_router_its_restart_and_even_its_database(lab: Lab, tmp_path: Path) -> None:
    async with running(lab, tmp_path, **QUICK) as router:
        assert (await router.override("mobile", number=NUMBER, reason=REASON)).status_code == 200
        router.kill()
        assert (await router.command("route", "auto")).returncode == 3
        lab.office.cli(f"database put failover lease {int(time.time()) - 1}")
        await rings(lab, lab.mobile, NUMBER)
        for database_too in (False, True):
            router.kill()
            if database_too:
                _delete_the_database(tmp_path)
            begun = time.monotonic()
            router.start()
            await router.ami.board.wait("DBPut", 15, begun, Key="current")
            status = await router.wait_for(lambda s: forwarded(s, NUMBER))
            assert number(status, NUMBER)["override"]["reason"] == REASON
            await rings(lab, lab.mobile, NUMBER)
            await rings(lab, lab.desk, OTHER_NUMBER)
        lab.office.wipe_astdb_family()  # what it took from the table stands in its new database, too
        await router.stop()
        lab.office.wipe_astdb_family()
        router.start()
        await router.wait_for(lambda s: forwarded(s, NUMBER), within=15)


async def test_an_order_ends_at_its_time_with_the_router_dead_and_for_a_router_started_later(
    lab: Lab, tmp_path: Path
) -> None:
    async with running(lab, tmp_path, **QUICK) as router:
        end = time.time() + 3
        assert (await router.override("mobile", until=in_seconds(3))).status_code == 200
        router.kill()
        await rings(lab, lab.mobile, NUMBER)
        await polled("the order's end", lambda: time.time() > end + 1.1, within=5)
        await rings(lab, lab.desk, NUMBER)
        begun = time.monotonic()
        router.start()
        await router.ami.board.wait("DBPut", 15, begun, Key="current")
        status = await router.wait_for(lambda s: rings_office(s, NUMBER))
        assert status["override"]["mode"] == "auto"
        await rings(lab, lab.desk, NUMBER)
        await journal_tells(router, "order", by="cli", text="The order of the command line has ended")


def _delete_the_database(home: Path) -> None:
    for file in home.glob("failover.db*"):
        file.unlink()
