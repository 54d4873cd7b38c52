"""When the caller's time is up: who listens just then is heard out, nobody else is begun to be rung, and it is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.lab.forwarding import ANNA, BEN, CUSTOMER, VOICEMAIL, forwarding
from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router
from tests.lab.running import talks
from tests.lab.sounding import sounds
from tests.lab.told_calls import one_call

SHORT = {"ring_seconds": 14, "total_seconds": 14}
"""Four seconds for the mobiles, ten for the office phones."""
WORD = 0.1
PROMISE = 0.5 + 2 * 15 * WORD + 10
"""Seconds from the answer until a 1 counts no more: a number of eleven digits is said twice."""


@pytest.mark.parametrize("ring", ["together", pytest.param("in_order", marks=pytest.mark.campaign)])
async def test_a_human_who_listens_when_the_time_of_the_mobiles_is_up_can_still_take_the_call(
    lab: Lab, tmp_path: Path, ring: str
) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA, BEN), ring=ring, **SHORT):
        lab.mobile.answers(2.5, number=ANNA, presses=VOICEMAIL)
        lab.mobile.only_rings(number=BEN)
        with sounds(lab.office, seconds=WORD):
            call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
            anna = await lab.mobile.rang(number=ANNA)
            await anna.answered()
            await asyncio.sleep(4)  # two and a half seconds after the time
            assert not [other for other in lab.mobile.calls_here(number=BEN) if not other.ended_at]
            assert not lab.desk.calls_here()
            anna.presses("1")
            await call.answered(within=1)
            assert await talks(call, anna)
            call.hangup()


@pytest.mark.campaign
@pytest.mark.parametrize("ring", ["together", "in_order"])
async def test_who_listens_is_heard_out_once_and_then_the_office_phones_have_their_time(
    lab: Lab, tmp_path: Path, ring: str
) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA, BEN), ring=ring, **SHORT) as router:
        lab.mobile.answers(2.5, number=ANNA, presses=VOICEMAIL)
        lab.mobile.only_rings(number=BEN)
        lab.desk.only_rings()
        with sounds(lab.office, seconds=WORD):
            call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
            anna = await lab.mobile.rang(number=ANNA)
            answered = await anna.answered()
            desk = await lab.desk.rang(within=PROMISE + 2)
            assert PROMISE - 0.3 < (anna.ended_at or 0.0) - answered < PROMISE + 1
            assert desk.begun_at - call.begun_at < 14 - 10 + PROMISE + 1
            assert len(lab.mobile.calls_here(number=BEN)) == (1 if ring == "together" else 0)
            await call.answered(within=12)  # the announcement
            assert 9 < (call.answered_at or 0.0) - desk.begun_at < 11.5
            call.hangup()
        legs = await _legs(router)
        assert legs[ANNA] == "unconfirmed"
        assert legs.get(BEN) == ("time" if ring == "together" else None)


@pytest.mark.campaign
async def test_a_mobile_that_rings_when_the_time_is_up_is_told_so(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,), **SHORT) as router:
        lab.mobile.only_rings()
        call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
        ring = await lab.mobile.rang()
        await lab.desk.rang(within=6)
        assert 3 < await ring.ended(within=1) - call.begun_at < 5.5
        await call.answered()
        call.hangup()
        assert await _legs(router) == {ANNA: "time"}


async def test_of_a_mobile_that_still_rang_when_another_took_the_call_it_is_told_that_it_was_taken(
    lab: Lab, tmp_path: Path
) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA, BEN)) as router:
        lab.mobile.answers(1, number=ANNA)
        lab.mobile.only_rings(number=BEN)
        call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
        await lab.mobile.rang(number=BEN)
        await call.answered()
        call.hangup()
        assert await _legs(router) == {ANNA: "answer", BEN: "taken"}


async def test_of_a_mobile_that_rang_when_the_caller_hung_up_that_is_told(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,)) as router:
        lab.mobile.only_rings()
        call = lab.telekom.calls(NUMBER, caller=CUSTOMER)
        await lab.mobile.rang()
        await polled("it rings", lambda: lab.office.board.all("DialState", call.begun_at), within=2)
        call.hangup()
        assert await _legs(router) == {ANNA: "cancel"}


async def _legs(router: Router) -> dict[str, str]:
    """How each mobile's leg is told to have ended, by its number."""
    return {leg["number"]: leg["end"] for leg in (await one_call(router))["legs"]}
