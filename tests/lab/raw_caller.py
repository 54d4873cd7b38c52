"""A caller who speaks SIP by hand: what no honest Asterisk would send can be put into every part of an INVITE.

It sends from the address of a carrier, so the office takes it for that carrier (RFC 3261, section 8.1.1, for the rest).
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from types import TracebackType

from tests.lab import sip
from tests.lab.carrier import Carrier
from tests.lab.office import Office

_SDP = "v=0\r\no=- 1 1 IN IP4 {here}\r\ns=-\r\nc=IN IP4 {here}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n"
_serial = itertools.count(1)


class RawCaller:
    """`async with RawCaller(lab.telekom, lab.office) as caller: code = await caller.calls(called="s%40x")`."""

    def __init__(self, carrier: Carrier, office: Office) -> None:
        self._here, self._office = carrier.border, office.address
        self._heard: asyncio.Queue[sip.Message] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> RawCaller:
        heard = self._heard

        class _Ear(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
                message = sip.Message.parse(data)
                if message is not None:
                    heard.put_nowait(message)

        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(_Ear, (self._here, 0))
        self._port = self._transport.get_extra_info("sockname")[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._transport
        self._transport.close()

    async def calls(
        self,
        *,
        called: str = "office",
        caller: str = "+491601111111",
        name: str = "",
        headers: dict[str, str] | None = None,
        until: Callable[[], Awaitable[object]] | None = None,
        within: float = 5.0,
    ) -> int:
        """Call until it rings or is refused, and take the call back: 180 or the status of the refusal; 0 for neither.

        `headers`: further ones, or others instead of our own.

        A call that rings is kept up while `until` lasts. Each part goes into the INVITE as it is: it is for the test to
        escape user parts by %XX (RFC 3261, section 19.1.2).
        """
        key = f"raw{next(_serial)}"
        uri = f"sip:{called}@{self._office}"
        invite = self._request("INVITE", uri, key, f"{name} <sip:{caller}@{self._here}>".strip())
        for header, value in (headers or {}).items():
            invite.replace(header, value) if invite.get(header) else invite.headers.insert(-1, (header, value))
        self._send(invite)
        try:
            async with asyncio.timeout(within):
                answer = await self._answer(key, "INVITE", above=100)
                if answer.code >= 300:
                    self._acknowledge(invite, answer)
                    return answer.code
                if until:
                    await until()
                if answer.code < 200:
                    self._send(self._again("CANCEL", invite))
                    refusal = await self._answer(key, "INVITE", above=199)
                    self._acknowledge(invite, refusal)
                else:
                    self._acknowledge(invite, answer)
                    bye = self._again("BYE", invite)
                    bye.replace("To", answer.get("To"))
                    bye.replace("CSeq", "2 BYE")
                    self._send(bye)
                    await self._answer(key, "BYE", above=199)
                return 180
        except TimeoutError:
            return 0

    def _request(self, method: str, uri: str, key: str, sender: str) -> sip.Message:
        body = _SDP.format(here=self._here).encode()
        headers = {
            "Via": f"SIP/2.0/UDP {self._here}:{self._port};rport;branch=z9hG4bK{key}",
            "Max-Forwards": "70",
            "From": f"{sender};tag={key}",
            "To": f"<{uri}>",
            "Contact": f"<sip:raw@{self._here}:{self._port}>",
            "Call-ID": f"{key}-{self._port}",
            "CSeq": f"1 {method}",
            "Content-Type": "application/sdp",
            "Content-Length": str(len(body)),
        }
        return sip.Message(f"{method} {uri} SIP/2.0", list(headers.items()), body)

    def _again(self, method: str, invite: sip.Message) -> sip.Message:
        headers = [(n, v) for n, v in invite.headers if n not in ("Content-Type", "Content-Length", "Contact")]
        message = sip.Message(f"{method} {invite.uri} SIP/2.0", [*headers, ("Content-Length", "0")])
        message.replace("CSeq", f"1 {method}")
        return message

    def _acknowledge(self, invite: sip.Message, answer: sip.Message) -> None:
        message = self._again("ACK", invite)
        message.replace("To", answer.get("To"))
        self._send(message)

    async def _answer(self, key: str, method: str, above: int) -> sip.Message:
        while True:
            message = await self._heard.get()
            if message.method == method and message.code > above and message.get("Call-ID").startswith(f"{key}-"):
                return message

    def _send(self, message: sip.Message) -> None:
        assert self._transport
        self._transport.sendto(message.wire(), (self._office, 5060))
