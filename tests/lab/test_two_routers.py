"""Two routers on one PBX: one writes, the other reads and says so, and takes over once the first one's lease lapsed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.lab import Lab
from tests.lab.page import browser
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router, Status
from tests.lab.running import QUICK, forwarded, rings_office, route_writes, running, state

LEASE = 60.0
Pair = tuple[Router, Router]


@pytest_asyncio.fixture(loop_scope="session")
async def pair(lab: Lab, tmp_path: Path) -> AsyncIterator[Pair]:
    """Two routers for the same office, each with files of its own; the second was started after the first."""
    async with running(lab, tmp_path / "first", **QUICK) as first:
        second = Router(lab, tmp_path / "second", instance=2)
        second.settings["policy"] = dict(QUICK)
        second.settings["office"]["language"] = "en"
        try:
            second.start()
            await second.wait_for(_only_reads, within=15)
            yield first, second
        finally:
            second.close()


async def test_the_second_router_only_reads_and_says_so_and_the_first_writes_again_after_a_restart(
    pair: Pair,
) -> None:
    first, second = pair
    identity = (first.home / "failover.id").read_text().strip()
    status = await second.status()
    assert status["asterisk"]["connected"]
    assert not status["route"]["verified"]
    assert identity in status["route"]["why"]
    told = await second.command("status")
    assert told.returncode == 0
    assert "Another router" in told.stdout
    assert "this one only reads" in second.log()
    refused = await second.override("mobile")
    assert refused.status_code == 409
    assert identity in refused.json()["detail"]
    by_hand = await second.command("route", "mobile")
    assert by_hand.returncode == 2
    assert identity in by_hand.stdout + by_hand.stderr
    async with browser(second) as page:
        assert f"Another router ({identity}) writes the routes of this PBX; this one only reads." in await page.board()
    assert not second.ami.actions("DBPut")
    assert not second.ami.actions("DBDel")
    assert rings_office(await first.status(), NUMBER)
    first.kill()
    killed = time.monotonic()
    first.start()
    await first.wait_for(lambda s: rings_office(s, NUMBER), within=15)
    assert route_writes(first, killed)
    assert _only_reads(await second.status())
    assert not second.ami.actions("DBPut")


async def test_the_second_router_takes_over_once_the_first_ones_lease_has_lapsed_and_the_first_then_only_reads(
    lab: Lab, pair: Pair
) -> None:
    first, second = pair
    assert (await first.override("mobile", number=NUMBER, reason="removal")).status_code == 200
    first.kill()
    assert _only_reads(await second.status())
    assert not second.ami.actions("DBPut")
    lab.office.cli(f"database put failover lease {int(time.time()) - 1}")
    status = await second.wait_for(lambda s: s["route"]["verified"])
    told = next(n for n in status["numbers"] if n["number"] == NUMBER)["override"]
    assert (told["mode"], told["reason"]) == ("mobile", "removal")  # staff's word to the first holds for the second
    call = lab.zweit.calls(NUMBER)
    await lab.mobile.rang(since=call.begun_at)
    before = time.monotonic()
    first.start()
    await first.wait_for(_only_reads, within=15)
    assert not route_writes(first, before)


@pytest.mark.campaign
async def test_a_writer_that_was_frozen_for_its_lease_writes_nothing_over_what_its_successor_was_told(
    lab: Lab, pair: Pair
) -> None:
    first, second = pair
    os.kill(first.pid, signal.SIGSTOP)
    try:
        lab.office.cli(f"database put failover lease {int(time.time()) - 1}")
        await second.wait_for(lambda s: s["route"]["verified"])
        assert (await second.override("mobile")).status_code == 200
        with lab.telekom.leaves_options_unanswered():
            await second.wait_for(lambda s: state(s, "telekom") == "down")
    finally:
        thawed = time.monotonic()
        os.kill(first.pid, signal.SIGCONT)
    await first.wait_for(_only_reads)
    assert not route_writes(first, thawed)
    assert forwarded(await second.status(), NUMBER)


async def test_a_router_started_twice_with_the_same_files_ends_and_says_why(router: Router) -> None:
    begun = time.monotonic()
    twice = await router.command("run")
    assert twice.returncode == 2
    assert "already" in twice.stderr
    assert rings_office(await router.status(), NUMBER)
    assert not route_writes(router, begun)


@pytest.mark.campaign
@pytest.mark.timeout(200)
async def test_the_second_router_waits_for_the_real_lease(pair: Pair) -> None:
    first, second = pair
    first.kill()
    died = time.monotonic()
    await second.wait_for(lambda s: s["route"]["verified"], within=LEASE + 10)
    took = time.monotonic() - died
    report("a second router takes over", after_s=round(took, 1))
    assert LEASE - 20 < took < LEASE + 6
    await polled("it vouches", lambda: second.ami.actions("DBPut", Key="lease"), within=1)


def _only_reads(status: Status) -> bool:
    return bool(status["asterisk"]["connected"]) and "this one only reads" in status["route"]["why"]
