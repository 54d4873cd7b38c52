"""The book of calls: looked through by what they were, page by page, and counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_

from router.core.calls import Call, Outcome
from router.core.counted import Count, Figures, Wanted
from router.store.calls import call_of
from router.store.database import Database
from router.store.schema import calls

_MOST_AT_ONCE = 10_000

_COUNTS: Mapping[Count, ColumnElement[bool]] = {
    Count.TAKEN: calls.c.outcome == Outcome.TAKEN.value,
    Count.MISSED: calls.c.outcome == Outcome.MISSED.value,
    Count.FORWARDED: calls.c.forwarded.is_(True),
    Count.RESCUED: calls.c.rescued.is_(True),
}


class StoredCallBook:
    """`router.ports.CallBook`. Raises StoreUnavailable, and ValueError where somebody else wrote a row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, wanted: Wanted, most: int = 50, before: str | None = None) -> Sequence[Call]:
        async with self._database.reading() as connection:
            kept = await connection.execute(_page(wanted, most, before))
            return [call_of(row) for row in kept]

    async def figures(self, wanted: Wanted) -> Figures:
        asked = select(*(func.count().filter(of).label(count.value) for count, of in _COUNTS.items())).select_from(
            calls
        )
        async with self._database.reading() as connection:
            found = (await connection.execute(asked.where(*_conditions(wanted)))).one()
        return Figures(**found._mapping)


def _page(wanted: Wanted, most: int, before: str | None) -> Select[Any]:
    order = tuple_(calls.c.began, calls.c.id)
    found = select(calls).where(*_conditions(wanted)).limit(max(0, min(most, _MOST_AT_ONCE)))
    if before is not None:
        last = calls.alias()
        found = found.where(order < select(last.c.began, last.c.id).where(last.c.call == before).scalar_subquery())
    return found.order_by(calls.c.began.desc(), calls.c.id.desc())


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [] if wanted.count is None else [_COUNTS[wanted.count]]
    if wanted.number is not None:
        found.append(calls.c.number == wanted.number)
    if wanted.since is not None:
        found.append(calls.c.began >= wanted.since)
    if wanted.until is not None:
        found.append(calls.c.began < wanted.until)
    if wanted.digits:
        found.append(calls.c.caller.contains(wanted.digits, autoescape=True))
    return found
