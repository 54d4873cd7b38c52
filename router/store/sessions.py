"""Who is logged in, and from where: opening sessions, asking for them, ending them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from router.ports import NOWHERE, Came, CodeWanted, OpenSession, Role, User
from router.store.account_store import PasswordStore
from router.store.account_tables import login_steps, second_factors, sessions, users
from router.store.database import StoreUnavailable
from router.store.fingerprint import SHOWN, fingerprint, shown
from router.store.names import folded
from router.store.sentences import storable

SESSION: Final = timedelta(days=30)
"""Counted from when it was last used."""
STEP: Final = timedelta(minutes=5)
"""From the right password to the code."""
SEEN_EVERY: Final = timedelta(minutes=10)
"""How exactly the last use is kept: not every page that is opened shall be a write."""
LONGEST_BROWSER: Final = 300
"""Characters kept of what a browser calls itself."""


async def open_session(connection: AsyncConnection, user: int, came: Came, now: datetime) -> str:
    """A new session. Those that ran out are cleared away on this occasion."""
    token = secrets.token_urlsafe(32)
    told = None if came.browser is None else storable(came.browser[:LONGEST_BROWSER])
    row = {"user_id": user, "created": now, "last_seen": now, "address": came.address, "browser": told}
    await connection.execute(delete(sessions).where(sessions.c.last_seen <= now - SESSION))
    await connection.execute(insert(sessions).values(token=fingerprint(token), **row))
    await connection.execute(update(users).where(users.c.id == user).values(last_login=now))
    return token


class StoredSessions(PasswordStore):
    """That part of `router.ports.Accounts`."""

    async def right(self, name: str, password: str) -> bool:
        return await self._who(name, password) is not None

    async def login(self, name: str, password: str, came: Came = NOWHERE) -> str | None:
        who = await self._who(name, password)
        if who is None:
            return None
        user, hashed = who
        step = None
        with suppress(IntegrityError):  # removed while the password was being checked
            async with self._database.writing() as connection:
                still = select(users.c.password).where(users.c.id == user).with_for_update()
                if await connection.scalar(still) != hashed:
                    return None  # a new one was set meanwhile, and has ended all sessions
                if not await connection.scalar(
                    select(second_factors.c.user_id).where(
                        second_factors.c.user_id == user, second_factors.c.confirmed.is_not(None)
                    )
                ):
                    return await open_session(connection, user, came, self._now())
                step = await self._step(connection, user)
        if step is None:
            return None
        raise CodeWanted(step)

    async def whose(self, session: str) -> User | None:
        now, kept = self._now(), fingerprint(session)
        async with self._database.reading() as connection:
            found = await connection.execute(
                select(users, sessions.c.last_seen)
                .join(users, users.c.id == sessions.c.user_id)
                .where(sessions.c.token == kept, sessions.c.last_seen > now - SESSION)
            )
            row = found.one_or_none()
        if row is None:
            return None
        if now - row.last_seen > SEEN_EVERY:
            with suppress(StoreUnavailable):  # a full disk logs nobody out
                async with self._database.writing() as connection:
                    await connection.execute(update(sessions).where(sessions.c.token == kept).values(last_seen=now))
        return User(
            row.name,
            row.created,
            row.last_login,
            Role(row.role),
            row.language,
            outside=row.subject is not None,
            id=row.id,
        )

    async def logout(self, session: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(sessions).where(sessions.c.token == fingerprint(session)))

    async def sessions(self, name: str, mine: str | None = None) -> Sequence[OpenSession]:
        asking = fingerprint(mine) if mine is not None else None
        async with self._database.reading() as connection:
            found = await connection.execute(
                select(sessions)
                .join(users, users.c.id == sessions.c.user_id)
                .where(users.c.folded == folded(name), sessions.c.last_seen > self._now() - SESSION)
                .order_by(sessions.c.last_seen.desc(), sessions.c.created.desc())
            )
            return [
                OpenSession(
                    row.token[:SHOWN], row.created, row.last_seen, row.address, row.browser, mine=row.token == asking
                )
                for row in found
            ]

    async def end_session(self, name: str, shown_id: str) -> bool:
        async with self._database.writing() as connection:
            ended = await connection.execute(
                delete(sessions).where(_of(name), shown(sessions.c.token) == storable(shown_id))
            )
            return ended.rowcount > 0

    async def end_sessions(self, name: str, keep: str | None = None) -> int:
        kept = "" if keep is None else fingerprint(keep)
        async with self._database.writing() as connection:
            ended = await connection.execute(delete(sessions).where(_of(name), sessions.c.token != kept))
            return int(ended.rowcount)

    async def _who(self, name: str, password: str) -> tuple[int, str] | None:
        """The user's id and hash where the password is right; takes as long for a name that nobody has."""
        async with self._database.reading() as connection:
            wanted = select(users.c.id, users.c.password).where(users.c.folded == folded(name))
            user = (await connection.execute(wanted)).one_or_none()
        right = await self._passwords.right(user.password or None if user else None, password)
        return (int(user.id), str(user.password)) if right and user is not None else None

    async def _step(self, connection: AsyncConnection, user: int) -> str:
        token, now = secrets.token_urlsafe(32), self._now()
        await connection.execute(delete(login_steps).where(login_steps.c.created <= now - STEP))
        await connection.execute(
            insert(login_steps).values(token=fingerprint(token), user_id=user, created=now, tries=0)
        )
        return token


def _of(name: str) -> ColumnElement[bool]:
    return sessions.c.user_id.in_(select(users.c.id).where(users.c.folded == folded(name)))
