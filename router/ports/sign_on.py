"""Sign-on by somebody else's login (OpenID Connect)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from router.core.sentence import Sentence
from router.ports.users import Role


class SignOnFailed(Exception):  # noqa: N818 - named for what it says
    """Nobody was vouched for; `why` for whoever tried, `status` as HTTP has it."""

    def __init__(self, why: Sentence, status: int = 403) -> None:
        super().__init__(str(why))
        self.why, self.status = why, status


@dataclass(frozen=True, slots=True)
class Vouched:
    """`subject` is who he is at the service, for ever."""

    subject: str
    name: str
    role: Role


class SignOn(Protocol):
    """The office's sign-on service, asked by OpenID Connect: authorization code with PKCE."""

    @property
    def label(self) -> str:
        """What the button says, such as "Keycloak"."""
        ...

    async def begin(self, back: str) -> tuple[str, str]:
        """Where the browser must go, and what its cookie must keep until it comes `back`. Raises SignOnFailed."""
        ...

    async def finish(self, back: str, kept: str, query: Mapping[str, str]) -> Vouched:
        """`query`: what the browser brought. Raises SignOnFailed."""
        ...
