"""The outermost ring: every answer carries the fence, and no request brings more than it should."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.core.sentence import say
from router.panel.fence import FENCE
from router.panel.refusal import Refusal

MOST_BODY = 16 * 1024
"""Bytes. The largest honest body, an order with a long reason, has under 2 kB."""

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
                found = forever and message["status"] in (200, 304)
                headers["cache-control"] = FOREVER if found else ASK_AGAIN if api else "no-store"
            await send(message)

        await self._app(scope, _counted(receive), fenced)


def _counted(receive: Receive) -> Receive:
    """The body, until it is too much."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BODY:
            raise Refusal(413, say("That is too much to send."))
        return message

    return counted
