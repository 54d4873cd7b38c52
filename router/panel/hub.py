"""Tells every open page that there is something new: the office changed, somebody wrote something down, time passed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import suppress

from router.core.office import Office

GAP = 0.1
"""Seconds between two rounds at least: five thousand events a second are ten pages a second."""


class Hub:
    """One for all pages. While anybody follows, one task listens to the office; it ends with the last follower."""

    def __init__(self, changes: Callable[[], AsyncIterator[Office]], refresh_seconds: float) -> None:
        self._changes, self._refresh = changes, refresh_seconds
        self._round = 0
        self._next = asyncio.Event()
        self._touched = asyncio.Event()
        self._followers = 0
        self._listening: asyncio.Task[None] | None = None
        self._upcoming: asyncio.Task[Office | None] | None = None
        self._ended = False

    @property
    def round(self) -> int:
        """Counts up with everything new: what was rendered in one round is the same for all."""
        return self._round

    def touch(self) -> None:
        """Something is new that the office does not know of: a note, a call-back, a session that ended."""
        self._touched.set()

    def close(self) -> None:
        """Ends all that follow: uvicorn waits at the stop for every open response."""
        self._ended = True
        self._tell()

    async def follow(self) -> AsyncGenerator[int]:
        """The round now, then each new one, the latest where several passed; ends when the panel closes."""
        self._followers += 1
        if self._listening is None:
            self._tell()  # what was rendered while nobody followed is old
            self._listening = asyncio.create_task(self._listen())
        try:
            seen = -1
            while not self._ended:
                if seen == self._round or (seen == -1 and self._stale()):
                    await self._next.wait()
                    continue
                seen = self._round
                yield seen
        finally:
            self._followers -= 1
            if self._followers == 0 and self._listening is not None:
                self._listening.cancel()
                self._listening = self._upcoming = None

    def _stale(self) -> bool:
        """Whether a new round is about to come: whoever comes now shall not see what was before it."""
        return self._touched.is_set() or (self._upcoming is not None and self._upcoming.done())

    def _tell(self) -> None:
        self._round += 1
        told, self._next = self._next, asyncio.Event()
        told.set()

    async def _listen(self) -> None:
        """One of these may still be ending when the next begins: each has its own changes to wait for."""
        changes = self._changes()
        upcoming: asyncio.Task[Office | None] | None = None
        await anext(changes, None)  # what is so already
        try:
            while True:
                if upcoming is None:
                    upcoming = self._upcoming = asyncio.create_task(_after(changes))
                await self._news(upcoming)
                if upcoming.done():
                    said, upcoming = upcoming.result(), None
                    self._upcoming = None
                    if said is None:
                        self.close()
                        return
                self._tell()
                await asyncio.sleep(GAP)
        finally:
            if upcoming is not None:
                upcoming.cancel()
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({upcoming})
            if hasattr(changes, "aclose"):
                await changes.aclose()

    async def _news(self, upcoming: asyncio.Task[Office | None]) -> None:
        """Waits for the office, a touch, or the time to speak again."""
        touched = asyncio.create_task(self._touched.wait())
        try:
            await asyncio.wait({upcoming, touched}, timeout=self._refresh, return_when=asyncio.FIRST_COMPLETED)
        finally:
            touched.cancel()
        self._touched.clear()


async def _after(changes: AsyncIterator[Office]) -> Office | None:
    return await anext(changes, None)
