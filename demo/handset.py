"""A phone of the lab as the panel and the terminal show it."""

from __future__ import annotations

import asyncio

from demo.terminal import tell
from tests.lab.call import Call
from tests.lab.phone import Phone

FOR_EVER = 1e9  # seconds


class Handset:
    """`does` is one of the words of router.panel.demo.PHONE_WORDS."""

    def __init__(self, name: str, phone: Phone) -> None:
        self.name, self._phone = name, phone
        self._calls: list[Call] = []

    @property
    def does(self) -> str:
        if any(call.answered_at for call in self._calls):
            return "talking"
        return "ringing" if self._calls else "on hook"

    async def follow(self) -> None:
        """Tell of every call that rings here, until cancelled."""
        since = 0.0
        async with asyncio.TaskGroup() as calls:
            while True:
                call = await self._phone.rang(within=FOR_EVER, since=since)
                since = call.begun_at + 1e-9
                calls.create_task(self._one(call))

    async def _one(self, call: Call) -> None:
        self._calls.append(call)
        tell(self.name, f"rings; the display shows {call.caller}")
        try:
            await call.answered(within=FOR_EVER)
            tell(self.name, "is answered: they talk")
            await call.ended(within=FOR_EVER)
            tell(self.name, "hangs up")
        except AssertionError:  # ended before it was answered
            tell(self.name, "stops ringing")
        finally:
            self._calls.remove(call)
