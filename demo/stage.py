"""The lab as the panel's demo section moves it: cut the Telekom trunk, restore it, call the office."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence

from demo.customers import Customer
from demo.handset import Handset
from demo.terminal import tell
from tests.lab.lab import Lab
from tests.lab.router import NUMBER

CUT = (
    "is cut: every packet from and to it gets lost.",
    "Whoever dials the office over Telekom hears nothing now: such a call never reaches the PBX, and",
    "no router can save it. What reaches the PBX by another trunk will ring Anna's mobile.",
)
RING = 3.0  # seconds until a phone is picked up


class Stage:
    """The `router.panel.demo.DemoPort` of `lab`, whose calls go to the number of its Telekom trunk."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._outage = contextlib.ExitStack()
        self.cut = False
        self.first_cut: asyncio.Future[float] = asyncio.get_running_loop().create_future()  # its time.monotonic
        self._handsets = (Handset("Desk phone", lab.desk), Handset("Anna's mobile", lab.mobile))
        self._over_telekom = Customer("Customer over Telekom", lab.telekom)
        self._over_zweit = Customer("Customer over Zweit", lab.zweit)
        self._calls: set[asyncio.Task[None]] = set()

    def verbs(self) -> Sequence[str]:
        return ("cut", "restore", "call")

    async def do(self, verb: str) -> None:
        """Comes back at once; a call goes on by itself."""
        if verb == "call":
            task = asyncio.create_task(self._customers_call())
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)
        elif (verb == "cut") != self.cut:
            self.cut = verb == "cut"
            await asyncio.to_thread(self._silence if self.cut else self._outage.close)
            if self.cut and not self.first_cut.done():
                self.first_cut.set_result(time.monotonic())
            for line in CUT if self.cut else ("is restored",):
                tell("Telekom", line)

    def phones(self) -> Sequence[tuple[str, str]]:
        return [(one.name, one.does) for one in (*self._handsets, self._over_telekom, self._over_zweit)]

    async def calls_over_the_other_trunk(self) -> bool:
        """A customer reaches the PBX with the Telekom number over Zweit; whether a human answered."""
        return await self._over_zweit.calls(NUMBER)

    async def play(self, every: float) -> None:
        """Phones that are picked up, and a customer who calls every so many seconds (0: none), until cancelled."""
        for phone in (self._lab.desk, self._lab.mobile):
            await asyncio.to_thread(phone.answers, RING)
        async with asyncio.TaskGroup() as group:
            for handset in self._handsets:
                group.create_task(handset.follow())
            while every:
                await asyncio.sleep(every)
                await self._customers_call()
                self._forget_what_was_seen()

    async def _customers_call(self) -> None:
        """One customer on a normal day; in the outage two, since only one of the two ways reaches the PBX."""
        if self.cut:
            await asyncio.gather(self._over_telekom.calls(NUMBER), self._over_zweit.calls(NUMBER))
        else:
            await self._over_telekom.calls(NUMBER)

    def _silence(self) -> None:
        self._outage.enter_context(self._lab.telekom.silent())

    def _forget_what_was_seen(self) -> None:
        """The lab keeps all it sees, for its tests; a demo may run for days."""
        if all(does == "on hook" for _, does in self.phones()):
            for asterisk in self._lab.all:
                asterisk.board.clear()
