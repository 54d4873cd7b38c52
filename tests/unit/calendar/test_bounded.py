"""Work that does not end is given up, interrupted, and holds nothing else up."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from router.calendar.bounded import Bounded, TooLong
from tests.lab.polled import polled


async def test_what_work_gives_and_what_it_raises_comes_back() -> None:
    bounded: Bounded[int] = Bounded()
    assert await bounded.does(lambda: 7, 5) == 7
    with pytest.raises(ValueError, match="seven"):
        await bounded.does(lambda: int("seven"), 5)


async def test_work_without_end_is_interrupted_even_where_it_catches_what_is_wrong() -> None:
    bounded: Bounded[None] = Bounded()
    gone = threading.Event()

    def turns() -> None:
        try:
            while True:
                try:
                    sum(range(50))
                except Exception:
                    continue
        finally:
            gone.set()

    with pytest.raises(TooLong):
        await bounded.does(turns, 0.1)
    await polled("the thread is gone", gone.is_set, within=5)


async def test_the_loop_goes_on_meanwhile() -> None:
    bounded: Bounded[None] = Bounded()
    work = asyncio.create_task(bounded.does(lambda: time.sleep(0.5), 5))
    turns = 0
    while not work.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 10


async def test_one_at_a_time_as_long_as_one_hangs_in_the_system() -> None:
    bounded: Bounded[None] = Bounded()
    free = threading.Event()
    with pytest.raises(TooLong):
        await bounded.does(lambda: free.wait() and None, 0.05)
    with pytest.raises(TooLong):
        await bounded.does(lambda: None, 5)
    free.set()

    async def again() -> bool:
        try:
            await bounded.does(lambda: None, 5)
        except TooLong:
            return False
        return True

    for _ in range(100):
        if await again():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never began again")


async def test_whoever_stops_waiting_leaves_no_thread_at_work() -> None:
    bounded: Bounded[None] = Bounded()
    gone = threading.Event()

    def turns() -> None:
        try:
            while True:
                sum(range(50))
        finally:
            gone.set()

    work = asyncio.create_task(bounded.does(turns, 60))
    await asyncio.sleep(0.05)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await polled("the thread is gone", gone.is_set, within=5)
