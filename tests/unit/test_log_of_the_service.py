"""What others send stands in the service's log as text: it moves no cursor and begins no line of its own."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from router.plain_log import log_plainly


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    text = io.StringIO()
    monkeypatch.setattr(sys, "stderr", text)
    monkeypatch.setattr(logging, "basicConfig", lambda **options: None)
    kept = structlog.get_config()
    log_plainly()
    yield text
    structlog.configure(**kept)


def test_one_event_is_one_line_of_printable_text(said: io.StringIO) -> None:
    hostile = 'x\r\x1b[2J\u202e\u2028 level=info event="all is well"\ntimestamp=1'
    structlog.get_logger("test").warning("a call came in", caller=hostile, why=OSError(hostile), at=7, known=True)
    (line,) = said.getvalue().splitlines()
    assert line.isprintable()
    assert "at=7 known" in line
    assert 'event="all is well"' not in line
