"""Records, lines and overrides as rows of the tables, and back; and which lines are forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from router.core.effects import Record
from router.core.orders import Mode, Override, Overrides
from router.core.sentence import Sentence
from router.ports import Line
from router.store.schema import journal
from router.store.sentences import packed, storable, unpacked
from router.store.words import shape, words

HELPING: Final = 1000
"""Lines that are forgotten in one transaction: what is to be written meanwhile waits no longer than that."""


def of_record(at: datetime, record: Record) -> dict[str, Any]:
    """Raises where the record could not be written: a row that is refused later would hold up all behind it."""
    row: dict[str, Any] = {
        "at": at.astimezone(UTC),
        "kind": storable(record.kind),
        "trunk": _stored(record.trunk),
        "number": _stored(record.number),
        "by": _stored(record.by),
        "text": storable(record.text.text),
        "values": packed(record.text.values),
        "data": packed(record.data),
        "shape": storable(shape(record.text)),
        "words": storable(words(record)),
    }
    json.dumps([row["values"], row["data"]], allow_nan=False)
    return row


def line(row: Row[Any]) -> Line:
    """Raises ValueError where somebody else wrote the row."""
    kept = row._mapping
    return Line(
        id=kept["id"],
        at=kept["at"],
        kind=kept["kind"],
        text=Sentence(kept["text"], tuple(unpacked(kept["values"]).items())),
        trunk=kept["trunk"],
        number=kept["number"],
        by=kept["by"],
        data=dict(unpacked(kept["data"])),
    )


async def prune(connection: AsyncConnection, before: datetime) -> int:
    """How many lines of before that moment are gone now, the oldest first and at most `HELPING`."""
    old = select(journal.c.id).where(journal.c.at < before).order_by(journal.c.at).limit(HELPING)
    return (await connection.execute(delete(journal).where(journal.c.id.in_(old)))).rowcount


def of_overrides(overrides: Overrides) -> list[dict[str, Any]]:
    return [
        {
            "position": position,
            "mode": word.mode.value,
            "number": _stored(word.number),
            "since": word.since,
            "until": word.until,
            "by": storable(word.by),
            "via": storable(word.via),
            "reason": _stored(word.reason),
        }
        for position, word in enumerate(overrides)
    ]


def overrides(rows: Iterable[Row[Any]]) -> Overrides:
    """Raises ValueError where a mode is none."""
    return tuple(
        Override(
            mode=Mode(kept["mode"]),
            since=kept["since"],
            by=kept["by"],
            via=kept["via"],
            number=kept["number"],
            until=kept["until"],
            reason=kept["reason"],
        )
        for kept in (row._mapping for row in rows)
    )


def _stored(text: str | None) -> str | None:
    return None if text is None else storable(text)
