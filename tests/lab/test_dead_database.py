"""A database that is dead stops no switch, no order and no start; what happened is written down when it is back."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.lab import Lab
from tests.lab.ordering import journal_tells, rings
from tests.lab.page import browser
from tests.lab.router import NUMBER, Router
from tests.lab.running import QUICK, forwarded, rings_office, running

TROUBLE = "The journal cannot be written just now. That holds up no call."


@contextlib.contextmanager
def replaced_by_a_directory(home: Path) -> Iterator[None]:
    """All of the database's files are gone, and a directory stands in the place of one."""
    for file in home.glob("failover.db*"):
        file.unlink()
    (home / "failover.db").mkdir()
    try:
        yield
    finally:
        (home / "failover.db").rmdir()


@contextlib.contextmanager
def not_to_be_written(home: Path) -> Iterator[None]:
    """Whoever opens a file there from now on may only read."""
    subprocess.run(["mount", "--bind", home, home], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", home], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", home], check=True)


@contextlib.contextmanager
def full(home: Path) -> Iterator[None]:
    """Not one block is left on the disk."""
    filler = home / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(65536)):
            pass
    with filler.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"0"):
            pass
    try:
        yield
    finally:
        filler.unlink()


@pytest_asyncio.fixture(loop_scope="session")
async def product(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    """The product on a small disk of its own."""
    home = tmp_path / "disk"
    await asyncio.to_thread(home.mkdir)
    await asyncio.to_thread(_mount, home)
    try:
        async with running(lab, home, **QUICK | {"rise_seconds": 1}) as router:
            router.config = tmp_path / "failover.toml"
            yield router
    finally:
        await asyncio.to_thread(subprocess.run, ["umount", "--lazy", home], check=True)


async def test_a_dead_database_stops_neither_a_switch_nor_an_order(lab: Lab, product: Router) -> None:
    async with browser(product) as page:
        for dead in (full, replaced_by_a_directory):
            await page.board()
            with dead(product.home):
                with lab.telekom.leaves_options_unanswered():
                    await product.wait_for(lambda s: forwarded(s, NUMBER))
                    await rings(lab, lab.mobile, NUMBER)
                    assert (await product.override("office")).status_code == 200
                    await rings(lab, lab.desk, NUMBER)
                    if dead is replaced_by_a_directory:  # on a full disk there may be room for lines in the file itself
                        assert TROUBLE in await page.board()
                    assert "Switched and verified." in await page.orders("mobile", reason=dead.__name__)
                    await rings(lab, lab.mobile, NUMBER)
                assert (await product.override("auto")).status_code == 200
                await product.wait_for(lambda s: rings_office(s, NUMBER), within=12)
                await rings(lab, lab.desk, NUMBER)
            await journal_tells(product, "order", text="Anna set all numbers to the mobile", by="Anna", within=20)


@pytest.mark.campaign
async def test_a_router_killed_beside_a_dead_database_starts_beside_it_and_goes_on_though_its_log_is_full_too(
    lab: Lab, product: Router
) -> None:
    for dead in (full, not_to_be_written, replaced_by_a_directory):
        assert (await product.override("mobile")).status_code == 200
        with dead(product.home):
            product.kill()
            product.log_file = Path("/dev/full")
            begun = time.monotonic()
            product.start()
            product.log_file = product.config.with_name("router.log")
            await product.ami.board.wait("DBPut", 15, begun, Key="current")
            status = await product.wait_for(lambda s: forwarded(s, NUMBER))
            assert status["override"]["mode"] == "mobile"
            await rings(lab, lab.mobile, NUMBER)
            assert (await product.override("auto")).status_code == 200
            await rings(lab, lab.desk, NUMBER)
        if dead is not not_to_be_written:
            await journal_tells(product, "order", text="The command line gave all numbers back", by="cli", within=20)


def _mount(home: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "failover-lab", home], check=True)
