"""Serves the panel inside the service's own loop: no signal handlers, no sys.exit, open streams end at the stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Generator, Sequence
from ipaddress import ip_network
from pathlib import Path
from types import FrameType
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI

from router.panel.deps import Panel
from router.panel.patience import Door, Patient

log = structlog.get_logger(__name__)

LOOPBACK: Final = ("127.0.0.0/8", "::1")
LAST_WORDS: Final = 0.5
"""Seconds that somebody has at the stop to take what was sent to him."""


def listening(listen: str) -> socket.socket:
    """A socket bound to host:port, such as "127.0.0.1:8080" or "[::1]:8080". Raises OSError."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
    except UnicodeError:  # a name with two dots in a row, such as 127.0.0..1
        raise OSError(f"{host} is no name of a host") from None
    bound = Door(family, kind, proto)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(128)
        bound.setblocking(False)
    except OSError:
        bound.close()
        raise
    return bound


class Server(uvicorn.Server):
    """`tls`: certificate and key as PEM files. `proxies`: whose X-Forwarded-For and -Proto are believed, addresses or
    networks; empty: those that FORWARDED_ALLOW_IPS names, or loopback.

    `await Server(app).serve(sockets=[listening(…)])` until `stop()` is called.

    uvicorn waits at the stop for every open response, and an event stream never ends by itself: so the streams are
    closed first (seen: 0.11 s instead of a hang).
    """

    def __init__(
        self, app: FastAPI, grace_seconds: int = 5, tls: tuple[Path, Path] | None = None, proxies: Sequence[str] = ()
    ) -> None:
        self._panel: Panel = app.state.panel
        self._tls = tls
        certificate, key = tls or (None, None)
        super().__init__(uvicorn.Config(
            app, loop="asyncio", http=Patient, lifespan="off", ws="none", log_config=None, access_log=False,
            server_header=False, timeout_graceful_shutdown=grace_seconds,
            ssl_certfile=certificate, ssl_keyfile=key, forwarded_allow_ips=_believed(proxies),
        ))  # fmt: skip

    async def renew(self, seconds: float = 60.0) -> None:
        """Takes a renewed certificate for new connections, without a restart; one that does not fit is left alone."""
        if self._tls is None:
            return
        seen = _marks(self._tls)
        while True:
            await asyncio.sleep(seconds)
            found = _marks(self._tls)
            if found == seen or self.config.ssl is None:
                continue
            try:
                trial = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                trial.load_cert_chain(*self._tls, password="")
                self.config.ssl.load_cert_chain(*self._tls, password="")
            except OSError as why:
                log.warning("the new certificate cannot be used; the old one stays", why=str(why))
            else:
                log.info("the certificate was renewed")
            seen = found

    def stop(self) -> None:
        self._panel.hub.close()
        self.should_exit = True
        asyncio.get_running_loop().call_later(LAST_WORDS, self._leave_the_deaf)

    def _leave_the_deaf(self) -> None:
        for connection in list(self.server_state.connections):
            if isinstance(connection, Patient) and connection.unread:
                connection.transport.abort()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._panel.hub.close()
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals are the service's business."""
        yield


def _believed(proxies: Sequence[str]) -> list[str] | None:
    """As uvicorn takes them; also as a socket for both kinds of addresses sees IPv4 (RFC 4291, 2.5.5.2)."""
    if not proxies and os.environ.get("FORWARDED_ALLOW_IPS"):
        return None
    networks = [ip_network(one) for one in proxies or LOOPBACK]
    mapped = [f"::ffff:{one.network_address}/{96 + one.prefixlen}" for one in networks if one.version == 4]
    return [*(str(one) for one in networks), *mapped]


def _marks(files: tuple[Path, Path]) -> list[tuple[int, int] | None]:
    """What changes when a file is written anew or replaced."""
    found: list[tuple[int, int] | None] = []
    for file in files:
        try:
            told = file.stat()
        except OSError:
            found.append(None)
        else:
            found.append((told.st_ino, told.st_mtime_ns))
    return found
