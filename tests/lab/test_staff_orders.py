"""Staff's word, by page, command line and API: holds for the next call, is proven and written down, and ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from tests.lab.lab import Lab
from tests.lab.ordering import in_seconds, journal_tells, rings
from tests.lab.page import browser
from tests.lab.router import NUMBER, OTHER_NUMBER, Router, number
from tests.lab.running import QUICK, forwarded, rings_office, running, state

NASTY = 'Müller sagt: "Urlaub", 50 % | weg; ${EPOCH} \\ & <b>'


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def standing(standing_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Router]:
    """One router for the tests that leave it as it was."""
    await standing_lab.calm()
    async with running(standing_lab, tmp_path_factory.mktemp("orders"), **QUICK | {"rise_seconds": 1}) as router:
        yield router


@pytest_asyncio.fixture(loop_scope="session")
async def shared(lab: Lab, standing: Router) -> AsyncIterator[Router]:
    await standing.ready()
    yield standing
    if standing.running:
        await standing.override("auto")


async def test_an_order_from_the_page_holds_for_the_next_call_and_the_next_takes_it_back(
    lab: Lab, shared: Router
) -> None:
    async with browser(shared) as page:
        assert await page.order_without_token("mobile") == 403
        assert rings_office(await shared.status(), NUMBER)
        after = await page.orders("mobile", number=NUMBER, reason=NASTY)
        assert "Switched and verified." in after
        await rings(lab, lab.mobile, NUMBER)
        await rings(lab, lab.desk, OTHER_NUMBER)
        own = number(await shared.status(), NUMBER)["override"]
        assert (own["mode"], own["by"], own["reason"]) == ("mobile", "Anna", NASTY)
        assert "Switched and verified." in await page.orders("auto", number=NUMBER)
        await rings(lab, lab.desk, NUMBER)
        await journal_tells(shared, "order", by="Anna", text="Anna set")
        await journal_tells(shared, "switch", text="Routes switched and verified")


async def test_an_order_by_command_line_tells_its_fate_by_the_exit_code(lab: Lab, shared: Router) -> None:
    verified = await shared.command("route", "mobile", "--reason", "removal", "--until", _clock(minutes=90))
    assert verified.returncode == 0, verified
    await rings(lab, lab.mobile, NUMBER)
    await rings(lab, lab.mobile, OTHER_NUMBER)
    general = (await shared.status())["override"]
    assert (general["mode"], general["reason"], general["by"]) == ("mobile", "removal", "cli")
    assert 80 < (datetime.fromisoformat(general["until"]) - datetime.now(UTC)).total_seconds() / 60 <= 90
    for wrong in (["mobile", "--number", "+4930000000"], ["mobile", "--until", "gestern"], ["home"]):
        refused = await shared.command("route", *wrong)
        assert refused.returncode == 2, refused
        assert refused.stderr + refused.stdout
    assert (await shared.status())["override"] == general
    assert (await shared.command("route", "auto")).returncode == 0
    await rings(lab, lab.desk, NUMBER)
    await journal_tells(shared, "order", by="cli", text="The command line set all numbers to the mobile")


async def test_an_order_by_api_is_refused_stored_or_verified(lab: Lab, shared: Router) -> None:
    verified = await shared.override("mobile", until=in_seconds(600))
    assert verified.status_code == 200
    assert verified.json()["verified"]
    assert forwarded(verified.json()["status"], NUMBER)
    await rings(lab, lab.mobile, NUMBER)
    for wrong in (
        {"mode": "home"},
        {"mode": "mobile", "until": in_seconds(-5)},
        {"mode": "mobile", "number": "+4930000000"},
    ):
        assert (await shared.request("PUT", "override", json=wrong)).status_code == 422
    with shared.ami.half_open():
        stored = await shared.override("office")
        assert stored.status_code == 202
        assert stored.json()["why"]
        assert not stored.json()["verified"]
    await shared.wait_for(lambda s: rings_office(s, NUMBER))
    await rings(lab, lab.desk, NUMBER)


async def test_an_order_given_while_the_pbx_is_out_of_sight_is_stored_and_holds_once_it_is_back(
    lab: Lab, shared: Router
) -> None:
    with shared.ami.refusing():
        await shared.wait_for(lambda s: not s["asterisk"]["connected"])
        assert (await shared.override("mobile")).status_code == 202
        assert (await shared.command("route", "mobile")).returncode == 1
        await rings(lab, lab.desk, NUMBER)
    await shared.wait_for(lambda s: forwarded(s, NUMBER), within=5)
    await rings(lab, lab.mobile, NUMBER)


async def test_a_numbers_own_order_wins_over_the_general_one(lab: Lab, shared: Router) -> None:
    assert (await shared.override("office", number=OTHER_NUMBER)).status_code == 200
    assert (await shared.override("mobile")).status_code == 200
    await rings(lab, lab.mobile, NUMBER)
    await rings(lab, lab.desk, OTHER_NUMBER)
    assert (await shared.override("auto", number=OTHER_NUMBER)).status_code == 200
    await rings(lab, lab.desk, OTHER_NUMBER)
    assert number(await shared.status(), OTHER_NUMBER)["override"]["mode"] == "auto"
    assert (await shared.override("mobile")).status_code == 200
    await rings(lab, lab.mobile, OTHER_NUMBER)
    assert (await shared.override("auto")).status_code == 200
    await rings(lab, lab.desk, NUMBER)


async def test_an_order_ends_at_its_time_and_the_journal_says_so(lab: Lab, shared: Router) -> None:
    assert (await shared.override("mobile", until=in_seconds(2))).status_code == 200
    await rings(lab, lab.mobile, NUMBER)
    status = await shared.wait_for(lambda s: rings_office(s, NUMBER))
    assert status["override"]["mode"] == "auto"
    await rings(lab, lab.desk, NUMBER)
    await journal_tells(shared, "order", by="cli", text="The order of the command line has ended")


async def test_the_automatics_go_on_beneath_an_order_and_take_over_when_it_is_taken_back(
    lab: Lab, shared: Router
) -> None:
    assert (await shared.override("office")).status_code == 200
    with lab.telekom.leaves_options_unanswered():
        status = await shared.wait_for(lambda s: state(s, "telekom") == "down" and s["route"]["verified"])
        assert rings_office(status, NUMBER)
        await rings(lab, lab.desk, NUMBER)
        assert (await shared.override("auto")).status_code == 200
        await rings(lab, lab.mobile, NUMBER)
        assert (await shared.override("mobile", number=NUMBER)).status_code == 200
    await shared.wait_for(lambda s: state(s, "telekom") == "up" and forwarded(s, NUMBER), within=12)
    await rings(lab, lab.mobile, NUMBER)
    assert (await shared.override("auto", number=NUMBER)).status_code == 200
    await rings(lab, lab.desk, NUMBER)


def _clock(minutes: int) -> str:
    """A moment as staff may write it: local time, no zone."""
    return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
