"""The whole lab: office, carriers, gateway, mobile and desk phone, started together and gone together.

async with Lab() as lab:
    call = lab.telekom.calls("+4930123456")
    ring = await lab.desk.rang(within=5)
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import shutil
from typing import Any, TextIO

from tests.lab import chroot, firewall
from tests.lab.asterisk import Asterisk
from tests.lab.carrier import Carrier
from tests.lab.office import Office
from tests.lab.party import Party
from tests.lab.phone import Phone
from tests.lab.polled import polled

MOBILE = "+4917112345678"  # Anna's


class Lab:
    """On 127.0.`net`.x; without a `net`, on the first from 10 on that is free. `office`: arguments of Office."""

    def __init__(self, net: int | None = None, mobiles: tuple[str, ...] = (MOBILE,), **office: Any) -> None:
        chroot.ready()
        chroot.ready(office.get("suite", chroot.SUITE))
        firewall.sweep()
        self.net, self._claim = claimed(net)
        self.firewall = firewall.Firewall(self.net)
        ports = iter(range(10000, 20000, 1000))
        lab = (self.net, self.firewall)

        def carrier(name: str, last: int, tone: int, **more: Any) -> Carrier:
            return Carrier(name, lab[0], last, next(ports), lab[1], tone=tone, **more)

        self.telekom = carrier("telekom", 11, 440, mobiles=mobiles)
        self.zweit = carrier("zweit", 12, 520, mobiles=mobiles)
        self.gsm = carrier("gsm", 13, 600, mobiles=("any",), registers=False)
        self.carriers = (self.telekom, self.zweit, self.gsm)
        self.mobile = Phone("mobile", self.net, 21, next(ports), tone=880, presses="1")
        self.desk = Phone("desk", self.net, 31, next(ports), tone=660)
        self.office = Office(self.net, next(ports), self.carriers, **office)
        self.parties: tuple[Party, ...] = (*self.carriers, self.mobile, self.desk)
        self.all: tuple[Asterisk, ...] = (*self.parties, self.office)

    async def start(self) -> None:
        """Everything up, the office registered, its trunks reachable. Whatever fails, all is taken down again."""
        try:
            for asterisk in self.all:
                asterisk.prepare()
            for carrier in self.carriers:
                carrier.open_border()
            for asterisk in self.all:
                asterisk.start()
                asterisk.ami.start()
            await asyncio.gather(*(asterisk.booted() for asterisk in self.all))
            await self.at_rest()
        except BaseException:
            self.close()
            raise

    async def at_rest(self, within: float = 15.0) -> None:
        """Wait until the office holds every trunk for registered and reachable."""
        expected = {carrier.name: "Registered" if carrier.registers else "" for carrier in self.carriers}
        await self.office.at_rest(expected, within)

    def hang_up_all(self) -> None:
        for asterisk in self.all:
            if asterisk.running:
                asterisk.hang_up_all()

    async def calm(self) -> None:
        """Between two tests: no call, every phone as at the start, every trunk well, nothing seen yet."""
        for asterisk in self.all:
            if not asterisk.running:
                asterisk.start()
                await asterisk.booted()
        self.hang_up_all()
        await polled("every call is hung up", lambda: not any(a.channels() for a in self.all), within=5)
        for party in self.parties:
            party.forget()
        disturbed = [carrier for carrier in self.carriers if carrier.registration_disturbed()]
        if disturbed:
            # the office may wait for an answer (32 s) or for its next try: a fresh start is faster
            await self.office.restart()
        await self.at_rest()
        for asterisk in self.all:
            asterisk.board.clear()

    def close(self) -> None:
        """Take everything down, in any state."""
        with contextlib.ExitStack() as everything:
            everything.callback(self._claim.close)
            for asterisk in self.all:
                everything.callback(shutil.rmtree, asterisk.home, ignore_errors=True)
            everything.callback(self.firewall.close)
            for carrier in self.carriers:
                everything.callback(carrier.close_border)
            for asterisk in self.all:
                everything.callback(asterisk.kill9)
                everything.callback(asterisk.ami.stop)

    async def __aenter__(self) -> Lab:
        await self.start()
        return self

    async def __aexit__(self, *why: object) -> None:
        self.close()


def claimed(net: int | None) -> tuple[int, TextIO]:
    """A /24 of loopback that is this lab's alone, by a lock that goes with the process."""
    for number in [net] if net is not None else range(10, 100):
        file = (chroot.lab_dir() / f"net-{number}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            return number, file
    raise RuntimeError(f"127.0.{net if net is not None else '10-99'}.x is in use by another lab")
