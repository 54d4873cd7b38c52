"""What became of an order, kept from the POST until the page that follows has shown it once."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from router.ports import Fate

MOST = 100


@dataclass(frozen=True, slots=True)
class Told:
    user: str
    at: datetime
    fate: Fate


class Fates:
    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Told] = OrderedDict()

    def keep(self, told: Told) -> str:
        key = secrets.token_urlsafe(9)
        self._waiting[key] = told
        while len(self._waiting) > MOST:
            self._waiting.popitem(last=False)
        return key

    def take(self, key: str | None, user: str) -> Told | None:
        told = self._waiting.get(key or "")
        if told is None or told.user != user:
            return None
        return self._waiting.pop(key or "")
