"""The accounts as the panel uses them: a dead database locks nobody out who was in already."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable
from typing import TypeVar

import structlog

from router.core.sentence import say
from router.panel.refusal import Refusal
from router.ports import Accounts, NotUsable, User

MOST = 500
"""Sessions remembered, those used last."""

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Keys:
    """`router.ports.Accounts`, as far as pages need them. Raises Refusal 503 where the database is needed and dead."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self.ends = 0
        """Counts up with whatever may have ended sessions: open pages then ask whether theirs still holds."""
        self._seen: OrderedDict[str, User] = OrderedDict()

    async def whose(self, session: str) -> User | None:
        """Who holds this session. While the database is dead: whoever held it when it last answered."""
        try:
            user = await self._accounts.whose(session)
        except Exception as fault:  # the accounts' own errors are not known on this floor
            log.warning("sessions cannot be read", fault=repr(fault))
            if session in self._seen:
                return self._seen[session]
            raise _dead() from fault
        self._seen.pop(session, None)
        if user is not None:
            self._seen[session] = user
            while len(self._seen) > MOST:
                self._seen.popitem(last=False)
        return user

    async def logout(self, session: str) -> None:
        self._seen.pop(session, None)
        await _asked(self._accounts.logout(session))
        self.ends += 1

    async def login(self, name: str, password: str) -> str | None:
        return await _asked(self._accounts.login(name, password))

    async def nobody(self) -> bool:
        """Whether there is no user yet."""
        return not await _asked(self._accounts.users())

    async def invited(self, token: str) -> bool:
        return await _asked(self._accounts.invited(token))

    async def accept(self, token: str, name: str, password: str) -> str | None:
        """Raises NotUsable for a name or password that will not do."""
        return await _asked(self._accounts.accept(token, name, password))


async def _asked(answer: Awaitable[T]) -> T:
    try:
        return await answer
    except NotUsable:
        raise
    except Exception as fault:
        log.warning("accounts cannot be read", fault=repr(fault))
        raise _dead() from fault


def _dead() -> Refusal:
    return Refusal(
        503, say("The database does not answer, so nobody can log in just now. Calls are routed all the same.")
    )
