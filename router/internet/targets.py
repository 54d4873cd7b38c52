"""The office's own targets on the internet: https://… by one HTTP request, tcp:host:port by one TCP connection."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

import certifi
import httpx

from router.core.peer import Host, address_in
from router.core.surroundings import Ending
from router.internet.connecting import connected, failed

_USUAL = 443
_MOST_WHY = 80


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
    return Target(f"https://{parts.netloc}", parts.hostname or "", parts.port or _USUAL, path)


def trust() -> ssl.SSLContext:
    """The certificates that this machine trusts (an office's own filter may be among them), and the usual ones.

    Takes some 30 ms: made once.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


async def tried(target: Target, address: str, context: ssl.SSLContext | None, connect: float, answer: float) -> Tried:
    """One try at one address, in at most `answer` seconds. Never raises."""
    if target.path is None or context is None:
        return Tried(await connected(address, target.port, connect), address)
    try:
        async with asyncio.timeout(answer):
            return Tried(Ending.OK, address, await _status(target, address, context, connect))
    except (TimeoutError, httpx.TimeoutException):
        return Tried(Ending.SILENT, address)
    except httpx.ConnectError as error:
        return _not_connected(error, address)
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError):
        return Tried(Ending.BROKEN, address)


async def _status(target: Target, address: str, context: ssl.SSLContext, connect: float) -> int:
    """The status of the answer to HEAD, whatever it is. Connects to `address`, and speaks of the target's own name.

    httpx would look the name up by a thread of getaddrinfo, which outlives every deadline.
    """
    literal = f"[{address}]" if ":" in address else address
    host = target.host if target.name else literal
    headers = {"Host": host if target.port == _USUAL else f"{host}:{target.port}", "Connection": "close"}
    extensions = {"sni_hostname": target.host} if target.name else {}
    async with (
        httpx.AsyncClient(verify=context, trust_env=False, timeout=connect, follow_redirects=False) as client,
        client.stream(
            "HEAD", f"https://{literal}:{target.port}{target.path}", headers=headers, extensions=extensions
        ) as answer,
    ):
        return answer.status_code


def _not_connected(error: httpx.ConnectError, address: str) -> Tried:
    """What lies under httpx's word: TLS that proved nothing, or the network."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            why = getattr(cause, "verify_message", "") or cause.reason or "TLS"
            return Tried(Ending.TLS, address, why=str(why)[:_MOST_WHY])
        if isinstance(cause, OSError) and cause.errno is not None:  # anyio's own wrapping has none
            return Tried(failed(cause), address)
        below = cause.exceptions[0] if isinstance(cause, BaseExceptionGroup) else None
        cause = cause.__cause__ or cause.__context__ or below
    return Tried(Ending.SILENT, address)
