"""A target that is asked by HTTPS. Loaded only where there is one."""

from __future__ import annotations

import asyncio
import ssl

import httpx

from router.core.surroundings import Ending
from router.internet.connecting import failed
from router.internet.target import USUAL, Target, Tried

_MOST_WHY = 80


async def tried(target: Target, address: str, context: ssl.SSLContext, connect: float, answer: float) -> Tried:
    """One try at one address, in at most `answer` seconds. Never raises."""
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
    headers = {"Host": host if target.port == USUAL else f"{host}:{target.port}", "Connection": "close"}
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
