"""A name server on loopback that answers, refuses, lies, is slow or says nothing, by the name that is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

Answering = Callable[[dns.message.Message], dns.message.Message | bytes | None]


class NameServer(asyncio.DatagramProtocol):
    """`zone`: by name and type, as in a zone file. `odd`: by the end of the name, what else becomes of a question.

    A name that is in neither does not exist. `slow`: by the end of the name, seconds to wait. `asked`: all questions.
    """

    def __init__(self) -> None:
        self.zone: dict[tuple[str, str], list[str]] = {}
        self.odd: dict[str, Answering] = {}
        self.slow: dict[str, float] = {}
        self.asked: list[tuple[str, str]] = []
        self.port = 0
        self._transport: asyncio.DatagramTransport | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[NameServer]:
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        self._transport, self.port = transport, transport.get_extra_info("sockname")[1]
        try:
            yield self
        finally:
            transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        answer = next((odd for end, odd in self.odd.items() if name.endswith(end)), self._answer)(query)
        wait = next((seconds for end, seconds in self.slow.items() if name.endswith(end)), 0.0)
        if answer is not None:
            wire = answer if isinstance(answer, bytes) else answer.to_wire(max_size=65535)
            asyncio.get_running_loop().call_later(wait, self._send, wire, addr)

    def _send(self, wire: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(wire, addr)

    def _answer(self, query: dns.message.Message) -> dns.message.Message:
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        answer = dns.message.make_response(query)
        if not any(name == known for known, _ in self.zone):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        for text in self.zone.get((name, kind), ()):
            answer.answer.append(dns.rrset.from_text(question.name, 5, "IN", kind, text))
        return answer


def fails(code: str) -> Answering:
    def answer(query: dns.message.Message) -> dns.message.Message:
        made = dns.message.make_response(query)
        made.set_rcode(dns.rcode.from_text(code))
        return made

    return answer


def says(*records: str) -> Answering:
    """Whatever is asked for: these records, as type and data."""

    def answer(query: dns.message.Message) -> dns.message.Message:
        made, question = dns.message.make_response(query), query.question[0]
        for record in records:
            kind, _, text = record.partition(" ")
            if kind == dns.rdatatype.to_text(question.rdtype):
                made.answer.append(dns.rrset.from_text(question.name, 5, "IN", kind, text))
        return made

    return answer


def nothing(query: dns.message.Message) -> None:
    return None


def cut_off(query: dns.message.Message) -> dns.message.Message:
    """The rest is to be fetched by TCP, where nobody listens."""
    made = dns.message.make_response(query)
    made.flags |= dns.flags.TC
    return made
