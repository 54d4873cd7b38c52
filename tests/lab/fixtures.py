"""The lab as pytest fixtures: one lab per session, calm at the start of each test. Import them into a conftest.py."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab import chroot
from tests.lab.lab import Lab
from tests.lab.office import PLAIN_DIALPLAN
from tests.lab.router import Router
from tests.lab.small_office import SmallOffice
from tests.lab.wiretap import Wiretap

ON_CI = os.environ.get("CI", "").lower() == "true"
NO_LAB = (
    "" if os.geteuid() == 0 else "the lab needs root (a chroot, nftables): every test on a real Asterisk is left out"
)


def left_out_without_root() -> None:
    """Skip the test where there can be no lab; on CI it fails instead."""
    if NO_LAB:
        if ON_CI:
            pytest.fail(NO_LAB)
        pytest.skip(NO_LAB)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def standing_lab() -> AsyncIterator[Lab]:
    left_out_without_root()
    async with Lab(suite=os.environ.get("FAILOVER_LAB_SUITE", chroot.SUITE)) as lab:
        yield lab


@pytest_asyncio.fixture(loop_scope="session")
async def lab(standing_lab: Lab) -> AsyncIterator[Lab]:
    """The lab, its trunks well, its phones at rest, nothing seen yet."""
    await standing_lab.calm()
    yield standing_lab
    standing_lab.hang_up_all()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def standing_small_office() -> AsyncIterator[SmallOffice]:
    left_out_without_root()
    async with SmallOffice(qualify_timeout=1.0) as small:
        yield small


@pytest_asyncio.fixture(loop_scope="session")
async def world(standing_small_office: SmallOffice) -> AsyncIterator[SmallOffice]:
    """The small office in its namespaces, its trunks well, nothing seen yet."""
    await standing_small_office.at_rest()
    for asterisk in standing_small_office.all:
        asterisk.board.clear()
    yield standing_small_office
    for asterisk in standing_small_office.all:
        if asterisk.running:
            asterisk.hang_up_all()


@pytest.fixture
def tap(lab: Lab) -> Iterator[Wiretap]:
    """What customers of the telekom and the mobile get to hear, from now on."""
    with Wiretap(lab.telekom, lab.mobile) as wiretap:
        yield wiretap


@pytest_asyncio.fixture(loop_scope="session")
async def router(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    """A router of this test alone, the office wired for it, AstDB empty, started and at its normal route."""
    lab.office.wipe_astdb_family()
    product = Router(lab, tmp_path)
    try:
        await product.wire_office()
        product.start()
        await product.ready()
        yield product
    finally:
        product.close()
        lab.office.wipe_astdb_family()


@pytest.fixture
def plain_dialplan(lab: Lab) -> None:
    """The office without the product: calls ring the desk, and go out by the first trunk that takes them."""
    lab.office.install_dialplan("", PLAIN_DIALPLAN)
