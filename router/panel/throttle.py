"""Slows down whoever guesses passwords: a small bucket of tries per address and per account, in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address


@dataclass(slots=True)
class _Bucket:
    tries: float
    at: float


class Throttle:
    """`most` tries at once, one more every `seconds` after that; remembers the `kept` keys used last."""

    def __init__(self, ticking: Callable[[], float], most: int = 6, seconds: float = 20.0, kept: int = 4096) -> None:
        self._ticking, self._most, self._seconds, self._kept = ticking, most, seconds, kept
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait(self, *keys: str) -> float:
        """Takes one try from each key; 0.0 when there was one, else the seconds to wait, and then none is taken."""
        buckets = [self._filled(key) for key in keys]
        short = max((1 - bucket.tries for bucket in buckets), default=0.0)
        if short > 0:
            return short * self._seconds
        for bucket in buckets:
            bucket.tries -= 1
        return 0.0

    def give_back(self, *keys: str) -> None:
        """The try was honest: it does not count."""
        for key in keys:
            bucket = self._filled(key)
            bucket.tries = min(self._most, bucket.tries + 1)

    def _filled(self, key: str) -> _Bucket:
        now = self._ticking()
        bucket = self._buckets.setdefault(key, _Bucket(self._most, now))
        bucket.tries = min(self._most, bucket.tries + (now - bucket.at) / self._seconds)
        bucket.at = now
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._kept:
            self._buckets.popitem(last=False)
        return bucket


def address_key(host: str | None) -> str:
    """One key per IPv4 address or IPv6 /64 network: a single subscriber owns all of the latter."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return f"address {host}"
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return f"network {int(address) >> 64:x}"
    return f"address {address}"


def account_key(name: str) -> str:
    return f"account {name.strip().casefold()[:80]}"
