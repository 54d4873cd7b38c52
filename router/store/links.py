"""One-time links that an admin makes: invitations, and links with which a user sets a new password."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from router.core.sentence import say
from router.ports import Invitation, NotUsable, Role
from router.store.account_store import PasswordStore
from router.store.account_tables import invitations, resets, users
from router.store.accounts import INVITATION, found, invitation_of, invited_by, new_password, no_password, no_user
from router.store.fingerprint import fingerprint, shown
from router.store.names import taken, usable
from router.store.sentences import storable

RESET: Final = timedelta(hours=24)


class StoredLinks(PasswordStore):
    """`router.ports.Links`."""

    async def invite(self, role: Role, by: str, name: str | None = None) -> str:
        """Those that ran out are cleared away on this occasion."""
        token, now = secrets.token_urlsafe(32), self._now()
        wanted = usable(name) if name and name.strip() else None
        async with self._database.writing() as connection:
            inviting = await found(connection, by)
            if inviting is None:
                raise no_user(by)
            if inviting.role != Role.ADMIN:  # by now
                raise NotUsable(say("Only administrators invite."))
            if wanted is not None and await found(connection, wanted) is not None:
                raise taken(wanted)
            await connection.execute(
                delete(invitations).where(invitations.c.created <= now - INVITATION, invitations.c.by_id.is_not(None))
            )
            row = {"token": fingerprint(token), "created": now, "role": role.value, "name": wanted}
            await connection.execute(insert(invitations).values(**row, by_id=inviting.id))
        return token

    async def invitations(self) -> Sequence[Invitation]:
        async with self._database.reading() as connection:
            rows = await connection.execute(
                invited_by(invitations.c.by_id.is_not(None)).order_by(invitations.c.created.desc())
            )
            return [kept for kept in map(invitation_of, rows) if kept.until > self._now()]

    async def withdraw(self, shown_id: str) -> bool:
        async with self._database.writing() as connection:
            gone = await connection.execute(
                delete(invitations).where(
                    invitations.c.by_id.is_not(None), shown(invitations.c.token) == storable(shown_id)
                )
            )
            return gone.rowcount > 0

    async def reset(self, name: str, by: str) -> str | None:
        token = secrets.token_urlsafe(32)
        async with self._database.writing() as connection:
            user = await found(connection, name)
            if user is None:
                return None
            if user.subject is not None:
                raise no_password(user.name)
            await connection.execute(delete(resets).where(resets.c.user_id == user.id))
            row = {"token": fingerprint(token), "user_id": user.id, "by": storable(by), "created": self._now()}
            await connection.execute(insert(resets).values(row))
        return token

    async def resetting(self, token: str) -> str | None:
        async with self._database.reading() as connection:
            kept = await self._kept(connection, token)
        return None if kept is None else kept[1]

    async def set_anew(self, token: str, password: str) -> str | None:
        if await self.resetting(token) is None:
            return None
        hashed = await self._passwords.hashed(password)
        async with self._database.writing() as connection:
            kept = await self._kept(connection, token)
            used = await connection.execute(delete(resets).where(resets.c.token == fingerprint(token)))
            if kept is None or used.rowcount == 0:  # whoever deletes it has used it, also where two read it at once
                return None
            await new_password(connection, kept[0], hashed)
            return kept[1]

    async def _kept(self, connection: AsyncConnection, token: str) -> tuple[int, str] | None:
        row = (
            await connection.execute(
                select(users.c.id, users.c.name)
                .join(resets, resets.c.user_id == users.c.id)
                .where(resets.c.token == fingerprint(token), resets.c.created > self._now() - RESET)
            )
        ).one_or_none()
        return None if row is None else (row.id, row.name)
