"""What all stores of accounts begin with: the database, the clock, and the line that passwords wait in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from router.store.database import Database
from router.store.passwords import Passwords


def utc_now() -> datetime:
    return datetime.now(UTC)


class AccountStore:
    """Every method of these stores raises StoreUnavailable where the database cannot be used."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._now = now


class PasswordStore(AccountStore):
    """`passwords` is shared by all who check some, so that the machine is not kept busy with them."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = utc_now, passwords: Passwords | None = None
    ) -> None:
        super().__init__(database, now)
        self._passwords = passwords or Passwords()
