from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests import lanes

_SECONDS = Path(__file__).parents[1] / "build/setup/seconds"  # written by tests.setup
_begun = time.monotonic()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """A file that another lane has taken is left out, without a word: that lane tells of it."""
    if lanes.is_ours(item.path, os.environ.get(lanes.TAKEN, "")):
        return None
    item.session._setupstate.teardown_exact(nextitem)  # what the last one that ran kept for this one
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    setup = f"set-up {_SECONDS.read_text()} s, " if _SECONDS.exists() else ""
    terminalreporter.write_line(f"{setup}tests {time.monotonic() - _begun:.1f} s")
