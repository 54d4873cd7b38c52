"""A forwarded call, second by second: who rings, who takes it, what caller and mobile hear."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.lab.forwarding import ANNA, BEN, CUSTOMER, VOICEMAIL, forwarding
from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import NUMBER
from tests.lab.running import talks

QUICK_CHAIN = {"ring_seconds": 5, "total_seconds": 14}


async def test_a_voicemail_that_answers_does_not_swallow_the_call(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path):
        lab.mobile.answers(number=ANNA, presses=VOICEMAIL)
        lab.mobile.answers(number=BEN, after=2, presses="w1")
        call = lab.telekom.calls(NUMBER)
        voicemail = await lab.mobile.rang(number=ANNA)
        ben = await lab.mobile.rang(number=BEN)
        assert await call.ringing(within=1) - call.begun_at < 1
        await voicemail.answered()
        await call.answered()
        assert await talks(call, ben)
        await voicemail.ended(within=5)
        assert call.ended_at is None


@pytest.mark.campaign
async def test_of_two_who_press_1_at_once_one_gets_the_call_and_the_other_is_told(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path):
        for number in (ANNA, BEN):
            lab.mobile.answers(number=number, presses=VOICEMAIL)
        call = lab.telekom.calls(NUMBER)
        rings = [await lab.mobile.rang(number=number) for number in (ANNA, BEN)]
        await asyncio.gather(*(ring.answered() for ring in rings))
        await asyncio.gather(*(asyncio.to_thread(ring.presses, "1") for ring in rings))
        await call.answered(within=5)
        await polled("one of the two is released", lambda: any(ring.ended_at for ring in rings), within=5)
        kept = [ring for ring in rings if ring.ended_at is None]
        assert len(kept) == 1
        assert await talks(call, kept[0])
        [released] = [ring for ring in rings if ring.ended_at]
        assert released.heard(425) > 0.3


async def test_when_the_caller_hangs_up_a_listening_mobile_is_released_at_once(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,)):
        lab.mobile.answers(presses=VOICEMAIL)
        call = lab.telekom.calls(NUMBER)
        ring = await lab.mobile.rang()
        await ring.answered()
        await asyncio.sleep(1)
        hung_up = time.monotonic()
        call.hangup()
        assert await ring.ended(within=3) - hung_up < 0.5
        await polled("no channel is left", lambda: not lab.office.channels(), within=3)


@pytest.mark.campaign
async def test_a_call_refused_with_2_goes_on_ringing_elsewhere(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path):
        lab.mobile.answers(number=ANNA, presses="2")
        lab.mobile.answers(number=BEN, after=2.5)
        call = lab.telekom.calls(NUMBER)
        anna = await lab.mobile.rang(number=ANNA)
        await anna.ended(within=4)
        ben = await lab.mobile.rang(number=BEN)
        await call.answered()
        assert await talks(call, ben)


async def test_in_order_the_next_is_rung_when_one_is_busy(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, ring="in_order"):
        lab.mobile.refuses(17, number=ANNA)
        call = lab.telekom.calls(NUMBER)
        ben = await lab.mobile.rang(number=BEN)
        await call.answered()
        assert await talks(call, ben)
        first, second = lab.gsm.invites()[-2:]
        assert (first["Number"], second["Number"]) == (ANNA, BEN)


@pytest.mark.parametrize("desk", ["answers", pytest.param("rings", marks=pytest.mark.campaign)])
async def test_when_no_mobile_takes_it_the_office_rings_before_the_announcement(
    lab: Lab, tmp_path: Path, desk: str
) -> None:
    async with forwarding(lab, tmp_path, **QUICK_CHAIN):
        lab.mobile.only_rings()
        if desk == "rings":
            lab.desk.only_rings()
        call = lab.telekom.calls(NUMBER, early=True)
        await lab.mobile.rang(number=ANNA)
        ring = await lab.desk.rang(within=8)
        assert ring.begun_at - call.begun_at < 6
        if desk == "answers":
            await call.answered()
            assert await talks(call, ring)
            return
        answered = await call.answered(within=12)
        assert 12 < answered - call.begun_at < 16
        assert await call.hears(425)  # no sound files in the lab: the tone
        await call.ended(within=8)


async def test_a_mobile_that_cannot_be_reached_at_all_leaves_the_call_to_the_office_at_once(
    lab: Lab, tmp_path: Path
) -> None:
    async with forwarding(lab, tmp_path):
        with lab.gsm.answers_invites_with(503):
            call = lab.telekom.calls(NUMBER)
            ring = await lab.desk.rang(within=3)
            await call.answered()
            assert await talks(call, ring)


async def test_office_then_mobile_rings_the_desk_first(lab: Lab, tmp_path: Path) -> None:
    keys = {"numbers_of": {"when_down": "office_then_mobile"}, "ring_seconds": 5, "policy": {"rise_seconds": 60}}
    async with forwarding(lab, tmp_path, "auto", people=(ANNA,), **keys) as router:
        lab.desk.only_rings()
        with lab.telekom.answers_invites_with(503):
            for _ in range(3):
                out = lab.desk.dials("030777")
                await out.answered()
                out.hangup()
            await router.wait_for(
                lambda s: s["numbers"][0]["inbound"] == "office_then_mobile" and s["route"]["verified"], within=5
            )
        call = lab.telekom.calls(NUMBER)
        desk = await lab.desk.rang(within=2)
        ring = await lab.mobile.rang(within=8)
        assert 4 < ring.begun_at - desk.begun_at < 7
        await call.answered()
        assert await talks(call, ring)
        lab.desk.refuses(17)
        busy = lab.telekom.calls(NUMBER)
        ring = await lab.mobile.rang(within=3, since=busy.begun_at)
        await busy.answered()


async def test_an_office_context_that_does_not_exist_is_no_dead_end(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, "auto", people=(ANNA,), **QUICK_CHAIN):
        conf = (lab.office.etc / "failover_office.conf").read_text()
        lab.office.install_dialplan(conf.replace("office-phones&", "no-such-context&"))
        call = lab.telekom.calls(NUMBER)
        ring = await lab.mobile.rang(within=3)
        await call.answered()
        assert await talks(call, ring)


async def test_the_mobile_sees_the_caller_and_the_carrier_learns_who_forwards(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,)):
        lab.telekom.calls(NUMBER, caller=CUSTOMER)
        leg = await lab.gsm.invited()
        assert leg["Caller"] == CUSTOMER
        assert NUMBER in leg["Diversion"]
        assert leg["Asserted"]


async def test_where_a_trunk_refuses_a_foreign_number_the_office_s_own_is_shown(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,), trunks=["zweit"]):
        with lab.zweit.answers_invites_with(403):
            call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
            await lab.desk.rang(within=4)
        assert [leg["Caller"] for leg in lab.zweit.invites()] == [CUSTOMER, "+4930999999"]
        call.hangup()


@pytest.mark.campaign
async def test_the_office_s_number_is_shown_where_the_settings_say_so(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,), caller_id="office"):
        lab.telekom.calls(NUMBER, caller=CUSTOMER)
        assert (await lab.gsm.invited())["Caller"] == NUMBER


@pytest.mark.campaign
async def test_who_withholds_his_number_stays_anonymous(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,)):
        lab.telekom.calls(NUMBER, caller="anonymous")
        leg = await lab.gsm.invited()
        assert "anonymous" in leg["From"].lower()
        assert leg["Caller"] in ("anonymous", "")


async def test_without_confirmation_whoever_answers_has_the_call(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,), confirm=False):
        lab.mobile.answers(presses=VOICEMAIL)
        call = lab.telekom.calls(NUMBER)
        ring = await lab.mobile.rang()
        await call.answered()
        assert await talks(call, ring)
