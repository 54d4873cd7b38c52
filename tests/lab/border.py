"""The border of a carrier: a stateless SIP proxy (RFC 3261, section 16.11) before its Asterisk, where faults happen.

The office knows only the border's address. The carrier's own Asterisk stays whole behind it, so a fault can hit one
method of SIP and leave the others as they are. Audio does not pass here.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import random
from http import HTTPStatus

from tests.lab import backstage, sip
from tests.lab.board import Board

_REASONS = {
    180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress",
    480: "Temporarily Unavailable", 484: "Address Incomplete", 486: "Busy Here", 603: "Decline",
}  # fmt: skip


@dataclasses.dataclass(eq=False)
class Fault:
    """What happens to new requests of one method from the office. `code` 0 means that they get no answer at all.

    `caller`: only to those that show this number.
    """

    method: str
    code: int = 0
    caller: str = ""
    times: int = -1  # how many requests, each with all its retransmissions; -1: all
    hit: set[str] = dataclasses.field(default_factory=set)  # the branches it happened to
    share: float = 1.0  # of all calls of the method; a request sent again with a password belongs to the same one
    chance: random.Random = dataclasses.field(default_factory=random.Random)
    spared: set[str] = dataclasses.field(default_factory=set)  # their Call-IDs

    def strikes(self, branch: str, call: str) -> bool:
        if branch in self.hit:
            return True
        if call in self.spared or 0 <= self.times <= len(self.hit):
            return False
        if self.chance.random() >= self.share:
            self.spared.add(call)
            return False
        self.hit.add(branch)
        return True


class Border(asyncio.DatagramProtocol):
    """Listens at `address`, passes on to `inside`; the office's requests, and how its calls progress, go on `board`."""

    def __init__(self, address: str, inside: str, board: Board) -> None:
        self.address, self.inside, self.board = address, inside, board
        self.faults: list[Fault] = []
        self.names: list[tuple[str, str]] = []  # (number called, raw display name) for the next call into the office
        self._named: dict[str, str] = {}  # the From of such a call by its Call-ID
        self._known: set[str] = set()
        self.delay = 0.0  # seconds that each message takes more, either way
        self._transport: asyncio.DatagramTransport | None = None

    def start(self) -> None:
        async def listen() -> None:
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_datagram_endpoint(lambda: self, (self.address, 5060))

        backstage.run(listen())

    def stop(self) -> None:
        if self._transport:
            backstage.call(self._transport.close)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = sip.Message.parse(data)
        if message is None:
            return
        if message.code:
            if message.method == "INVITE" and 100 < message.code < 200 and addr[0] != self.inside:
                self.board.put("PROGRESS", {"Code": str(message.code), "Audio": str(bool(message.body))})
            message.pop("Via")
            self._send(message, sip.host(message.get("Via")))
        else:
            self._request(message, addr)

    def _request(self, message: sip.Message, source: tuple[str, int]) -> None:
        outward = source[0] == self.inside
        if not outward:
            self._observe(message)
            if self._struck(message, source):
                return
        if sip.host(message.get("Route")) == self.address:
            message.pop("Route")
        if message.method == "INVITE" and not message.in_dialog:
            message.push("Record-Route", f"<sip:{self.address};lr>")
            if outward:
                self._rename(message)
        message.replace("Max-Forwards", str(int(message.get("Max-Forwards") or 70) - 1))
        branch = hashlib.sha1(self._branch(message).encode()).hexdigest()[:20]
        message.push("Via", f"SIP/2.0/UDP {self.address}:5060;branch=z9hG4bK{branch}")
        self._send(message, sip.host(message.uri) if outward else self.inside)

    def _observe(self, message: sip.Message) -> None:
        """One sighting per request, however often it is sent, and one INVITE per call, though a 401 makes it two."""
        key = message.get("Call-ID") if message.method == "INVITE" else self._branch(message)
        if message.in_dialog or message.method in ("ACK", "CANCEL") or (message.method + key) in self._known:
            return
        self._known.add(message.method + key)
        fields = {
            "Number": sip.user(message.uri),
            "Caller": sip.user(message.get("From")),
            "From": message.get("From"),
            "Asserted": sip.user(message.get("P-Asserted-Identity")),
            "Diversion": message.get("Diversion"),
            "Privacy": message.get("Privacy"),
            "CallID": message.get("Call-ID"),
            "Expires": message.get("Expires") or sip.parameter(message.get("Contact"), "expires"),
        }
        self.board.put(message.method, fields)

    def _struck(self, message: sip.Message, source: tuple[str, int]) -> bool:
        """Whether a fault took this request, and so it goes no further."""
        tag = "border-" + hashlib.sha1(message.get("Call-ID").encode()).hexdigest()[:10]
        if message.method == "ACK" and sip.parameter(message.get("To"), "tag") == tag:
            return True  # it acknowledges an answer of ours
        if message.in_dialog:
            return False
        for fault in list(self.faults):
            if fault.caller not in ("", sip.user(message.get("From"))):
                continue
            if fault.method == message.method and fault.strikes(self._branch(message), message.get("Call-ID")):
                if fault.code:
                    reason = _REASONS.get(fault.code) or HTTPStatus(fault.code).phrase
                    self._send(message.answer(fault.code, reason, tag), source[0])
                return True
        return False

    def _rename(self, message: sip.Message) -> None:
        """Give a call the display name a test wants, byte for byte; AMI would not let such a name through."""
        call = message.get("Call-ID")
        for name in self.names:
            if call not in self._named and name[0] == sip.user(message.uri):
                address = "<" + message.get("From").rpartition("<")[2]
                self._named[call] = f"{name[1]} {address}"
                self.names.remove(name)
                break
        if call in self._named:
            message.replace("From", self._named[call])

    @staticmethod
    def _branch(message: sip.Message) -> str:
        return sip.parameter(message.get("Via").partition(",")[0], "branch")

    def _send(self, message: sip.Message, to: str) -> None:
        def sent() -> None:
            if self._transport and not self._transport.is_closing():
                self._transport.sendto(message.wire(), (to, 5060))

        if self.delay:
            asyncio.get_running_loop().call_later(self.delay, sent)
        else:
            sent()
