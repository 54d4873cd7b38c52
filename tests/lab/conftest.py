from __future__ import annotations

import pytest

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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if NO_LAB and not ON_CI:
        terminalreporter.write_line(f"NOT TESTED: {NO_LAB}", red=True, bold=True)
