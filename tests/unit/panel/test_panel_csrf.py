"""Every route that changes something, against forms that come from elsewhere or carry no token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.unit.panel.browsing import BEARER, OURS, THEIRS, form_token, logged_in, visiting
from tests.unit.panel.fakes import PASSWORD, FakeBoard, FakeDemo, House, well

FORMS = {
    "/override": {"mode": "office", "end": "hour"},
    "/logout": {},
    "/demo/cut": {},
    "/login": {"name": "anna", "password": PASSWORD},
    "/welcome/invited": {"name": "Ben", "password": PASSWORD, "again": PASSWORD},
}
BY_VISITORS = {"/login", "/welcome/invited"}


@pytest.fixture
def house() -> House:
    return House(FakeBoard(well()), demo=FakeDemo())


@asynccontextmanager
async def with_form(house: House, path: str) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    """A browser that has the form open, and the form's token."""
    async with visiting(house) if path in BY_VISITORS else logged_in(house) as browser:
        yield browser, await form_token(browser, path if path in BY_VISITORS else "/")


def test_the_table_has_every_route_that_changes_something(house: House) -> None:
    changing = {
        route.path
        for part in house.app.router.routes
        for route in getattr(getattr(part, "original_router", None), "routes", [part])
        if getattr(route, "methods", None) and route.methods - {"GET", "HEAD"}
    }
    ours = ("/duty", "/api/v1/duty", "/api/v1/people")  # tests/unit/panel/test_doors_of_routes.py has these
    changing = {path for path in changing if not path.startswith(ours)}
    named = {"/api/v1/override", "/demo/{verb}", "/welcome/{token}"}
    assert changing == (set(FORMS) - {"/demo/cut", "/welcome/invited"}) | named


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    ("headers", "token", "passes"),
    [
        (OURS, "right", True),
        ({"origin": OURS["origin"]}, "right", True),
        ({}, "right", True),
        (OURS, "none", False),
        (OURS, "wrong", False),
        (THEIRS, "right", False),
        ({"origin": THEIRS["origin"]}, "right", False),
        ({"origin": "null"}, "right", False),
        ({"sec-fetch-site": "same-site"}, "right", False),
    ],
)
async def test_only_our_own_forms_change_anything(
    house: House, path: str, headers: dict[str, str], token: str, passes: bool
) -> None:
    async with with_form(house, path) as (browser, right):
        sent = {"right": {"csrf": right}, "none": {}, "wrong": {"csrf": "0" * 64}}[token]
        answer = await browser.post(path, data={**FORMS[path], **sent}, headers=headers)
    assert answer.status_code == (303 if passes else 403)
    if not passes:
        assert not house.board.heard
        assert not house.demo.done
        assert "Dieses Formular kam nicht von unserer Seite" in answer.text
        assert "failover_session" not in answer.headers.get("set-cookie", "")


async def test_another_users_token_is_no_token(house: House) -> None:
    house.accounts.passwords["ben"] = PASSWORD
    async with logged_in(house) as annas, visiting(house) as strangers:
        theirs = await form_token(strangers, "/login")
        answer = await annas.post("/override", data={"csrf": theirs, "mode": "office"}, headers=OURS)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("headers", "with_token", "status"),
    [
        (OURS, False, 200),
        ({"origin": OURS["origin"]}, False, 200),
        ({}, True, 200),
        ({}, False, 403),
        (THEIRS, True, 403),
        ({"origin": "null"}, True, 403),
        (OURS | {"content-type": "text/plain"}, True, 415),
    ],
)
async def test_the_api_with_a_cookie_wants_our_own_page_or_its_token(
    house: House, headers: dict[str, str], with_token: bool, status: int
) -> None:
    async with logged_in(house) as browser:
        token = {"x-csrf-token": await form_token(browser)} if with_token else {}
        sent = {"content-type": "application/json"} | headers | token
        answer = await browser.put("/api/v1/override", content=b'{"mode": "office"}', headers=sent)
    assert answer.status_code == status, answer.text
    assert len(house.board.heard) == (status == 200)


async def test_the_api_with_the_bearer_token_wants_nothing_else(house: House) -> None:
    async with visiting(house) as program:
        answer = await program.put("/api/v1/override", json={"mode": "office"}, headers=BEARER)
    assert answer.status_code == 200
    assert (house.board.heard[0].by, house.board.heard[0].via) == ("cli", "cli")


async def test_no_answer_invites_other_sites(house: House) -> None:
    async with logged_in(house) as browser:
        for path in ("/", "/api/v1/status", "/metrics"):
            answer = await browser.get(path, headers=THEIRS)
            assert not [name for name in answer.headers if name.startswith("access-control")]
