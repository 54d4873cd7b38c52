"""Outages as rows of their table, and back; what staff write beside them is not touched by what the journal tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from router.core.outage_story import Count, Tally
from router.core.outages import Ending, Ledger, Outage, What
from router.store.schema import outages, outages_read
from router.store.sentences import storable

_KEPT = ("id", "what", "subject", "label", "began", "last", "down", "answered", "ended", "ending", "found", "relapses",
         "cause", "whose", "set_back")  # fmt: skip


async def ledger(connection: AsyncConnection) -> Ledger:
    """As it was when the last line was taken in."""
    read = (await connection.execute(select(outages_read))).one_or_none()
    still = await connection.execute(select(outages).where(outages.c.ending.in_((Ending.OPEN, Ending.LAPSED))))
    known = {one.key: one for one in map(outage, still)}
    return Ledger(known, read.line, read.at) if read else Ledger(known)


async def write(connection: AsyncConnection, changed: Iterable[Outage], ledger: Ledger) -> None:
    kept = [one for one in changed if one.ending is not Ending.NOTHING]
    gone = [one.id for one in changed if one.ending is Ending.NOTHING]
    if kept:
        await _upsert(connection, outages, [_row(one) for one in kept], _KEPT[1:])
    if gone:
        await connection.execute(delete(outages).where(outages.c.id.in_(gone)))
    row = {"position": 1, "line": ledger.read, "at": ledger.at}
    await _upsert(connection, outages_read, [row], ("line", "at"))


async def _upsert(connection: AsyncConnection, table: Any, rows: list[dict[str, Any]], columns: Sequence[str]) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    told = insert(table)
    key = [column.name for column in table.primary_key]
    new = told.on_conflict_do_update(index_elements=key, set_={name: told.excluded[name] for name in columns})
    await connection.execute(new, rows)


def outage(row: Row[Any]) -> Outage:
    """Raises ValueError where somebody else wrote the row."""
    kept = row._mapping
    values = {name: kept[name] for name in _KEPT}
    return Outage(**values | {"what": What(values["what"]), "ending": Ending(values["ending"])})


def _row(one: Outage) -> dict[str, Any]:
    row = {name: getattr(one, name) for name in _KEPT} | {"ticket": "", "false_alarm": False}
    return row | {name: storable(str(row[name])) for name in ("what", "subject", "label", "ending", "cause", "whose")}


def of_tally(tally: Tally) -> list[list[object]]:
    return [[number, count.saved, count.lost, count.office] for number, count in tally.numbers.items()]


def tally(stored: Iterable[Sequence[Any]]) -> Tally:
    return Tally({str(number): Count(saved, lost, office) for number, saved, lost, office in stored})


async def prune(connection: AsyncConnection, before: datetime) -> int:
    """How many were over before that moment; they are gone, with their notes."""
    return (await connection.execute(delete(outages).where(outages.c.ended < before))).rowcount
