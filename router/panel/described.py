"""The API's own description: /api/v1/openapi.json (OpenAPI 3.1), made from the routes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict

from router.panel import guard

routes = APIRouter(prefix="/api/v1")

DESCRIPTION = """
Where calls go, why, and what can be done: the same that the panel's pages show, for programs.

**Login**: `Authorization: Bearer TOKEN` with a token made on the panel's account page (or, on the router's own
machine, the one in `failover.token`), or the panel's session cookie. With a cookie a change must come from the panel's
own page or
carry its `X-CSRF-Token`. What a token may do depends on its role: *viewer* reads and sees no whole telephone
numbers of people, *staff* steers, *admin* manages users.

**Answers** are JSON; times are RFC 3339 in the office's time zone, numbers E.164. Sentences are in the language that
`Accept-Language` asks for (de, en). **Errors** are problem details (RFC 9457, `application/problem+json`) with one
sentence in `detail` that says what to do. **Lists** come newest first, `limit` at a time; `next` is the address of
what is older, or null. **ETag**: repeat a GET with `If-None-Match` and get 304 while nothing is new.
"""


class Problem(BaseModel):
    """Why it was not done (RFC 9457)."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: str
    title: str
    status: int
    detail: str
    """One sentence for a person, in the asked language."""


REFUSALS = {
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
    """The description, with what all routes share: how to log in, and how they refuse."""
    said = app.openapi()
    said["components"].setdefault("securitySchemes", {
        "token": {"type": "http", "scheme": "bearer"},
        "session": {"type": "apiKey", "in": "cookie", "name": "failover_session"},
    })  # fmt: skip
    said["security"] = [{"token": []}, {"session": []}]
    said["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in said["paths"].values():
        for operation in path.values():
            for status, text in REFUSALS.items():
                operation["responses"][str(status)] = {"description": text, "content": problem}
    return said
