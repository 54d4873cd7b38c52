"""Slows down whoever guesses passwords: moving windows of tries, in memory, by limits.

The library's own memory keeps every key until a thread of its own forgets it, and goes by the clock on the wall. Ours
holds the keys that were used last, as many as it says, and goes by the clock it is given.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from ipaddress import IPv6Address, ip_address
from typing import Final

from limits import RateLimitItem, parse_many
from limits.storage import MovingWindowSupport, Storage
from limits.strategies import MovingWindowRateLimiter

from router.ports import one_name

Window = tuple[RateLimitItem, str]
"""How many tries in how long, and whose they are."""


class Memory(Storage, MovingWindowSupport):
    """The moments of the last tries by key, oldest first; of the `kept` keys used last."""

    STORAGE_SCHEME: Final = ["kept"]  # type: ignore[misc]

    def __init__(self, ticking: Callable[[], float], kept: int = 8192) -> None:
        super().__init__()
        self._ticking, self._kept = ticking, kept
        self._tries: OrderedDict[str, list[float]] = OrderedDict()

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        tries = self._within(key, expiry)
        if len(tries) + amount > limit:
            return False
        tries += [self._ticking()] * amount
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        tries = self._within(key, expiry)
        return (tries[0] if tries else self._ticking()), len(tries)

    def give_back(self, key: str) -> None:
        if tries := self._tries.get(key):
            tries.pop()

    def _within(self, key: str, expiry: int) -> list[float]:
        tries = self._tries.setdefault(key, [])
        self._tries.move_to_end(key)
        while len(self._tries) > self._kept:
            self._tries.popitem(last=False)
        since = self._ticking() - expiry
        while tries and tries[0] <= since:
            del tries[0]
        return tries

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        raise NotImplementedError

    def get(self, key: str) -> int:
        return len(self._tries.get(key, ()))

    def get_expiry(self, key: str) -> float:
        raise NotImplementedError

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        count = len(self._tries)
        self._tries.clear()
        return count

    def clear(self, key: str) -> None:
        self._tries.pop(key, None)


class Throttle:
    """Tries that turn out honest are given back."""

    def __init__(self, ticking: Callable[[], float], kept: int = 8192) -> None:
        self._ticking = ticking
        self._memory = Memory(ticking, kept)
        self._windows = MovingWindowRateLimiter(self._memory)
        self.strangers = 0
        """Whose passwords are being checked just now."""

    def wait(self, windows: Sequence[Window]) -> float:
        """Takes one try from each; 0.0 when there was one, else the seconds to wait, and then none is taken."""
        seconds = self.full(windows)
        if not seconds:
            for item, key in windows:
                self._windows.hit(item, key)
        return seconds

    def full(self, windows: Sequence[Window]) -> float:
        """As `wait`, and takes nothing."""
        full = [(item, key) for item, key in windows if not self._windows.test(item, key)]
        stats = (self._windows.get_window_stats(item, key) for item, key in full)
        return max((told.reset_time - self._ticking() for told in stats), default=0.0)

    def give_back(self, windows: Sequence[Window]) -> None:
        for item, key in windows:
            self._memory.give_back(item.key_for(key))

    def clean(self, windows: Sequence[Window]) -> bool:
        """Whether nothing was tried in these windows."""
        return all(self._windows.get_window_stats(item, key).remaining == item.amount for item, key in windows)


def windows(limits: str, key: str) -> list[Window]:
    """`limits` as in "6 per 2 minute; 20 per hour"."""
    return [(item, key) for item in parse_many(limits)]


def address_key(host: str | None) -> str:
    """One key per IPv4 address or IPv6 /64 network: a single subscriber owns all of the latter."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return f"address {(host or '')[:60]}"
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return f"address {address.ipv4_mapped}"
        return f"network {int(address) >> 64:x}"
    return f"address {address}"


def account_key(name: str) -> str:
    """The same for all ways to write one name."""
    return f"account {one_name(name)[:80]}"
