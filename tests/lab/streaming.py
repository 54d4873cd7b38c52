"""Customers who call one after the other while something happens to the router or the PBX."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator

from tests.lab.call import Call
from tests.lab.carrier import Carrier
from tests.lab.lab import Lab
from tests.lab.phone import Phone
from tests.lab.polled import polled

_serial = itertools.count(1)


class Stream:
    """Calls to `number`, each by a caller of its own, who hangs up as soon as a phone has rung."""

    def __init__(self, lab: Lab, carrier: Carrier, number: str) -> None:
        self._lab, self._carrier, self._number = lab, carrier, number
        self.calls: list[Call] = []
        self._ends: list[asyncio.Task[None]] = []

    async def run(self, every: float) -> None:
        """One call every so many seconds, whatever becomes of those before."""
        next_at = time.monotonic()
        while True:
            self.call()
            next_at += every
            await asyncio.sleep(max(0.0, next_at - time.monotonic()))

    def call(self) -> Call:
        call = self._carrier.calls(self._number, caller=f"+49160{next(_serial):07d}")
        self.calls.append(call)
        self._ends.append(asyncio.create_task(self._rings_once(call)))
        return call

    async def _rings_once(self, call: Call) -> None:
        with contextlib.suppress(AssertionError, TimeoutError):  # `phones` tells what became of it
            await call.ringing(within=15)
            await self._somebody(call)
        if call.ended_at is None:
            call.hangup()

    async def _somebody(self, call: Call) -> None:
        await polled("a phone rings", lambda: self.phones(call), within=10)

    async def rung(self, more: int, within: float = 20.0) -> None:
        """Until so many further calls, placed from now on, have come to their end."""
        first = len(self.calls)
        await polled("that many calls", lambda: len(self._ends) >= first + more, within)
        async with asyncio.timeout(within):
            await asyncio.gather(*self._ends[first : first + more])

    async def over(self) -> None:
        await asyncio.gather(*self._ends)

    def phones(self, call: Call) -> list[Phone]:
        """Which phones rang for that call."""
        return [phone for phone in (self._lab.desk, self._lab.mobile) if phone.calls_here(caller=call.caller)]

    def rang_only(self, phone: Phone) -> bool:
        """Whether each call made that phone ring, and no other."""
        return all(self.phones(call) == [phone] for call in self.calls)

    def __repr__(self) -> str:
        rang = ["+".join(phone.name for phone in self.phones(call)) or f"none ({call})" for call in self.calls]
        return f"{len(rang)} calls: {rang}"


@contextlib.asynccontextmanager
async def customers_call(lab: Lab, carrier: Carrier, number: str, every: float = 0.2) -> AsyncIterator[Stream]:
    """As long as the block runs; at its end every call has come to its own."""
    lab.desk.only_rings()
    lab.mobile.only_rings()
    stream = Stream(lab, carrier, number)
    calling = asyncio.create_task(stream.run(every))
    try:
        yield stream
    finally:
        calling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await calling
        await stream.over()
