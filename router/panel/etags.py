"""ETags for the API (RFC 9110, 8.8.3): who asks again and again gets 304 while nothing is new."""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Etags:
    """For GET below /api/, of JSON that was answered with 200; an event stream passes as it comes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Marked(Headers(scope=scope).get("if-none-match", ""), send))


class _Marked:
    """Holds a JSON answer back until its mark is known."""

    def __init__(self, known: str, send: Send) -> None:
        self._known = {mark.strip().removeprefix("W/") for mark in known.split(",")}
        self._send = send
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_json(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._whole(self._start)

    async def _whole(self, start: Message) -> None:
        mark = f'"{hashlib.sha256(self._body).hexdigest()[:24]}"'
        headers = MutableHeaders(scope=start)
        headers["etag"] = mark
        same = mark in self._known or "*" in self._known
        if same:
            start["status"] = 304
            del headers["content-length"]
            del headers["content-type"]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": b"" if same else bytes(self._body)})


def _is_json(start: Message) -> bool:
    return start["status"] == 200 and Headers(raw=start["headers"]).get("content-type") == "application/json"
