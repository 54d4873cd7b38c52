"""How a no reaches whoever asked: problem+json (RFC 9457) for programs, a page for people."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from router.core.sentence import Sentence, say
from router.panel import language, unreadable
from router.panel.fence import FENCE
from router.panel.refusal import Refusal
from router.panel.rendering import page

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def answer_refusals(app: FastAPI) -> None:
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _broken)


def _answer(
    request: Request, status: int, why: Sentence, headers: dict[str, str] | None = None, written: Sequence[str] = ()
) -> Response:
    speech = language.speech_for(request)
    text = speech.render(why)
    if request.url.path.startswith("/api/"):
        body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": text}
        return JSONResponse(body, status, headers, media_type="application/problem+json")
    return page(request, speech, "message.html", status=status, headers=headers, text=text, written=written)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _answer(request, error.status, error.why, error.headers, error.written)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, Refusal):  # FastAPI read a body that our border refused (border.py)
        return await _refused(request, error.__cause__)
    why = say("There is no such page.") if error.status_code == 404 else say("This cannot be done here.")
    headers = dict(error.headers or {})
    if "Allow" in headers:
        headers["Allow"] = ", ".join(_allowed(request))
    return _answer(request, error.status_code, why, headers)


def _allowed(request: Request) -> list[str]:
    """What can be done with this address: each of its methods is a route of its own, and names only itself."""
    scopes = {method: {"type": "http", "method": method, "path": request.url.path, "headers": []} for method in METHODS}
    return [
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["loc"][0] == "path" and not request.url.path.startswith("/api/"):  # a mistyped or an old address
        return _answer(request, 404, say("There is no such page."))
    return _answer(request, 422, unreadable.reason(first))


async def _broken(request: Request, error: Exception) -> Response:
    """Starlette answers a crash outside of our own ring (border.py), so the fence is put on here."""
    why = say("Something broke in the panel. That holds up no call.")
    return _answer(request, 500, why, FENCE | {"cache-control": "no-store"})
