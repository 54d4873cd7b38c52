"""The test ring of a new number: it rings once, asks for a 1, and says what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from router.core.health import State
from router.core.orders import Mode, Override
from router.core.rung import RungHow
from router.loop import Loop
from tests.lab.board import Sighting
from tests.lab.forwarding import BEN, VOICEMAIL
from tests.lab.lab import MOBILE, Lab
from tests.lab.listening import ASKING, names, overheard
from tests.lab.polled import polled
from tests.lab.router import NUMBER, OTHER_NUMBER
from tests.lab.running import talks
from tests.lab.sounding import sounds
from tests.lab.wiretap import Wiretap
from tests.lab.within import Noted, within

SHORT = 0.1  # seconds of a word
PROMPT = ["test-call", "for", "office", "confirm-number"]


@pytest_asyncio.fixture(loop_scope="session")
async def rings(lab: Lab, tmp_path: Path) -> AsyncIterator[Loop]:
    """The router's own loop; afterwards no channel is left, and no call was told to the journal."""

    def over_all(settings: dict) -> None:
        del settings["forwarding"]["trunks"]

    async with within(lab, tmp_path, over_all) as (loop, journal):
        yield loop
        await polled("no channel is left", lambda: not lab.office.channels(), within=5)
        await _is_no_call(lab, journal)


async def _is_no_call(lab: Lab, journal: Noted) -> None:
    assert journal.calls_kept == []
    assert not [key for key in lab.office.database_show("failover") if "/calls/" in key]
    assert "/failover/spent" not in lab.office.database_show("failover")


async def test_the_mobile_rings_hears_what_it_is_about_and_a_1_confirms_it(lab: Lab, tap: Wiretap, rings: Loop) -> None:
    lab.mobile.answers(presses=VOICEMAIL)
    with sounds(lab.office, seconds=SHORT):
        asked = asyncio.create_task(rings.ring(MOBILE))
        ring = await lab.mobile.rang()
        await ring.answered()
        await asyncio.sleep(1.4)
        ring.presses("1")
        rung = await asyncio.wait_for(asked, 5)
        spans = await overheard(tap, ring)
    assert (rung.how, rung.confirmed) == (RungHow.PRESSED, True)
    assert names(spans)[:4] == PROMPT
    assert names(spans)[-1] == "number-confirmed"
    assert "office" not in names(spans)[-2:]
    [leg] = lab.telekom.invites()
    assert (leg["Number"], leg["Caller"]) == (MOBILE, NUMBER)
    assert not lab.desk.calls_here()
    assert not lab.gsm.invites()


async def test_without_sound_files_tones_ask_and_a_1_counts(lab: Lab, tap: Wiretap, rings: Loop) -> None:
    lab.mobile.answers(presses=VOICEMAIL)
    asked = asyncio.create_task(rings.ring(MOBILE))
    ring = await lab.mobile.rang()
    await ring.answered()
    await asyncio.sleep(1.5)
    ring.presses("1")
    assert (await asyncio.wait_for(asked, 5)).how is RungHow.PRESSED
    spans = await overheard(tap, ring)
    assert names(spans)[:3] == [str(hz) for hz in ASKING]


async def test_a_voicemail_confirms_nothing(lab: Lab, rings: Loop) -> None:
    lab.mobile.answers(presses=VOICEMAIL)
    with sounds(lab.office, seconds=SHORT):
        began = time.monotonic()
        rung = await rings.ring(MOBILE)
    assert (rung.how, rung.confirmed) == (RungHow.NOT_PRESSED, False)
    assert 9 < time.monotonic() - began < 15
    assert len(lab.telekom.invites()) == 1
    assert not lab.zweit.invites()


@pytest.mark.parametrize("does", ["presses 2", "hangs up"])
async def test_who_says_no_confirms_nothing(lab: Lab, rings: Loop, does: str) -> None:
    lab.mobile.answers(presses=VOICEMAIL)
    asked = asyncio.create_task(rings.ring(MOBILE))
    ring = await lab.mobile.rang()
    await ring.answered()
    await asyncio.sleep(0.7)
    if does == "presses 2":
        ring.presses("2")
    else:
        ring.hangup()
    rung = await asyncio.wait_for(asked, 5)
    assert rung.how is (RungHow.BUSY if does == "presses 2" else RungHow.NOT_PRESSED)


async def test_who_hangs_up_while_he_is_thanked_has_confirmed(lab: Lab, rings: Loop) -> None:
    lab.mobile.answers(presses=VOICEMAIL)
    with sounds(lab.office, seconds=SHORT, lengths={"number-confirmed": 5.0}):
        asked = asyncio.create_task(rings.ring(MOBILE))
        ring = await lab.mobile.rang()
        await ring.answered()
        await asyncio.sleep(0.7)
        ring.presses("1")
        await asyncio.sleep(0.8)
        ring.hangup()
        assert (await asyncio.wait_for(asked, 5)).how is RungHow.PRESSED


async def test_a_busy_mobile_is_told_and_rung_over_no_other_trunk(lab: Lab, rings: Loop) -> None:
    lab.mobile.refuses(17)
    rung = await rings.ring(MOBILE)
    assert rung.how is RungHow.BUSY
    assert len(lab.telekom.invites()) == 1
    assert not lab.zweit.invites()


async def test_a_trunk_that_fails_hands_on_to_the_next_and_stays_up(lab: Lab, rings: Loop) -> None:
    lab.mobile.answers(presses="w1")
    with lab.telekom.answers_invites_with(503):
        assert (await rings.ring(MOBILE)).how is RungHow.PRESSED
    assert len(lab.telekom.invites()) == 1
    [leg] = lab.zweit.invites()
    assert leg["Caller"] == OTHER_NUMBER
    assert rings.office.trunks["telekom"].health.state is State.UP
    assert rings.office.trunks["telekom"].evidence.failed_calls == 1  # as the dialplan's table of outcomes has it


async def test_where_no_trunk_takes_it_each_is_tried_once(lab: Lab, rings: Loop) -> None:
    trunks = (lab.telekom, lab.zweit, lab.gsm)
    with contextlib.ExitStack() as faults:
        for trunk in trunks:
            faults.enter_context(trunk.answers_invites_with(503))
        rung = await rings.ring(MOBILE)
        assert rung.how is RungHow.FAILED
        assert "took no calls" in str(rung.why)
        assert [len(trunk.invites()) for trunk in trunks] == [1, 1, 1]


async def test_one_test_ring_at_a_time(lab: Lab, rings: Loop) -> None:
    lab.mobile.only_rings()
    asked = asyncio.create_task(rings.ring(MOBILE))
    ring = await lab.mobile.rang()
    rung = await rings.ring(BEN)
    assert rung.how is RungHow.NOT_RUNG
    assert "under way" in str(rung.why)
    lab.mobile.answers(presses="1")
    ring.hangup()
    await asyncio.wait_for(asked, 5)
    assert (await rings.ring(MOBILE)).how is RungHow.PRESSED


@pytest.mark.campaign
async def test_who_does_not_pick_up_is_rung_for_half_a_minute(lab: Lab, rings: Loop) -> None:
    lab.mobile.only_rings()
    began = time.monotonic()
    rung = await rings.ring(MOBILE)
    assert rung.how is RungHow.NO_ANSWER
    assert 28 < time.monotonic() - began < 33
    assert not lab.zweit.invites()


@pytest.mark.campaign
async def test_a_late_voicemail_is_left_after_three_quarters_of_a_minute_in_all(lab: Lab, rings: Loop) -> None:
    lab.mobile.answers(after=27, presses=VOICEMAIL)
    with sounds(lab.office, seconds=3):
        began = time.monotonic()
        rung = await rings.ring(MOBILE)
    assert rung.how is RungHow.NOT_PRESSED
    assert 40 < time.monotonic() - began < 47


async def test_it_goes_the_way_of_forwarded_calls(lab: Lab, tmp_path: Path) -> None:
    def by_gsm(settings: dict) -> None:
        settings["forwarding"]["trunks"] = ["gsm"]

    lab.mobile.answers(presses="w1")
    async with within(lab, tmp_path, by_gsm) as (loop, _):
        assert (await loop.ring(MOBILE)).how is RungHow.PRESSED
        assert len(lab.gsm.invites()) == 1
        with lab.gsm.answers_invites_with(503):
            assert (await loop.ring(MOBILE)).how is RungHow.FAILED
        assert not lab.telekom.invites()
        assert not lab.zweit.invites()
        await polled("no channel is left", lambda: not lab.office.channels(), within=5)


async def test_it_gives_its_channel_to_a_call_that_needs_it(lab: Lab, tmp_path: Path) -> None:
    def one_channel(settings: dict) -> None:
        settings["forwarding"]["trunks"] = ["gsm"]
        settings["trunks"][2]["channels"] = 1

    lab.mobile.only_rings(number=BEN)
    lab.mobile.answers(number=MOBILE)
    async with within(lab, tmp_path, one_channel) as (loop, _):
        assert (await loop.order(Override(Mode.MOBILE, datetime.now(UTC), "anna"))).verified
        asked = asyncio.create_task(loop.ring(BEN))
        await lab.mobile.rang(number=BEN)
        call = lab.telekom.calls(NUMBER)
        ring = await lab.mobile.rang(number=MOBILE, since=call.begun_at)
        rung = await asyncio.wait_for(asked, 3)
        assert (rung.how, rung.confirmed) == (RungHow.FAILED, False)
        assert "a call needed the line" in str(rung.why)
        await call.answered()
        assert await talks(call, ring)
        call.hangup()
        await polled("no channel is left", lambda: not lab.office.channels(), within=5)


BARRED = ("112", "0112", "+49112", "+43112345678", "01711234567", "+49", "s", "+4930123456x")


async def test_the_dialplan_itself_rings_no_emergency_number_and_nothing_outside_of_the_prefixes(
    lab: Lab, tmp_path: Path
) -> None:
    def change(settings: dict) -> None:
        settings["office"]["emergency"] = ["110", "112", "116117"]

    async with within(lab, tmp_path, change):
        for serial, number in enumerate((*BARRED, "+49116117")):
            since = time.monotonic()
            lab.office.ami.act(
                "Originate", Channel=f"Local/{number}@failover-ring/n", Application="Wait", Data="1", Async="true",
                Variable=f"FAILOVER_TRIAL=t{serial}",
            )  # fmt: skip

            def told(since: float = since) -> Sighting | None:
                return next(iter(lab.office.board.all("FailoverRung", since)), None)

            if number == "+4930123456x":  # nothing but its digits is dialled
                [leg] = await polled("it is sent", lab.telekom.invites, within=5)
                assert leg["Number"] == "+4930123456"
                continue
            seen = await lab.office.board.until(f"{number} is barred", told, 5)
            assert (seen["Trial"], seen["Ended"]) == (f"t{serial}", "barred"), number
        assert len(lab.telekom.invites()) + len(lab.zweit.invites()) + len(lab.gsm.invites()) == 1
