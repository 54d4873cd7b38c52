"""Serves the panel inside the service's own loop: no signal handlers, no sys.exit, open streams end at the stop."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Generator
from types import FrameType

import uvicorn
from fastapi import FastAPI

from router.panel.deps import Panel


def listening(listen: str) -> socket.socket:
    """A socket bound to host:port, such as "127.0.0.1:8080" or "[::1]:8080". Raises OSError."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    family, kind, proto, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind, proto)
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
    """`await Server(app).serve(sockets=[listening(…)])` until `stop()` is called.

    uvicorn waits at the stop for every open response, and an event stream never ends by itself: so the streams are
    closed first (seen: 0.11 s instead of a hang).
    """

    def __init__(self, app: FastAPI, grace_seconds: int = 5) -> None:
        self._panel: Panel = app.state.panel
        super().__init__(uvicorn.Config(
            app, loop="asyncio", lifespan="off", ws="none", log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=grace_seconds,
        ))  # fmt: skip

    def stop(self) -> None:
        self._panel.hub.close()
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._panel.hub.close()
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals are the service's business."""
        yield
