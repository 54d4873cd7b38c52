"""Passwords as argon2 hashes, computed beside the event loop, never more than two at once, and no long queue for it."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from router.core.sentence import say
from router.ports import NotUsable, TooBusy

LEAST: Final = 10
"""Characters."""
MOST: Final = 1000
"""Characters; more is no password but an attempt to keep the machine busy."""
QUEUE: Final = 20
"""That wait for their turn, about a second's work; whoever comes then is told so at once (TooBusy)."""


class Passwords:
    """argon2id at OWASP's recommended 19 MiB, two passes, one lane: the machine also carries the calls, and the
    library's default (64 MiB, four lanes) for two logins at once would be felt there."""

    def __init__(self, at_once: int = 2) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._turn = asyncio.Semaphore(at_once)
        self._waiting = 0

    async def hashed(self, password: str) -> str:
        """Raises NotUsable for a password that is too short or too long, TooBusy."""
        if len(password) < LEAST:
            raise NotUsable(say("The password needs at least {least} characters.", least=LEAST))
        if len(password) > MOST:
            raise NotUsable(say("The password may have at most {most} characters.", most=MOST))
        async with self._in_turn():
            return await asyncio.to_thread(self._hasher.hash, _prepared(password))

    async def right(self, stored: str | None, password: str) -> bool:
        """Whether `password` belongs to the hash `stored`; takes as long for None, the hash of nobody.

        Raises TooBusy.
        """
        typed = _prepared(password[:MOST])
        async with self._in_turn():
            if stored is None:
                await asyncio.to_thread(self._hasher.hash, typed)
                return False
            return await asyncio.to_thread(self._matches, stored, typed) and len(password) <= MOST

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        if self._waiting >= QUEUE:
            raise TooBusy
        self._waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    def _matches(self, stored: str, typed: bytes) -> bool:
        try:
            return self._hasher.verify(stored, typed)
        except (VerificationError, InvalidHashError):
            return False


def _prepared(password: str) -> bytes:
    """NFC, so that an accented letter is the same from every keyboard (RFC 8265, section 4.2)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
