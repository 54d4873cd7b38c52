"""Who may use the panel: roles, users, and what is known of each."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from router.core.sentence import Sentence


class NotUsable(ValueError):  # noqa: N818 - named for what it says
    """A name, password or wish that will not do; `why` in the language of whoever typed it, str() in English."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(str(why))
        self.why = why


class TooBusy(Exception):  # noqa: N818 - named for what it says
    """So many passwords wait to be checked that this one is not even put in line."""


class Role(StrEnum):
    """What a user may do; each may all that those before it may."""

    VIEWER = "viewer"
    """Sees everything but whole telephone numbers of people."""
    STAFF = "staff"
    """Steers calls and duty, calls people back, keeps notes."""
    ADMIN = "admin"
    """Users, tokens, sign-on."""

    def covers(self, least: Role) -> bool:
        ranks = tuple(Role)
        return ranks.index(self) >= ranks.index(least)


@dataclass(frozen=True, slots=True)
class Came:
    """From where somebody logged in: his address, and what his browser calls itself. Both are others' words."""

    address: str | None = None
    browser: str | None = None


NOWHERE = Came()


@dataclass(frozen=True, slots=True)
class User:
    name: str
    created: datetime
    last_login: datetime | None = None
    role: Role = Role.ADMIN
    language: str | None = None
    """Chosen by himself; None: his browser's."""
    second_factor: bool = False
    sessions: int = 0
    """Browsers he is logged in with; counted where users are listed."""
    outside: bool = False
    """Known by the office's sign-on service: has no password here, and his role comes from there."""
    id: int = 0
    """By which a page's address names him: a name may hold anything."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser that is logged in. `id` opens nothing and may be shown; `mine`: it is the one that asks."""

    id: str
    created: datetime
    last_seen: datetime
    address: str | None
    browser: str | None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time link. `by` is None for the link of the first start; `name`, where given, cannot be changed by whoever
    follows the link. `id` opens nothing and may be shown."""

    id: str
    role: Role
    created: datetime
    until: datetime
    by: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A program's key. It may do what `role` says, and never more than its owner may just now."""

    id: int
    name: str
    owner: str
    role: Role
    created: datetime
    last_use: datetime | None = None
    """To ten minutes."""
    until: datetime | None = None


NOBODYS: Final = ("cli", "desk phone")
"""Who gives orders without being anybody, as it stands in the journal: a user of that name could not be told apart."""


def one_name(name: str) -> str:
    """The same for all names that are taken for one: without case, and with characters that look alike made one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name.strip()).casefold())


class CodeWanted(Exception):  # noqa: N818 - named for what it says
    """The password was right, and the account has a second factor: `step` and a code open the session."""

    def __init__(self, step: str) -> None:
        super().__init__("a code is wanted")
        self.step = step
