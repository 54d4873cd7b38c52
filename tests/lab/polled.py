"""Waiting for what rings no bell: files, processes, another program's state."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def polled(what: str, condition: Callable[[], T], within: float, every: float = 0.02) -> T:
    """The first true answer of `condition`, asked every so many seconds; TimeoutError names `what`."""
    end = time.monotonic() + within
    while not (answer := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {within} s: {what}")
        await asyncio.sleep(every)
    return answer
