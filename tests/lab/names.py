"""Name servers of the rig (RFC 1035, RFC 2782): the one that knows the names, and the home router's, which asks it.

A record is text as in a zone file: ("telekom.test", "A", "203.0.113.11"), ("_sip._udp.telekom.test", "SRV", "10 1 5060
sip1.telekom.test").
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
import socket
import struct

from tests.lab import backstage
from tests.lab.board import Board
from tests.lab.place import Place

TYPES = {"A": 1, "NS": 2, "SOA": 6, "AAAA": 28, "SRV": 33, "NAPTR": 35}
_TYPE_NAMES = {number: name for name, number in TYPES.items()}
NO_ERROR, SERVFAIL, NXDOMAIN = 0, 2, 3
TTL = 5  # seconds
_SERVFAIL_AFTER = 4.0  # seconds that a home router asks before it gives up


@dataclasses.dataclass(frozen=True)
class Question:
    """`end`: where it ends in the packet."""

    id: int
    name: str
    type: str
    end: int

    @classmethod
    def parse(cls, data: bytes) -> Question | None:
        """None for what is no query."""
        if len(data) < 17 or data[2] & 0x80:
            return None
        labels, at = [], 12
        while at < len(data) and data[at]:
            labels.append(data[at + 1 : at + 1 + data[at]].decode("ascii", "replace"))
            at += 1 + data[at]
        if at + 5 > len(data):
            return None
        (kind,) = struct.unpack_from("!H", data, at + 1)
        (serial,) = struct.unpack_from("!H", data)
        return cls(serial, ".".join(labels).lower(), _TYPE_NAMES.get(kind, str(kind)), at + 5)


class NameServer(asyncio.DatagramProtocol):
    """Knows the names it has records of. Names below one of `silent` get no answer, below one of `broken` SERVFAIL."""

    def __init__(self) -> None:
        self.records: list[tuple[str, str, str]] = []
        self.silent: set[str] = set()
        self.broken: set[str] = set()
        self.board = Board("name server")
        self._transport: asyncio.DatagramTransport | None = None

    def start(self, place: Place, address: str) -> None:
        self._transport = backstage.run(place.datagrams(self, address, 53))

    def stop(self) -> None:
        if self._transport:
            backstage.call(self._transport.close)

    def replace(self, name: str, kind: str, *values: str) -> None:
        """These records instead of all of that name and type."""
        kept = [record for record in self.records if record[:2] != (name, kind)]
        self.records = kept + [(name, kind, value) for value in values]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = Question.parse(data)
        if question is None or self._transport is None:
            return
        self.board.put("query", {"Name": question.name, "Type": question.type})
        if not any(question.name.endswith(name) for name in self.silent):
            self._transport.sendto(self._answer(data, question), addr)

    def _answer(self, data: bytes, question: Question) -> bytes:
        found = [r for r in self.records if r[0] == question.name and r[1] == question.type]
        hosts = {value.split()[-1] for _, kind, value in found if kind == "SRV"}
        more = [r for r in self.records if r[0] in hosts and r[1] == "A"]
        code = NO_ERROR if any(r[0] == question.name for r in self.records) else NXDOMAIN
        if any(question.name.endswith(name) for name in self.broken):
            found, more, code = [], [], SERVFAIL
        head = struct.pack("!HHHHHH", question.id, 0x8580 | code, 1, len(found), 0, len(more))
        return head + data[12 : question.end] + b"".join(_record(*record) for record in found + more)


class HomeNames(asyncio.DatagramProtocol):
    """The forwarder in a home router: asks `upstream` anew each time, and says SERVFAIL where that stays silent.

    `dead`: it gives no answer to anybody; `slow`: seconds that each answer takes.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.dead, self.slow = False, 0.0
        self._waiting: dict[int, tuple[bytes, tuple[str, int]]] = {}
        self._outside: asyncio.DatagramTransport | None = None
        self._inside: asyncio.DatagramTransport | None = None

    def start(self, place: Place, address: str, outside: str) -> None:
        """At `address` of the office's network; it asks from the address `outside`."""
        self._inside = backstage.run(place.datagrams(self, address, 53))
        self._outside = backstage.run(place.datagrams(_Upstream(self), outside, 0))

    def stop(self) -> None:
        for transport in (self._inside, self._outside):
            if transport:
                backstage.call(transport.close)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        question = Question.parse(data)
        if question is None or self.dead or self._outside is None:
            return
        key = random.randrange(1 << 16)
        self._waiting[key] = (data, addr)
        self._outside.sendto(struct.pack("!H", key) + data[2:], (self.upstream, 53))
        asyncio.get_running_loop().call_later(_SERVFAIL_AFTER, self.given_up, key, question)

    def answered(self, data: bytes) -> None:
        asked = self._waiting.pop(struct.unpack_from("!H", data)[0], None)
        if asked:
            self._reply(asked[0][:2] + data[2:], asked[1])

    def given_up(self, key: int, question: Question) -> None:
        asked = self._waiting.pop(key, None)
        if asked:
            head = struct.pack("!HHHHHH", question.id, 0x8180 | SERVFAIL, 1, 0, 0, 0)
            self._reply(head + asked[0][12 : question.end], asked[1])

    def _reply(self, answer: bytes, to: tuple[str, int]) -> None:
        def sent() -> None:
            if self._inside and not self._inside.is_closing() and not self.dead:
                self._inside.sendto(answer, to)

        asyncio.get_running_loop().call_later(self.slow, sent)


class _Upstream(asyncio.DatagramProtocol):
    def __init__(self, home: HomeNames) -> None:
        self._home = home

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._home.answered(data)


def asked(place: Place, server: str, name: str, kind: str = "A", within: float = 2.0) -> tuple[int, list[bytes]]:
    """Ask as a program would: the response code and the answers' raw data. TimeoutError where nobody answers."""
    query = struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + _name(name) + struct.pack("!HH", TYPES[kind], 1)
    with place.socket(socket.SOCK_DGRAM) as wire:
        wire.settimeout(within)
        wire.sendto(query, (server, 53))
        data = wire.recv(4096)
    question = Question.parse(query)
    assert question
    count, at, found = struct.unpack_from("!H", data, 6)[0], question.end, []
    for _ in range(count):
        at += len(_name(name))
        (length,) = struct.unpack_from("!H", data, at + 8)
        found.append(data[at + 10 : at + 10 + length])
        at += 10 + length
    return data[3] & 0x0F, found


def _record(name: str, kind: str, value: str) -> bytes:
    if kind == "A":
        data = socket.inet_aton(value)
    else:
        *numbers, target = value.split()
        data = struct.pack("!HHH", *map(int, numbers)) + _name(target)
    return _name(name) + struct.pack("!HHIH", TYPES[kind], 1, TTL, len(data)) + data


def _name(text: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"
