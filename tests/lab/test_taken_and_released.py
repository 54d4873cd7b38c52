"""Several mobiles listen: who is quicker has the call, the others are told, and nobody is asked when it is over."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest

from tests.campaign import report
from tests.lab.call import Call
from tests.lab.forwarding import ANNA, BEN, CARLA, VOICEMAIL, forwarding
from tests.lab.lab import Lab
from tests.lab.listening import BUSY, names, overheard
from tests.lab.polled import polled
from tests.lab.router import NUMBER
from tests.lab.running import talks
from tests.lab.sounding import sounds
from tests.lab.wiretap import Wiretap

ALL = (ANNA, BEN, CARLA)
LONG = {"press-1": 4.0}  # seconds; ours take 3.0 in German, 3.5 in English


async def _listening(
    lab: Lab, *, caller: str = "+491602345789", people: tuple[str, ...] = ALL
) -> tuple[Call, list[Call]]:
    """A call, and the mobiles that have answered it."""
    lab.mobile.answers(presses=VOICEMAIL)
    call = lab.telekom.calls(NUMBER, caller=caller)
    rings = [await lab.mobile.rang(number=number, caller=caller, within=10) for number in people]
    await asyncio.gather(*(ring.answered() for ring in rings))
    return call, rings


@pytest.mark.parametrize("there", ["words", pytest.param("no words", marks=pytest.mark.campaign)])
async def test_who_presses_late_and_who_only_listens_are_told_that_it_is_taken(
    lab: Lab, tap: Wiretap, tmp_path: Path, there: str
) -> None:
    async with forwarding(lab, tmp_path, people=ALL):
        with sounds(lab.office, names=None if there == "words" else []):
            call, (late, first, listener) = await _listening(lab)
            await asyncio.sleep(1.5)
            pressed = time.monotonic()
            first.presses("1")
            await call.answered(within=1)
            late.presses("1")
            assert await talks(call, first)
            for ring in (late, listener):
                spans = await overheard(tap, ring)
                told = [span for span in spans if span.name == ("taken" if there == "words" else str(BUSY))]
                assert len(told) == (1 if there == "words" else 3)
                assert told == spans[-len(told) :]
                assert told[0].begins - (pressed - (ring.answered_at or 0.0)) < 0.9
            assert call.ended_at is None


@pytest.mark.campaign
async def test_when_the_caller_hangs_up_every_listening_mobile_is_released_at_once(
    lab: Lab, tap: Wiretap, tmp_path: Path
) -> None:
    async with forwarding(lab, tmp_path, people=ALL):
        with sounds(lab.office, seconds=0.06, lengths=LONG):
            call, rings = await _listening(lab)
            await asyncio.sleep(2.5)
            hung_up = time.monotonic()
            call.hangup()
            released = [await ring.ended(within=3) - hung_up for ring in rings]
            assert max(released) < 0.5
            assert [names(await overheard(tap, ring))[-1] for ring in rings] == ["press-1"] * 3  # in the midst of it
            await polled("no channel is left", lambda: not lab.office.channels(), within=3)


@pytest.mark.campaign
async def test_a_listening_mobile_is_released_at_once_at_every_moment(lab: Lab, tap: Wiretap, tmp_path: Path) -> None:
    chance, released = random.Random(1), []
    async with forwarding(lab, tmp_path, people=ALL, max_calls=0):
        with sounds(lab.office, seconds=0.2, lengths=LONG):

            async def one(serial: int) -> None:
                call, rings = await _listening(lab, caller=f"+49160{serial:07d}")
                await asyncio.sleep(chance.uniform(0, 12))
                hung_up = time.monotonic()
                await asyncio.to_thread(call.hangup)
                released.extend([await ring.ended(within=3) - hung_up for ring in rings])

            for turn in range(4):
                await asyncio.gather(*(one(turn * 10 + serial) for serial in range(10)))
    released.sort()
    report("mobiles released, 3 a call", mobiles=len(released), median_s=released[60], worst_s=released[-1])
    assert released[-1] < 0.5


async def test_of_two_who_press_within_50_ms_exactly_one_has_the_call(lab: Lab, tap: Wiretap, tmp_path: Path) -> None:
    """Twenty times at once, so that the winners are quick and slow ones."""
    chance = random.Random(2)
    async with forwarding(lab, tmp_path, people=(ANNA, BEN), max_calls=0):
        with sounds(lab.office, seconds=0.4):

            async def one(serial: int) -> str:
                call, rings = await _listening(lab, caller=f"+49160{serial:07d}", people=(ANNA, BEN))
                chance.shuffle(rings)
                await asyncio.sleep(chance.uniform(0.3, 1.5))
                await asyncio.to_thread(rings[0].presses, "1")
                await asyncio.sleep(chance.uniform(0, 0.05))
                await asyncio.to_thread(rings[1].presses, "1")
                await call.answered(within=3)
                await polled("one is released", lambda: any(ring.ended_at for ring in rings), within=4)
                [told] = [ring for ring in rings if ring.ended_at]
                [winner] = [ring for ring in rings if not ring.ended_at]
                assert names(await overheard(tap, told))[-1] == "taken"
                assert await talks(call, winner)
                call.hangup()
                return "first" if winner is rings[0] else "second"

            winners = await asyncio.gather(*(one(serial) for serial in range(20)))
    report("two press within 50 ms", first=winners.count("first"), second=winners.count("second"))
