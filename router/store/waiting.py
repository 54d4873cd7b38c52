"""The lines that are not in the database yet: bounded, in order, and honest about what it had to drop."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime
from typing import Any

from router.core.effects import Kind, Record
from router.core.sentence import say
from router.store import rows


class WaitingLines:
    """At most `capacity` lines and the `batch` in hand. Where lines were dropped, the journal gets one that says so."""

    def __init__(self, capacity: int, batch: int) -> None:
        self._capacity = capacity
        self._most = batch
        self._lines: deque[dict[str, Any]] = deque()
        self._in_hand: list[dict[str, Any]] = []
        self._lost_until = datetime.now(UTC)
        self.lost = 0
        """Dropped, and not yet told in the journal."""

    def __len__(self) -> int:
        return len(self._lines) + len(self._in_hand)

    def put(self, row: dict[str, Any]) -> None:
        if len(self._lines) >= self._capacity:
            self._lost_until = self._lines.popleft()["at"]
            self.lost += 1
        self._lines.append(row)

    def batch(self) -> list[dict[str, Any]]:
        """The oldest lines; the same ones again until they are `written`."""
        if not self._in_hand:
            if self.lost:
                self._in_hand.append(_gap(self._lost_until, self.lost))
                self.lost = 0
            while self._lines and len(self._in_hand) < self._most:
                self._in_hand.append(self._lines.popleft())
        return self._in_hand

    def written(self) -> None:
        self._in_hand = []


def _gap(until: datetime, lost: int) -> dict[str, Any]:
    missing = say(
        "{count} lines are missing here: they could not be written, and there was no more room to keep them waiting",
        count=lost,
    )
    return rows.of_record(until, Record(Kind.PBX, missing))
