"""The office's own targets on the internet: https://… by one HTTP request, tcp:host:port by one TCP connection."""

from __future__ import annotations

import ssl

from router.internet.connecting import connected
from router.internet.target import Target, Tried


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
