"""The small Protocols between the loop and the adapters, and what the panel may see and say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from router.core.calls import Call
from router.core.duty import Plan
from router.core.effects import Effect, Record
from router.core.office import Office
from router.core.orders import Override, Overrides
from router.core.rung import Rung
from router.core.sentence import Sentence
from router.core.signals import Input

Post = Callable[[Input], None]
"""How an adapter hands an input to the loop: at once, never blocking, from the loop's own thread."""


class Hands(Protocol):
    """Performs effects, on the PBX or around it. Results come back through the inbox; nothing is raised."""

    def perform(self, effect: Effect) -> None: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal as it was kept. `at` is aware, in UTC; `kind` as in core.effects.Kind."""

    id: int
    at: datetime
    kind: str
    text: Sentence
    trunk: str | None = None
    number: str | None = None
    by: str | None = None
    data: dict[str, object] = field(default_factory=dict)


class Journal(Protocol):
    """Keeps what happened. `note` never blocks and never raises: a dead database stops no switch."""

    def note(self, at: datetime, record: Record) -> None: ...

    def remember(self, overrides: Overrides) -> None: ...

    def keep(self, call: Call, kept: Callable[[], None]) -> None:
        """Write the call down, once, however often it comes; `kept` is called when it is in the database.

        Neither blocks nor raises.
        """
        ...

    async def remembered(self) -> Overrides:
        """The overrides kept; empty where the database cannot be read."""
        ...

    async def latest(self, most: int = 50, before: int | None = None) -> Sequence[Line]: ...

    async def calls(
        self, most: int = 50, missed: bool = False, number: str | None = None, since: datetime | None = None
    ) -> Sequence[Call]:
        """The calls that began last, newest first: only the missed ones, of one published number, from a moment on."""
        ...

    def tell_when_written(self, tell: Callable[[], None]) -> None:
        """`tell` is called whenever lines or calls have come into the database; it must neither block nor raise."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why lines cannot be kept just now, in plain words; None while all is well."""
        ...


class NotUsable(ValueError):  # noqa: N818 - named for what it says
    """A name or password that will not do; `why` in the language of whoever typed it, str() in English."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(str(why))
        self.why = why


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
class User:
    name: str
    created: datetime
    last_login: datetime | None = None
    role: Role = Role.ADMIN
    language: str | None = None
    """Chosen by himself; None: his browser's."""


class Accounts(Protocol):
    """Who may log in. Passwords as argon2 hashes, sessions and one-time links as hashes of random tokens."""

    async def add(self, name: str, password: str) -> None:
        """Raises NotUsable for a taken or unusable name or a password under ten characters."""
        ...

    async def remove(self, name: str) -> bool: ...

    async def users(self) -> Sequence[User]: ...

    async def login(self, name: str, password: str) -> str | None:
        """A session token, or None. Takes as long for an unknown name as for a wrong password."""
        ...

    async def whose(self, session: str) -> User | None: ...

    async def logout(self, session: str) -> None: ...

    async def invite(self) -> str:
        """A one-time token with which the first user names himself; lasts 24 hours."""
        ...

    async def accept(self, token: str, name: str, password: str) -> str | None:
        """Uses up the token and adds the user. A session token; None where the token is unknown or used.

        Raises NotUsable as `add` does.
        """
        ...

    async def invited(self, token: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an order: in force and verified, or stored with the reason why it is not (yet)."""

    verified: bool
    why: Sentence


class Duties(Protocol):
    """The duty plan; what holds now stands in the office."""

    async def change(self, change: Callable[[Plan], Plan]) -> bool:
        """Has what `change` makes of the plan hold at once; False where it cannot be kept over a restart just now.

        Raises what `change` raises; anything else where the database has not been readable since the start.
        """
        ...


class Board(Protocol):
    """What the panel and the API see of the office, and how they speak to it."""

    @property
    def office(self) -> Office: ...

    async def order(self, override: Override) -> Fate:
        """Waits for the verified switch, at most three seconds; then the fate is: stored."""
        ...

    def changes(self) -> AsyncIterator[Office]:
        """The office now, then after each change that a person would see; ends when the service stops.
        A slow reader misses changes, never the latest."""
        ...


class Rings(Protocol):
    """Rings a number once for a test, before it is rung in earnest. The loop does it."""

    async def ring(self, number: str) -> Rung:
        """Until somebody has pressed 1 there, or has not: 50 seconds at most. `number` is E.164. Raises nothing.

        Never an emergency number, one of the office's own, nor one outside of the allowed prefixes; one test ring at a
        time: what is refused is answered at once. Only `Rung.confirmed` confirms a number.
        """
        ...
