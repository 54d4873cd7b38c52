"""The router's loop and its hands within the test's own process: for what no command and no address asks of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from router.ami.link import Account
from router.ami.pbx import Pbx
from router.core.calls import Call
from router.core.effects import Record
from router.core.office import opened
from router.core.orders import Overrides
from router.loop import Loop
from router.settings import load
from router.site_of import site_of
from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import Router


class Noted:
    """A journal that keeps nothing for longer than the test."""

    trouble: str | None = None

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.calls_kept: list[Call] = []

    def note(self, at: datetime, record: Record) -> None:
        self.records.append(record)

    def remember(self, overrides: Overrides) -> None: ...

    def keep(self, call: Call, kept: Callable[[], None]) -> None:
        self.calls_kept.append(call)
        kept()

    async def remembered(self) -> Overrides:
        return ()

    async def latest(self, most: int = 50, before: int | None = None) -> list[Any]:
        return []

    async def calls(self, *asked: Any, **more: Any) -> list[Any]:
        return []


@contextlib.asynccontextmanager
async def within(
    lab: Lab, home: Path, change: Callable[[dict[str, Any]], None] | None = None
) -> AsyncIterator[tuple[Loop, Noted]]:
    """The office wired for it, its route verified."""
    lab.office.wipe_astdb_family()
    product = Router(lab, home)
    product.settings["office"]["language"] = "en"
    if change:
        change(product.settings)
    try:
        await product.wire_office()
        settings = load(product.config)
        site, journal = site_of(settings), Noted()
        loop = Loop(opened(site, "within", datetime.now(UTC)), journal)
        pbx = Pbx(Account(lab.office.address, 5038, "failover", settings.secret()), site, "within", loop.post)
        running = [asyncio.create_task(loop.run(pbx)), asyncio.create_task(pbx.run())]
        try:
            await polled("the route is verified", lambda: loop.office.route.verified, within=9)
            yield loop, journal
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
    finally:
        product.close()
        lab.office.wipe_astdb_family()
