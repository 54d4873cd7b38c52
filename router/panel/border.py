"""The outermost ring: every answer carries the fence, and no request brings more than it should."""

from __future__ import annotations

import asyncio

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.core.sentence import say
from router.panel.fence import FENCE
from router.panel.refusal import Refusal

MOST_BODY = 16 * 1024
"""Bytes. The largest honest body, an order with a long reason, has under 2 kB."""

BODY_SECONDS = 10.0
"""From when somebody asks for it to its last byte: a phone with one bar sends 16 KB in less."""
HSTS = "max-age=31536000"
"""Said under https: this name is asked by https only for a year (RFC 6797)."""

FOREVER, ASK_AGAIN = "public, max-age=31536000, immutable", "private, no-cache"


class Border:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        api = scope["path"].startswith("/api/")
        forever = scope["path"].startswith("/static/") and b"v=" in scope["query_string"]

        async def fenced(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(FENCE)
                if scope["scheme"] == "https":
                    headers["strict-transport-security"] = HSTS
                found = forever and message["status"] in (200, 304)
                headers["cache-control"] = FOREVER if found else ASK_AGAIN if api else "no-store"
            await send(message)

        await self._app(scope, _counted(receive), fenced)


def _counted(receive: Receive) -> Receive:
    """The body, until it is too much or takes too long."""
    taken, whole = 0, False
    until: float | None = None

    async def counted() -> Message:
        nonlocal taken, whole, until
        if whole:  # what comes now is that the browser has gone
            return await receive()
        until = until or asyncio.get_running_loop().time() + BODY_SECONDS
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise Refusal(408, say("That took too long to send."), {"connection": "close"}) from None
        whole = not message.get("more_body", False)
        taken += len(message.get("body", b""))
        if taken > MOST_BODY:
            raise Refusal(413, say("That is too much to send."))
        return message

    return counted
