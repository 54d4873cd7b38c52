"""Who waits to be called back, and what staff said of it, in the database.

What is read is as little as core.call_backs needs to decide: the calls of the callers who may wait, and of those whose
call-back was marked as done last.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from router.core.call_backs import MOST_ATTEMPTS, CallBack, CallBackList, Remark, call_backs
from router.core.calls import Outcome
from router.store.calls import call_of
from router.store.database import Database
from router.store.rows import HELPING
from router.store.schema import callbacks, calls
from router.store.sentences import storable

_MISSED, _TAKEN = Outcome.MISSED.value, Outcome.TAKEN.value
_DONE_ROWS: Final = 50
_REMARKS: Final = 50
"""Of one caller that are looked at, the newest of those that say it is done, and of those that do not."""


class StoredCallBacks:
    """`router.ports.CallBacks`. Raises StoreUnavailable, and ValueError where somebody else wrote a row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, since: datetime, most: int = 100) -> CallBackList:
        waiting = _waiting(since)
        withheld = select(func.count(), func.max(calls.c.began)).where(
            calls.c.caller.is_(None), calls.c.outcome == _MISSED, calls.c.began >= since
        )
        async with self._database.reading() as connection:
            still = await connection.scalar(select(func.count()).select_from(waiting.subquery()))
            callers = [row.caller for row in await connection.execute(waiting.order_by(_LAST.desc()).limit(most))]
            done = [row.caller for row in await connection.execute(_done_last(since))]
            hidden, last = (await connection.execute(withheld)).one()
            rows = await _rows(connection, [*callers, *done], since)
        return CallBackList(rows, still or 0, hidden, last)

    async def row(self, caller: str, since: datetime) -> CallBack | None:
        async with self._database.reading() as connection:
            rows = await _rows(connection, [caller], since)
        return rows[0] if rows else None

    async def say(self, remark: Remark) -> None:
        row = {
            "caller": remark.caller,
            "at": remark.at,
            "by": storable(remark.by),
            "note": None if remark.note is None else storable(remark.note),
            "done": remark.done,
        }
        async with self._database.writing() as connection:
            await connection.execute(insert(callbacks), [row])

    async def undo(self, caller: str, since: datetime) -> bool:
        marked = callbacks.c.caller == caller, callbacks.c.done.is_(True), callbacks.c.at >= since
        bare = delete(callbacks).where(*marked, callbacks.c.note.is_(None))
        async with self._database.writing() as connection:
            gone = (await connection.execute(bare)).rowcount
            noted = (await connection.execute(update(callbacks).where(*marked).values(done=False))).rowcount
        return gone + noted > 0


async def prune(connection: AsyncConnection, before: datetime) -> int:
    """How many remarks of before that moment are gone now, the oldest first and at most `HELPING`."""
    old = select(callbacks.c.id).where(callbacks.c.at < before).order_by(callbacks.c.at).limit(HELPING)
    return (await connection.execute(delete(callbacks).where(callbacks.c.id.in_(old)))).rowcount


_LAST = func.max(calls.c.began)


def _waiting(since: datetime) -> Select[Any]:
    """The callers with an attempt that nothing came after; see core.call_backs."""
    later = calls.alias()
    got_through = exists().where(
        later.c.caller == calls.c.caller, later.c.outcome == _TAKEN, later.c.began >= calls.c.began
    )
    called_back = exists().where(
        callbacks.c.caller == calls.c.caller, callbacks.c.done.is_(True),
        callbacks.c.at >= calls.c.began, callbacks.c.at >= calls.c.ended,
    )  # fmt: skip
    return (
        select(calls.c.caller)
        .where(calls.c.caller.is_not(None), calls.c.outcome == _MISSED, calls.c.began >= since)
        .where(~got_through, ~called_back)
        .group_by(calls.c.caller)
    )


def _done_last(since: datetime) -> Select[Any]:
    last = func.max(callbacks.c.at)
    marked = select(callbacks.c.caller).where(callbacks.c.done.is_(True), callbacks.c.at >= since)
    return marked.group_by(callbacks.c.caller).order_by(last.desc()).limit(_DONE_ROWS)


async def _rows(connection: AsyncConnection, callers: Sequence[str], since: datetime) -> tuple[CallBack, ...]:
    if not callers:
        return ()
    remarks = await connection.execute(_remarks_of(callers, since))
    found = await connection.execute(_calls_of(callers, since))
    return call_backs([call_of(row) for row in found], [_remark(row) for row in remarks])


def _calls_of(callers: Sequence[str], since: datetime) -> Select[Any]:
    """Of each caller his newest, so that a machine which tries all day long hides nobody."""
    nth = func.row_number().over(partition_by=calls.c.caller, order_by=(calls.c.began.desc(), calls.c.id.desc()))
    newest = (
        select(calls.c.id, nth.label("nth"))
        .where(calls.c.caller.in_(callers), calls.c.outcome.in_((_MISSED, _TAKEN)), calls.c.began >= since)
        .subquery()
    )
    return select(calls).join(newest, newest.c.id == calls.c.id).where(newest.c.nth <= MOST_ATTEMPTS)


def _remarks_of(callers: Sequence[str], since: datetime) -> Select[Any]:
    """Of each caller as many: what a program says of one of them a thousand times hides nothing of the others."""
    order = (callbacks.c.at.desc(), callbacks.c.id.desc())
    nth = func.row_number().over(partition_by=(callbacks.c.caller, callbacks.c.done), order_by=order)
    newest = (
        select(callbacks.c.id, nth.label("nth"))
        .where(callbacks.c.caller.in_(callers), callbacks.c.at >= since)
        .subquery()
    )
    found = select(callbacks).join(newest, newest.c.id == callbacks.c.id)
    return found.where(newest.c.nth <= _REMARKS).order_by(*order)


def _remark(row: Row[Any]) -> Remark:
    kept = row._mapping
    return Remark(kept["caller"], kept["at"], kept["by"], kept["note"], kept["done"])
