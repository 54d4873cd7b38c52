"""The browsers and networks from which each user has logged in: where a guesser is not likely to sit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, insert, select

from router.store.account_store import AccountStore
from router.store.account_tables import familiar, users
from router.store.accounts import found
from router.store.names import folded
from router.store.sentences import storable

KEPT: Final = timedelta(days=90)
MOST: Final = 60
"""Marks of one user, those seen last: a telephone changes its network all day."""


class StoredFamiliar(AccountStore):
    """`router.ports.Familiar`."""

    async def knows(self, name: str, marks: Sequence[str]) -> frozenset[str]:
        wanted = (
            select(familiar.c.mark)
            .join(users, users.c.id == familiar.c.user_id)
            .where(
                users.c.folded == folded(name),
                familiar.c.mark.in_([storable(mark) for mark in marks]),
                familiar.c.last_seen > self._now() - KEPT,
            )
        )
        async with self._database.reading() as connection:
            return frozenset(str(mark) for mark in await connection.scalars(wanted))

    async def remember(self, name: str, marks: Sequence[str]) -> None:
        told, now = [storable(mark) for mark in marks], self._now()
        async with self._database.writing() as connection:
            user = await found(connection, name)
            if user is None:
                return
            his = familiar.c.user_id == user.id
            await connection.execute(delete(familiar).where(his, familiar.c.mark.in_(told)))
            rows = [{"user_id": user.id, "mark": mark, "last_seen": now} for mark in dict.fromkeys(told)]
            await connection.execute(insert(familiar), rows)
            newest = select(familiar.c.mark).where(his).order_by(familiar.c.last_seen.desc()).limit(MOST)
            await connection.execute(delete(familiar).where(his, familiar.c.mark.not_in(newest)))
