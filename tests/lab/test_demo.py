"""The demo as its user starts it: it shows a switch, its page breaks and mends the lab, nothing of it is left."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.lab import chroot, firewall
from tests.lab.office import ROOT

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("standing_lab")]


class Demo:
    """A running demo and the lines it has printed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process, self.lines = process, list[str]()

    async def says(self, pattern: str, within: float = 40.0) -> re.Match[str]:
        """The first line from now on, or of those before, in which `pattern` is found."""
        for line in self.lines:
            if found := re.search(pattern, line):
                return found
        assert self.process.stdout
        async with asyncio.timeout(within):
            while raw := await self.process.stdout.readline():
                self.lines.append(raw.decode().rstrip())
                if found := re.search(pattern, self.lines[-1]):
                    return found
        raise AssertionError(f"the demo ended before it said {pattern!r}:\n" + "\n".join(self.lines))

    async def page(self) -> Page:
        """The panel, logged in as the demo tells."""
        url = (await self.says(r"^Panel +(\S+)"))[1]
        password = (await self.says(r"^Password +(\S+)"))[1]
        await self.says("^Ready")
        page = Page(httpx.AsyncClient(base_url=url, headers={"Origin": url}, follow_redirects=True))
        await page.opens("/login")
        await page.sends("/login", name="demo", password=password)
        return page


class Page:
    """A browser without JavaScript."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client, self.html = client, ""

    async def opens(self, path: str) -> None:
        self.html = (await self._client.get(path)).raise_for_status().text

    async def sends(self, path: str, **fields: str) -> None:
        token = re.search(r'name="csrf" value="([^"]+)"', self.html)
        assert token, self.html
        answer = await self._client.post(path, data={"csrf": token[1], **fields})
        self.html = answer.raise_for_status().text

    async def closes(self) -> None:
        await self._client.aclose()


@contextlib.asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[Demo]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "demo", *arguments, cwd=ROOT, stdout=-1, stderr=-2
    )
    demo = Demo(process)
    try:
        yield demo
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def left_of(pid: int) -> list[str]:
    """What a demo must take with it: its packet filter and its processes."""
    tables = [name for name in firewall.tables() if f"_{pid}_" in name]
    return tables + [f"process {child}" for child in children(pid)]


def children(pid: int) -> list[int]:
    """Of a process that runs."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def still_there(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


def wait_until_gone(pids: list[int]) -> None:
    """The kernel kills them; there is no event for it, since their parent is gone."""
    end = time.monotonic() + 5
    while still_there(pids):
        assert time.monotonic() < end, still_there(pids)
        time.sleep(0.02)


def mounted() -> list[str]:
    return [line for line in Path("/proc/mounts").read_text().splitlines() if f"{chroot.root()}/" in line]


async def test_the_demo_shows_a_first_verified_switch_and_a_mobile_that_rings() -> None:
    async with started("--first-switch") as demo:
        took = await demo.says(r"First verified switch ([0-9.]+) s after the cut, ([0-9.]+) s after the start")
        assert float(took[1]) <= 9.0
        await demo.says("Anna's mobile +is answered: they talk")
        await demo.says("Telekom +is restored")
        await demo.says("nothing of it is left")
        assert await demo.process.wait() == 0
        assert left_of(demo.process.pid) == []


@pytest.mark.campaign
async def test_the_buttons_of_the_page_call_the_office_and_cut_and_restore_the_trunk() -> None:
    async with started("--calls-every", "0") as demo:
        page = await demo.page()
        try:
            await page.sends("/demo/call")
            await demo.says("Customer over Telekom +dials 030 123456")
            await demo.says("Desk phone +rings")
            await page.sends("/demo/cut")
            await demo.says("Telekom +is cut")
            await demo.says("First verified switch")
            await page.sends("/demo/restore")
            await demo.says("Telekom +is restored")
        finally:
            await page.closes()
        asterisks = children(demo.process.pid)
        assert len(asterisks) == 6
        demo.process.send_signal(signal.SIGINT)
        await demo.says("nothing of it is left")
        assert await demo.process.wait() == 0
        assert still_there(asterisks) == []
        assert left_of(demo.process.pid) == []


async def test_a_demo_that_is_killed_leaves_no_asterisk_running() -> None:
    async with started("--calls-every", "0") as demo:
        await demo.says("^Ready")
        asterisks = children(demo.process.pid)
        assert len(asterisks) == 6
        demo.process.kill()
        await asyncio.to_thread(wait_until_gone, asterisks)
        assert mounted() == []
