"""A target that the office chose on the internet, and what came of trying it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from router.core.peer import Host, address_in
from router.core.surroundings import Ending

USUAL = 443


@dataclass(frozen=True, slots=True)
class Target:
    """`text`: what people read of it: without the path, which may hold a secret.

    `path`: what is asked for by HTTP; None: a TCP connection is all.
    """

    text: str
    host: str
    port: int
    path: str | None = None

    @property
    def name(self) -> Host | None:
        """The host, where it is a name that must be looked up first."""
        return None if address_in(self.host) else Host(self.host.lower(), port=True)


@dataclass(frozen=True, slots=True)
class Tried:
    """`status`: of HTTP, 0 where none. `why`: what TLS did not like."""

    ending: Ending
    address: str
    status: int = 0
    why: str = ""


def target_in(text: str) -> Target:
    """A target of the settings, which have checked its form."""
    if text.startswith("tcp:"):
        host, _, port = text.removeprefix("tcp:").rpartition(":")
        return Target(text, host.strip("[]"), int(port))
    parts = urlsplit(text)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(f"https://{parts.netloc}", parts.hostname or "", parts.port or USUAL, path)
