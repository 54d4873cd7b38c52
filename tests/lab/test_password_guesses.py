"""10,000 guesses at one password: slowed down, staff on another address get in, and a trunk is down no later."""

from __future__ import annotations

import asyncio
import collections
import itertools
import re
import statistics
import time
from pathlib import Path

import httpx
import pytest

from tests.campaign import report
from tests.lab import flood
from tests.lab.lab import Lab
from tests.lab.page import PASSWORD, browser
from tests.lab.router import Router
from tests.lab.running import running

GUESSES, AT_ONCE = 10_000, 16
GUESSER, STAFF = "127.66.0.66", "127.66.0.7"
TRIES = 3


def from_address(router: Router, address: str) -> httpx.AsyncClient:
    transport = httpx.AsyncHTTPTransport(local_address=address)
    return httpx.AsyncClient(transport=transport, base_url=router.url, timeout=30)


async def log_in(client: httpx.AsyncClient, token: str, name: str, password: str) -> int:
    return (await client.post("/login", data={"csrf": token, "name": name, "password": password})).status_code


async def form_token(client: httpx.AsyncClient) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', (await client.get("/login")).text)
    assert found
    return found[1]


async def guessing(router: Router, told: collections.Counter[int]) -> None:
    left = itertools.count()

    async def guesser() -> None:
        async with from_address(router, GUESSER) as client:
            token = await form_token(client)
            while (number := next(left)) < GUESSES:
                told[await log_in(client, token, "Anna", f"guess number {number}")] += 1

    await asyncio.gather(*(guesser() for _ in range(AT_ONCE)))


async def staff_in(router: Router) -> float:
    """Seconds from a browser that was never here to the board."""
    begun = time.monotonic()
    async with from_address(router, STAFF) as client:
        assert await log_in(client, await form_token(client), "Anna", PASSWORD) == 303
        assert (await client.get("/")).status_code == 200
    return time.monotonic() - begun


@pytest.mark.campaign
@pytest.mark.timeout(600)
async def test_ten_thousand_guesses_keep_nobody_out_and_delay_no_verdict(lab: Lab, tmp_path: Path) -> None:
    told: collections.Counter[int] = collections.Counter()
    async with running(lab, tmp_path, **flood.AGAIN) as router:
        async with browser(router):
            pass
        quiet = [await flood.verdict_after(lab, router) for _ in range(TRIES)]
        begun = time.monotonic()
        guesses = asyncio.create_task(guessing(router, told))
        await asyncio.sleep(0.5)
        ways_in = [await staff_in(router)]
        before = flood.resident(router.pid)  # with the 19 MB that each of the two hashing threads keeps
        meanwhile = []
        while not guesses.done() and len(meanwhile) < TRIES:
            meanwhile.append(await flood.verdict_after(lab, router))
        if not guesses.done():
            ways_in.append(await staff_in(router))
        await guesses
        took = time.monotonic() - begun
        after = flood.resident(router.pid)
    report(
        "10,000 password guesses", guesses_a_second=round(GUESSES / took), answers=dict(told),
        staff_in_s=[round(s, 2) for s in ways_in], quiet_s=quiet, meanwhile_s=meanwhile,
        memory_mb=[round(before, 1), round(after, 1)],
    )  # fmt: skip
    assert set(told) <= {401, 429, 503}
    assert told[401] <= 20, "of one address, in an hour"
    assert max(ways_in) < 2
    assert meanwhile
    assert statistics.median(meanwhile) - statistics.median(quiet) < 0.5
    assert after - before < 10
