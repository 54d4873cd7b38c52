"""An AmiLink at work, and everything it told."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Self

from router.ami.link import Account, AmiLink, Deadlines, LinkState, Message

QUICK = Deadlines(
    connect=0.3,
    login=0.3,
    action=0.3,
    ping_every=0.1,
    ping=0.2,
    sync=1.0,
    booted_grace=0.2,
    backoff_first=0.01,
    backoff_most=0.05,
    refused=0.5,
)


class RunningLink:
    """Runs from entry to exit. `told` holds each state with its reason, `events` every event, `syncs` the count."""

    def __init__(
        self,
        port: int,
        host: str = "127.0.0.1",
        *,
        username: str = "failover",
        secret: str = "s3cret",
        tls: ssl.SSLContext | None = None,
        deadlines: Deadlines = QUICK,
    ) -> None:
        self.told: list[tuple[LinkState, str]] = []
        self.events: list[Message] = []
        self.syncs = 0
        self.on_event: Callable[[Message], None] = self.events.append
        self._changed = asyncio.Event()
        self.link = AmiLink(
            Account(host, port, username, secret, tls),
            on_event=self._event,
            on_state=self._state,
            on_sync=self._sync,
            deadlines=deadlines,
        )
        self.task: asyncio.Task[None]

    async def sync(self) -> None:
        """What on_sync does; a test may put another in its place."""

    async def _sync(self) -> None:
        self.syncs += 1
        await self.sync()
        self._changed.set()

    def _event(self, message: Message) -> None:
        self._changed.set()
        self.on_event(message)

    def _state(self, state: LinkState, reason: str) -> None:
        self.told.append((state, reason))
        self._changed.set()

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self.link.run())
        return self

    async def __aexit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    async def stop(self) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    async def until(self, condition: Callable[[], object], within: float = 5.0) -> None:
        """Waits until the condition holds; it is looked at whenever the link told something."""
        async with asyncio.timeout(within):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def ready(self, within: float = 5.0) -> Self:
        await self.until(lambda: self.link.state is LinkState.READY, within)
        return self

    async def down(self, within: float = 5.0) -> str:
        """Waits until it told that it is down, now or before; the first reason."""
        await self.until(lambda: any(state is LinkState.DOWN for state, _ in self.told), within)
        return next(reason for state, reason in self.told if state is LinkState.DOWN)

    async def lost(self, within: float = 5.0) -> str:
        """Waits until a connection that was ready is lost; the reason told."""
        before = len(self.told)
        await self.until(lambda: any(state is LinkState.DOWN for state, _ in self.told[before:]), within)
        return next(reason for state, reason in self.told[before:] if state is LinkState.DOWN)

    def named(self, event: str) -> list[Message]:
        return [message for message in self.events if message["Event"] == event]
