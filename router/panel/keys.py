"""The accounts as the panel uses them: a dead database locks nobody out who was in already."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from typing import Generic, TypeVar

import structlog

from router.core.sentence import say
from router.panel.refusal import Refusal
from router.ports import Access, Accounts, ApiToken, CodeWanted, NotUsable, TooBusy, User

MOST = 500
"""Sessions remembered, those used last; and tokens."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class _Kept(Generic[T]):
    """What was last found behind each key, for the time in which the database is dead."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, T] = OrderedDict()
        self._cleared = 0

    async def found(self, key: str, asking: Awaitable[T | None]) -> T | None:
        cleared = self._cleared
        try:
            found = await asking
        except Exception as fault:  # the accounts' own errors are not known on this floor
            log.warning("accounts cannot be read", fault=repr(fault))
            if key in self._seen:
                return self._seen[key]
            raise _dead() from fault
        self.forget(key)
        if found is not None and cleared == self._cleared:  # else the answer may be from before the change
            self._seen[key] = found
            while len(self._seen) > MOST:
                self._seen.popitem(last=False)
        return found

    def forget(self, key: str) -> None:
        self._seen.pop(key, None)

    def clear(self) -> None:
        self._seen.clear()
        self._cleared += 1


class Keys:
    """Sessions and tokens. Raises Refusal 503 where the database is needed and dead."""

    def __init__(self, accounts: Accounts, access: Access) -> None:
        self._accounts, self._access = accounts, access
        self.ends = 0
        """Counts up with whatever may have ended sessions: open pages then ask whether theirs still holds."""
        self._sessions: _Kept[User] = _Kept()
        self._tokens: _Kept[tuple[User, ApiToken]] = _Kept()

    async def whose(self, session: str) -> User | None:
        """Who holds this session. While the database is dead: whoever held it when it last answered."""
        return await self._sessions.found(session, self._accounts.whose(session))

    async def held(self, token: str) -> tuple[User, ApiToken] | None:
        """Whose token this is, and what it may; as with sessions."""
        return await self._tokens.found(token, self._access.tokens.held(token))

    async def logout(self, session: str) -> None:
        await asked(self._accounts.logout(session))
        self.changed()

    def changed(self) -> None:
        """Users, roles, sessions or tokens changed: what was known of them counts no more."""
        self._sessions.clear()
        self._tokens.clear()
        self.ends += 1

    async def users(self) -> Sequence[User]:
        return await asked(self._accounts.users())

    async def user(self, user_id: int) -> User:
        """Raises Refusal 404."""
        for user in await self.users():
            if user.id == user_id:
                return user
        raise Refusal(404, say("There is no such user."))


async def asked(answer: Awaitable[T]) -> T:
    """What the accounts say. Raises NotUsable and CodeWanted as they do, Refusal 503 where they cannot."""
    try:
        return await answer
    except (NotUsable, CodeWanted):
        raise
    except TooBusy:
        raise busy() from None
    except Exception as fault:
        log.warning("accounts cannot be read", fault=repr(fault))
        raise _dead() from fault


def busy() -> Refusal:
    why = say("Too many people are logging in just now. Please try again in a moment.")
    return Refusal(503, why, {"retry-after": "2"})


def _dead() -> Refusal:
    return Refusal(503, say("The database does not answer, so nobody can log in just now. That holds up no call."))
