from __future__ import annotations

import time
from pathlib import Path

import pytest

_SECONDS = Path(__file__).parents[1] / "build/setup/seconds"  # written by tests.setup
_begun = time.monotonic()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    setup = f"set-up {_SECONDS.read_text()} s, " if _SECONDS.exists() else ""
    terminalreporter.write_line(f"{setup}tests {time.monotonic() - _begun:.1f} s")
