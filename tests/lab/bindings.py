"""A gateway that registers with the office from a port of its choosing, so that it can have several contacts there.

lab = Lab(extra_trunks=[BoundTrunk("gateway", "127.0.{net}.45")])
gateway = await Binding.at(lab, "gateway", "127.0.10.45")      # registered, and answers OPTIONS from then on
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools

from tests.lab import sip
from tests.lab.extra_trunk import ExtraTrunk
from tests.lab.lab import Lab

LASTS = 600
"""Seconds for which a binding is asked for."""
_serial = itertools.count(1)


@dataclasses.dataclass(frozen=True)
class BoundTrunk(ExtraTrunk):
    """A trunk with up to two contacts, which come by REGISTER alone; none is asked for a password."""

    def pjsip(self, net: int, times: dict[str, float]) -> str:
        lines = super().pjsip(net, times).splitlines()
        bound = ["max_contacts = 2" if line.startswith("contact = ") else line for line in lines]
        return "\n".join(bound) + "\n"


class Binding(asyncio.DatagramProtocol):
    """One contact of `name`, from a port of its own; `ends` takes it out of the office's list again."""

    def __init__(self, name: str, here: str, office: str) -> None:
        self._name, self._here, self._office = name, here, office
        self._key, self._cseq = f"bind{next(_serial)}", itertools.count(1)
        self._answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    @classmethod
    async def at(cls, lab: Lab, name: str, here: str) -> Binding:
        """A new one, registered."""
        loop = asyncio.get_running_loop()
        transport, binding = await loop.create_datagram_endpoint(lambda: cls(name, here, lab.office.address), (here, 0))
        binding._transport = transport
        binding._port = transport.get_extra_info("sockname")[1]
        await binding._register(LASTS)
        return binding

    def datagram_received(self, data: bytes, addr: object) -> None:
        message = sip.Message.parse(data)
        if message is None:
            return
        if message.code and not self._answered.done():
            self._answered.set_result(message.code)
        elif message.start.startswith("OPTIONS"):
            self._send(message.answer(200, "OK", self._key))

    async def ends(self) -> None:
        """Unregistered, and silent."""
        await self._register(0)
        self._transport.close()

    def close(self) -> None:
        self._transport.close()

    async def _register(self, seconds: int) -> None:
        self._answered = asyncio.get_running_loop().create_future()
        number = next(self._cseq)
        us = f"<sip:{self._name}@{self._office}>"
        headers = {
            "Via": f"SIP/2.0/UDP {self._here}:{self._port};rport;branch=z9hG4bK{self._key}{number}",
            "Max-Forwards": "70",
            "From": f"{us};tag={self._key}",
            "To": us,
            "Contact": f"<sip:{self._name}@{self._here}:{self._port}>",
            "Call-ID": f"{self._key}-{self._port}",
            "CSeq": f"{number} REGISTER",
            "Expires": str(seconds),
            "Content-Length": "0",
        }
        self._send(sip.Message(f"REGISTER sip:{self._office} SIP/2.0", list(headers.items())))
        async with asyncio.timeout(3):
            code = await self._answered
        assert code == 200, f"REGISTER was answered with {code}"

    def _send(self, message: sip.Message) -> None:
        self._transport.sendto(message.wire(), (self._office, 5060))
