"""What the lab has seen, in order, and a way to wait for the next thing.

Written from any thread (the observers and the relays run backstage), read by tests of any event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

T = TypeVar("T")
_DULL = ("Event", "Privilege", "SystemName", "ChannelState", "Language", "AccountCode", "Linkedid", "DestLanguage")


@dataclasses.dataclass(frozen=True)
class Sighting:
    """One thing seen: what kind, when (seconds of time.monotonic), and its fields as they were said."""

    kind: str
    at: float
    fields: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")

    def __str__(self) -> str:
        told = (
            f"{name}={value!r}" for name, value in self.fields.items() if name not in _DULL and value != "<unknown>"
        )
        return f"{self.at:.3f} {self.kind} {' '.join(told)[:300]}"


class Board:
    """The sightings of one party of the lab."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self._seen: list[Sighting] = []
        self._lock = threading.Lock()
        self._bells: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def put(self, kind: str, fields: Mapping[str, str]) -> Sighting:
        sighting = Sighting(kind, time.monotonic(), dict(fields))
        with self._lock:
            self._seen.append(sighting)
            bells = list(self._bells)
        for loop, bell in bells:
            with contextlib.suppress(RuntimeError):  # that test's loop is closed: nobody waits any more
                loop.call_soon_threadsafe(bell.set)
        return sighting

    def all(self, kind: str = "", since: float = 0.0, **fields: str) -> list[Sighting]:
        """Every sighting of `kind` (any, if empty) from the moment `since` on, whose fields are as given."""
        with self._lock:
            seen = list(self._seen)
        return [
            s
            for s in seen
            if s.at >= since and (not kind or s.kind == kind) and all(s[n] == v for n, v in fields.items())
        ]

    def clear(self) -> None:
        with self._lock:
            self._seen.clear()

    async def until(self, what: str, condition: Callable[[], T | None], within: float) -> T:
        """What `condition` gives, asked anew at each sighting, as soon as it is not None. TimeoutError names `what`."""
        bell = asyncio.Event()
        entry = (asyncio.get_running_loop(), bell)
        with self._lock:
            self._bells.append(entry)
        try:
            async with asyncio.timeout(within):
                while (found := condition()) is None:
                    await bell.wait()
                    bell.clear()
                return found
        except TimeoutError:
            last = "\n  ".join(str(s) for s in self.all()[-12:])
            raise TimeoutError(f"{self.owner}: not within {within} s: {what}. Last seen:\n  {last}") from None
        finally:
            with self._lock:
                self._bells.remove(entry)

    async def wait(self, kind: str, within: float, since: float = 0.0, **fields: str) -> Sighting:
        """The first sighting of `kind` from `since` on, awaited at most `within` seconds."""
        told = " ".join([kind, *(f"{n}={v}" for n, v in fields.items())])
        return await self.until(told, lambda: next(iter(self.all(kind, since, **fields)), None), within)
