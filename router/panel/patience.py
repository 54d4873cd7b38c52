"""Connections that bring nothing: each would hold a file descriptor of the process that also carries the calls."""

from __future__ import annotations

import asyncio
from typing import Final

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

HEAD_SECONDS: Final = 10.0
"""From the connection, or from the first byte of the next request, to the whole head of it."""
MOST_CONNECTIONS: Final = 500
"""At once; of the 1024 files that a service may usually open the router needs a few dozen itself."""


class Patient(H11Protocol):
    """uvicorn's protocol, which by itself waits for ever for the first request, or for the rest of its head."""

    head_seconds = HEAD_SECONDS
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
            return
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._waiting is None and self._idle(self.cycle):
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        super().connection_lost(exc)

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
