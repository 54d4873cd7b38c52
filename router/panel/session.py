"""Who is asking: session cookie or bearer token; and whether a change was asked for by our own pages."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from router.core.sentence import say
from router.panel import onward
from router.panel.deps import panel_of
from router.panel.naming import cookie_name
from router.panel.refusal import Refusal
from router.ports import Role, User

SESSION_SECONDS = 30 * 24 * 3600
"""How long a browser keeps the cookie; the accounts may end the session earlier."""
CLI_USER = "cli"
VISITOR = "failover_visitor"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and how: `via` is panel, api or cli. `session` is None for whoever came with a bearer token.

    `address`: where the request came from, as far as can be told.
    """

    name: str
    role: Role
    via: str = "panel"
    session: str | None = None
    address: str = ""


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int | None = None) -> None:
    secure = request.url.scheme == "https"
    response.set_cookie(
        cookie_name(request, name), value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax"
    )


def opened(request: Request, response: Response, session: str) -> Response:
    set_cookie(request, response, "failover_session", session, SESSION_SECONDS)
    return response


def closed(request: Request, response: Response) -> Response:
    response.delete_cookie(
        cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )
    return response


async def browsing(request: Request) -> Caller | None:
    """Whoever is logged in by cookie; the page that is rendered for this request then belongs to him."""
    token = request.cookies.get(cookie_name(request))
    user = await panel_of(request).keys.whose(token) if token else None
    if token is None or user is None:
        return None
    request.state.csrf = csrf(token)
    return known(request, user, "panel", token)


def address(request: HTTPConnection) -> str:
    """The asking machine's, or what a trusted proxy says of it."""
    return request.client.host if request.client else ""


def known(request: HTTPConnection, user: User, via: str = "panel", token: str | None = None) -> Caller:
    request.state.user = user
    return Caller(user.name, user.role, via, token, address(request))


async def required(request: Request) -> Caller:
    """For pages: without a login, off to it."""
    caller = await browsing(request)
    if caller is None:
        raise Refusal(303, say("Please log in."), {"location": "/login", **onward.kept(request)})
    return caller


async def api_caller(request: Request) -> Caller:
    """For the API: the bearer token, else the session cookie."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return await _bearer(request, given.strip())
    caller = None if scheme else await browsing(request)
    if caller is None:
        raise Refusal(401, say("Please log in, or send the token."), {"www-authenticate": "Bearer"})
    return replace(caller, via="api")


async def _bearer(request: Request, given: str) -> Caller:
    """The machine's own token, or one that a user made: it may do what it was made for."""
    panel = panel_of(request)
    machine = panel.deps.api_token
    if machine and hmac.compare_digest(given.encode("utf-8", "surrogatepass"), machine.encode()):
        return Caller(CLI_USER, Role.ADMIN, "cli", None, address(request))
    held = await panel.keys.held(given)
    if held is None:
        raise _unknown_token()
    owner, token = held
    if token.until is not None and token.until <= panel.deps.now():  # remembered while the database is dead
        raise _unknown_token()
    return known(request, replace(owner, role=token.role), "api")


def _unknown_token() -> Refusal:
    return Refusal(401, say("This token is unknown, or it has ended."), {"www-authenticate": "Bearer"})


def csrf(secret: str) -> str:
    """The token that our own forms carry: derived from the cookie's secret, so no other site can know it."""
    return hmac.new(secret.encode(), b"failover csrf", "sha256").hexdigest()


def visitor(request: Request) -> str:
    """The secret of a browser that is not logged in yet; its page must set the cookie with `remember_visitor`."""
    secret = request.cookies.get(cookie_name(request, VISITOR)) or secrets.token_urlsafe(24)
    request.state.csrf = csrf(secret)
    return secret


def remember_visitor(request: Request, response: Response, secret: str) -> Response:
    set_cookie(request, response, VISITOR, secret)
    return response


def origin(request: Request) -> bool | None:
    """Whether a page of ours asked; None where the browser does not say. Fetch Metadata first, then Origin."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    told = request.headers.get("origin")
    try:
        return None if told is None else urlsplit(told).netloc == request.headers.get("host")
    except ValueError:  # an address that is none, such as http://[
        return False


async def form(request: Request, caller: Caller | None = None, most_fields: int = 20) -> Mapping[str, str]:
    """The fields of a form that one of our own pages sent, or a Refusal. `caller` None: a visitor's form."""
    secret = caller.session if caller else request.cookies.get(cookie_name(request, VISITOR))
    fields = await fields_of(request, most_fields)
    ours = secret is not None and hmac.compare_digest(csrf(secret).encode(), fields.get("csrf", "").encode())
    if origin(request) is False or not ours:
        raise Refusal(
            403, say("This form did not come from our own page, or it was too old. Please open the page anew.")
        )
    return fields


async def fields_of(request: Request, most: int) -> Mapping[str, str]:
    """As text that every page can show: whoever sends may name any encoding, those with half characters too."""
    try:
        sent = await request.form(max_files=0, max_fields=most)
    except UnicodeError:
        return {}
    return {name: value.encode("utf-8", "replace").decode() for name, value in sent.items() if isinstance(value, str)}


def check_api_change(request: Request, caller: Caller) -> None:
    """A change by API. With a cookie it must be JSON, and come from our own page or carry the token of the form."""
    if caller.session is None:
        return
    sent = request.headers.get("x-csrf-token", "")
    ours = hmac.compare_digest(csrf(caller.session).encode(), sent.encode())
    told = origin(request)
    if told is False or not (told or ours):
        raise Refusal(403, say("With a cookie, a change must come from our own page or carry its X-CSRF-Token."))
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, say("The body must be JSON (application/json)."))
