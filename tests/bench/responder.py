"""Many carriers that do nothing but answer OPTIONS, on addresses of loopback: 30 trunks need no 30 Asterisks."""

from __future__ import annotations

import asyncio
from typing import cast


class Responder(asyncio.DatagramProtocol):
    """A UAS that answers OPTIONS with 200 (RFC 3261, 11.2), until `silent`."""

    def __init__(self) -> None:
        self.silent = False
        self._transport: asyncio.DatagramTransport | None = None

    async def listen(self, address: str) -> Responder:
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self, local_addr=(address, 5060))
        return self

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, sender: tuple[str, int]) -> None:
        if self.silent or not data.startswith(b"OPTIONS ") or self._transport is None:
            return
        kept = ("via", "v", "from", "f", "to", "t", "call-id", "i", "cseq")
        lines = data.decode("utf-8", "replace").split("\r\n\r\n")[0].split("\r\n")[1:]
        headers = [line for line in lines if line.partition(":")[0].strip().lower() in kept]
        headers = [
            line + ";tag=bench" if line.partition(":")[0].strip().lower() in ("to", "t") else line for line in headers
        ]
        self._transport.sendto("\r\n".join(["SIP/2.0 200 OK", *headers, "Content-Length: 0", "", ""]).encode(), sender)
