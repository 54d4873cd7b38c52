"""One's own account: password, language, sessions, second factor and tokens."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from router.ports import Role
from tests.unit.panel.browsing import OURS, form_token, log_in, logged_in, visiting
from tests.unit.panel.fake_accounts import CODE, RECOVERY
from tests.unit.panel.fakes import PASSWORD, FakeBoard, House, well


@pytest.fixture
async def house() -> House:
    """Anna is admin, Ben staff, Vera viewer."""
    house = House(FakeBoard(well()))
    await house.accounts.add("ben", PASSWORD, Role.STAFF)
    await house.accounts.add("vera", PASSWORD, Role.VIEWER)
    return house


async def send(browser: httpx.AsyncClient, path: str, page: str = "/account", **fields: str) -> httpx.Response:
    return await browser.post(path, data={"csrf": await form_token(browser, page), **fields}, headers=OURS)


def told(house: House) -> list[str]:
    return [str(record.text) for record in house.journal.noted]


@pytest.mark.parametrize("name", ["anna", "ben", "vera"])
async def test_everybody_has_an_account_page_and_a_way_to_it(house: House, name: str) -> None:
    async with visiting(house) as browser:
        await log_in(browser, name)
        assert 'href="/account"' in (await browser.get("/")).text
        assert (await browser.get("/account")).status_code == 200


class TestPassword:
    NEW = "another good one"

    async def test_a_new_one_ends_all_other_sessions(self, house: House) -> None:
        async with logged_in(house) as mine, logged_in(house) as other:
            answer = await send(mine, "/account/password", old=PASSWORD, password=self.NEW, again=self.NEW)
            assert answer.status_code == 200
            assert (await mine.get("/")).status_code == 200
            assert (await other.get("/")).headers["location"] == "/login"
        assert told(house) == ["anna chose a new password."]

    @pytest.mark.parametrize(
        ("old", "new", "again"), [("wrong", NEW, NEW), (PASSWORD, "short", "short"), (PASSWORD, NEW, "another")]
    )
    async def test_without_the_old_one_or_with_a_bad_one_nothing_changes(
        self, house: House, old: str, new: str, again: str
    ) -> None:
        async with logged_in(house) as browser:
            answer = await send(browser, "/account/password", old=old, password=new, again=again)
            assert answer.status_code == 422
            assert 'role="alert"' in answer.text
        assert house.accounts.passwords["anna"] == PASSWORD

    async def test_guessing_the_old_one_at_an_open_screen_is_slowed_down(self, house: House) -> None:
        async with logged_in(house) as browser:
            fields = {"old": "guess", "password": self.NEW, "again": self.NEW}
            answers = [(await send(browser, "/account/password", **fields)).status_code for _ in range(11)]
        assert answers == [422] * 10 + [429]


async def test_the_language_holds_here_at_once_and_in_other_browsers_without_a_choice(house: House) -> None:
    async with logged_in(house) as here, logged_in(house) as there:
        await send(here, "/account/language", language="en")
        assert '<html lang="en">' in (await here.get("/account")).text
        assert '<html lang="en">' in (await there.get("/")).text
        await there.get("/language/de")
        assert '<html lang="de">' in (await there.get("/")).text


class TestSessions:
    async def test_one_is_ended_and_then_all_others(self, house: House) -> None:
        agent = {"user-agent": "Mozilla/5.0 (Linux; Android 15) Gecko/1.0 Firefox/140.0"}
        async with logged_in(house) as mine, logged_in(house, **agent) as phone, logged_in(house) as third:
            page = (await mine.get("/account")).text
            assert "Firefox" in page
            assert "Android" in page
            ends = re.findall(r'action="(/account/sessions/[^"]+/end)"', page)
            assert len(ends) == 2
            await send(mine, ends[1])
            assert (await phone.get("/")).headers["location"] == "/login"
            assert (await third.get("/")).status_code == 200
            await send(mine, "/account/sessions/end")
            assert (await third.get("/")).headers["location"] == "/login"
            assert (await mine.get("/")).status_code == 200

    @pytest.mark.parametrize("agent", ["<script>alert(1)</script>", "x" * 4000, ""])
    async def test_what_a_browser_calls_itself_is_text(self, house: House, agent: str) -> None:
        async with logged_in(house, **{"user-agent": agent}) as browser:
            page = (await browser.get("/account")).text
        assert "<script>alert" not in page
        assert "x" * 100 not in page


class TestSecondFactor:
    async def test_it_is_set_up_with_a_drawing_and_its_letters_and_asked_for_at_the_login(self, house: House) -> None:
        async with logged_in(house) as browser:
            assert (await send(browser, "/account/second-factor")).headers["location"] == "/account/second-factor"
            page = (await browser.get("/account/second-factor")).text
            assert "<svg" in page
            assert "JBSW Y3DP EHPK 3PXP" in page
            assert "style=" not in page, "the fence lets no inline style through"
            wrong = await send(browser, "/account/second-factor/confirm", "/account/second-factor", code="000000")
            assert wrong.status_code == 422
            shown = await send(browser, "/account/second-factor/confirm", "/account/second-factor", code=CODE)
            assert all(code in shown.text for code in RECOVERY)
            assert RECOVERY[0] not in (await browser.get("/account")).text
        async with visiting(house) as again:
            assert (await log_in(again)).headers["location"] == "/login/code"
            assert (await again.get("/")).headers["location"] == "/login"
            assert (await send(again, "/login/code", "/login/code", code="000000")).status_code == 401
            assert (await send(again, "/login/code", "/login/code", code=CODE)).headers["location"] == "/"
            assert (await again.get("/")).status_code == 200
        assert told(house) == ["anna switched on the second factor."]

    @pytest.fixture
    async def guarded(self, house: House) -> House:
        await house.access.factor.offer("anna")
        await house.access.factor.confirm("anna", CODE)
        return house

    async def test_a_recovery_code_opens_too(self, guarded: House) -> None:
        async with visiting(guarded) as browser:
            await log_in(browser)
            assert (await send(browser, "/login/code", "/login/code", code=RECOVERY[3])).status_code == 303

    async def test_after_five_wrong_codes_the_password_is_asked_for_again(self, guarded: House) -> None:
        async with visiting(guarded) as browser:
            await log_in(browser)
            token = await form_token(browser, "/login/code")
            for _ in range(5):
                answer = await browser.post("/login/code", data={"csrf": token, "code": "0"}, headers=OURS)
            assert 'name="password"' in answer.text
            assert (await browser.get("/login/code")).headers["location"] == "/login"

    async def test_codes_are_not_guessed_by_logging_in_again_and_again(self, guarded: House) -> None:
        answers = []
        for _ in range(4):
            async with visiting(guarded) as browser:
                await log_in(browser)
                token = await form_token(browser, "/login/code")
                answers += [
                    (await browser.post("/login/code", data={"csrf": token, "code": "0"}, headers=OURS)).status_code
                    for _ in range(4)
                ]
        assert answers.count(401) == 10
        assert answers.count(429) == 6
        assert told(guarded) == ["After the right password of anna, wrong codes came from 127.0.0.1."]

    async def test_codes_are_not_guessed_all_day_either(self, guarded: House) -> None:
        answers = []
        for _ in range(8):
            guarded.ticks += 3600
            for _ in range(2):
                async with visiting(guarded) as browser:
                    await log_in(browser)
                    token = await form_token(browser, "/login/code")
                    answers += [
                        (await browser.post("/login/code", data={"csrf": token, "code": "0"}, headers=OURS)).status_code
                        for _ in range(5)
                    ]
        assert answers.count(401) == 40
        assert answers[:40] == [401] * 40

    async def test_it_is_switched_off_with_the_password_only(self, guarded: House) -> None:
        async with visiting(guarded) as browser:
            await log_in(browser)
            await send(browser, "/login/code", "/login/code", code=CODE)
            assert (await send(browser, "/account/second-factor/off", password="wrong")).status_code == 422
            assert (await send(browser, "/account/second-factor/off", password=PASSWORD)).status_code == 303
        async with visiting(guarded) as browser:
            assert (await log_in(browser)).headers["location"] == "/"

    async def test_an_administrator_switches_it_off_for_who_lost_the_phone(self, guarded: House) -> None:
        await guarded.accounts.set_role("ben", Role.ADMIN)
        async with visiting(guarded) as ben:
            await log_in(ben, "ben")
            await send(ben, "/users/1/second-factor/off", "/users/1")
        assert told(guarded) == ["ben switched off the second factor of anna."]
        async with visiting(guarded) as anna:
            assert (await log_in(anna)).headers["location"] == "/"


class TestTokens:
    async def made(self, browser: httpx.AsyncClient, **fields: str) -> str:
        answer = await send(browser, "/account/tokens", **({"name": "Home Assistant", "role": "viewer"} | fields))
        found = re.search(r"<code>(fo_[^<]+)</code>", answer.text)
        assert found, answer.text
        return found[1]

    async def asked(self, house: House, token: str, method: str = "GET", path: str = "status", **body: object) -> int:
        async with visiting(house, authorization=f"Bearer {token}") as program:
            answer = await program.request(method, f"/api/v1/{path}", **({"json": body} if body else {}))
        return answer.status_code

    async def test_a_token_may_do_what_it_was_made_for_and_is_shown_once(self, house: House) -> None:
        async with visiting(house) as browser:
            await log_in(browser, "ben")
            reads, steers = await self.made(browser), await self.made(browser, role="staff", name="Taster")
            assert reads not in (await browser.get("/account")).text
        assert await self.asked(house, reads) == 200
        assert await self.asked(house, reads, "PUT", "override", mode="office") == 403
        assert await self.asked(house, steers, "PUT", "override", mode="office") == 200
        assert (house.board.heard[0].by, house.board.heard[0].via) == ("ben", "api")
        assert await self.asked(house, steers, path="users") == 403
        assert told(house) == ["ben made the token Home Assistant (Viewer).", "ben made the token Taster (Staff)."]

    async def test_nobody_makes_one_that_may_more_than_himself(self, house: House) -> None:
        async with visiting(house) as browser:
            await log_in(browser, "vera")
            answer = await send(browser, "/account/tokens", name="x", role="staff")
            assert answer.status_code == 422
            assert 'value="staff"' not in answer.text

    async def test_an_ended_token_opens_nothing(self, house: House) -> None:
        async with visiting(house) as ben, logged_in(house) as anna:
            await log_in(ben, "ben")
            mine, hers = await self.made(ben), await self.made(ben)
            ends = re.findall(r'action="(/account/tokens/[0-9]+/end)"', (await anna.get("/users")).text)
            assert len(ends) == 2, "an administrator sees them all"
            assert (await send(anna, ends[0], "/users")).headers["location"] == "/users"
            await send(ben, ends[1])
        assert [await self.asked(house, token) for token in (mine, hers)] == [401, 401]

    async def test_of_others_only_an_administrator_ends_any(self, house: House) -> None:
        async with logged_in(house) as anna, visiting(house) as ben:
            token = await self.made(anna)
            await log_in(ben, "ben")
            (end,) = re.findall(r'action="(/account/tokens/[0-9]+/end)"', (await anna.get("/account")).text)
            await send(ben, end)
        assert await self.asked(house, token) == 200

    async def test_a_token_holds_while_the_database_is_dead_if_it_was_seen(self, house: House) -> None:
        async with logged_in(house) as anna:
            seen, unseen = await self.made(anna), await self.made(anna)
        await self.asked(house, seen)
        house.accounts.dead = True
        assert (await self.asked(house, seen), await self.asked(house, unseen)) == (200, 503)

    async def test_a_token_that_ended_while_the_database_is_dead_opens_nothing(self, house: House) -> None:
        async with logged_in(house) as anna:
            token = await self.made(anna, days="30")
        assert await self.asked(house, token) == 200
        house.accounts.dead = True
        house.now += timedelta(days=31)
        assert await self.asked(house, token) == 401

    async def test_what_was_read_before_a_change_is_not_remembered_after_it(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with logged_in(house) as anna:
            token = await self.made(anna)
        held, keys = house.access.tokens.held, house.app.state.panel.keys

        async def ended_meanwhile(token: str) -> object:
            found = await held(token)
            keys.changed()
            return found

        monkeypatch.setattr(house.access.tokens, "held", ended_meanwhile)
        await self.asked(house, token)
        house.accounts.dead = True
        assert await self.asked(house, token) == 503

    async def test_one_that_only_reads_ends_neither_sessions_nor_other_tokens(self, house: House) -> None:
        async with logged_in(house) as anna:
            reads, other = await self.made(anna), await self.made(anna)
            (session,) = await house.accounts.sessions("anna")
            ids = [one.id for one in await house.access.tokens.tokens("anna")]
            for path in (f"sessions/{session.id}", *(f"tokens/{one}" for one in ids)):
                assert await self.asked(house, reads, "DELETE", path) == 403
            assert (await anna.get("/")).status_code == 200
        assert await self.asked(house, other) == 200

    async def test_a_token_makes_no_tokens_and_no_passwords(self, house: House) -> None:
        async with logged_in(house) as anna:
            token = await self.made(anna, role="admin")
        assert await self.asked(house, token, "POST", "tokens", name="x", role="admin") == 403
        assert await self.asked(house, token, "PUT", "account/password", old=PASSWORD, password="x" * 12) == 403


class TestApi:
    async def test_tokens_and_sessions_of_ones_own(self, house: House) -> None:
        async with logged_in(house) as anna:
            headers = {"x-csrf-token": await form_token(anna)}
            wanted = {"name": "script", "role": "staff", "until": "2030-01-01T00:00:00+01:00"}
            made = await anna.post("/api/v1/tokens", json=wanted, headers=headers)
            assert made.status_code == 201
            (token,) = (await anna.get("/api/v1/tokens")).json()["tokens"]
            assert (token["name"], token["role"], token["until"]) == ("script", "staff", "2030-01-01T00:00:00+01:00")
            assert made.json()["token"] not in (await anna.get("/api/v1/tokens")).text
            assert len((await anna.get("/api/v1/tokens?everybody=true")).json()["tokens"]) == 1
            (mine,) = (await anna.get("/api/v1/sessions")).json()["sessions"]
            assert mine["mine"]
            for path in (f"tokens/{token['id']}", f"sessions/{mine['id']}"):
                assert (await anna.request("DELETE", f"/api/v1/{path}", json={}, headers=headers)).status_code == 200
            assert (await anna.get("/api/v1/sessions")).status_code == 401

    async def test_the_tokens_of_everybody_are_for_administrators(self, house: House) -> None:
        async with visiting(house) as ben:
            await log_in(ben, "ben")
            assert (await ben.get("/api/v1/tokens?everybody=true")).status_code == 403

    async def test_the_password_needs_the_old_one(self, house: House) -> None:
        async with logged_in(house) as anna:
            headers = {"x-csrf-token": await form_token(anna)}
            body = {"old": "wrong", "password": "another good one"}
            assert (await anna.put("/api/v1/account/password", json=body, headers=headers)).status_code == 403
            body["old"] = PASSWORD
            assert (await anna.put("/api/v1/account/password", json=body, headers=headers)).status_code == 200

    async def test_the_language_of_the_account(self, house: House) -> None:
        async with logged_in(house) as anna:
            headers = {"x-csrf-token": await form_token(anna)}
            assert (await anna.patch("/api/v1/account", json={"language": "en"}, headers=headers)).json()[
                "language"
            ] == "en"
            assert (await anna.patch("/api/v1/account", json={"language": "fr"}, headers=headers)).status_code == 422
