"""The calls in the database: those that wait to be written, each once, and what is read and pruned."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import Row, Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from router.core import counted
from router.core.calls import Call, Leg, Outcome
from router.core.site import Way
from router.store.rows import HELPING
from router.store.schema import calls

log = logging.getLogger(__name__)

BATCH: Final = 50
"""Calls in one transaction, and so at most that many told as kept in one go."""


class WaitingCalls:
    """At most `capacity` calls that are not in the database yet; beyond it the oldest make way."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._waiting: dict[str, tuple[dict[str, Any], Callable[[], None]]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, call: Call, kept: Callable[[], None]) -> None:
        if call.id in self._waiting:
            return
        if len(self._waiting) >= self._capacity:
            self._waiting.pop(next(iter(self._waiting)))
            log.warning("a call was not written down: no room to keep more of them waiting")
        self._waiting[call.id] = _row(call), kept

    async def write(self, connection: AsyncConnection) -> list[str]:
        """Writes the oldest; which these are. They wait on until they are `written`."""
        batch = dict(islice(self._waiting.items(), BATCH))
        if batch:
            into = postgresql.insert(calls) if connection.dialect.name == "postgresql" else sqlite.insert(calls)
            await connection.execute(into.on_conflict_do_nothing(), [row for row, _ in batch.values()])
        return list(batch)

    def written(self, batch: list[str]) -> None:
        for call in batch:
            if (waited := self._waiting.pop(call, None)) is not None:
                waited[1]()


def wanted(most: int, missed: bool, number: str | None, since: datetime | None) -> Select[Any]:
    """The calls that began last, newest first."""
    found = select(calls).order_by(calls.c.began.desc(), calls.c.id.desc()).limit(most)
    if missed:
        found = found.where(calls.c.outcome == Outcome.MISSED.value)
    if number is not None:
        found = found.where(calls.c.number == number)
    return found if since is None else found.where(calls.c.began >= since)


async def prune(connection: AsyncConnection, before: datetime) -> int:
    """How many calls of before that moment are gone now, the oldest first and at most `HELPING`."""
    old = select(calls.c.id).where(calls.c.began < before).order_by(calls.c.began).limit(HELPING)
    return (await connection.execute(delete(calls).where(calls.c.id.in_(old)))).rowcount


def call_of(row: Row[Any]) -> Call:
    """Raises ValueError where somebody else wrote the row."""
    kept = row._mapping
    try:
        legs = tuple(Leg(str(trunk), str(number), str(end)) for trunk, number, end in kept["legs"])
    except TypeError:
        raise ValueError(f"no legs of a call: {str(kept['legs'])[:60]!r}") from None
    return Call(
        id=kept["call"],
        number=kept["number"],
        caller=kept["caller"],
        trunk=kept["trunk"],
        way=Way(kept["way"]) if kept["way"] else None,
        began=kept["began"],
        rang_ms=kept["rang_ms"],
        answered_ms=kept["answered_ms"],
        ended=kept["ended"],
        by=kept["by"],
        end=kept["end"],
        legs=legs,
        away=kept["away"],
        by_hand=kept["by_hand"],
    )


def _row(call: Call) -> dict[str, Any]:
    return {
        "call": call.id,
        "number": call.number,
        "caller": call.caller,
        "trunk": call.trunk,
        "way": call.way.value if call.way else None,
        "began": call.began,
        "rang_ms": call.rang_ms,
        "answered_ms": call.answered_ms,
        "ended": call.ended,
        "by": call.by,
        "end": call.end,
        "outcome": call.outcome.value,
        "away": call.away,
        "by_hand": call.by_hand,
        "forwarded": counted.forwarded(call),
        "rescued": counted.rescued(call),
        "legs": [[leg.trunk, leg.number, leg.end] for leg in call.legs],
    }
