"""Open event streams. They end when the panel closes, or uvicorn would wait for them on SIGTERM."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from router.core.office import Office


class Streams:
    def __init__(self) -> None:
        self._closing = asyncio.Event()

    def close(self) -> None:
        self._closing.set()

    async def follow(self, changes: AsyncIterator[Office], seconds: float) -> AsyncIterator[Office | None]:
        """Every office of `changes`; None after `seconds` of quiet. Ends with `changes`, and when the panel closes."""
        closing = asyncio.create_task(self._closing.wait())
        upcoming = asyncio.create_task(_next(changes))
        try:
            while not self._closing.is_set():
                done, _ = await asyncio.wait({closing, upcoming}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
                if closing in done:
                    return
                if upcoming not in done:
                    yield None
                    continue
                office = upcoming.result()
                if office is None:
                    return
                upcoming = asyncio.create_task(_next(changes))
                yield office
        finally:
            closing.cancel()
            upcoming.cancel()
            await asyncio.gather(closing, upcoming, return_exceptions=True)
            if hasattr(changes, "aclose"):
                await changes.aclose()


async def _next(changes: AsyncIterator[Office]) -> Office | None:
    return await anext(changes, None)
