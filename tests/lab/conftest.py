from __future__ import annotations

import os

import pytest

from tests import lanes
from tests.lab.fixtures import (
    NO_LAB,
    ON_CI,
    lab,
    plain_dialplan,
    router,
    standing_lab,
    standing_small_office,
    tap,
    world,
)

__all__ = ["lab", "plain_dialplan", "router", "standing_lab", "standing_small_office", "tap", "world"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if {"standing_lab", "standing_small_office"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.lab)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """A file that another lane has taken is left out, without a word: that lane tells of it."""
    return None if lanes.is_ours(item.path, os.environ.get(lanes.TAKEN, "")) else True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if NO_LAB and not ON_CI:
        terminalreporter.write_line(f"NOT TESTED: {NO_LAB}", red=True, bold=True)
