"""The panel under many open pages, and its first load on a slow phone, on the service as it runs.

The readers share the machine with the router: what they cost is in the delays.
"""

from __future__ import annotations

import asyncio
import gc
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from playwright.async_api import Browser

from tests.bench.figures import Figure, figure
from tests.bench.idle import cpu_seconds, resident
from tests.browser.chromium import DESK, HEIGHTS, PHONE, chromium
from tests.browser.conftest import PASSWORD, USER
from tests.lab.router import Router

STREAMS, CALM_SECONDS, CHANGES = 200, 20, 60
LOADS, SLOWER = 5, 4
FIRST_PAINT = """() => new Promise((told) =>
  new PerformanceObserver((seen) => {
    for (const one of seen.getEntries()) if (one.name === "first-contentful-paint") told(one.startTime);
  }).observe({ type: "paint", buffered: true }))"""
"""Milliseconds; the page's own policy lets nobody evaluate a string again and again."""


@dataclass
class Reader:
    """One open stream, read raw; `seen`: when each mark was there."""

    seen: dict[str, float] = field(default_factory=dict)
    bytes: int = 0

    async def reads(self, router: Router, session: str, path: str, ready: asyncio.Event) -> None:
        host, port = router.listen.split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=2**20)
        try:
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: {router.listen}\r\nCookie: failover_session={session}\r\n\r\n".encode()
            )
            while data := await reader.read(2**20):
                at = time.perf_counter()
                self.bytes += len(data)
                ready.set()
                for mark in re.findall(rb"bench-\d+", data):
                    self.seen.setdefault(mark.decode(), at)
        finally:
            writer.close()


async def panel(router: Router) -> list[Figure]:
    router.start()
    await router.ready()
    added = await router.command("users", "add", USER, typed=f"{PASSWORD}\n")
    assert added.returncode == 0, added
    session = await _session(router)
    figures: list[Figure] = []
    try:
        async with chromium() as browser:
            for width, name in ((PHONE, "phone"), (DESK, "desk")):
                figures += await _first_load(browser, router, session, width, name)
        figures += await _streams(router, session)
    finally:
        await router.override("auto")
        await router.stop()
    return figures


async def _streams(router: Router, session: str) -> list[Figure]:
    alone = resident(router.pid)
    gc.collect()
    gc.freeze()  # what the parts before left in this process would stop all its readers for half a second at a time
    async with _reading(router, session) as readers:
        await asyncio.sleep(3)
        before = cpu_seconds(router.pid)
        await asyncio.sleep(CALM_SECONDS)
        calm = (cpu_seconds(router.pid) - before) / CALM_SECONDS * 100
        before, begun = cpu_seconds(router.pid), time.perf_counter()
        delays = await _changed(router, readers)
        busy = (cpu_seconds(router.pid) - before) / (time.perf_counter() - begun) * 100
        memory = resident(router.pid)
    ordered = sorted(delays)
    p95 = ordered[int(len(ordered) * 0.95)]
    return [
        figure(f"{STREAMS} open boards: memory", "MB", [memory]),
        figure(f"{STREAMS} open boards: memory beyond none", "MB", [memory - alone]),
        figure(f"{STREAMS} open boards: CPU, calm", "%", [calm]),
        figure(f"{STREAMS} open boards: CPU, a change a second", "%", [busy]),
        figure(f"{STREAMS} open boards: order sent to seen", "ms", delays),
        figure(f"{STREAMS} open boards: order sent to seen, p95", "ms", [p95], "under 200 ms"),
    ]


async def _changed(router: Router, readers: list[Reader]) -> list[float]:
    """Milliseconds from each order's sending, its switch on the PBX included, until each reader had it."""
    delays = []
    async with httpx.AsyncClient(base_url=router.url, headers={"Authorization": f"Bearer {router.token}"}) as client:
        for i in range(CHANGES):
            mark, sent = f"bench-{i}", time.perf_counter()
            body = {"mode": "office" if i % 2 else "mobile", "reason": mark}
            (await client.put("/api/v1/override", json=body)).raise_for_status()
            await asyncio.sleep(max(0.0, sent + 1 - time.perf_counter()))
            delays += [(one.seen[mark] - sent) * 1000 for one in readers if mark in one.seen]
            missing = sum(mark not in one.seen for one in readers)
            assert not missing, f"{missing} readers had not seen {mark} after a second"
    return delays


@asynccontextmanager
async def _reading(router: Router, session: str) -> AsyncIterator[list[Reader]]:
    readers, ready = [Reader() for _ in range(STREAMS)], [asyncio.Event() for _ in range(STREAMS)]
    tasks = [
        asyncio.create_task(reader.reads(router, session, "/live/board", event))
        for reader, event in zip(readers, ready, strict=True)
    ]
    try:
        async with asyncio.timeout(30):
            await asyncio.gather(*(event.wait() for event in ready))
        yield readers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _first_load(browser: Browser, router: Router, session: str, width: int, name: str) -> list[Figure]:
    loads = [await _load(browser, router, session, width) for _ in range(LOADS)]
    paint, wire, requests = ([load[i] for load in loads] for i in range(3))
    return [
        figure(f"first load of the board, {name}: bytes", "kB", [size / 1000 for size in wire], "under 60 kB"),
        figure(f"first load of the board, {name}: requests", "", requests, "at most 6"),
        figure(f"first load of the board, {name}: first paint, CPU {SLOWER} times slower", "ms", paint),
    ]


async def _load(browser: Browser, router: Router, session: str, width: int) -> tuple[float, float, float]:
    """First contentful paint in ms, bytes over the wire, requests; the event stream is none of them."""
    context = await browser.new_context(viewport={"width": width, "height": HEIGHTS[width]}, locale="de-DE")
    try:
        await context.add_cookies([{"name": "failover_session", "value": session, "url": router.url}])
        page = await context.new_page()
        devtools = await context.new_cdp_session(page)
        await devtools.send("Network.enable")
        await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        streams: set[str] = set()
        loaded: dict[str, float] = {}

        def asked(event: dict[str, Any]) -> None:
            if event.get("type") == "EventSource" or "/live/" in event["request"]["url"]:
                streams.add(event["requestId"])

        devtools.on("Network.requestWillBeSent", asked)
        devtools.on("Network.loadingFinished", lambda e: loaded.update({e["requestId"]: e["encodedDataLength"]}))
        await page.goto(router.url, wait_until="load")
        paint = await page.evaluate(FIRST_PAINT)
        await asyncio.sleep(0.5)
        pages = [size for request, size in loaded.items() if request not in streams]
        return float(paint), float(sum(pages)), float(len(pages))
    finally:
        await context.close()


async def _session(router: Router) -> str:
    async with httpx.AsyncClient(base_url=router.url, timeout=10) as client:
        found = re.search(r'name="csrf" value="([^"]+)"', (await client.get("/login")).text)
        assert found
        form = {"csrf": found[1], "name": USER, "password": PASSWORD}
        await client.post("/login", data=form)
        return str(client.cookies["failover_session"])
