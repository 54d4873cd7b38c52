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
    """One thread at a time. `interrupts` False: it is only given up, since it would leave something open behind it."""

    def __init__(self, interrupts: bool = True) -> None:
        self._interrupts = interrupts
        self._at_work: Thread | None = None

    async def does(self, work: Callable[[], T], seconds: float) -> T:
        """What `work` gives or raises. Raises TooLong."""
        if self._at_work is not None:
            self._interrupt(self._at_work)
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
            result: T | None = None
            wrong: BaseException | None = None
            with suppress(_Interrupted):
                try:
                    result = work()
                except Exception as error:
                    wrong = error
                finally:
                    self._at_work = None
                with suppress(RuntimeError):  # nobody waits: the loop is closed
                    loop.call_soon_threadsafe(settle, result, wrong)

        self._at_work = thread = Thread(target=run, name="calendar", daemon=True)
        thread.start()
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            raise TooLong from None
        finally:
            if not future.done() or future.cancelled():
                self._interrupt(thread)

    def _interrupt(self, thread: Thread) -> None:
        """At its next step in Python; where it waits in a call of the system, once that returns."""
        if self._interrupts and thread.ident is not None and thread.is_alive():
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Interrupted))
