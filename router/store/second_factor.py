"""The second factor: codes of an authenticator app, and the recovery codes for the day the phone is gone.

TOTP as in RFC 6238 with what every app can: SHA-1, six digits, 30 s; the step before and after are taken, too (5.2),
and no code twice.
"""

from __future__ import annotations

import secrets
from string import digits
from typing import Any, Final

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from router.core.sentence import say
from router.ports import NOWHERE, Came, NotUsable
from router.store.account_store import AccountStore
from router.store.account_tables import login_steps, recovery_codes, second_factors, users
from router.store.accounts import found, no_user
from router.store.fingerprint import fingerprint
from router.store.names import folded
from router.store.sessions import STEP, open_session

CODES: Final = 10
TRIES: Final = 5
"""Wrong codes after one right password."""
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""32 characters without those that are taken for each other; 16 of them are 80 bits."""


class StoredSecondFactor(AccountStore):
    """`router.ports.SecondFactor`."""

    async def offer(self, name: str) -> str:
        secret = pyotp.random_base32()
        async with self._database.writing() as connection:
            user = await found(connection, name)
            if user is None:
                raise no_user(name)
            kept = await _kept(connection, user.id)
            if kept is not None and kept.confirmed is not None:
                raise NotUsable(say("The second factor is on already."))
            await connection.execute(delete(second_factors).where(second_factors.c.user_id == user.id))
            await connection.execute(insert(second_factors).values(user_id=user.id, secret=secret, used=0))
        return secret

    async def offered(self, name: str) -> str | None:
        async with self._database.reading() as connection:
            secret = await connection.scalar(
                select(second_factors.c.secret)
                .join(users, users.c.id == second_factors.c.user_id)
                .where(users.c.folded == folded(name), second_factors.c.confirmed.is_(None))
            )
        return None if secret is None else str(secret)

    async def confirm(self, name: str, code: str) -> tuple[str, ...] | None:
        async with self._database.writing() as connection:
            user = await found(connection, name)
            if user is None or not await self._taken(connection, user.id, code):
                return None
            done = await connection.execute(
                update(second_factors)
                .where(second_factors.c.user_id == user.id, second_factors.c.confirmed.is_(None))
                .values(confirmed=self._now())
            )
            if done.rowcount == 0:
                return None
            codes = tuple(_recovery_code() for _ in range(CODES))
            rows = [{"user_id": user.id, "code": fingerprint(plain(code))} for code in codes]
            await connection.execute(delete(recovery_codes).where(recovery_codes.c.user_id == user.id))
            await connection.execute(insert(recovery_codes), rows)
            return codes

    async def off(self, name: str) -> bool:
        async with self._database.writing() as connection:
            user = await found(connection, name)
            if user is None:
                return False
            for table in (recovery_codes, login_steps):
                await connection.execute(delete(table).where(table.c.user_id == user.id))
            gone = await connection.execute(delete(second_factors).where(second_factors.c.user_id == user.id))
            return gone.rowcount > 0

    async def left(self, name: str) -> int:
        async with self._database.reading() as connection:
            of_his = select(users.c.id).where(users.c.folded == folded(name))
            counted = select(func.count()).where(recovery_codes.c.user_id.in_(of_his))
            return int(await connection.scalar(counted) or 0)

    async def awaited(self, step: str) -> str | None:
        async with self._database.reading() as connection:
            waiting = await self._waiting(connection, step)
        return None if waiting is None else waiting[1]

    async def enter(self, step: str, code: str, came: Came = NOWHERE) -> str | None:
        async with self._database.writing() as connection:
            waiting = await self._waiting(connection, step, lock=True)
            if waiting is None:
                return None
            kept, user = fingerprint(step), waiting[0]
            if not await self._taken(connection, user, code) and not await _recovered(connection, user, code):
                await connection.execute(
                    update(login_steps).where(login_steps.c.token == kept).values(tries=login_steps.c.tries + 1)
                )
                return None
            await connection.execute(delete(login_steps).where(login_steps.c.token == kept))
            return await open_session(connection, user, came, self._now())

    async def _waiting(self, connection: AsyncConnection, step: str, lock: bool = False) -> tuple[int, str] | None:
        wanted = (
            select(users.c.id, users.c.name)
            .join(login_steps, login_steps.c.user_id == users.c.id)
            .where(
                login_steps.c.token == fingerprint(step),
                login_steps.c.created > self._now() - STEP,
                login_steps.c.tries < TRIES,
            )
        )
        row = (await connection.execute(wanted.with_for_update(of=login_steps) if lock else wanted)).one_or_none()
        return None if row is None else (row.id, row.name)

    async def _taken(self, connection: AsyncConnection, user: int, code: str) -> bool:
        """Whether it is a code of now that was not used yet; it is used then."""
        kept = await _kept(connection, user)
        if kept is None:
            return False
        codes, typed = pyotp.TOTP(kept.secret), "".join(letter for letter in code[:64] if letter in digits)
        step = codes.timecode(self._now())
        fitting = [at for at in (step - 1, step, step + 1) if strings_equal(codes.generate_otp(at), typed)]
        if not fitting:
            return False
        done = await connection.execute(
            update(second_factors)
            .where(second_factors.c.user_id == user, second_factors.c.used < max(fitting))
            .values(used=max(fitting))
        )
        return done.rowcount > 0


async def _kept(connection: AsyncConnection, user: int) -> Row[Any] | None:
    return (await connection.execute(select(second_factors).where(second_factors.c.user_id == user))).one_or_none()


async def _recovered(connection: AsyncConnection, user: int, code: str) -> bool:
    used = await connection.execute(
        delete(recovery_codes).where(
            recovery_codes.c.user_id == user, recovery_codes.c.code == fingerprint(plain(code))
        )
    )
    return used.rowcount > 0


def _recovery_code() -> str:
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(16))
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def plain(code: str) -> str:
    """As it is kept: however its groups were typed."""
    return "".join(letter for letter in code.lower() if letter.isalnum())[:64]
