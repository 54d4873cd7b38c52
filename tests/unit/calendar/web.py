"""A web server on loopback that answers as a test says: it goes away, comes back, and may be hostile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def page(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(head).encode() + body


class Web:
    """`answers`: bytes, or what writes them. `asked`: the first line and the headers of each request."""

    def __init__(self) -> None:
        self.answers: bytes | Answer = page(b"")
        self.asked: list[str] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/shifts/t0ken-in-the-path.ics?key=s3cret"

    async def comes(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def goes(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._open):
                writer.transport.abort()
            await self._server.wait_closed()
            self._server = None

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
            if isinstance(self.answers, bytes):
                writer.write(self.answers)
                await writer.drain()
            else:
                await self.answers(writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):  # cancelled with the loop's end
            return
        finally:
            self._open.discard(writer)
            writer.close()
