"""The router's loop and hands inside the measuring process, with every journal line's moment kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import structlog

from router.ami.link import Account
from router.ami.pbx import Pbx
from router.core.calls import Call
from router.core.effects import Record
from router.core.office import Office, opened
from router.core.orders import Overrides
from router.core.site import Site
from router.loop import Loop
from router.ports import Line


class Moments:
    """A journal that keeps only when each line came."""

    trouble = None

    def __init__(self) -> None:
        self.lines: list[tuple[float, Record]] = []
        self._bell = asyncio.Event()

    def note(self, at: datetime, record: Record) -> None:
        self.lines.append((time.perf_counter(), record))
        self._bell.set()
        self._bell = asyncio.Event()

    def remember(self, overrides: Overrides) -> None: ...

    def keep(self, call: Call, kept: Callable[[], None]) -> None: ...

    async def remembered(self) -> Overrides:
        return ()

    async def latest(self, most: int = 50, before: int | None = None) -> Sequence[Line]:
        return ()

    async def calls(
        self, most: int = 50, missed: bool = False, number: str | None = None, since: datetime | None = None
    ) -> Sequence[Call]:
        return ()

    async def until(self, kind: str, after: int, **data: str) -> tuple[float, int]:
        """The moment of the first line of `kind` with `data` from index `after` on, and the index behind it.

        TimeoutError where none comes."""
        while True:
            for index, (moment, record) in enumerate(self.lines[after:], after):
                if record.kind.value == kind and all(str(record.data.get(k)) == v for k, v in data.items()):
                    return moment, index + 1
            async with asyncio.timeout(60):
                await self._bell.wait()


async def until(loop: Loop, condition: Callable[[Office], bool]) -> None:
    """Wait until the office is so. TimeoutError where it does not get so."""
    async with asyncio.timeout(60):
        async for office in loop.changes():
            if condition(office):
                return


@asynccontextmanager
async def running(site: Site, account: Account) -> AsyncIterator[tuple[Loop, Pbx, Moments]]:
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    moments = Moments()
    loop = Loop(opened(site, "bench", datetime.now(UTC)), moments)
    pbx = Pbx(account, site, "bench", loop.post)
    tasks = [asyncio.create_task(loop.run(pbx)), asyncio.create_task(pbx.run())]
    try:
        async with asyncio.timeout(20):
            await until(loop, lambda office: office.route.verified)
        yield loop, pbx, moments
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
