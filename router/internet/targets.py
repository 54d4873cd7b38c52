"""The office's own targets on the internet: https://… by one HTTP request, tcp:host:port by one TCP connection."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from router.core.peer import Host, address_in
from router.core.surroundings import Ending
from router.internet.connecting import connected

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


def trust() -> ssl.SSLContext:
    """The certificates that this machine trusts (an office's own filter may be among them), and the usual ones.

    Takes some 30 ms, and what asks by HTTPS is loaded here: made once, at the start.
    """
    import certifi

    import router.internet.https  # noqa: F401

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


async def tried(target: Target, address: str, context: ssl.SSLContext | None, connect: float, answer: float) -> Tried:
    """One try at one address, in at most `answer` seconds. Never raises."""
    if target.path is None or context is None:
        return Tried(await connected(address, target.port, connect), address)
    from router.internet import https  # httpx costs some megabytes, and many an office asks by TCP or not at all

    return await https.tried(target, address, context, connect, answer)
