"""The running router as anybody sees it: by its API."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx

from demo.terminal import tell
from router.settings import Settings
from router.state import TOKEN_FILE, state_directory

Status = dict[str, Any]
SILENCE = httpx.Timeout(5.0, read=None)  # an event stream may be silent for as long as it likes
LOOK = 0.3  # seconds between two looks at the journal
NOT_NOW = 503  # of a journal that answers late: a busy machine, and no end of the demo


class Watching:
    """`until` and `tell_of_events` of the router that runs with `settings`."""

    def __init__(self, settings: Settings) -> None:
        self._listen = settings.panel.listen
        self._token = state_directory(settings) / TOKEN_FILE

    async def until(self, condition: Callable[[Status], object]) -> Status:
        """The first status of which `condition` is true; none ever comes where the router ends before."""
        async for status in self._statuses():
            if condition(status):
                return status
        return await _for_ever()

    async def tell_of_events(self) -> None:
        """A line on the terminal for each of the journal, until cancelled."""
        told = 0  # the id of the last line that was
        async with self._client() as client:
            with contextlib.suppress(httpx.TransportError):  # the router ends
                while True:
                    answer = await client.get("/log", params={"limit": 50})
                    lines = [] if answer.status_code == NOT_NOW else answer.raise_for_status().json()["lines"]
                    for line in reversed(lines):
                        if line["id"] > told:
                            told = line["id"]
                            tell("Router", line["text"])
                    await asyncio.sleep(LOOK)

    async def listening(self) -> None:
        """Wait until the panel answers."""
        host, _, port = self._listen.rpartition(":")
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection(host, int(port))
                writer.close()
                return
            await asyncio.sleep(0.05)

    async def _statuses(self) -> AsyncIterator[Status]:
        with contextlib.suppress(httpx.TransportError):  # the router ends
            async with self._client() as client, client.stream("GET", "/events") as stream:
                stream.raise_for_status()
                async for line in stream.aiter_lines():
                    if line.startswith("data:"):
                        yield json.loads(line.removeprefix("data:"))

    def _client(self) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {self._token.read_text().strip()}", "Accept-Language": "en"}
        return httpx.AsyncClient(
            base_url=f"http://{self._listen}/api/v1", headers=headers, timeout=SILENCE, trust_env=False
        )


async def _for_ever() -> Status:
    """Until cancelled: that the router ended is told by the router."""
    await asyncio.get_running_loop().create_future()
    raise AssertionError("for ever has ended")
