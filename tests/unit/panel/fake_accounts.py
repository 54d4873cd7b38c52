"""Users, sessions, links, codes and tokens in memory. Sessions and links are plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from router.core.sentence import say
from router.ports import (
    NOWHERE,
    ApiToken,
    Came,
    CodeWanted,
    Invitation,
    NotUsable,
    OpenSession,
    Role,
    User,
)

NOW = datetime(2025, 11, 22, 13, 50, 7, tzinfo=UTC)
"""14:50:07 in Berlin."""
PASSWORD = "correct horse battery"
CODE = "123456"
"""The code of every app; each step takes it once."""
RECOVERY = tuple(f"code-code-code-{i:04}" for i in range(10))


class FakeAccounts:
    """Anna, who is admin, and whoever is invited."""

    def __init__(self) -> None:
        self.passwords = {"anna": PASSWORD}
        self.ids = {"anna": 1}
        self.roles: dict[str, Role] = {}
        """Of whoever is no administrator."""
        self.languages: dict[str, str | None] = {}
        self.opened: dict[str, tuple[str, Came]] = {}
        self.invitations = {"invited": Invitation("shown", Role.ADMIN, NOW, NOW + timedelta(days=1))}
        self.factors: dict[str, bool] = {}
        """Whether the app was confirmed."""
        self.steps: dict[str, str] = {}
        self.subjects: dict[str, str] = {}
        self.dead = False
        self._count = 0

    def count(self) -> int:
        self._count += 1
        return self._count

    def asked(self) -> None:
        if self.dead:
            raise OSError("database is locked")

    def user(self, name: str) -> User | None:
        if name not in self.passwords:
            return None
        return User(
            name, NOW, role=self.roles.get(name, Role.ADMIN), language=self.languages.get(name),
            second_factor=self.factors.get(name, False), outside=name in self.subjects.values(),
            id=self.ids.setdefault(name, len(self.ids) + 1),
            sessions=sum(one == name for one, _ in self.opened.values()),
        )  # fmt: skip

    async def add(self, name: str, password: str, role: Role = Role.ADMIN) -> None:
        if name in self.passwords:
            raise NotUsable(say("There is already a user of the name {name}.", name=name))
        self.passwords[name], self.roles[name], self.ids[name] = password, role, len(self.ids) + 1

    def _keep_an_admin(self, name: str) -> None:
        admins = [one for one in self.passwords if self.roles.get(one, Role.ADMIN) is Role.ADMIN]
        if admins == [name]:
            raise NotUsable(say("{name} is the only admin. Make somebody else admin first.", name=name))

    async def remove(self, name: str) -> bool:
        if name in self.passwords:
            self._keep_an_admin(name)
        self.opened = {token: kept for token, kept in self.opened.items() if kept[0] != name}
        return self.passwords.pop(name, None) is not None

    async def set_role(self, name: str, role: Role) -> bool:
        if role is not Role.ADMIN and name in self.passwords:
            self._keep_an_admin(name)
        self.roles[name] = role
        return name in self.passwords

    async def set_language(self, name: str, language: str | None) -> bool:
        self.languages[name] = language
        return name in self.passwords

    async def set_password(self, name: str, password: str, keep: str | None = None) -> bool:
        if len(password) < 10:
            raise NotUsable(say("The password needs at least {least} characters.", least=10))
        self.passwords[name] = password
        await self.end_sessions(name, keep)
        return True

    async def right(self, name: str, password: str) -> bool:
        self.asked()
        return self.passwords.get(name) == password

    async def users(self) -> Sequence[User]:
        self.asked()
        return [user for name in sorted(self.passwords) if (user := self.user(name))]

    async def login(self, name: str, password: str, came: Came = NOWHERE) -> str | None:
        if not await self.right(name, password):
            return None
        if self.factors.get(name):
            step = f"step-{self.count()}"
            self.steps[step] = name
            raise CodeWanted(step)
        return self.open(name, came)

    def open(self, name: str, came: Came) -> str:
        session = f"session-{self.count()}"
        self.opened[session] = name, came
        return session

    async def enter(self, subject: str, name: str, role: Role, came: Came = NOWHERE) -> str:
        if subject not in self.subjects:
            await self.add(name, "", role)
            self.subjects[subject] = name
        self.roles[self.subjects[subject]] = role
        return self.open(self.subjects[subject], came)

    async def whose(self, session: str) -> User | None:
        self.asked()
        return self.user(self.opened[session][0]) if session in self.opened else None

    async def logout(self, session: str) -> None:
        self.opened.pop(session, None)

    async def sessions(self, name: str, mine: str | None = None) -> Sequence[OpenSession]:
        self.asked()
        return [
            OpenSession(f"shown-{token}", NOW, NOW, came.address, came.browser, token == mine)
            for token, (one, came) in reversed(self.opened.items())
            if one == name
        ]

    async def end_session(self, name: str, shown: str) -> bool:
        token = shown.removeprefix("shown-")
        if token not in self.opened or self.opened[token][0] != name:
            return False
        del self.opened[token]
        return True

    async def end_sessions(self, name: str, keep: str | None = None) -> int:
        gone = [token for token, (one, _) in self.opened.items() if one == name and token != keep]
        for token in gone:
            del self.opened[token]
        return len(gone)

    async def invite(self) -> str:
        self.invitations["again"] = Invitation("shown-again", Role.ADMIN, NOW, NOW + timedelta(days=1))
        return "again"

    async def accept(self, token: str, name: str, password: str, came: Came = NOWHERE) -> str | None:
        kept = await self.invited(token)
        if kept is None:
            return None
        await self.add(kept.name or name, password, kept.role)
        del self.invitations[token]
        return self.open(kept.name or name, came)

    async def invited(self, token: str) -> Invitation | None:
        self.asked()
        return self.invitations.get(token)


class FakeLinks:
    def __init__(self, accounts: FakeAccounts) -> None:
        self._accounts = accounts
        self.resets: dict[str, str] = {}

    async def invite(self, role: Role, by: str, name: str | None = None) -> str:
        if by not in self._accounts.passwords:
            raise NotUsable(say("There is no user of the name {name}.", name=by))
        if name in self._accounts.passwords:
            raise NotUsable(say("There is already a user of the name {name}.", name=name or ""))
        token = f"invitation-{self._accounts.count()}"
        self._accounts.invitations[token] = Invitation(token[-4:], role, NOW, NOW + timedelta(hours=72), by, name)
        return token

    async def invitations(self) -> Sequence[Invitation]:
        self._accounts.asked()
        return [one for one in reversed(self._accounts.invitations.values()) if one.by]

    async def withdraw(self, shown: str) -> bool:
        gone = [token for token, one in self._accounts.invitations.items() if one.id == shown and one.by]
        for token in gone:
            del self._accounts.invitations[token]
        return bool(gone)

    async def reset(self, name: str, by: str) -> str | None:
        if name not in self._accounts.passwords:
            return None
        if name in self._accounts.subjects.values():
            raise NotUsable(say("{name} logs in through the sign-on service and has no password here.", name=name))
        token = f"reset-{self._accounts.count()}"
        self.resets = {one: whose for one, whose in self.resets.items() if whose != name} | {token: name}
        return token

    async def resetting(self, token: str) -> str | None:
        self._accounts.asked()
        return self.resets.get(token)

    async def set_anew(self, token: str, password: str) -> str | None:
        name = self.resets.get(token)
        if name is None:
            return None
        await self._accounts.set_password(name, password)
        del self.resets[token]
        return name


class FakeFactor:
    def __init__(self, accounts: FakeAccounts) -> None:
        self._accounts = accounts
        self._wrong: dict[str, int] = {}
        self._left: dict[str, set[str]] = {}

    async def offer(self, name: str) -> str:
        if self._accounts.factors.get(name):
            raise NotUsable(say("The second factor is on already."))
        self._accounts.factors[name] = False
        return "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

    async def offered(self, name: str) -> str | None:
        return "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" if self._accounts.factors.get(name) is False else None

    async def confirm(self, name: str, code: str) -> tuple[str, ...] | None:
        if self._accounts.factors.get(name) is not False or code != CODE:
            return None
        self._accounts.factors[name] = True
        self._left[name] = set(RECOVERY)
        return RECOVERY

    async def off(self, name: str) -> bool:
        self._left.pop(name, None)
        return self._accounts.factors.pop(name, None) is not None

    async def left(self, name: str) -> int:
        self._accounts.asked()
        return len(self._left.get(name, ()))

    async def awaited(self, step: str) -> str | None:
        self._accounts.asked()
        return self._accounts.steps.get(step) if self._wrong.get(step, 0) < 5 else None

    async def enter(self, step: str, code: str, came: Came = NOWHERE) -> str | None:
        name = await self.awaited(step)
        if name is None:
            return None
        if code != CODE and code not in self._left.get(name, ()):
            self._wrong[step] = self._wrong.get(step, 0) + 1
            return None
        self._left.get(name, set()).discard(code)
        del self._accounts.steps[step]
        return self._accounts.open(name, came)


class FakeTokens:
    def __init__(self, accounts: FakeAccounts) -> None:
        self._accounts = accounts
        self._tokens: dict[str, ApiToken] = {}

    async def add(self, owner: str, name: str, role: Role, until: datetime | None = None) -> str:
        user = self._accounts.user(owner)
        if not name.strip():
            raise NotUsable(say("The name is empty."))
        if user is None:
            raise NotUsable(say("There is no user of the name {name}.", name=owner))
        if not user.role.covers(role):
            raise NotUsable(say("A token may not do more than you may yourself."))
        token = f"fo_{self._accounts.count()}"
        self._tokens[token] = ApiToken(self._accounts.count(), name, owner, role, NOW, None, until)
        return token

    async def tokens(self, owner: str | None = None) -> Sequence[ApiToken]:
        self._accounts.asked()
        return [one for one in reversed(self._tokens.values()) if owner in (None, one.owner)]

    async def end(self, token_id: int, owner: str | None = None) -> ApiToken | None:
        for token, one in list(self._tokens.items()):
            if one.id == token_id and owner in (None, one.owner):
                return self._tokens.pop(token)
        return None

    async def held(self, token: str) -> tuple[User, ApiToken] | None:
        self._accounts.asked()
        one = self._tokens.get(token)
        user = self._accounts.user(one.owner) if one else None
        if one is None or user is None:
            return None
        return user, replace(one, role=one.role if user.role.covers(one.role) else user.role)


class FakeFamiliar:
    def __init__(self, accounts: FakeAccounts) -> None:
        self._accounts = accounts
        self._marks: dict[str, set[str]] = {}

    async def knows(self, name: str, marks: Sequence[str]) -> frozenset[str]:
        self._accounts.asked()
        return frozenset(self._marks.get(name, set()) & set(marks))

    async def remember(self, name: str, marks: Sequence[str]) -> None:
        self._marks.setdefault(name, set()).update(marks)
