"""One call, its requests sent by hand: what an Asterisk sends only after a loss, or never, can be sent on purpose."""

from __future__ import annotations

import asyncio

from tests.lab import sip

_SDP = "v=0\r\no=- 1 1 IN IP4 {here}\r\ns=-\r\nc=IN IP4 {here}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"
PORT = 5099


class ByHand(asyncio.DatagramProtocol):
    """`async with ByHand("127.0.10.1", "127.0.10.41") as caller: caller.sends("INVITE")`, from port 5099."""

    def __init__(self, here: str, there: str, number: str = "030") -> None:
        self.here, self.there, self.number = here, there, number
        self._heard: list[str] = []
        self._bell = asyncio.Event()

    async def __aenter__(self) -> ByHand:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, (self.here, PORT))
        return self

    async def __aexit__(self, *why: object) -> None:
        self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = sip.Message.parse(data)
        if message:
            self._heard.append(f"{message.code or ''} {message.method}".strip())
            self._bell.set()

    def sends(self, method: str) -> None:
        """The INVITE of the call, or what belongs to its transaction: CANCEL, and ACK of a refusal."""
        uri, body = f"sip:{self.number}@{self.there}", _SDP.format(here=self.here) if method == "INVITE" else ""
        headers = {
            "Via": f"SIP/2.0/UDP {self.here}:{PORT};branch=z9hG4bKhand",
            "Max-Forwards": "70",
            "From": f"<sip:20@{self.here}>;tag=hand",
            "To": f"<{uri}>",
            "Contact": f"<sip:hand@{self.here}:{PORT}>",
            "Call-ID": f"hand-{id(self)}",
            "CSeq": f"1 {method}",
            "Content-Length": str(len(body)),
        }
        message = sip.Message(f"{method} {uri} SIP/2.0", list(headers.items()), body.encode())
        self._transport.sendto(message.wire(), (self.there, 5060))

    async def hears(self, *answers: str, within: float = 2.0) -> bool:
        """Whether these come next, in this order and nothing between: "486 INVITE"."""
        async with asyncio.timeout(within):
            while len(self._heard) < len(answers):
                self._bell.clear()
                await self._bell.wait()
        got, self._heard = self._heard[: len(answers)], self._heard[len(answers) :]
        assert got == list(answers), got
        return True
