"""Many calls at once, in each of which somebody presses a key at a moment of its own."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Iterable

from tests.lab.forwarding import VOICEMAIL
from tests.lab.lab import Lab
from tests.lab.listening import Span, heard
from tests.lab.router import NUMBER
from tests.lab.wiretap import Sound, Wiretap


@dataclasses.dataclass(frozen=True)
class Press:
    """`keys` pressed in turn, half a second apart, from `at` on (seconds after the mobile's answer)."""

    keys: str
    at: float


@dataclasses.dataclass(frozen=True)
class Pressed:
    """What came of it, in seconds: `taken` from the key to the caller's answer, `ended` since the mobile's answer."""

    press: Press
    taken: float | None
    ended: float | None
    began: float  # time.monotonic of the mobile's answer
    sound: Sound

    @property
    def heard(self) -> list[Span]:
        """By the mobile."""
        return heard(self.sound, self.began)


async def pressed(lab: Lab, tap: Wiretap, presses: Iterable[Press], within: float) -> list[Pressed]:
    """A call for each, 20 a second; and what has come of it `within` seconds after the mobile's answer."""
    lab.mobile.answers(presses=VOICEMAIL)
    running = []
    for serial, press in enumerate(presses):
        running.append(asyncio.create_task(_one(lab, tap, press, _caller(serial), within)))
        await asyncio.sleep(0.05)
    return list(await asyncio.gather(*running))


def _caller(serial: int) -> str:
    """One of 125 numbers in which no digit comes twice in a row: a recording would tell one long word."""
    return f"+491607{serial // 25}8{serial // 5 % 5}9{serial % 5}7"


async def _one(lab: Lab, tap: Wiretap, press: Press, caller: str, within: float) -> Pressed:
    call = lab.telekom.calls(NUMBER, caller=caller)
    ring = await lab.mobile.rang(within=10, caller=caller)
    answered = await ring.answered()
    key = 0.0
    for count, digit in enumerate(press.keys):
        await asyncio.sleep(answered + press.at + count * 0.5 - time.monotonic())
        if ring.ended_at:
            break
        key = time.monotonic()
        await asyncio.to_thread(ring.presses, digit)
    await asyncio.sleep(answered + within - time.monotonic())
    outcome = Pressed(
        press,
        taken=call.answered_at and call.answered_at - key,
        ended=ring.ended_at and ring.ended_at - answered,
        began=answered,
        sound=tap.sound(ring),
    )
    call.hangup()
    return outcome
