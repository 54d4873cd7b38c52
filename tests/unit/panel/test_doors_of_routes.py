"""Every route × every role × with and without its token, made from the routes themselves: none can be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from router.panel.guard import Guard, Kind
from router.panel.session import CLI_USER, csrf
from router.ports import Role
from tests.unit.panel.browsing import BEARER, OURS, THEIRS, visiting
from tests.unit.panel.fakes import PASSWORD, FakeBoard, FakeDemo, House, well

ANSWERED = {
    "/healthz",
    "/manifest.webmanifest",
    "/readyz",
    "/metrics",
    "/login",
    "/journal",
    "/api/v1/openapi.json",
    "/language/{code}",
    "/login/code",
}
"""What anyone may read."""


@dataclass(frozen=True)
class Door:
    """One route with one method, and the guards found before it."""

    method: str
    path: str
    guards: tuple[Guard, ...]

    @property
    def guard(self) -> Guard:
        return self.guards[0]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def made() -> House:
    return House(FakeBoard(well()), demo=FakeDemo())


def doors() -> list[Door]:
    found = []
    for route in _routes(made().app.router.routes):
        guards = tuple(_guards(route.dependant))
        found += [Door(method, route.path, guards) for method in sorted(route.methods - {"HEAD"})]
    return found


def _routes(routes: list[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif original := getattr(route, "original_router", None):
            yield from _routes(original.routes)


def _guards(dependant: Dependant) -> Iterator[Guard]:
    for needed in dependant.dependencies:
        if isinstance(needed.call, Guard):
            yield needed.call
        yield from _guards(needed)


DOORS = doors()
ROLES: list[Role | None] = [None, *Role]


def test_every_route_has_exactly_one_guard() -> None:
    assert {str(door) for door in DOORS if len(door.guards) != 1} == set()
    assert len(DOORS) > 15


def test_whatever_changes_something_is_guarded_as_a_change() -> None:
    loose = {
        str(d) for d in DOORS if d.method != "GET" and d.guard.kind not in (Kind.FORM, Kind.API_CHANGE, Kind.VISITOR)
    }
    assert loose == set()


def test_what_anyone_may_read_is_listed_here() -> None:
    anyone = {d.path for d in DOORS if d.guard.kind is Kind.ANYONE} - {"/welcome/{token}", "/password/{token}"}
    assert anyone == ANSWERED


def sent_to(door: Door) -> str:
    """The route's address, with something in each place."""
    return re.sub(r"\{[^}]+\}", "1", door.path)


async def answer(
    house: House, door: Door, role: Role | None, headers: dict[str, str], *, token: bool = True
) -> httpx.Response:
    """What a user of that role gets (None: nobody is logged in), with or without the token of a form."""
    async with visiting(house) as browser:
        session = ""
        if role is not None:
            house.accounts.roles["anna"] = role
            session = await house.accounts.login("anna", PASSWORD) or ""
            browser.cookies.set("failover_session", session)
        secret = csrf(session) if token else ""
        if door.guard.kind is Kind.API_CHANGE:
            extra = {"x-csrf-token": secret} if token else {}
            return await browser.request(door.method, sent_to(door), json={}, headers=headers | extra)
        data = {"csrf": secret} if door.method != "GET" else None
        return await browser.request(door.method, sent_to(door), data=data, headers=headers)


def may(door: Door, role: Role | None) -> bool:
    return door.guard.role is None or (role is not None and role.covers(door.guard.role))


@pytest.mark.parametrize("door", [d for d in DOORS if d.guard.kind not in (Kind.STREAM, Kind.VISITOR)], ids=str)
@pytest.mark.parametrize("role", ROLES, ids=str)
async def test_a_route_lets_in_whom_it_names_and_nobody_else(door: Door, role: Role | None) -> None:
    if door.path == "/api/v1/events" and may(door, role):
        return  # it never ends; tests/unit/panel/test_panel_streams.py
    got = await answer(made(), door, role, OURS)
    api = door.guard.kind in (Kind.API, Kind.API_CHANGE)
    if may(door, role):
        assert got.status_code not in (401, 403, 500), got.text
        assert got.headers.get("location") != "/login" or door.path in ("/logout", "/login/code")
    elif role is None:
        assert got.status_code == (401 if api else 303), got.text
        assert api or got.headers["location"] == "/login"
    else:
        assert got.status_code == 403, got.text


@pytest.mark.parametrize("door", [d for d in DOORS if d.guard.kind in (Kind.FORM, Kind.API_CHANGE)], ids=str)
@pytest.mark.parametrize("role", list(Role), ids=str)
async def test_a_change_needs_the_token_of_our_own_page(door: Door, role: Role) -> None:
    house = made()
    assert (await answer(house, door, role, THEIRS)).status_code == 403
    assert (await answer(house, door, role, {}, token=False)).status_code == 403
    if door.guard.kind is Kind.FORM:
        assert (await answer(house, door, role, OURS, token=False)).status_code == 403
    assert not house.board.heard
    assert not house.journal.noted
    assert house.demo is not None
    assert not house.demo.done


@pytest.mark.parametrize("door", [d for d in DOORS if d.guard.kind in (Kind.API, Kind.API_CHANGE)], ids=str)
async def test_the_machines_own_token_opens_the_whole_api(door: Door) -> None:
    if door.path == "/api/v1/events":
        return
    async with visiting(made()) as program:
        json = {} if door.guard.kind is Kind.API_CHANGE else None
        got = await program.request(door.method, sent_to(door), json=json, headers=BEARER)
        wrong = await program.request(door.method, sent_to(door), json=json, headers={"authorization": "Bearer x"})
    assert CLI_USER == "cli"
    assert got.status_code not in (401, 403, 500), got.text
    assert wrong.status_code == 401
