"""The rig's own look at an Asterisk: a bare AMI client that puts every event on a board. It follows restarts.

Deliberately not the client of the product: a fault of that one must not blind the tests too. It runs backstage.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools

from tests.lab import backstage
from tests.lab.board import Board
from tests.lab.place import HERE, Place

ACCOUNT = "[lab]\nsecret = lab\nread = system,call,user,dtmf\nwrite = all\nwritetimeout = 5000\n"
Message = dict[str, str]


class Observer:
    """Logged in to the AMI of `host` as `lab` whenever that Asterisk runs."""

    def __init__(self, host: str, board: Board, place: Place = HERE) -> None:
        self.host, self.board, self.place = host, board, place
        self._serial = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Message]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self._up = asyncio.Event()

    def start(self) -> None:
        async def begin() -> None:
            self._task = asyncio.create_task(self._follow())

        backstage.run(begin())

    def stop(self) -> None:
        async def end() -> None:
            if self._task:
                self._task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._task

        backstage.run(end())

    def act(self, action: str, within: float = 5.0, **fields: str | list[str]) -> Message:
        """Send one action; the answer, whatever it says. Blocks; an answer takes a millisecond."""
        return backstage.run(self._act(action, within, fields), within + 5)

    async def _act(self, action: str, within: float, fields: dict[str, str | list[str]]) -> Message:
        async with asyncio.timeout(within):
            await self._up.wait()
            return await self._send(action, fields)

    async def _send(self, action: str, fields: dict[str, str | list[str]]) -> Message:
        key = str(next(self._serial))
        lines = [f"Action: {action}", f"ActionID: {fields.pop('ActionID', key)}"]
        for name, value in fields.items():
            lines += [f"{name}: {v}" for v in (value if isinstance(value, list) else [value])]
        answer = self._waiting[lines[1][10:]] = asyncio.get_running_loop().create_future()
        assert self._writer
        self._writer.write("".join(f"{line}\r\n" for line in [*lines, ""]).encode())
        return await answer

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                await self._session()
            self._up.clear()
            for answer in self._waiting.values():
                answer.cancel()
            self._waiting.clear()
            await asyncio.sleep(0.05)

    async def _session(self) -> None:
        reader, self._writer = await self.place.connected(self.host, 5038)
        try:
            await reader.readline()
            reading = asyncio.create_task(self._read(reader))
            try:
                login = await self._send("Login", {"Username": "lab", "Secret": "lab"})
                if login["Response"] != "Success":
                    raise RuntimeError(f"AMI of {self.board.owner}: {login}")
                self._up.set()
                await reading
            finally:
                reading.cancel()
        finally:
            self._writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            raw = (await reader.readuntil(b"\r\n\r\n")).decode(errors="replace")
            message = dict(line.partition(": ")[::2] for line in raw.split("\r\n") if line)
            if "Event" in message:
                kind = message["Event"]
                self.board.put(message.get("UserEvent", kind) if kind == "UserEvent" else kind, message)
            elif (answer := self._waiting.pop(message.get("ActionID", ""), None)) and not answer.done():
                answer.set_result(message)
