"""Every page, made from the application's own routes, and how to reach each with something on it.

A page that is not in PLACES fails test_every_page: a new one cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from router.panel.guard import Kind
from tests.unit.panel.test_doors_of_routes import DOORS


@dataclass(frozen=True)
class Place:
    """`addresses`: where to look, the page as it opens first; with * at its end: the first that its parent leads to.

    `full`: what must be on it once the office has data. `guest`: it is for who is not logged in.
    """

    addresses: tuple[str, ...]
    full: str = "h1"
    guest: bool = False


PLACES = {
    "/": Place(("/",), "#live-calls li time"),
    "/log": Place(("/log", "/log?q=Ben", "/log?q=nothing-like-it"), "time, li.note"),
    "/duty": Place(("/duty",), "text=Oberländer"),
    "/calls": Place(("/calls", "/calls?show=missed"), "time"),
    "/outages": Place(("/outages",)),
    "/outages/{outage}": Place(("/outages/*",), "text=INC-2026-0815-4711"),
    "/users": Place(("/users",), "text=Gast am Empfang"),
    "/users/{user_id}": Place(("/users/*",)),
    "/account": Place(("/account",)),
    "/account/second-factor": Place(("/account",)),
    "/login/code": Place(("/login/code",), guest=True),
    "/password/{token}": Place(("/password/once", "/password/used-up"), guest=True),
    "/wall": Place(("/wall",)),
    "/login": Place(("/login",), guest=True),
    "/welcome/{token}": Place(("/welcome/once",), guest=True),
}
NO_PAGE = {
    "/healthz", "/readyz", "/metrics", "/journal", "/language/{code}", "/manifest.webmanifest", "/login/sign-on",
    "/login/sign-on/back",
}  # fmt: skip
"""What answers GET, and is no page: for machines, or leads on to another."""


def routes() -> set[str]:
    """The paths of all pages: what people open with a browser."""
    kinds = (Kind.PAGE, Kind.ANYONE)
    found = {door.path for door in DOORS if door.method == "GET" and door.guard.kind in kinds}
    return {path for path in found - NO_PAGE if not path.startswith("/api/") and not path.endswith((".csv", ".ics"))}


def places() -> Iterator[tuple[str, Place]]:
    """Each page that there is, with its first address and each other."""
    for path in sorted(routes()):
        place = PLACES[path]
        for address in place.addresses:
            yield address, place
