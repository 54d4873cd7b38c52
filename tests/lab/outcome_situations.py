"""The ways in which a call over the first trunk can end, each by its name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.lab.call import Call
from tests.lab.forwarding import ANNA, BEN, VOICEMAIL
from tests.lab.outcome_scene import RING, Scene
from tests.lab.polled import polled

Prepare = Callable[[Scene, int], Awaitable[None]]
Meanwhile = Callable[[Scene, Call], Awaitable[None]]
SOON = 0.2
"""Seconds until a status that comes after something else."""
WAITING = "030111"


async def _nothing(*_: object) -> None:
    """Nothing to prepare, nothing to do meanwhile."""


@dataclass(frozen=True)
class Situation:
    """`prepare` gets the SIP status of the row, `meanwhile` the call once it is under way.

    `reaches`: the call gets as far as the carrier. `rung`: the people who are called over the trunk.
    """

    name: str
    prepare: Prepare = _nothing
    meanwhile: Meanwhile = _nothing
    trunk: str = "sipp"
    patience: int = 2
    reaches: bool = True
    rung: tuple[str, ...] = (ANNA,)


# --- by a status ------------------------------------------------------------------------------------------------------


async def _refused(scene: Scene, code: int) -> None:
    scene.sipp.refuses(code)


async def _challenged(scene: Scene, code: int) -> None:
    scene.sipp.challenges(code)


async def _refused_after_ringing(scene: Scene, code: int) -> None:
    scene.sipp.refuses(code, rings=SOON)


async def _refused_after_early_media(scene: Scene, code: int) -> None:
    scene.sipp.refuses(code, plays=SOON)


# --- by none ----------------------------------------------------------------------------------------------------------


async def _ignored(scene: Scene, _: int) -> None:
    scene.sipp.ignores()


async def _only_tried(scene: Scene, _: int) -> None:
    scene.sipp.only_tries()


async def _only_rings(scene: Scene, _: int) -> None:
    scene.sipp.only_rings()


async def _only_plays(scene: Scene, _: int) -> None:
    scene.sipp.only_plays()


async def _in_use(scene: Scene, _: int) -> None:
    """Another call has the one channel."""
    scene.sipp.only_rings()
    await scene.lab.desk.dials(WAITING).ringing()


# --- by people --------------------------------------------------------------------------------------------------------


async def _voicemail_for_a_moment(scene: Scene, _: int) -> None:
    scene.sipp.answers(0, hangs_up_after=0.5, number=ANNA)


async def _declined_by_key(scene: Scene, _: int) -> None:
    scene.lab.mobile.answers(number=ANNA, presses="2")
    scene.lab.mobile.only_rings(number=BEN)


async def _two_listen(scene: Scene, _: int) -> None:
    scene.lab.office.set_global("FAILOVER_TOGETHER", "yes")
    for number in (ANNA, BEN):
        scene.lab.mobile.answers(number=number, presses=VOICEMAIL)


async def _anna_presses_1_then_ben(scene: Scene, call: Call) -> None:
    anna, ben = [await scene.lab.mobile.rang(number=number, since=call.begun_at) for number in (ANNA, BEN)]
    await asyncio.gather(anna.answered(), ben.answered())
    anna.presses("1")
    await call.answered()
    ben.presses("1")
    await ben.ended(within=5)


async def _rings_to_the_end(scene: Scene, _: int) -> None:
    """Ten seconds are kept for the office phones: the time of the mobiles is up before the time to ring."""
    scene.sipp.only_rings()
    scene.lab.office.set_global("FAILOVER_TOTAL", "12")


async def _gives_up(scene: Scene, call: Call) -> None:
    """The caller, while it rings."""
    await scene.sipp.invited(since=call.begun_at)
    await call.ringing()
    call.hangup()
    await polled("nothing is left of it", lambda: not scene.lab.office.channels(), within=5)


REFUSED = Situation("refused", _refused)
CHALLENGED = Situation("challenged", _challenged)
AFTER_RINGING = Situation("after-ringing", _refused_after_ringing)
AFTER_EARLY_MEDIA = Situation("after-early-media", _refused_after_early_media)

IGNORED = Situation("nothing-answered", _ignored)
ONLY_100 = Situation("100-only", _only_tried)
ONLY_180 = Situation("180-then-silence", _only_rings)
ONLY_183 = Situation("183-then-silence", _only_plays)
LATE = Situation("100-only-and-patience-is-longer", _only_tried, patience=2 * RING)

TCP_REFUSED = Situation("TCP-refused", trunk="closed", reaches=False)
NO_SUCH_NAME = Situation("DNS-failure", trunk="nameless", reaches=False)
UNREACHABLE = Situation("contact-unreachable", trunk="dark", reaches=False)
ALL_CHANNELS_FULL = Situation("all-channels-in-use", _in_use, trunk="narrow", reaches=False)
BUSY_LINE = Situation("busy-without-SIP", trunk="isdn")

VOICEMAIL_ANSWERS = Situation("voicemail", _voicemail_for_a_moment)
PRESSED_2 = Situation("pressed-2", _declined_by_key, trunk="gsm")
TOO_LATE = Situation("pressed-1-too-late", _two_listen, _anna_presses_1_then_ben, trunk="gsm", rung=(ANNA, BEN))
TIME_IS_UP = Situation("time-is-up", _rings_to_the_end)
CALLER_GAVE_UP = Situation("caller-gave-up", _only_rings, _gives_up)
