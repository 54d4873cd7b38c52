"""Users and invitations: who sees them, what an administrator does with them, and what stands in the log of it."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from router.ports import Role
from tests.unit.panel.browsing import BEARER, HOST, OURS, form_token, log_in, logged_in, visiting
from tests.unit.panel.fakes import NASTY_NAMES, PASSWORD, FakeBoard, House, well


@pytest.fixture
async def house() -> House:
    """Anna is admin, Ben staff."""
    house = House(FakeBoard(well()))
    await house.accounts.add("ben", PASSWORD, Role.STAFF)
    return house


async def send(browser: httpx.AsyncClient, path: str, page: str = "/users", **fields: str) -> httpx.Response:
    return await browser.post(path, data={"csrf": await form_token(browser, page), **fields}, headers=OURS)


def told(house: House) -> list[str]:
    return [str(record.text) for record in house.journal.noted]


async def test_an_administrator_sees_who_may_log_in_and_as_what(house: House) -> None:
    async with logged_in(house) as browser:
        page = (await browser.get("/users")).text
    assert [">anna<" in page, ">ben<" in page, "Verwaltung" in page] == [True, True, True]


async def test_others_do_not_and_have_no_way_there_in_the_navigation(house: House) -> None:
    async with visiting(house) as browser:
        await log_in(browser, "ben")
        assert (await browser.get("/users")).status_code == 403
        assert 'href="/users"' not in (await browser.get("/")).text


async def test_an_invited_person_gets_the_role_of_the_invitation(house: House) -> None:
    async with logged_in(house) as browser:
        answer = await send(browser, "/users/invitations", role="viewer", name="")
        link = re.search(rf"http://{HOST}(/welcome/[^<]+)</code>", answer.text)
        assert link, answer.text
        assert "failover" not in (await browser.get("/users")).headers.get("location", "")
    async with visiting(house) as guest:
        token = await form_token(guest, link[1])
        fields = {"csrf": token, "name": "Carla", "password": PASSWORD, "again": PASSWORD}
        assert (await guest.post(link[1], data=fields, headers=OURS)).status_code == 303
        assert (await guest.get("/api/v1/account")).json()["role"] == "viewer"
    assert told(house) == ["anna invited somebody as Viewer."]


async def test_a_name_in_the_invitation_is_fixed(house: House) -> None:
    async with logged_in(house) as browser:
        link = re.search(r"(/welcome/[^<]+)<", (await send(browser, "/users/invitations", role="staff", name="D")).text)
        assert link
    async with visiting(house) as guest:
        assert "readonly" in (await guest.get(link[1])).text
        fields = {"csrf": await form_token(guest, link[1]), "name": "anna", "password": PASSWORD, "again": PASSWORD}
        await guest.post(link[1], data=fields, headers=OURS)
        assert (await guest.get("/api/v1/account")).json()["name"] == "D"


async def test_a_withdrawn_invitation_leads_nowhere(house: House) -> None:
    async with logged_in(house) as browser:
        link = re.search(r"(/welcome/[^<]+)<", (await send(browser, "/users/invitations", role="staff")).text)
        end = re.search(r'action="(/users/invitations/[^"]+/end)"', (await browser.get("/users")).text)
        assert link
        assert end
        assert (await send(browser, end[1])).status_code == 303
    async with visiting(house) as guest:
        assert (await guest.get(link[1])).status_code == 404


@pytest.mark.parametrize("fields", [{"role": "boss"}, {}, {"role": "staff", "name": "ben"}])
async def test_what_will_not_do_is_said_on_the_page(house: House, fields: dict[str, str]) -> None:
    async with logged_in(house) as browser:
        answer = await send(browser, "/users/invitations", **fields)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
        assert not told(house)


async def test_a_role_that_is_changed_holds_at_once(house: House) -> None:
    async with logged_in(house) as anna, visiting(house) as ben:
        await log_in(ben, "ben")
        assert (await send(anna, "/users/2/role", "/users/2", role="viewer")).status_code == 303
        assert (await ben.get("/api/v1/account")).json()["role"] == "viewer"
    assert told(house) == ["anna changed the role of ben: Viewer."]


async def test_the_only_administrator_cannot_lock_himself_out(house: House) -> None:
    async with logged_in(house) as browser:
        for path in ("/users/1/role", "/users/1/remove"):
            answer = await send(browser, path, "/users/1", role="staff")
            assert answer.status_code == 422
            assert 'role="alert"' in answer.text
        assert (await browser.get("/users")).status_code == 200
    assert not told(house)


async def test_who_is_removed_is_out_at_once(house: House) -> None:
    async with logged_in(house) as anna, visiting(house) as ben:
        await log_in(ben, "ben")
        assert (await send(anna, "/users/2/remove", "/users/2")).headers["location"] == "/users"
        assert (await ben.get("/")).headers["location"] == "/login"
        assert (await anna.get("/users/2")).status_code == 404
    assert told(house) == ["anna removed the user ben."]


async def test_who_forgot_his_password_sets_a_new_one_by_the_link(house: House) -> None:
    async with logged_in(house) as anna, visiting(house) as ben:
        await log_in(ben, "ben")
        answer = await send(anna, "/users/2/reset", "/users/2")
        link = re.search(r"(/password/[^<]+)<", answer.text)
        assert link
        token = await form_token(ben, link[1])
        short = {"csrf": token, "password": "short", "again": "short"}
        assert (await ben.post(link[1], data=short, headers=OURS)).status_code == 422
        fields = {"csrf": token, "password": "another good one", "again": "another good one"}
        assert (await ben.post(link[1], data=fields, headers=OURS)).status_code == 200
        assert (await ben.get("/")).headers["location"] == "/login"
        assert (await ben.get(link[1])).status_code == 404
        assert (await log_in(ben, "ben", "another good one")).status_code == 303
    assert told(house) == [
        "anna made a link for a new password of ben.", "ben set a new password by a one-time link.",
    ]  # fmt: skip


@pytest.mark.parametrize("name", [*NASTY_NAMES, "\U0001f4a9" * 1000])
async def test_a_hostile_name_is_shown_as_text(house: House, name: str) -> None:
    await house.accounts.add(name, PASSWORD, Role.ADMIN)
    async with logged_in(house) as browser:
        await send(browser, "/users/invitations", role="staff", name=f"2{name}")
        for path in ("/users", "/users/3"):
            page = (await browser.get(path)).text
            assert html.escape(name, quote=False).split("\r")[0].replace('"', "&#34;") in page or "\u202e" in name
            assert "<script>alert" not in page
            assert "<img" not in page
            assert "49" not in page.split("{{ 7 * 7 }}")[0][-40:]


async def test_where_the_database_is_dead_the_page_says_so(house: House) -> None:
    async with logged_in(house) as browser:
        await browser.get("/")
        house.accounts.dead = True
        answer = await browser.get("/users")
        assert answer.status_code == 200
        assert 'role="alert"' in answer.text


class TestApi:
    async def test_users_come_newest_first_and_page_by_page(self, house: House) -> None:
        async with visiting(house, **BEARER) as program:
            first = (await program.get("/api/v1/users?limit=1")).json()
            assert [user["name"] for user in first["users"]] == ["ben"]
            assert first["users"][0]["role"] == "staff"
            second = (await program.get(first["next"])).json()
            assert [user["name"] for user in second["users"]] == ["anna"]
            assert second["next"] is None

    async def test_all_that_the_page_does(self, house: House) -> None:
        async with visiting(house, **BEARER) as program:
            assert (await program.patch("/api/v1/users/2", json={"role": "admin"})).json()["role"] == "admin"
            link = (await program.post("/api/v1/users/2/reset", json={})).json()["link"]
            assert "/password/" in link
            for path in ("/api/v1/users/2/sessions", "/api/v1/users/2/second-factor", "/api/v1/users/2"):
                assert (await program.request("DELETE", path, json={})).status_code == 200
            last = await program.request("DELETE", "/api/v1/users/1", json={})
            assert last.status_code == 409
            assert last.headers["content-type"] == "application/problem+json"
            assert (await program.get("/api/v1/users/2")).status_code == 404
        assert told(house)[0] == "cli changed the role of ben: Administrator."

    async def test_an_invitation_by_a_user(self, house: House) -> None:
        async with logged_in(house) as anna:
            token = {"x-csrf-token": await form_token(anna)}
            made = await anna.post("/api/v1/invitations", json={"role": "staff", "name": "Carla"}, headers=token)
            assert made.status_code == 201
            (kept,) = (await anna.get("/api/v1/invitations")).json()["invitations"]
            assert (kept["name"], kept["role"], kept["by"]) == ("Carla", "staff", "anna")
            gone = f"/api/v1/invitations/{kept['id']}"
            assert [
                (await anna.request("DELETE", gone, json={}, headers=token)).status_code for _ in range(2)
            ] == [200, 404]  # fmt: skip

    async def test_the_machine_which_is_nobody_invites_nobody(self, house: House) -> None:
        async with visiting(house, **BEARER) as program:
            answer = await program.post("/api/v1/invitations", json={"role": "staff"})
            assert (answer.status_code, answer.json()["title"]) == (409, "Conflict")
            assert "gehört zum Rechner des Routers, nicht zu einem Benutzer." in answer.json()["detail"]
            assert (await program.get("/api/v1/invitations")).json()["invitations"] == []

    @pytest.mark.parametrize(
        ("method", "path", "body", "status"),
        [
            ("PATCH", "/api/v1/users/2", {"role": "boss"}, 422),
            ("PATCH", "/api/v1/users/99", {"role": "staff"}, 404),
            ("PATCH", "/api/v1/users/0", {"role": "staff"}, 422),
            ("PATCH", f"/api/v1/users/{10**30}", {"role": "staff"}, 422),
            ("PATCH", "/api/v1/users/x", {"role": "staff"}, 422),
            ("POST", "/api/v1/invitations", {"role": "staff", "name": "ben"}, 409),
            ("POST", "/api/v1/invitations", {"role": ["staff"]}, 422),
            ("GET", "/api/v1/users?limit=0", None, 422),
        ],
    )
    async def test_what_will_not_do_is_a_problem(
        self, house: House, method: str, path: str, body: object, status: int
    ) -> None:
        async with logged_in(house) as anna:
            token = {"x-csrf-token": await form_token(anna)}
            answer = await anna.request(method, path, json=body, headers=token)
        assert answer.status_code == status
        assert answer.json()["detail"]
