"""The wire between the router and Asterisk's AMI: counts what passes; can be cut, stalled, or die unnoticed."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import struct
import time
from collections.abc import Iterator, Sequence

from tests.lab import backstage
from tests.lab.board import Board, Sighting
from tests.lab.place import HERE, Place


class AmiRelay:
    """Listens at `address`:5038 and passes on to `asterisk`:5038. Every action that reaches Asterisk is a sighting."""

    def __init__(self, address: str, asterisk: str, place: Place = HERE) -> None:
        self.address, self.asterisk, self.place = address, asterisk, place
        self.board = Board(f"AMI at {address}")
        self._lines: set[_Line] = set()
        self._server: asyncio.Server | None = None
        self._dead = False  # new connections get no word
        self._refusing = False  # new connections are reset
        self.flowing = asyncio.Event()
        self.delay = 0.0  # seconds that each piece takes, either way
        self._repeats: dict[str, int] = {}  # how often an event is said, by its name
        self.repeated = 0  # how many events were said more than once
        self.recording: list[bytes] | None = None  # whole messages of Asterisk, as they come, where it is a list
        self.flooded = 0  # how many events reached the router that Asterisk never said

    def start(self) -> None:
        async def listen() -> None:
            self.flowing.set()
            self._server = await self.place.listening(self._connected, self.address, 5038)

        backstage.run(listen())

    def stop(self) -> None:
        self.cut()
        if self._server:
            backstage.call(self._server.close)

    def actions(self, action: str = "", since: float = 0.0, **fields: str) -> list[Sighting]:
        """The actions that reached Asterisk, by name (any, if empty) and by fields."""
        return self.board.all(action, since, **fields)

    @property
    def connections(self) -> int:
        """How many connections from the router stand now, dead ones included."""
        return len(self._lines)

    def cut(self) -> None:
        """Reset every connection."""
        backstage.call(lambda: [line.reset() for line in list(self._lines)])

    @contextlib.contextmanager
    def half_open(self) -> Iterator[None]:
        """Connections stay up, but whatever is sent on them, either way, is gone; new ones hear nothing.

        Connections made before the end stay dead after it, as behind a router that forgot them.
        """
        self._dead = True
        backstage.call(lambda: [line.die() for line in list(self._lines)])
        try:
            yield
        finally:
            self._dead = False

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Every connection is reset, new ones too."""
        self._refusing = True
        self.cut()
        try:
            yield
        finally:
            self._refusing = False

    @contextlib.contextmanager
    def stalled(self) -> Iterator[None]:
        """Nothing passes, nothing is lost: all of it comes late, at the end."""
        backstage.call(self.flowing.clear)
        try:
            yield
        finally:
            backstage.call(self.flowing.set)

    @contextlib.contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """As over a long wire: whatever is sent comes that much later, either way."""
        self.delay = seconds
        try:
            yield
        finally:
            self.delay = 0.0

    @contextlib.contextmanager
    def repeating(self, event: str, times: int) -> Iterator[None]:
        """Every event of that name reaches the router so many times in a row."""
        self._repeats[event] = times
        try:
            yield
        finally:
            del self._repeats[event]

    @contextlib.contextmanager
    def flooding(self, events: Sequence[bytes], a_second: int) -> Iterator[None]:
        """The router gets these events too, over and over, between those of Asterisk; `%d` in them is a new number."""
        task = backstage.run(self._begin_flood(events, a_second))
        try:
            yield
        finally:
            backstage.call(task.cancel)

    async def _begin_flood(self, events: Sequence[bytes], a_second: int) -> asyncio.Task[None]:
        return asyncio.create_task(self._flood(events, a_second))

    async def _flood(self, events: Sequence[bytes], a_second: int) -> None:
        begun, sent = time.monotonic(), 0
        fresh = (event.replace(b"%d", b"%d" % turn) for turn in itertools.count() for event in events)
        while True:
            due = int((time.monotonic() - begun) * a_second) - sent
            part = b"".join(itertools.islice(fresh, due))
            for line in list(self._lines):
                await line.tell(part)
            sent += due
            self.flooded += due
            await asyncio.sleep(0.01)

    def said(self, message: bytes) -> bytes:
        """What the router gets of one whole message of Asterisk."""
        if self.recording is not None:
            self.recording.append(message)
        name = message.partition(b"\r\n")[0].removeprefix(b"Event: ").decode(errors="replace")
        times = self._repeats.get(name, 1)
        self.repeated += times > 1
        return message * times

    async def hiccup(self, seconds: float = 2.0) -> None:
        with self.stalled():
            await asyncio.sleep(seconds)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = _Line(self, writer)
        self._lines.add(line)
        try:
            if self._refusing:
                line.reset()
            elif self._dead:
                line.die()
                while await reader.read(65536):
                    pass
            else:
                await line.carry(reader)
        except (OSError, EOFError):
            pass
        finally:
            line.reset()
            self._lines.discard(line)


class _Line:
    """One connection of the router and its counterpart to Asterisk."""

    def __init__(self, relay: AmiRelay, router: asyncio.StreamWriter) -> None:
        self._relay, self._router = relay, router
        self._asterisk: asyncio.StreamWriter | None = None
        self._dead = False
        self._rest = b""

    async def carry(self, reader: asyncio.StreamReader) -> None:
        answers, self._asterisk = await self._relay.place.connected(self._relay.asterisk, 5038)
        banner = await answers.readline()  # the one thing that is no message
        await self._relay.flowing.wait()
        self._router.write(banner)
        ways = [
            asyncio.create_task(self._pass(reader, self._asterisk, actions=True)),
            asyncio.create_task(self._pass(answers, self._router, actions=False)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if self._dead:  # the one end that closed must not be seen by the other
                await asyncio.wait(ways[:1])
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, actions: bool) -> None:
        held = b""
        while data := await reader.read(65536):
            if self._dead:
                continue
            await self._relay.flowing.wait()
            if self._relay.delay:
                await asyncio.sleep(self._relay.delay)
            if actions:
                self._note(data)
            else:
                *whole, held = (held + data).split(b"\r\n\r\n")
                data = b"".join(self._relay.said(message + b"\r\n\r\n") for message in whole)
            writer.write(data)
            await writer.drain()

    def _note(self, data: bytes) -> None:
        *messages, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for message in messages:
            lines = message.decode(errors="replace").split("\r\n")
            fields = {name: value for name, _, value in (line.partition(": ") for line in lines)}
            fields.pop("Secret", None)
            self._relay.board.put(fields.get("Action", "?"), fields)

    async def tell(self, events: bytes) -> None:
        """Say something in Asterisk's place; between two of its messages, since those are passed on whole."""
        if not self._dead and self._asterisk:
            self._router.write(events)
            await self._router.drain()

    def die(self) -> None:
        """Swallow everything from now on. Asterisk's end is closed, which the router cannot see."""
        self._dead = True
        if self._asterisk:
            self._asterisk.transport.abort()

    def reset(self) -> None:
        for writer in (self._router, self._asterisk):
            if writer and not writer.transport.is_closing():
                end = writer.get_extra_info("socket")
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close with RST
                writer.transport.abort()
