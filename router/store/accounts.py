"""Who may log in: adding and removing users, their roles and passwords, and the link of the first start."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import CursorResult, Row, Select, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from router.core.sentence import say
from router.ports import NOWHERE, Came, Invitation, NotUsable, Role, User
from router.store.account_tables import invitations, login_steps, resets, second_factors, sessions, users
from router.store.fingerprint import SHOWN, fingerprint
from router.store.names import folded, taken, unique, usable
from router.store.sentences import storable
from router.store.sessions import SESSION, StoredSessions, open_session

FIRST_LINK: Final = timedelta(hours=24)
INVITATION: Final = timedelta(hours=72)
LONGEST_LANGUAGE: Final = 8


class StoredAccounts(StoredSessions):
    """`router.ports.Accounts`."""

    async def add(self, name: str, password: str, role: Role = Role.ADMIN) -> None:
        """Also ends the link of the first start: it is for the first user."""
        name, hashed = usable(name), await self._passwords.hashed(password)
        with unique(name):
            async with self._database.writing() as connection:
                await self._added(connection, name, hashed, role)

    async def remove(self, name: str) -> bool:
        async with self._database.writing() as connection:
            user = await found(connection, name)
            if user is None:
                return False
            await _keep_an_admin(connection, user)
            await _end_links_by(connection, user)
            # the rest goes with him by ON DELETE CASCADE; sessions, said once more: they open the door
            await connection.execute(delete(sessions).where(sessions.c.user_id == user.id))
            await connection.execute(delete(users).where(users.c.id == user.id))
            return True

    async def set_role(self, name: str, role: Role) -> bool:
        """The links that he made end with his being an admin."""
        async with self._database.writing() as connection:
            user = await found(connection, name)
            if user is None:
                return False
            if role is not Role.ADMIN:
                await _keep_an_admin(connection, user)
                await _end_links_by(connection, user)
            await connection.execute(update(users).where(users.c.id == user.id).values(role=role.value))
            return True

    async def set_language(self, name: str, language: str | None) -> bool:
        told = None if language is None else storable(language[:LONGEST_LANGUAGE])
        async with self._database.writing() as connection:
            done = await connection.execute(update(users).where(users.c.folded == folded(name)).values(language=told))
            return done.rowcount > 0

    async def set_password(self, name: str, password: str, keep: str | None = None) -> bool:
        hashed = await self._passwords.hashed(password)
        async with self._database.writing() as connection:
            user = await found(connection, name)
            if user is None:
                return False
            if user.subject is not None:
                raise no_password(user.name)
            await new_password(connection, user.id, hashed, "" if keep is None else fingerprint(keep))
            return True

    async def users(self) -> Sequence[User]:
        async with self._database.reading() as connection:
            counted = await connection.execute(
                select(sessions.c.user_id, func.count())
                .where(sessions.c.last_seen > self._now() - SESSION)
                .group_by(sessions.c.user_id)
            )
            open_ones = {row[0]: row[1] for row in counted}
            rows = await connection.execute(
                select(users, second_factors.c.confirmed)
                .outerjoin(second_factors, second_factors.c.user_id == users.c.id)
                .order_by(users.c.folded)
            )
            return [
                User(
                    row.name, row.created, row.last_login, Role(row.role), row.language,
                    second_factor=row.confirmed is not None, sessions=open_ones.get(row.id, 0),
                    outside=row.subject is not None, id=row.id,
                )
                for row in rows
            ]  # fmt: skip

    async def enter(self, subject: str, name: str, role: Role, came: Came = NOWHERE) -> str:
        """The role is what the sign-on service says, except that the only admin stays one."""
        subject = storable(subject)
        name = usable(name)
        with unique(name):
            async with self._database.writing() as connection:
                user = (await connection.execute(select(users).where(users.c.subject == subject))).one_or_none()
                if user is None:
                    if await found(connection, name) is not None:
                        raise taken(name)
                    known = await self._added(connection, name, "", role, subject)
                else:
                    known = user.id
                    if role is Role.ADMIN or user.role != Role.ADMIN or await _other_admins(connection, user.id):
                        if role is not Role.ADMIN:
                            await _end_links_by(connection, user)
                        await connection.execute(update(users).where(users.c.id == known).values(role=role.value))
                return await open_session(connection, known, came, self._now())

    async def invite(self) -> str:
        """May be called again; only the newest one is good."""
        token = secrets.token_urlsafe(32)
        async with self._database.writing() as connection:
            await connection.execute(delete(invitations).where(invitations.c.by_id.is_(None)))
            await connection.execute(
                insert(invitations).values(token=fingerprint(token), created=self._now(), role=Role.ADMIN.value)
            )
        return token

    async def invited(self, token: str) -> Invitation | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(invited_by(invitations.c.token == fingerprint(token)))).one_or_none()
        kept = None if row is None else invitation_of(row)
        return kept if kept is not None and kept.until > self._now() else None

    async def accept(self, token: str, name: str, password: str, came: Came = NOWHERE) -> str | None:
        """A name or password that will not do leaves the token unused."""
        kept = await self.invited(token)
        if kept is None:
            return None
        name, hashed = usable(kept.name or name), await self._passwords.hashed(password)
        with unique(name):
            async with self._database.writing() as connection:
                used = await connection.execute(delete(invitations).where(invitations.c.token == fingerprint(token)))
                if used.rowcount == 0 or kept.until <= self._now():
                    return None
                user = await self._added(connection, name, hashed, kept.role)
                return await open_session(connection, user, came, self._now())

    async def _added(
        self, connection: AsyncConnection, name: str, hashed: str, role: Role, subject: str | None = None
    ) -> int:
        row = {"name": name, "folded": folded(name), "password": hashed, "created": self._now(), "role": role.value}
        user = await connection.scalar(insert(users).values(**row, subject=subject).returning(users.c.id))
        await connection.execute(delete(invitations).where(invitations.c.by_id.is_(None)))
        return int(user)


async def found(connection: AsyncConnection, name: str) -> Row[Any] | None:
    """The row of this user."""
    return (await connection.execute(select(users).where(users.c.folded == folded(name)))).one_or_none()


def invited_by(which: Any) -> Select[Any]:
    """The invitations, with the name of whoever made each."""
    return (
        select(invitations, users.c.name.label("by")).outerjoin(users, users.c.id == invitations.c.by_id).where(which)
    )


def invitation_of(row: Row[Any]) -> Invitation:
    lasts = FIRST_LINK if row.by_id is None else INVITATION
    return Invitation(row.token[:SHOWN], Role(row.role), row.created, row.created + lasts, row.by, row.name)


async def new_password(connection: AsyncConnection, user: int, hashed: str, keep: str = "") -> CursorResult[Any]:
    """Ends the user's sessions but the one with the fingerprint `keep`, the logins that wait for a code, and all links
    that would set it again."""
    # first, so that a login which is just being written is waited for, and its session goes with the others
    done = await connection.execute(update(users).where(users.c.id == user).values(password=hashed))
    await connection.execute(delete(sessions).where(sessions.c.user_id == user, sessions.c.token != keep))
    for table in (resets, login_steps):
        await connection.execute(delete(table).where(table.c.user_id == user))
    return done


async def _end_links_by(connection: AsyncConnection, user: Row[Any]) -> None:
    """Else he could still let himself in as somebody else."""
    await connection.execute(delete(invitations).where(invitations.c.by_id == user.id))
    await connection.execute(delete(resets).where(resets.c.by == storable(user.name)))


def no_user(name: str) -> NotUsable:
    return NotUsable(say("There is no user of the name {name}.", name=name))


def no_password(name: str) -> NotUsable:
    return NotUsable(say("{name} logs in through the sign-on service and has no password here.", name=name))


async def _other_admins(connection: AsyncConnection, user: int) -> bool:
    """Locked until the transaction ends, or two admins could demote each other at the same moment."""
    admins = await connection.scalars(select(users.c.id).where(users.c.role == Role.ADMIN.value).with_for_update())
    return any(admin != user for admin in admins)


async def _keep_an_admin(connection: AsyncConnection, user: Row[Any]) -> None:
    if user.role == Role.ADMIN.value and not await _other_admins(connection, user.id):
        raise NotUsable(say("{name} is the only admin. Make somebody else admin first.", name=user.name))
