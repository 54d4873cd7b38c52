"""What a target may turn out to be, on loopback: a web server with its own certificate, a listener, a black hole."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path


class Certificate:
    """Self-signed, for the name example.test and for 127.0.0.1."""

    def __init__(self, directory: Path) -> None:
        self.file, key = directory / "cert.pem", directory / "key.pem"
        subject = ["-subj", "/CN=example.test", "-addext", "subjectAltName=DNS:example.test,IP:127.0.0.1"]
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        command = ["openssl", "req", "-x509", *curve, "-keyout", str(key), "-out", str(self.file), *subject]
        subprocess.run(command, check=True, capture_output=True)
        self.server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.server.load_cert_chain(self.file, key)

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))


class WebServer:
    """Gives `answer` to every request, after `wait` seconds; `requests` keeps what it was sent."""

    def __init__(self) -> None:
        self.answer = b"HTTP/1.1 204 No Content\r\n\r\n"
        self.wait = 0.0
        self.requests: list[bytes] = []
        self.asked = asyncio.Event()
        self.port = 0

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None, port: int = 0) -> AsyncIterator[WebServer]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.requests.append(await reader.readuntil(b"\r\n\r\n"))
            self.asked.set()
            await asyncio.sleep(self.wait)
            writer.write(self.answer)
            await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()


@contextmanager
def black_hole() -> Iterator[int]:
    """A port whose queue is full: the kernel drops every further SYN, and nobody says a word."""
    with socket.socket() as listening, socket.socket() as first, socket.socket() as second:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def free_port() -> int:
    """Nobody listens there."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
