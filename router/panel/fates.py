"""What became of an order, kept from the POST until the page that follows has shown it once."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from router.core.orders import Override
from router.core.sentence import Sentence, say
from router.panel import marks
from router.panel.speech import Speech
from router.ports import Fate

MOST = 100


@dataclass(frozen=True, slots=True)
class Told:
    """What `user` ordered, when, and what became of it."""

    user: str
    at: datetime
    fate: Fate
    order: Override

    def what(self, speech: Speech) -> str:
        """What was switched where, and whether that was proven."""
        number = self.order.number
        every = speech.text("{number}", number=number) if number else speech.render(say("All numbers"))
        return speech.render(_became(self.fate.verified, every, speech.text(marks.MODES[self.order.mode])))


def _became(verified: bool, what: str, where: str) -> Sentence:
    if verified:
        return say("{what} to {where}. Switched and verified.", what=what, where=where)
    return say("{what} to {where}. Stored, but not verified.", what=what, where=where)


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
