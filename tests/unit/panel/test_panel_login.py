"""Login, logout, the one-time link, the throttle, and what the cookies look like."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest

from router.panel.app import create_app
from tests.unit.panel.browsing import BEARER, OURS, form_token, log_in, logged_in, visiting
from tests.unit.panel.fakes import PASSWORD, FakeBoard, House, outage, well


@pytest.fixture
def house() -> House:
    return House(FakeBoard(well()))


async def test_the_board_is_for_those_who_logged_in(house: House) -> None:
    async with visiting(house) as browser:
        answer = await browser.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert (await log_in(browser)).headers["location"] == "/"
        assert "Anrufe an" in (await browser.get("/")).text


async def test_a_wrong_password_is_said_and_opens_nothing(house: House) -> None:
    async with visiting(house) as browser:
        answer = await log_in(browser, password="wrong")
        assert answer.status_code == 401
        assert "Name oder Kennwort stimmt nicht." in answer.text
        assert (await browser.get("/")).status_code == 303


async def test_after_logout_the_old_session_is_worth_nothing(house: House) -> None:
    async with logged_in(house) as browser:
        session = browser.cookies["failover_session"]
        await browser.post("/logout", data={"csrf": await form_token(browser)}, headers=OURS)
        assert "failover_session" not in browser.cookies
        browser.cookies.set("failover_session", session)
        assert (await browser.get("/")).status_code == 303


async def test_six_tries_then_a_wait(house: House) -> None:
    async with visiting(house) as browser:
        tries = [(await log_in(browser, password="guess")).status_code for _ in range(6)]
        slowed = await log_in(browser)
        assert tries == [401] * 6
        assert slowed.status_code == 429
        assert 60 < int(slowed.headers["retry-after"]) <= 121
        assert "warten" in slowed.text
        house.ticks += 121
        assert (await log_in(browser)).status_code == 303


async def test_many_names_from_one_address_are_slowed_down_too(house: House) -> None:
    async with visiting(house) as browser:
        tries = [(await log_in(browser, name=f"name{i}", password="guess")).status_code for i in range(7)]
    assert tries == [401] * 6 + [429]


async def test_honest_logins_use_up_no_tries(house: House) -> None:
    for _ in range(9):
        async with visiting(house) as browser:
            assert (await log_in(browser)).status_code == 303


async def test_the_one_time_link_makes_the_first_user_once(house: House) -> None:
    async with visiting(house) as browser:
        fields = {"name": "Ben", "password": PASSWORD, "again": PASSWORD}
        token = await form_token(browser, "/welcome/invited")
        answer = await browser.post("/welcome/invited", data={"csrf": token, **fields}, headers=OURS)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert "Ben" in (await browser.get("/")).text
        assert (await browser.get("/welcome/invited")).status_code == 404


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "", "password": PASSWORD, "again": PASSWORD}, "Bitte wählen Sie einen Namen."),
        ({"name": "Ben", "password": "short", "again": "short"}, "Das Kennwort braucht mindestens 10 Zeichen."),
        ({"name": "Ben", "password": PASSWORD, "again": "other"}, "Die beiden Kennwörter sind verschieden."),
        ({"name": "anna", "password": PASSWORD, "again": PASSWORD}, "Den Namen anna gibt es hier schon."),
        ({"name": "a" * 65, "password": PASSWORD, "again": PASSWORD}, "Der Name darf höchstens 64 Zeichen haben."),
        ({"name": "a\u202eb", "password": PASSWORD, "again": PASSWORD}, "Der Name enthält unsichtbare Zeichen."),
    ],
)
async def test_an_unusable_name_or_password_leaves_the_link_unused(
    house: House, fields: dict[str, str], said: str
) -> None:
    async with visiting(house) as browser:
        token = await form_token(browser, "/welcome/invited")
        answer = await browser.post("/welcome/invited", data={"csrf": token, **fields}, headers=OURS)
        assert answer.status_code == 422
        assert said in answer.text
        assert (await browser.get("/welcome/invited")).status_code == 200


async def test_guessing_links_is_slowed_down(house: House) -> None:
    async with visiting(house) as browser:
        found = [(await browser.get(f"/welcome/guess{i}")).status_code for i in range(7)]
    assert found == [404] * 6 + [429]


async def test_under_https_the_cookie_is_bound_to_the_host(house: House) -> None:
    async with visiting(house, scheme="https") as browser:
        token = await form_token(browser, "/login")
        fields = {"csrf": token, "name": "anna", "password": PASSWORD}
        answer = await browser.post("/login", data=fields, headers={"sec-fetch-site": "same-origin"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-failover_session=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= {part.strip() for part in cookie.split(";")}
    assert "domain" not in cookie.lower()


async def test_without_https_the_cookie_still_hides_from_scripts(house: House) -> None:
    async with visiting(house) as browser:
        cookie = (await log_in(browser)).headers["set-cookie"]
    assert cookie.startswith("failover_session=")
    assert "HttpOnly" in cookie
    assert "Secure" not in cookie


@pytest.mark.parametrize("token", ["", "the-toke", "the-token2", "THE-TOKEN", "ü"])
async def test_a_wrong_token_opens_nothing(house: House, token: str) -> None:
    async with visiting(house) as browser:
        header = [(b"authorization", f"Bearer {token}".encode())]
        answer = await browser.get("/api/v1/status", headers=header)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_without_a_token_set_no_token_opens(house: House) -> None:
    app = create_app(replace(house.deps(), api_token=None))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://panel.test") as program:
        assert (await program.get("/api/v1/status", headers={"authorization": "Bearer "})).status_code == 401
        assert (await program.get("/api/v1/status", headers=BEARER)).status_code == 401


async def test_a_dead_database_locks_nobody_out_who_was_in(house: House) -> None:
    async with logged_in(house) as browser, visiting(house) as stranger:
        await browser.get("/")
        house.accounts.dead = house.journal.broken = True
        house.board.show(outage())
        answer = await browser.get("/")
        assert answer.status_code == 200
        assert "erreicht uns gerade nicht" in answer.text
        assert "Das Protokoll lässt sich gerade nicht schreiben." in answer.text
        assert "Warum, steht im Log des Routers." in answer.text
        assert (await stranger.get("/login")).status_code == 503


WANTED = "/outages?days=90&trunk=telekom"


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_who_wanted_a_page_is_led_to_it_after_the_login(scheme: str) -> None:
    house = House(FakeBoard(well()))
    async with visiting(house, scheme) as browser:
        sent = await browser.get(WANTED)
        assert (sent.status_code, sent.headers["location"]) == (303, "/login")
        kept = sent.headers["set-cookie"]
        assert kept.startswith("__Host-failover_onward=" if scheme == "https" else "failover_onward=")
        assert ("; Secure" in kept, "; HttpOnly" in kept, "; SameSite=lax" in kept) == (scheme == "https", True, True)
        token = await form_token(browser, "/login")
        ours = {**OURS, "origin": f"{scheme}://panel.test"}
        fields = {"csrf": token, "name": "anna", "password": PASSWORD}
        answer = await browser.post("/login", data=fields, headers=ours)
        assert (answer.status_code, answer.headers["location"]) == (303, WANTED)
        assert not [name for name in browser.cookies if "onward" in name], "once"


@pytest.mark.parametrize(
    "onward",
    ["//evil.test", "https://evil.test/", "/\\evil.test", "/logout", "/api/v1/status", "/log?q=\r\nSet-Cookie: a=b",
     "/log/../..//evil.test", "/log\u0000", "/outages/99999999999", "%2f%2fevil.test", "/log?" + "x" * 400, "\u202e"],
)  # fmt: skip
async def test_nobody_is_led_elsewhere_than_to_a_page_of_ours(onward: str) -> None:
    async with visiting(House(FakeBoard(well()))) as browser:
        browser.cookies.set("failover_onward", quote(onward, safe=""))
        answer = await log_in(browser)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
