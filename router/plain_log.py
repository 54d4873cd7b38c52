"""The log of the service: one line each to standard error, and nothing that a full disk under it could stop."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog


class Unfailing(io.TextIOBase):
    """What cannot be written is left out: a full disk under the log, or a reader that has gone, ends no router."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._stream.flush()


def _printable(logger: object, method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Words of others stand in it: none may move the cursor of whoever reads the log, or begin a line of its own."""
    for key, value in said.items():
        if not isinstance(value, bool | int | float | None):
            said[key] = "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in str(value))
    return said


def log_plainly() -> None:
    """One line each to standard error; httpx names whole URLs at INFO, secrets included, so it stays silent."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _printable,
            structlog.processors.LogfmtRenderer(key_order=("timestamp", "level", "event")),
        ],
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, Unfailing(sys.stderr))),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("httpx", "httpcore", "uvicorn.access", "alembic", "aiosqlite"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
