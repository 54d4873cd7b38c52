from __future__ import annotations

import os

import pytest

ON_CI = os.environ.get("CI", "").lower() == "true"
NO_CONTAINERS = "" if os.geteuid() == 0 else "containers need root here: docker/compose.yaml is not started for real"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "engine" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.container)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if NO_CONTAINERS and not ON_CI:
        terminalreporter.write_line(f"NOT TESTED: {NO_CONTAINERS}", red=True, bold=True)
