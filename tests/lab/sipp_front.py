"""What the office sees of the stand-in carrier: its address, by UDP and TCP. Behind it one SIPp deals with every call.

It answers OPTIONS itself, so that the trunk is Reachable whatever the calls meet, writes into an INVITE what shall
become of it, and its code into SIPp's refusal. A request that comes once more gets its latest answer once more (RFC
3261, section 17.2): SIPp would know it again only after a single answer. All else passes as it is, to and fro by its
Call-ID: no Via and no Record-Route is added, for the office the carrier is one user agent.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import Callable

from tests.lab import backstage, sip
from tests.lab.board import Board
from tests.lab.sipp_invite import Invite
from tests.lab.sipp_process import PORT
from tests.lab.sipp_told import Told

Way = Callable[[bytes], None]  # back to the office


class Front(asyncio.DatagramProtocol):
    """Listens at `address`, SIPp at `inside`. `tell` decides about each new call; what is seen goes on `board`."""

    def __init__(self, address: str, inside: str, board: Board, tell: Callable[[str], Told]) -> None:
        self.address, self.inside, self.board, self._tell = address, inside, board, tell
        self.invites: dict[str, Invite] = {}  # by Call-ID
        self._told: dict[str, Told] = {}
        self._ways: dict[str, Way] = {}
        self._answers: dict[tuple[str, ...], bytes] = {}  # the latest of each transaction, empty so far
        self._noted: set[tuple[str, ...]] = set()
        self._final: dict[str, int] = {}  # the latest final code of a call
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._streams: set[asyncio.StreamWriter] = set()

    def start(self) -> None:
        async def listen() -> None:
            loop = asyncio.get_running_loop()
            self._udp, _ = await loop.create_datagram_endpoint(lambda: self, (self.address, PORT))
            self._tcp = await asyncio.start_server(self._stream, self.address, PORT)

        backstage.run(listen())

    def stop(self) -> None:
        def close() -> None:
            for ear in (self._udp, self._tcp, *self._streams):
                if ear:
                    ear.close()

        backstage.call(close)

    # --- the wire -----------------------------------------------------------------------------------------------------

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = sip.Message.parse(data)
        if message is None:
            return
        if addr[0] == self.inside:
            self._outward(message)
        else:
            self._inward(message, "UDP", lambda wire: self._send(wire, addr))

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A connection of the office: messages by their Content-Length (RFC 3261, section 18.3)."""
        self._streams.add(writer)
        with contextlib.suppress(EOFError, OSError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lstrip(b"\r\n")  # blank lines keep a connection alive
                message = sip.Message.parse(head)
                if message:
                    message.body = await reader.readexactly(int(message.get("Content-Length") or 0))
                    self._inward(message, "TCP", writer.write)
        self._streams.discard(writer)
        writer.close()

    def _send(self, wire: bytes, to: tuple[str, int]) -> None:
        if self._udp and not self._udp.is_closing():
            self._udp.sendto(wire, to)

    # --- the messages -------------------------------------------------------------------------------------------------

    def _inward(self, message: sip.Message, over: str, back: Way) -> None:
        call = message.get("Call-ID")
        if message.method == "OPTIONS" and not message.code and not message.in_dialog:
            self.board.put("OPTIONS", {"CallID": call})
            back(message.answer(200, "OK", "front").wire())
            return
        self._ways[call] = back
        if not message.code:
            if (again := self._answers.get(_transaction(message))) is not None:
                if again:
                    back(again)
                return
            self._answers[_transaction(message)] = b""
        if message.method == "INVITE" and not message.code and not message.in_dialog:
            if call not in self._told:
                self._told[call] = self._tell(sip.user(message.uri))
                as_it_came = dataclasses.replace(message, headers=list(message.headers))
                self.invites[call] = Invite(time.monotonic(), as_it_came, self.board, over)
                self.board.put("INVITE", {"CallID": call, "Number": sip.user(message.uri), "Over": over})
            message.push("X-Told", self._told[call].words(over))
        elif not message.code:
            self._note(message, call, By="office", Code=str(self._final.get(call, 0)))
        self._send(message.wire(), (self.inside, PORT))

    def _outward(self, message: sip.Message) -> None:
        call = message.get("Call-ID")
        if message.code == 500:
            told = self._told[call]
            message.start = told.refusal
            if told.header:
                name, _, value = told.header.partition(": ")
                message.headers.insert(-1, (name, value))
        if not message.code:
            self._note(message, call, By="carrier")
        elif message.method in ("INVITE", "CANCEL"):
            if message.code >= 200 and message.method == "INVITE":
                self._final[call] = message.code
            self._note(message, call, To=message.method, Code=str(message.code))
        if message.code:
            self._answers[_transaction(message)] = message.wire()
        if call in self._ways:
            self._ways[call](message.wire())

    def _note(self, message: sip.Message, call: str, **fields: str) -> None:
        """On the board once, however often it is sent."""
        key = (call, message.get("CSeq"), message.start)
        if key not in self._noted:
            self._noted.add(key)
            self.board.put("answer" if message.code else message.method, {"CallID": call, **fields})


def _transaction(message: sip.Message) -> tuple[str, ...]:
    """What a request has in common with its answers, and with itself when it comes once more."""
    return message.get("Call-ID"), message.get("CSeq"), sip.parameter(message.get("Via").partition(",")[0], "branch")
