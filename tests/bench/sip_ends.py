"""The two ends of a call, with nothing but SIP (RFC 3261): a carrier that rings, and a telephone that calls."""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import cast

from tests.lab import sip

DIGITS = 7
"""So many of a number's last digits tell which call it is, however a PBX writes the number."""
_SDP = "v=0\r\no=- 1 1 IN IP4 {here}\r\ns=-\r\nc=IN IP4 {here}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"
_serial = itertools.count(1)


class _End(asyncio.DatagramProtocol):
    """Listens at `address`:5060."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._transport: asyncio.DatagramTransport | None = None

    async def listen(self) -> None:
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, (self.address, 5060))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def close(self) -> None:
        if self._transport:
            self._transport.close()

    def send(self, message: sip.Message, to: tuple[str, int]) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.sendto(message.wire(), to)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = sip.Message.parse(data)
        if message is not None:
            self.heard(message, addr)

    def heard(self, message: sip.Message, sender: tuple[str, int]) -> None: ...


class RingingCarrier(_End):
    """Answers OPTIONS, and rings whatever it is called for until the caller gives up. `silent`: gives no answer.

    `rang`: when a number's phone rang first, by its last digits; `asked`: when OPTIONS came. Seconds of time.monotonic.
    """

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.silent = False
        self.rang: dict[str, float] = {}
        self.asked: list[float] = []
        self._ringing: dict[str, sip.Message] = {}

    def heard(self, message: sip.Message, sender: tuple[str, int]) -> None:
        if self.silent or message.code or message.method == "ACK":
            return
        if message.method == "INVITE":
            key = "".join(c for c in sip.user(message.uri) if c.isdigit())[-DIGITS:]
            self.rang.setdefault(key, time.monotonic())
            self._ringing[message.get("Call-ID")] = message
            self.send(message.answer(180, "Ringing", "carrier"), sender)
            return
        if message.method == "OPTIONS":
            self.asked.append(time.monotonic())
        self.send(message.answer(200, "OK", "carrier"), sender)
        invite = self._ringing.pop(message.get("Call-ID"), None) if message.method == "CANCEL" else None
        if invite:
            self.send(invite.answer(487, "Request Terminated", "carrier"), sender)


class Telephone(_End):
    """Calls by a PBX or a proxy, and leaves it to `hang_up` to end that. A refusal ends a call by itself.

    `refused`: the status that a call ended with, by its key.
    """

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.refused: dict[str, int] = {}
        self._calls: dict[str, tuple[sip.Message, str]] = {}

    def dial(self, host: str, number: str) -> str:
        """The key of the call, for `hang_up` and `refused`."""
        key = f"call{next(_serial)}"
        body = _SDP.format(here=self.address).encode()
        headers = {
            "Via": f"SIP/2.0/UDP {self.address}:5060;branch=z9hG4bK{key}",
            "Max-Forwards": "70",
            "From": f"<sip:20@{self.address}>;tag={key}",
            "To": f"<sip:{number}@{host}>",
            "Contact": f"<sip:20@{self.address}:5060>",
            "Call-ID": key,
            "CSeq": "1 INVITE",
            "Content-Type": "application/sdp",
            "Content-Length": str(len(body)),
        }
        invite = sip.Message(f"INVITE sip:{number}@{host} SIP/2.0", list(headers.items()), body)
        self._calls[key] = invite, host
        self.send(invite, (host, 5060))
        return key

    def hang_up(self, key: str) -> None:
        if key not in self.refused:
            invite, host = self._calls[key]
            self.send(_again("CANCEL", invite), (host, 5060))

    def heard(self, message: sip.Message, sender: tuple[str, int]) -> None:
        if not message.code:
            if message.method != "ACK":
                self.send(message.answer(200, "OK", "phone"), sender)
        elif message.method == "INVITE" and message.code >= 300 and message.get("Call-ID") in self._calls:
            key = message.get("Call-ID")
            invite, host = self._calls[key]
            self.refused.setdefault(key, message.code)
            acknowledged = _again("ACK", invite)
            acknowledged.replace("To", message.get("To"))
            self.send(acknowledged, (host, 5060))


def _again(method: str, invite: sip.Message) -> sip.Message:
    headers = [(n, v) for n, v in invite.headers if n not in ("Content-Type", "Content-Length", "Contact")]
    message = sip.Message(f"{method} {invite.uri} SIP/2.0", [*headers, ("Content-Length", "0")])
    message.replace("CSeq", f"1 {method}")
    return message
