"""The API's own description: /api/v1/openapi.json (OpenAPI 3.1), made from the routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict
from starlette.routing import BaseRoute

from router.panel import guard
from router.panel.guard import Guard

routes = APIRouter(prefix="/api/v1")

DESCRIPTION = """
Where calls go, why, and what can be done: the same that the panel's pages show, for programs.

**Login**: `Authorization: Bearer TOKEN` with a token made on the panel's account page (or, on the router's own
machine, the one in `failover.token`), or the panel's session cookie. With a cookie a change must come from the panel's
own page or
carry its `X-CSRF-Token`. What a token may do depends on its role: *viewer* reads and sees no whole telephone
numbers of people, *staff* steers, *admin* manages users.

**Answers** are JSON; times are RFC 3339 in the office's time zone, numbers E.164, durations are seconds, answer times
milliseconds. Sentences are in the language that
`Accept-Language` asks for (de, en). **Errors** are problem details (RFC 9457, `application/problem+json`) with one
sentence in `detail` that says what to do; a body may have 16 KiB. **Lists** come newest first, `limit` at a time;
`next` is the address of what is older, or null. **ETag**: repeat a GET with the `ETag` of the last answer as
`If-None-Match` and get 304 without a body while nothing is new.
"""
TAGS = {
    "now": "Where calls go, and staff's word about it.",
    "duty": "Who is rung when: people, their numbers, the plan.",
    "calls": "Who called, who took it, and whom to call back.",
    "outages": "What was down, from when to when, and whose fault it was.",
    "log": "All that was done by hand or by the automatics, and what was measured.",
    "users": "Who may log in; for administrators.",
    "account": "Whoever asks: sessions, tokens, password, language.",
}


class Problem(BaseModel):
    """Why it was not done (RFC 9457)."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: str
    title: str
    status: int
    detail: str
    """One sentence for a person, in the asked language."""


REFUSALS = {
    304: "Nothing is new since the answer with that ETag.",
    400: "The body is not JSON, or cannot be read at all.",
    401: "Nobody is logged in: send the token.",
    403: "This role may not do that, or the change came from elsewhere.",
    404: "There is no such thing.",
    409: "It does not fit what is so now, such as: another router writes the routes.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "What was sent cannot be understood; `detail` names it.",
    429: "Too often; `Retry-After` says when again.",
    503: "The database does not answer just now.",
}


@routes.get("/openapi.json", dependencies=[Depends(guard.anyone())], include_in_schema=False)
async def described(request: Request) -> JSONResponse:
    return JSONResponse(document(request.app))


def document(app: FastAPI) -> dict[str, Any]:
    """The description, with what all routes share: how to log in, who may, what is new, and how they refuse."""
    said = app.openapi()
    parts = said["components"]
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "Made on the account page, or by POST tokens."},
        "session": {
            "type": "apiKey", "in": "cookie", "name": "failover_session",
            "description": "The panel's own login; under https its name is `__Host-failover_session`.",
        },
    }  # fmt: skip
    said["security"] = [{"token": []}, {"session": []}]
    said["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    for unused in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(unused, None)
    parts["schemas"]["Problem"] = Problem.model_json_schema()
    roles = dict(_roles(app.router.routes))
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            _complete(operation, method, path)
            if role := roles.get((method, path)):
                line = f"For the role *{role}* and above."
                told = operation["description"]
                operation["description"] = told if line in told else f"{told}\n\n{line}"
    return said


def _complete(operation: dict[str, Any], method: str, path: str) -> None:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers = operation["responses"]
    read = method == "get"
    left_out = {400, 409, 413, 415} if read else {304}
    if "{" not in path and read:
        left_out.add(404)
    for status, text in REFUSALS.items():
        if status not in left_out:
            answers[str(status)] = {"description": text} | ({} if status == 304 else {"content": problem})
    answers["401"]["headers"] = {"WWW-Authenticate": _header("Bearer")}
    answers["429"]["headers"] = {"Retry-After": _header("Seconds until it may be tried again.")}
    if not read or "application/json" not in answers["200"].get("content", {}):
        answers.pop("304", None)
        return
    marked = {"ETag": _header("Of exactly this answer.")}
    answers["200"]["headers"] = answers["304"]["headers"] = marked
    asked: dict[str, Any] = {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}}
    known = [one for one in operation.get("parameters", []) if one["name"] != asked["name"]]
    operation["parameters"] = [
        *known,
        asked | {"description": "The ETag of the last answer: 304 while nothing is new."},
    ]


def _header(text: str) -> dict[str, Any]:
    return {"description": text, "schema": {"type": "string"}}


def _roles(routes: Iterable[BaseRoute]) -> Iterator[tuple[tuple[str, str], str]]:
    """By method and path, the least role that is let in."""
    for route in routes:
        if isinstance(route, APIRoute):
            role = next((one.role for one in _guards(route.dependant) if one.role), None)
            yield from (((method.lower(), route.path), str(role)) for method in (route.methods or ()) if role)


def _guards(dependant: Dependant) -> Iterator[Guard]:
    for needed in dependant.dependencies:
        if isinstance(needed.call, Guard):
            yield needed.call
        yield from _guards(needed)
