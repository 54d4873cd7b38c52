"""The lamp of a key on *28, as a telephone has it: a subscription to the extension's state (RFC 4235)."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
import time
from collections.abc import AsyncIterator

from tests.lab import sip
from tests.lab.lab import Lab

LIT = {"confirmed": True, "terminated": False}
_serial = itertools.count(1)


class LampKey(asyncio.DatagramProtocol):
    """What the PBX says of the lamp, newest last, each with its moment of time.monotonic."""

    def __init__(self, here: str, office: str, extension: str) -> None:
        self.told: list[tuple[float, bool]] = []
        self._here, self._office, self._extension = here, office, extension
        self._key = f"lamp{next(_serial)}"
        self._changed = asyncio.Event()
        self._answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        message = sip.Message.parse(data)
        if message is None:
            return
        if message.code and not self._answered.done():
            self._answered.set_result(message.code)
        elif message.start.startswith("NOTIFY"):
            self._send(message.answer(200, "OK", self._key))
            if found := re.search(r"<state[^>]*>(\w+)</state>", message.body.decode()):
                self.told.append((time.monotonic(), LIT[found[1]]))
                self._changed.set()

    async def subscribe(self, transport: asyncio.DatagramTransport) -> None:
        self._transport = transport
        self._port = transport.get_extra_info("sockname")[1]
        uri = f"sip:{self._extension}@{self._office}"
        headers = {
            "Via": f"SIP/2.0/UDP {self._here}:{self._port};rport;branch=z9hG4bK{self._key}",
            "Max-Forwards": "70",
            "From": f"<sip:20@{self._office}>;tag={self._key}",
            "To": f"<{uri}>",
            "Contact": f"<sip:20@{self._here}:{self._port}>",
            "Call-ID": f"{self._key}-{self._port}",
            "CSeq": "1 SUBSCRIBE",
            "Event": "dialog",
            "Accept": "application/dialog-info+xml",
            "Expires": "600",
            "Content-Length": "0",
        }
        self._send(sip.Message(f"SUBSCRIBE {uri} SIP/2.0", list(headers.items())))
        async with asyncio.timeout(3):
            code = await self._answered
        assert code == 200, f"the subscription was answered with {code}"

    async def shows(self, lit: bool, within: float = 2.0) -> float:
        """Wait until it is so; the moment it was told."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while not self.told or self.told[-1][1] is not lit:
                    self._changed.clear()
                    await self._changed.wait()
        assert self.told, "nothing was told of the lamp"
        assert self.told[-1][1] is lit, f"the lamp is {'dark' if lit else 'lit'}: {self.told}"
        return self.told[-1][0]

    def _send(self, message: sip.Message) -> None:
        self._transport.sendto(message.wire(), (self._office, 5060))


@contextlib.asynccontextmanager
async def lamp(lab: Lab, extension: str = "*28") -> AsyncIterator[LampKey]:
    """A key with a lamp at the desk phone."""
    loop = asyncio.get_running_loop()
    here = lab.desk.address
    transport, key = await loop.create_datagram_endpoint(
        lambda: LampKey(here, lab.office.address, extension), (here, 0)
    )
    try:
        await key.subscribe(transport)
        yield key
    finally:
        transport.close()
