"""Work in a thread of its own, which is given up after some seconds and then interrupted.

What comes from outside may take for ever: a name server, a rule that never matches. asyncio's own threads would keep
the router from ending meanwhile; this one ends with the process.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class TooLong(Exception):  # noqa: N818 - named for what it says
    """It took longer than it may, or what was begun before has not ended yet."""


class _Interrupted(BaseException):
    """Passes everything that catches what is merely wrong."""


class Bounded(Generic[T]):
    """One thread at a time."""

    def __init__(self) -> None:
        self._thread: Thread | None = None

    async def does(self, work: Callable[[], T], seconds: float) -> T:
        """What `work` gives or raises. Raises TooLong."""
        if self._thread is not None and self._thread.is_alive():
            _interrupt(self._thread)
            raise TooLong
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def settle(result: T | None, error: BaseException | None) -> None:
            if future.done():
                return
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result(result)  # type: ignore[arg-type]

        def run() -> None:
            with suppress(_Interrupted, RuntimeError):  # RuntimeError: nobody waits, the loop is closed
                try:
                    result = work()
                except Exception as error:
                    loop.call_soon_threadsafe(settle, None, error)
                else:
                    loop.call_soon_threadsafe(settle, result, None)

        self._thread = thread = Thread(target=run, name="calendar", daemon=True)
        thread.start()
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            raise TooLong from None
        finally:
            if not future.done() or future.cancelled():
                _interrupt(thread)


def _interrupt(thread: Thread) -> None:
    """At its next step in Python; where it waits in a call of the system, once that returns."""
    if thread.ident is not None and thread.is_alive():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Interrupted))
