"""Tokens for programs: `fo_`, 34 random characters and a checksum, so that scanners for leaked secrets know them and a
made-up one is refused without a look into the database."""

from __future__ import annotations

import secrets
import string
import zlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, delete, func, insert, select, update

from router.core.sentence import say
from router.ports import ApiToken, NotUsable, Role, User
from router.store.account_store import AccountStore
from router.store.account_tables import api_tokens, users
from router.store.accounts import found, no_user
from router.store.database import StoreUnavailable
from router.store.fingerprint import fingerprint
from router.store.names import folded, visible
from router.store.sessions import SEEN_EVERY

PREFIX: Final = "fo_"
MOST: Final = 50
"""Tokens of one user."""
LONGEST: Final = timedelta(days=3653)
"""Beyond the year 9999 no clock could show it any more."""
_DIGITS: Final = string.digits + string.ascii_letters
_RANDOM, _CHECK = 34, 6


class StoredTokens(AccountStore):
    """`router.ports.Tokens`."""

    async def add(self, owner: str, name: str, role: Role, until: datetime | None = None) -> str:
        token, now, name = new_token(), self._now(), visible(name)
        if until is not None and until <= now:
            raise NotUsable(say("The end must lie ahead."))
        if until is not None and until > now + LONGEST:
            raise NotUsable(say("The end may lie ten years ahead at most."))
        async with self._database.writing() as connection:
            user = await found(connection, owner)
            if user is None:
                raise no_user(owner)
            if not Role(user.role).covers(role):
                raise NotUsable(say("A token may not do more than you may yourself."))
            if (await connection.scalar(select(func.count()).where(api_tokens.c.user_id == user.id)) or 0) >= MOST:
                raise NotUsable(say("You have {most} tokens already. End one first.", most=MOST))
            row = {"token": fingerprint(token), "user_id": user.id, "name": name, "role": role.value}
            await connection.execute(insert(api_tokens).values(**row, created=now, until=until))
        return token

    async def tokens(self, owner: str | None = None) -> Sequence[ApiToken]:
        wanted = _tokens().order_by(api_tokens.c.id.desc())
        if owner is not None:
            wanted = wanted.where(users.c.folded == folded(owner))
        async with self._database.reading() as connection:
            return [_told(row) for row in await connection.execute(wanted)]

    async def end(self, token_id: int, owner: str | None = None) -> ApiToken | None:
        wanted = _tokens().where(api_tokens.c.id == token_id)
        if owner is not None:
            wanted = wanted.where(users.c.folded == folded(owner))
        async with self._database.writing() as connection:
            row = (await connection.execute(wanted)).one_or_none()
            if row is None:
                return None
            await connection.execute(delete(api_tokens).where(api_tokens.c.id == token_id))
            return _told(row)

    async def held(self, token: str) -> tuple[User, ApiToken] | None:
        if not well_formed(token):
            return None
        now = self._now()
        async with self._database.reading() as connection:
            row = (await connection.execute(_tokens().where(api_tokens.c.token == fingerprint(token)))).one_or_none()
        if row is None or (row.until is not None and row.until <= now):
            return None
        if row.last_use is None or now - row.last_use > SEEN_EVERY:
            with suppress(StoreUnavailable):  # a full disk locks no program out
                async with self._database.writing() as connection:
                    await connection.execute(update(api_tokens).where(api_tokens.c.id == row.id).values(last_use=now))
        owner = User(row.owner, row.owner_created, row.last_login, Role(row.owner_role), row.language)
        return owner, _told(row, Role(row.role) if owner.role.covers(Role(row.role)) else owner.role)


def new_token() -> str:
    random = "".join(secrets.choice(_DIGITS) for _ in range(_RANDOM))
    return PREFIX + random + _check(random)


def well_formed(token: str) -> bool:
    random = token.removeprefix(PREFIX)[:_RANDOM]
    return token.isascii() and token == PREFIX + random + _check(random)


def _check(random: str) -> str:
    number, written = zlib.crc32(random.encode()), ""
    for _ in range(_CHECK):
        number, digit = divmod(number, len(_DIGITS))
        written = _DIGITS[digit] + written
    return written


def _tokens() -> Select[Any]:
    owner = (
        users.c.name.label("owner"), users.c.created.label("owner_created"), users.c.last_login,
        users.c.role.label("owner_role"), users.c.language,
    )  # fmt: skip
    return select(api_tokens, *owner).join(users, users.c.id == api_tokens.c.user_id)


def _told(row: Row[Any], role: Role | None = None) -> ApiToken:
    return ApiToken(row.id, row.name, row.owner, role or Role(row.role), row.created, row.last_use, row.until)
