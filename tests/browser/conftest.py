from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chromium import CHROMIUM, chromium
from tests.lab.fixtures import NO_LAB, ON_CI, lab, standing_lab
from tests.lab.lab import Lab
from tests.lab.router import Router
from tests.lab.running import QUICK, running

__all__ = ["lab", "standing_lab"]

NO_BROWSER = "" if CHROMIUM.exists() else f"there is no {CHROMIUM}: what staff see in a browser is left out"
USER, PASSWORD = "Erika Müller", "drei Wörter hintereinander"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    if NO_BROWSER:
        if ON_CI:
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def standing(standing_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Router]:
    """A running router, whose first user was added as the README says."""
    await standing_lab.calm()
    async with running(standing_lab, tmp_path_factory.mktemp("browser"), **QUICK) as router:
        added = await router.command("users", "add", USER, typed=f"{PASSWORD}\n")
        assert added.returncode == 0, added
        yield router


@pytest_asyncio.fixture(loop_scope="session")
async def router(lab: Lab, standing: Router) -> AsyncIterator[Router]:
    """That router at its normal route."""
    await standing.ready()
    yield standing
    await standing.override("auto")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.lab)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for missing in (NO_LAB, NO_BROWSER):
        if missing and not ON_CI:
            terminalreporter.write_line(f"NOT TESTED: {missing}", red=True, bold=True)
