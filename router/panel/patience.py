"""Connections that bring or take nothing: each would hold a file of the process that also carries the calls."""

from __future__ import annotations

import asyncio
import socket
from typing import Any, Final
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_SECONDS: Final = 10.0
"""From the connection, or from the first byte of the next request, to the whole head of it."""
MOST_CONNECTIONS: Final = 500
"""At once; of the 1024 files that a service may usually open the router needs a few dozen itself."""
MOST_FROM_ONE: Final = 300
"""Of them from one address, so that one machine that has gone mad keeps nobody else out. A proxy counts as one."""
UNREAD_SECONDS: Final = 30.0
"""How long somebody may take nothing of what was sent to him: a phone that went out of reach comes back anew."""


class Door(socket.socket):
    """A socket to listen on that lets in so many at once, those among them whose TLS has not begun yet."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._inside: WeakKeyDictionary[socket.socket, str] = WeakKeyDictionary()

    def accept(self) -> tuple[socket.socket, Any]:
        connection, address = super().accept()
        inside = [host for one, host in self._inside.items() if one.fileno() >= 0]
        if len(inside) >= MOST_CONNECTIONS or inside.count(address[0]) >= MOST_FROM_ONE:
            connection.close()
            raise ConnectionAbortedError("too many are inside")
        self._inside[connection] = address[0]
        return connection, address


class Patient(H11Protocol):
    """uvicorn's protocol, which by itself waits for ever for the first request, for the rest of its head, and for
    somebody to take what was sent to him."""

    head_seconds = HEAD_SECONDS
    unread_seconds = UNREAD_SECONDS
    _waiting: asyncio.TimerHandle | None = None
    _looking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()
        self._looking = self.loop.call_later(self.unread_seconds, self._look, 0)

    @property
    def unread(self) -> int:
        """Bytes that wait for whoever is on the other side."""
        return self.transport.get_write_buffer_size()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._waiting is None and self._idle(self.cycle):
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if self._looking is not None:
            self._looking.cancel()
        super().connection_lost(exc)

    def _look(self, before: int) -> None:
        if before and self.unread >= before:
            self.transport.abort()
            return
        self._looking = self.loop.call_later(self.unread_seconds, self._look, self.unread)

    def _idle(self, cycle: RequestResponseCycle | None) -> bool:
        return cycle is None or cycle.response_complete

    def _await_head(self) -> None:
        self._waiting = self.loop.call_later(self.head_seconds, self._lose_patience, self.cycle)

    def _lose_patience(self, cycle: RequestResponseCycle | None) -> None:
        """Unless a request has come since; the one after it has its own time."""
        self._waiting = None
        if not self._idle(self.cycle):
            return
        if self.cycle is cycle:
            self.transport.close()
        else:
            self._await_head()
