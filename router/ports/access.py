"""The doors to the accounts: sessions and links, second factors, tokens for programs, what browsers are familiar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from router.ports.users import NOWHERE, ApiToken, Came, Invitation, OpenSession, Role, User


class Accounts(Protocol):
    """Who may log in. Passwords as argon2 hashes, sessions and one-time links as hashes of random tokens."""

    async def add(self, name: str, password: str, role: Role = Role.ADMIN) -> None:
        """Raises NotUsable for a taken or unusable name or a password under ten characters."""
        ...

    async def remove(self, name: str) -> bool:
        """Ends his sessions, tokens and links too. Raises NotUsable for the only admin."""
        ...

    async def set_role(self, name: str, role: Role) -> bool:
        """Raises NotUsable for the only admin."""
        ...

    async def set_language(self, name: str, language: str | None) -> bool: ...

    async def set_password(self, name: str, password: str, keep: str | None = None) -> bool:
        """Ends the user's other sessions and his reset links. Raises NotUsable for a password that will not do."""
        ...

    async def right(self, name: str, password: str) -> bool:
        """Whether it is his password. Takes as long for an unknown name. Raises TooBusy."""
        ...

    async def users(self) -> Sequence[User]:
        """By name."""
        ...

    async def login(self, name: str, password: str, came: Came = NOWHERE) -> str | None:
        """A session token, or None. Takes as long for an unknown name as for a wrong password.

        Raises CodeWanted where the password was right and a second factor is set, TooBusy where too many wait.
        """
        ...

    async def enter(self, subject: str, name: str, role: Role, came: Came = NOWHERE) -> str:
        """A session token for whoever the office's sign-on service vouches for; makes the user where he is new.

        `subject` is who he is there, for ever. Raises NotUsable where the name belongs to somebody with a password.
        """
        ...

    async def whose(self, session: str) -> User | None: ...

    async def logout(self, session: str) -> None: ...

    async def sessions(self, name: str, mine: str | None = None) -> Sequence[OpenSession]:
        """Last used first; `mine` is the session token of whoever asks."""
        ...

    async def end_session(self, name: str, shown: str) -> bool: ...

    async def end_sessions(self, name: str, keep: str | None = None) -> int:
        """All but `keep`; how many ended."""
        ...

    async def invite(self) -> str:
        """A one-time token with which the first user names himself; lasts 24 hours."""
        ...

    async def accept(self, token: str, name: str, password: str, came: Came = NOWHERE) -> str | None:
        """Uses up the token and adds the user. A session token; None where the token is unknown or used.

        Raises NotUsable as `add` does. A name that stands in the invitation is taken instead of `name`.
        """
        ...

    async def invited(self, token: str) -> Invitation | None: ...


class Links(Protocol):
    """One-time links that an admin makes: invitations and new passwords. Only hashes of them are kept."""

    async def invite(self, role: Role, by: str, name: str | None = None) -> str:
        """Lasts 72 hours. Raises NotUsable for a taken or unusable name."""
        ...

    async def invitations(self) -> Sequence[Invitation]:
        """The open ones that admins made, newest first."""
        ...

    async def withdraw(self, shown: str) -> bool: ...

    async def reset(self, name: str, by: str) -> str | None:
        """A token with which this user sets a new password, for 24 hours; older ones end. None: no such user.

        Raises NotUsable for a user without a password here.
        """
        ...

    async def resetting(self, token: str) -> str | None:
        """Whose password it sets; None where it is unknown, used or too old."""
        ...

    async def set_anew(self, token: str, password: str) -> str | None:
        """Uses up the token, sets the password and ends all sessions of the user; his name, or None as `resetting`.

        Raises NotUsable for a password that will not do; the token stays good then.
        """
        ...


class SecondFactor(Protocol):
    """Codes of an authenticator app (TOTP, RFC 6238: six digits, 30 s, SHA-1) and recovery codes."""

    async def offer(self, name: str) -> str:
        """A new secret in base32; it counts once a code of it was given. Raises NotUsable where one counts already."""
        ...

    async def offered(self, name: str) -> str | None: ...

    async def confirm(self, name: str, code: str) -> tuple[str, ...] | None:
        """Ten recovery codes, to be shown once; None where the code is wrong."""
        ...

    async def off(self, name: str) -> bool:
        """Recovery codes and logins that wait for a code end with it."""
        ...

    async def left(self, name: str) -> int:
        """Recovery codes not used yet."""
        ...

    async def awaited(self, step: str) -> str | None:
        """Who must give the code; None where the step is unknown, older than five minutes, or was tried too often."""
        ...

    async def enter(self, step: str, code: str, came: Came = NOWHERE) -> str | None:
        """A session token. Each code opens once; the fifth wrong one ends the step."""
        ...


class Tokens(Protocol):
    """Tokens for programs, kept as SHA-256."""

    async def add(self, owner: str, name: str, role: Role, until: datetime | None = None) -> str:
        """The token, told this once.

        Raises NotUsable for an unusable name, more than the owner may, too many tokens, or an end that is past or more
        than ten years ahead.
        """
        ...

    async def tokens(self, owner: str | None = None) -> Sequence[ApiToken]:
        """Newest first; None: everybody's."""
        ...

    async def end(self, token_id: int, owner: str | None = None) -> ApiToken | None:
        """The token that ended; None where there is no such token (of this owner)."""
        ...

    async def held(self, token: str) -> tuple[User, ApiToken] | None:
        """Its owner and itself, `role` being the lesser of both; None where it is unknown or has ended."""
        ...


class Familiar(Protocol):
    """From where each user has logged in before: marks of browsers and networks, so that a guesser elsewhere does not
    keep him out."""

    async def knows(self, name: str, marks: Sequence[str]) -> frozenset[str]:
        """Those of `marks` that stand beside this user; none for an unknown name."""
        ...

    async def remember(self, name: str, marks: Sequence[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Access:
    """All doors of the house beside the accounts."""

    links: Links
    factor: SecondFactor
    tokens: Tokens
    familiar: Familiar
