"""*28 at a desk phone: obeyed at once, confirmed only when verified, never lost; its lamp tells where calls go."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.lab.feature_codes import FALLING, LOW, ORDER, RISING, SAVED, hears, ordered, orders, recorded, spoken
from tests.lab.lab import Lab
from tests.lab.lamp import lamp
from tests.lab.ordering import journal_tells, rings
from tests.lab.page import browser
from tests.lab.polled import polled
from tests.lab.router import NUMBER, OTHER_NUMBER, Router, number
from tests.lab.running import QUICK, forwarded, rings_office, running
from tests.lab.test_hostile_callers import complaints

PROMPTLY = 1.0
"""Seconds from the last key to the spoken word, by a router that is there."""
PATIENCE = 3.0
"""Seconds for which the phone waits for it."""
LOST = 0.4
"""Seconds of silence that a recording on a busy machine may lack."""
PIN = "0420"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def standing(standing_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Router]:
    """One router for the tests that leave it as it was."""
    await standing_lab.calm()
    async with running(standing_lab, tmp_path_factory.mktemp("desk"), **QUICK | {"rise_seconds": 1}) as router:
        yield router


@pytest_asyncio.fixture(loop_scope="session")
async def shared(lab: Lab, standing: Router) -> AsyncIterator[Router]:
    await standing.ready()
    await polled("no order is left over", lambda: not ordered(lab), within=6)
    yield standing
    await standing.override("auto")


async def test_28_sends_all_calls_to_the_mobile_and_once_more_gives_them_back(lab: Lab, shared: Router) -> None:
    said = len(lab.office.log())
    with spoken(lab):
        async with lamp(lab) as key:
            await key.shows(False)
            on = await hears(lab, "*28")
            assert on.words == ["forwarding-on"]
            assert on.seconds < PROMPTLY
            await key.shows(True)
            status = await shared.status()
            assert all(forwarded(status, each) for each in (NUMBER, OTHER_NUMBER))
            assert not ordered(lab)
            await rings(lab, lab.mobile, NUMBER)
            await rings(lab, lab.mobile, OTHER_NUMBER)
            off = await hears(lab, "*28")
            assert off.words == ["forwarding-off"]
            assert off.seconds < PROMPTLY
            await key.shows(False)
            await rings(lab, lab.desk, NUMBER)
            await rings(lab, lab.desk, OTHER_NUMBER)
    assert not complaints(lab, said)
    await journal_tells(shared, "order", by="desk phone", text="The desk phone set all numbers to the mobile.")
    await journal_tells(shared, "order", by="desk phone", text="The desk phone gave all numbers back")


async def test_281_and_282_are_for_one_number_each_and_the_lamp_is_lit_for_either(lab: Lab, shared: Router) -> None:
    with spoken(lab):
        async with lamp(lab) as key:
            for code, word, one, other in (
                ("*281", "forwarding-on", lab.mobile, lab.desk),
                ("*282", "forwarding-on", lab.mobile, lab.mobile),
                ("*281", "forwarding-off", lab.desk, lab.mobile),
                ("*282", "forwarding-off", lab.desk, lab.desk),
            ):
                heard = await hears(lab, code)
                assert heard.words == [word]
                assert heard.seconds < PROMPTLY
                await key.shows(lab.mobile in (one, other))
                await rings(lab, one, NUMBER)
                await rings(lab, other, OTHER_NUMBER)
    await journal_tells(shared, "order", by="desk phone", text="The desk phone set 030 999999 to the mobile.")


@pytest.mark.parametrize("code", ["*280", "*283", "*2801", "*2899"])
async def test_a_place_that_no_number_has_is_called_so_and_changes_nothing(lab: Lab, shared: Router, code: str) -> None:
    with spoken(lab):
        assert (await hears(lab, code)).words == ["no-such-number"]
    assert ORDER not in lab.office.database_show("failover")
    status = await shared.status()
    assert all(rings_office(status, each) for each in (NUMBER, OTHER_NUMBER))


async def test_without_sound_files_on_off_saved_and_refused_each_have_a_tone_of_their_own(
    lab: Lab, shared: Router
) -> None:
    for code, tones in (("*28", RISING), ("*28", FALLING), ("*289", LOW)):
        heard = await hears(lab, code, tones=True)
        assert heard.words == tones
        assert heard.seconds < PROMPTLY
    with shared.ami.stalled():
        heard = await hears(lab, "*28", tones=True)
        assert heard.words == SAVED
        assert PATIENCE - LOST < heard.seconds < PATIENCE + 1


async def test_who_hangs_up_at_once_has_ordered_all_the_same(lab: Lab, shared: Router) -> None:
    await orders(lab, "*28")
    await shared.wait_for(lambda s: forwarded(s, NUMBER) and forwarded(s, OTHER_NUMBER), within=5)
    await polled("it is taken out", lambda: not ordered(lab), within=5)


# --- never more is said than is so -----------------------------------------------------------------------------------


async def test_forwarding_is_confirmed_only_after_it_was_verified(lab: Lab, shared: Router) -> None:
    with spoken(lab):
        with shared.ami.stalled():
            dialled = asyncio.create_task(hears(lab, "*28"))
            await asyncio.sleep(1.5)
        heard = await dialled
        assert heard.words == ["forwarding-on"]
        assert 1.5 < heard.seconds < 1.5 + PROMPTLY


@pytest.mark.parametrize("fault", ["stalled", "half_open"])
async def test_while_the_router_cannot_do_it_the_phone_hears_that_it_holds_at_once_and_it_is_done_afterwards(
    lab: Lab, shared: Router, fault: str
) -> None:
    with spoken(lab):
        async with lamp(lab) as key:
            with getattr(shared.ami, fault)():
                heard = await hears(lab, "*28")
                assert heard.words == ["saved-at-once"]
                assert PATIENCE - LOST < heard.seconds < PATIENCE + 0.7
                assert ordered(lab) == ["mobile"]
                await rings(lab, lab.mobile, NUMBER)
                await key.shows(True)
            await shared.wait_for(lambda s: forwarded(s, NUMBER), within=10)
            await polled("it is taken out", lambda: not ordered(lab), within=5)
            await rings(lab, lab.mobile, OTHER_NUMBER)
            await key.shows(True)
            assert (await hears(lab, "*28")).words == ["forwarding-off"]


async def test_two_phones_at_once_both_hear_what_is_so(lab: Lab, shared: Router) -> None:
    """Who comes later by a breath finds the order of the first there, and takes it back."""
    with spoken(lab):
        for _ in range(4):
            calls = [lab.desk.dials("*28"), lab.desk.dials("*28")]
            for call in calls:
                await call.ended(within=8)
            heard = [await recorded(call, call.begun_at) for call in calls]
            status = await shared.wait_for(lambda s: s["route"]["verified"])
            words = sorted(word for each in heard for word in each.words)
            if forwarded(status, NUMBER):
                assert words == ["forwarding-on", "forwarding-on"]
                assert (await hears(lab, "*28")).words == ["forwarding-off"]
            else:
                assert words in (["forwarding-off", "forwarding-on"], ["forwarding-off", "overruled"])


# --- and the others --------------------------------------------------------------------------------------------------


async def test_page_api_command_line_and_phone_see_each_others_orders_and_the_last_word_holds(
    lab: Lab, shared: Router
) -> None:
    with spoken(lab):
        async with lamp(lab) as key, browser(shared) as page:
            assert (await hears(lab, "*281")).words == ["forwarding-on"]
            own = number(await shared.status(), NUMBER)["override"]
            assert (own["mode"], own["by"]) == ("mobile", "desk phone")
            assert "By order of the desk phone" in await page.board()
            assert "Switched and verified." in await page.orders("auto", number=NUMBER)
            await key.shows(False)
            await rings(lab, lab.desk, NUMBER)
            assert (await hears(lab, "*28")).words == ["forwarding-on"]
            assert (await shared.override("office")).status_code == 200
            await key.shows(False)
            await rings(lab, lab.desk, NUMBER)
            assert (await shared.command("route", "mobile")).returncode == 0
            await key.shows(True)
            assert (await hears(lab, "*28")).words == ["forwarding-off"]
            await rings(lab, lab.desk, NUMBER)
            assert (await shared.status())["override"]["by"] == "desk phone"


async def test_of_a_phone_and_the_page_while_the_pbx_is_out_of_sight_the_later_wins(lab: Lab, shared: Router) -> None:
    for first in ("phone", "page"):
        with shared.ami.refusing():
            await shared.wait_for(lambda s: not s["asterisk"]["connected"])
            for who in (first, "page" if first == "phone" else "phone"):
                if who == "phone":
                    await orders(lab, "*28")
                else:
                    assert (await shared.override("office")).status_code == 202
        wins = rings_office if first == "phone" else forwarded
        await shared.wait_for(lambda s: wins(s, NUMBER), within=10)  # noqa: B023
        await polled("it is taken out", lambda: not ordered(lab), within=3)
        await rings(lab, lab.desk if first == "phone" else lab.mobile, NUMBER)
        assert (await shared.override("auto")).status_code == 200
    await journal_tells(
        shared, "order", by="desk phone", text="An order from a desk phone was ignored: something newer"
    )


# --- the lamp --------------------------------------------------------------------------------------------------------


async def test_the_lamp_follows_the_automatics_without_any_order(lab: Lab, shared: Router) -> None:
    async with lamp(lab) as key:
        await key.shows(False)
        with lab.telekom.leaves_options_unanswered():
            await shared.wait_for(lambda s: forwarded(s, NUMBER))
            await key.shows(True, within=1)
        await shared.wait_for(lambda s: rings_office(s, NUMBER))
        await key.shows(False, within=1)


async def test_a_lamp_that_was_lost_or_set_by_somebody_else_is_put_right(lab: Lab, shared: Router) -> None:
    async with lamp(lab) as key:
        lab.office.cli("devstate change Custom:failover INUSE")
        await key.shows(True)
        begun = time.monotonic()
        await key.shows(False, within=6)
        assert time.monotonic() - begun < 6
