"""Customers who dial the published number, each by a real call over one of the carriers."""

from __future__ import annotations

import asyncio
import itertools

from demo.terminal import tell
from router.core.numbers import as_written
from tests.lab.call import Call
from tests.lab.carrier import Carrier

PATIENCE = 6.0  # seconds a customer listens to silence
RINGING = 30.0  # seconds a customer lets it ring
TALK = 5.0  # seconds
_last_digits = itertools.cycle(range(11, 100))


class Customer:
    """Calls over `carrier`; `does` is what the panel shows of the customer's phone."""

    def __init__(self, name: str, carrier: Carrier) -> None:
        self.name, self._carrier = name, carrier
        self.does = "on hook"

    async def calls(self, number: str) -> bool:
        """One whole call to `number`, as it is dialled; whether a human answered."""
        if self.does != "on hook":
            return False
        tell(self.name, f"dials {as_written(number, 'DE')}")
        self.does = "dialling"
        call = await asyncio.to_thread(self._carrier.calls, number, f"+4916011111{next(_last_digits)}")
        try:
            return await self._through(call)
        finally:
            self.does = "on hook"
            if call.ended_at is None:
                await asyncio.to_thread(call.hangup)

    async def _through(self, call: Call) -> bool:
        try:
            await call.ringing(within=PATIENCE)
            await call.answered(within=RINGING)
        except TimeoutError:
            heard = (
                "hears it ring, but nobody answers"
                if call.ringing_at
                else "hears nothing: the call never reaches the PBX"
            )
            tell(self.name, f"{heard}; gives up")
            return False
        except AssertionError:
            tell(self.name, f"hears that nobody can be reached (cause {call.cause})")
            return False
        self.does = "talking"
        await asyncio.sleep(TALK)
        return True
