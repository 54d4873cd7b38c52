"""Requests that no browser sends: each is answered with a no, none breaks the panel."""

from __future__ import annotations

import httpx
import pytest

from tests.unit.panel.browsing import BEARER, form_token, logged_in, visiting
from tests.unit.panel.fakes import PASSWORD, FakeBoard, House, well


@pytest.fixture
def house() -> House:
    return House(FakeBoard(well()))


@pytest.mark.parametrize("origin", ["http://[", "http://\u2100.test", "null", "", "http://panel.test:99999999"])
async def test_an_origin_that_is_no_address_is_not_ours(house: House, origin: str) -> None:
    async with visiting(house) as browser:
        data = {"csrf": await form_token(browser, "/login"), "name": "anna", "password": PASSWORD}
        headers = [(b"origin", origin.encode("utf-8"))]
        assert (await browser.post("/login", data=data, headers=headers)).status_code == 403


@pytest.mark.parametrize("charset", ["undefined", "idna", "utf-7", "unicode_escape", "utf-16", "no such", "rot13"])
async def test_a_form_in_whatever_encoding_is_text_or_a_no(house: House, charset: str) -> None:
    async with visiting(house) as browser:
        token = await form_token(browser, "/login")
        fields = {"csrf": token.encode(), "name": b"+2AA- \\ud800", "password": b"\\ud800 +2AA- \xff"}
        parts = [
            b'--x\r\ncontent-disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
            for name, value in fields.items()
        ]
        kind = {"content-type": f"multipart/form-data; boundary=x; charset={charset}"}
        answer = await browser.post("/login", content=b"".join(parts) + b"--x--\r\n", headers=kind)
    assert answer.status_code in (401, 403), answer.text


@pytest.mark.parametrize("host", ["[", "[::1", "panel.test:x", "a b", "\u00e4\u00f6", "x" * 3000, ""])
async def test_a_host_that_is_none_breaks_no_page(house: House, host: str) -> None:
    async with visiting(house) as browser:
        answer = await browser.get("/login", headers=[(b"host", host.encode("latin-1"))])
    assert answer.status_code == 200


class TestTheApi:
    async def sent(self, house: House, method: str, path: str, content: bytes) -> httpx.Response:
        async with visiting(house, **BEARER) as program:
            headers = {"content-type": "application/json"}
            return await program.request(method, f"/api/v1/{path}", content=content, headers=headers)

    @pytest.mark.parametrize(("method", "path"), [("POST", "invitations"), ("PUT", "override"), ("PATCH", "users/1")])
    async def test_a_body_beyond_all_measure_is_413(self, house: House, method: str, path: str) -> None:
        answer = await self.sent(house, method, path, b'{"role": "' + b"x" * 20000 + b'"}')
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("content", [b"[" * 16000, b'{"role":' * 2000, b'{"role": "\\ud800"}', b"\xff\xfe", b"NaN"])
    @pytest.mark.parametrize(("method", "path"), [("POST", "invitations"), ("PUT", "override"), ("POST", "tokens")])
    async def test_what_is_no_body_of_ours_is_refused(
        self, house: House, method: str, path: str, content: bytes
    ) -> None:
        assert (await self.sent(house, method, path, content)).status_code in (400, 403, 422)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/v1/users/1", "GET, PATCH, DELETE"),
        ("/api/v1/tokens", "GET, POST"),
        ("/login", "GET, POST"),
        ("/calls.csv", "GET"),
    ],
)
async def test_a_method_that_is_not_there_is_told_which_are(house: House, path: str, allowed: str) -> None:
    async with logged_in(house) as browser:
        answer = await browser.request("OPTIONS", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
