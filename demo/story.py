"""What happens once the lab and the router run: by itself, or at the word of a test."""

from __future__ import annotations

import asyncio
import time

from demo.stage import Stage
from demo.terminal import block, seconds_since_make
from demo.watching import Status, Watching
from tests.lab.router import NUMBER, number


class Story:
    """`welcome` are the lines shown when everything is ready."""

    def __init__(self, stage: Stage, watching: Watching, welcome: tuple[str, ...]) -> None:
        self._stage, self._watching, self._welcome = stage, watching, welcome

    async def goes_on(self, calls_every: float) -> None:
        """Customers call every so many seconds (0: none) and every event is told, until cancelled."""
        await self._begins()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watching.tell_of_events())
            group.create_task(self._stage.play(calls_every))
            group.create_task(self._times_the_first_switch())

    async def first_switch(self) -> None:
        """Cut the trunk, wait for the verified switch, let a customer call, restore. No call: AssertionError."""
        await self._begins()
        async with asyncio.TaskGroup() as group:
            background = [group.create_task(work) for work in (self._watching.tell_of_events(), self._stage.play(0))]
            timed = group.create_task(self._times_the_first_switch())
            await self._stage.do("cut")
            await timed
            assert await self._stage.calls_over_the_other_trunk(), "the switch was verified, but no mobile was answered"
            await self._stage.do("restore")
            for task in background:
                task.cancel()

    async def _begins(self) -> None:
        await self._watching.listening()
        await self._watching.until(_at_rest)
        block(*self._welcome, f"Ready {seconds_since_make():.1f} s after the start.")

    async def _times_the_first_switch(self) -> None:
        cut_at = await self._stage.first_cut
        await self._watching.until(_diverted)
        took = time.monotonic() - cut_at
        block(f"First verified switch {took:.1f} s after the cut, {seconds_since_make():.1f} s after the start.")


def _at_rest(status: Status) -> bool:
    return bool(status["route"]["verified"]) and all(trunk["state"] == "up" for trunk in status["trunks"])


def _diverted(status: Status) -> bool:
    return bool(status["route"]["verified"]) and number(status, NUMBER)["inbound"] == "mobile"
