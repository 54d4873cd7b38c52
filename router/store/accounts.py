"""Who may log in, who is logged in, and the link with which the first user names himself."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from router.core.sentence import say
from router.ports import NotUsable, User
from router.store.database import Database, StoreUnavailable
from router.store.passwords import Passwords
from router.store.schema import invitations, sessions, users
from router.store.sentences import storable

SESSION: Final = timedelta(days=30)
"""Counted from when it was last used."""
INVITATION: Final = timedelta(hours=24)
SEEN_EVERY: Final = timedelta(minutes=10)
"""How exactly the last use is kept: not every page that is opened shall be a write."""
LONGEST_NAME: Final = 64


class StoredAccounts:
    """`router.ports.Accounts`. Every method raises StoreUnavailable where the database cannot be used."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._now = now
        self._passwords = Passwords()

    async def add(self, name: str, password: str) -> None:
        """Also ends open invitations: they are for the first user."""
        name, hashed = usable(name), await self._passwords.hashed(password)
        with _unique(name):
            async with self._database.writing() as connection:
                await self._added(connection, name, hashed)

    async def remove(self, name: str) -> bool:
        """Ends the user's sessions too. False where there is no such user."""
        async with self._database.writing() as connection:
            found = await connection.scalar(select(users.c.id).where(users.c.folded == folded(name)))
            if found is None:
                return False
            await connection.execute(delete(sessions).where(sessions.c.user_id == found))
            await connection.execute(delete(users).where(users.c.id == found))
            return True

    async def users(self) -> Sequence[User]:
        """By name."""
        async with self._database.reading() as connection:
            found = await connection.execute(
                select(users.c.name, users.c.created, users.c.last_login).order_by(users.c.folded)
            )
            return [User(name, created, last_login) for name, created, last_login in found]

    async def login(self, name: str, password: str) -> str | None:
        async with self._database.reading() as connection:
            wanted = select(users.c.id, users.c.password).where(users.c.folded == folded(name))
            user = (await connection.execute(wanted)).one_or_none()
        if not await self._passwords.right(user.password if user else None, password) or user is None:
            return None
        with suppress(IntegrityError):  # removed while the password was being checked
            async with self._database.writing() as connection:
                return await self._opened(connection, user.id)
        return None

    async def whose(self, session: str) -> User | None:
        now = self._now()
        async with self._database.reading() as connection:
            found = await connection.execute(
                select(users.c.name, users.c.created, users.c.last_login, sessions.c.last_seen)
                .join(users, users.c.id == sessions.c.user_id)
                .where(sessions.c.token == _kept(session), sessions.c.last_seen > now - SESSION)
            )
            row = found.one_or_none()
        if row is None:
            return None
        if now - row.last_seen > SEEN_EVERY:
            with suppress(StoreUnavailable):  # a full disk logs nobody out
                async with self._database.writing() as connection:
                    await connection.execute(
                        update(sessions).where(sessions.c.token == _kept(session)).values(last_seen=now)
                    )
        return User(row.name, row.created, row.last_login)

    async def logout(self, session: str) -> None:
        async with self._database.writing() as connection:
            await connection.execute(delete(sessions).where(sessions.c.token == _kept(session)))

    async def invite(self) -> str:
        """May be called again; only the newest invitation is good."""
        token = secrets.token_urlsafe(32)
        async with self._database.writing() as connection:
            await connection.execute(delete(invitations))
            await connection.execute(insert(invitations).values(token=_kept(token), created=self._now()))
        return token

    async def invited(self, token: str) -> bool:
        async with self._database.reading() as connection:
            return await connection.scalar(select(invitations.c.token).where(self._open(token))) is not None

    async def accept(self, token: str, name: str, password: str) -> str | None:
        """A name or password that will not do leaves the token unused."""
        if not await self.invited(token):
            return None
        name, hashed = usable(name), await self._passwords.hashed(password)
        with _unique(name):
            async with self._database.writing() as connection:
                used = await connection.execute(delete(invitations).where(self._open(token)))
                if used.rowcount == 0:
                    return None
                return await self._opened(connection, await self._added(connection, name, hashed))

    def _open(self, token: str) -> ColumnElement[bool]:
        return and_(invitations.c.token == _kept(token), invitations.c.created > self._now() - INVITATION)

    async def _added(self, connection: AsyncConnection, name: str, hashed: str) -> int:
        row = {"name": name, "folded": folded(name), "password": hashed, "created": self._now()}
        user = await connection.scalar(insert(users).values(row).returning(users.c.id))
        await connection.execute(delete(invitations))
        return int(user)

    async def _opened(self, connection: AsyncConnection, user: int) -> str:
        """A new session. Those that ran out are cleared away on this occasion."""
        token, now = secrets.token_urlsafe(32), self._now()
        await connection.execute(delete(sessions).where(sessions.c.last_seen <= now - SESSION))
        await connection.execute(insert(sessions).values(token=_kept(token), user_id=user, created=now, last_seen=now))
        await connection.execute(update(users).where(users.c.id == user).values(last_login=now))
        return token


def usable(name: str) -> str:
    """`name` as it is kept. Raises NotUsable. Names are shown beside what somebody ordered: none may
    hold what cannot be seen or turns the text around it."""
    name = unicodedata.normalize("NFC", name.strip())
    if not name:
        raise NotUsable(say("The name is empty."))
    if len(name) > LONGEST_NAME:
        raise NotUsable(say("The name may have at most {most} characters.", most=LONGEST_NAME))
    if not name.isprintable():
        raise NotUsable(say("The name has characters in it that cannot be seen."))
    return name


def folded(name: str) -> str:
    """The same for all names that are taken for one: without case, and with characters that look alike made one."""
    return storable(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold()))


def _kept(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


@contextmanager
def _unique(name: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise NotUsable(say("There is already a user of the name {name}.", name=name)) from None
