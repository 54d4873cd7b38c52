"""What a desk phone dials and hears: feature codes, and prompts that are a tone of their own each."""

from __future__ import annotations

import asyncio
import contextlib
import math
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tests.lab.call import Call
from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.sounding import sine
from tests.lab.tone import samples_of, tune

PROMPTS = {
    "forwarding-on": 1100,
    "forwarding-off": 1250,
    "saved": 1450,
    "overruled": 1650,
    "enter-pin": 1850,
    "wrong-pin": 2050,
    "no-such-number": 2300,
    "saved-at-once": 2500,
}
"""Hz, each at least 100 away from the next and from what Asterisk plays where there are no files."""
RISING, FALLING, SAVED, LOW, ASKING = [600, 800, 1000], [1000, 800, 600], [800, 1000, 800], [400], [950, 1400]
"""Heard in the place of files: on; off; saved; nothing was done (three times the same); and the PIN, please."""
PROMPT_SECONDS = 0.4
GAP = 0.12
"""Seconds between two keys."""
ORDER = "/failover/order"


@dataclass(frozen=True)
class Heard:
    """`words`: prompts by name, or tones in Hz, in order; `seconds`: from the last key to the last of them."""

    words: list[str] | list[float]
    seconds: float
    call: Call


@contextlib.contextmanager
def spoken(lab: Lab) -> Iterator[None]:
    """The office has sound files, in English."""
    folder = lab.office.sounds / "en/failover"
    try:
        for name, hz in PROMPTS.items():
            sine(folder / f"{name}.wav", hz, PROMPT_SECONDS)
        yield
    finally:
        shutil.rmtree(folder.parent)


async def hears(lab: Lab, code: str, *keys: str, within: float = 15.0, tones: bool = False) -> Heard:
    """Dial `code`; whenever the PIN is asked for, press the next of `keys`. What is heard until the call has ended."""
    call = lab.desk.dials(code)
    await call.answered()
    pressed = call.begun_at
    for place, entry in enumerate(keys):
        await asyncio.sleep((0.8 if tones else PROMPT_SECONDS + 0.2) + (0.9 if place else 0.0))
        pressed = await presses(call, entry)
    await call.ended(within)
    return await recorded(call, pressed, tones=tones)


async def orders(lab: Lab, code: str) -> None:
    """Dial `code` and hang up as soon as the office has it."""
    call = lab.desk.dials(code)
    await lab.office.board.wait("FailoverOrder", 3, call.begun_at)
    call.hangup()
    await call.ended()


async def presses(call: Call, keys: str) -> float:
    """Press them as a person does; the moment of the last one."""
    at = time.monotonic()
    for key in keys:
        at = time.monotonic()
        await asyncio.to_thread(call.presses, key)
        await asyncio.sleep(GAP)
    return at


async def recorded(call: Call, pressed: float, *, tones: bool = False) -> Heard:
    """What was heard in a call that has ended, told from its recording."""
    answered = call.answered_at
    assert answered

    sizes = [0]

    def whole() -> bool:
        sizes.append(len(samples_of(call.recording)[0]))
        return sizes[-1] == sizes[-2] > 0

    await polled("the recording is whole", whole, within=3, every=0.05)
    names = {hz: name for name, hz in PROMPTS.items()}
    heard = tune(call.recording, sorted({*RISING, *LOW, *ASKING}) if tones else list(names))
    words = [hz for hz, _ in heard] if tones else [names[int(hz)] for hz, _ in heard]
    begins = heard[-3:][0][1] if tones and heard else heard[-1][1] if heard else math.nan  # three notes are one tone
    return Heard(words, answered + begins - pressed, call)  # type: ignore[arg-type]


def ordered(lab: Lab) -> list[str]:
    """The desk phones' orders that stand in the table, without their moments."""
    text = lab.office.database_show("failover").get(ORDER, "")
    return [one.partition("@")[0] for one in text.split("&") if one]
