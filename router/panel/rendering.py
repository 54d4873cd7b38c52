"""HTML from the server: one Jinja2 environment, everything escaped, every text looked up in the catalogue."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.routing import Match

from router.core.sentence import sentence
from router.panel.deps import panel_of
from router.panel.speech import LANGUAGES, Speech
from router.ports import Role, User

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation; `icon` is a drawing in base.html."""

    address: str
    word: str
    icon: str
    role: Role = Role.VIEWER


PLACES = (
    Place("/", sentence("Board"), "board"),
    Place("/duty", sentence("Duty roster"), "duty"),
    Place("/calls", sentence("Calls"), "calls"),
    Place("/outages", sentence("Outages"), "outages"),
    Place("/log", sentence("Log"), "log"),
    Place("/users", sentence("Users"), "users", Role.ADMIN),
)


@lru_cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("router.panel"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters["unbroken"] = unbroken
    made.globals["asset"] = asset
    return made


@lru_cache
def asset(name: str) -> str:
    """The address of a static file, with its content's mark: it may be cached for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def unbroken(text: str, number: str) -> Markup:
    """`text` with `number` in it kept on one line."""
    whole, kept = escape(text), escape(number)
    return whole.replace(kept, Markup('<span class="nowrap">{}</span>').format(kept)) if number else whole


def template(name: str) -> Template:
    return environment().get_template(name)


def page(
    request: Request, speech: Speech, file: str, /, status: int = 200, headers: Mapping[str, str] | None = None,
    **values: object,
) -> HTMLResponse:  # fmt: skip
    """A whole page. `request.state.user` and `.csrf`, where set, belong to whoever reads it."""
    user = getattr(request.state, "user", None)
    context = {
        "_": speech.text, "language": speech.language, "languages": LANGUAGES, "speech": speech,
        "office": panel_of(request).office.site.name, "path": may_be_opened(request),
        "here": _here(request, speech), "places": places(user), "user": user, "live": "", "reloads": False,
        "csrf": getattr(request.state, "csrf", ""),
    }  # fmt: skip
    return HTMLResponse(template(file).render(context | values), status, headers)


def may_be_opened(request: Request) -> str:
    """The page's address; of what a form sent, the nearest above it that a link may lead to."""
    path = request.url.path
    while request.method != "GET" and path != "/" and not _opens(request, path):
        path = path.rpartition("/")[0] or "/"
    return path


def _here(request: Request, speech: Speech) -> str:
    """With what is asked for, so that a change of language keeps it. A viewer's page repeats no digits."""
    asked = request.url.query if request.method == "GET" and not speech.masked else ""
    return may_be_opened(request) + (f"?{asked}" if asked else "")


def _opens(request: Request, path: str) -> bool:
    scope = {**request.scope, "method": "GET", "path": path}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


def macro(name: str, of: str, speech: Speech, *arguments: object, **values: object) -> str:
    """One macro of a template, in the reader's language; it finds `values` by name."""
    module = template(of).make_module({"_": speech.text, "speech": speech, **values})
    return cast(str, getattr(module, name)(*arguments))


def places(user: User | None) -> list[Place]:
    """Where this user may go, for the navigation."""
    return [place for place in PLACES if user and user.role.covers(place.role)]


def see_other(address: str) -> RedirectResponse:
    """After a POST: the browser fetches the page anew, and reloading it repeats nothing (RFC 9110, 15.4.4)."""
    return RedirectResponse(address, status_code=303)
