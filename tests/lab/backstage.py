"""The lab's own thread, with an event loop in it: relays and observers go on there whatever a test does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_lock = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def loop() -> asyncio.AbstractEventLoop:
    """The loop backstage, started at the first asking; its thread ends with the process."""
    global _loop  # noqa: PLW0603 - one thread per process is the point
    with _lock:
        if _loop is None:
            _loop = asyncio.new_event_loop()
            threading.Thread(target=_loop.run_forever, name="lab", daemon=True).start()
        return _loop


def run(work: Coroutine[Any, Any, T], within: float = 15.0) -> T:
    """Run a coroutine backstage and wait for it here, at most `within` seconds."""
    return asyncio.run_coroutine_threadsafe(work, loop()).result(within)


def call(work: Callable[[], T]) -> T:
    """Call a plain function in the lab's thread. Processes start there: they die with their thread."""

    async def there() -> T:
        return work()

    return run(there())
