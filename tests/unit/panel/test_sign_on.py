"""Login through a sign-on service: an issuer of our own on loopback, written from the OpenID Connect documents."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from router.panel.app import create_app
from router.panel.oidc import Client, OidcSignOn
from router.ports import Role
from tests.unit.panel.browsing import HOST
from tests.unit.panel.fakes import FakeBoard, House, well

CLIENT, SECRET = "failover-panel", "s3cret value/with:signs"


class Issuer:
    """What a test bends to make it lie: `claims` on top of honest ones, `key` to sign with, `metadata`."""

    def __init__(self) -> None:
        self.key = self.published = RSAKey.generate_key(2048, {"kid": "one"})
        self.algorithm = "RS256"
        self.claims: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                if self.path == "/.well-known/openid-configuration":
                    self._json(issuer.description())
                elif self.path == "/keys":
                    self._json({"keys": [issuer.published.as_dict(private=False)]})
                else:
                    self._json({}, 404)

            def do_POST(self) -> None:
                sent = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                fields = {name: values[0] for name, values in sent.items()}
                status, body = issuer.token(fields, self.headers.get("authorization", ""))
                self._json(body, status)

            def _json(self, body: object, status: int = 200) -> None:
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.name = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.name, "authorization_endpoint": f"{self.name}/authorize",
            "token_endpoint": f"{self.name}/token", "jwks_uri": f"{self.name}/keys",
        } | self.metadata  # fmt: skip

    def authorize(self, address: str) -> str:
        """The user says yes: where his browser goes then."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.name}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?code={code}&state={asked['state']}"

    def token(self, fields: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(fields.get("code", ""), None)
        challenge = hashlib.sha256(fields.get("code_verifier", "").encode()).digest()
        known = authorization.removeprefix("Basic ")
        fits = (
            asked is not None
            and fields["redirect_uri"] == asked["redirect_uri"]
            and base64.urlsafe_b64encode(challenge).rstrip(b"=").decode() == asked["code_challenge"]
            and base64.b64decode(known).decode().startswith(f"{CLIENT}:")
        )
        if not fits or asked is None:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        honest = {
            "iss": self.name, "sub": "4711", "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": asked["nonce"],
            "preferred_username": "carla", "groups": ["office", "everybody"],
        }  # fmt: skip
        claims = {name: value for name, value in (honest | self.claims).items() if value is not None}
        signed = jwt.encode({"alg": self.algorithm, "kid": "one"}, claims, self.key, algorithms=[self.algorithm])
        return 200, {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": signed}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    made = Issuer()
    yield made
    made.close()


@pytest.fixture
def house() -> House:
    return House(FakeBoard(well()))


def panel(house: House, issuer: Issuer, **others: Any) -> httpx.AsyncClient:
    known = Client(
        issuer.name, CLIENT, SECRET, "Keycloak",
        **{"roles": (("office", Role.STAFF), ("everybody", Role.VIEWER), ("chiefs", Role.ADMIN))} | others,
    )  # fmt: skip
    app = create_app(house.deps(sign_on=OidcSignOn(known, time.time)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=f"http://{HOST}")


async def signed_on(browser: httpx.AsyncClient, issuer: Issuer) -> httpx.Response:
    gone = await browser.get("/login/sign-on")
    assert gone.status_code == 303, gone.text
    return await browser.get(issuer.authorize(gone.headers["location"]))


async def test_the_button_leads_in_with_the_role_of_the_group_that_may_most(house: House, issuer: Issuer) -> None:
    async with panel(house, issuer) as browser:
        assert "Keycloak" in (await browser.get("/login")).text
        answer = await signed_on(browser, issuer)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        told = (await browser.get("/api/v1/account")).json()
        assert (told["name"], told["role"]) == ("carla", "staff")
    assert [record.by for record in house.journal.logins] == ["carla"]


async def test_at_the_next_login_the_role_is_what_the_service_says_then(house: House, issuer: Issuer) -> None:
    async with panel(house, issuer) as browser:
        await signed_on(browser, issuer)
        issuer.claims = {"groups": "everybody", "preferred_username": "carla.new"}
        await signed_on(browser, issuer)
        told = (await browser.get("/api/v1/account")).json()
    assert (told["name"], told["role"]) == ("carla", "viewer")


@pytest.mark.parametrize("groups", [[], None, "others", ["others"], {"office": True}, 7, [["office"]]])
async def test_who_is_in_no_known_group_is_refused_unless_there_is_a_role_for_him(
    house: House, issuer: Issuer, groups: object
) -> None:
    issuer.claims = {"groups": groups}
    async with panel(house, issuer) as browser:
        answer = await signed_on(browser, issuer)
        assert answer.status_code == 403
        assert "failover_session" not in browser.cookies
    async with panel(house, issuer, default_role=Role.VIEWER) as browser:
        assert (await signed_on(browser, issuer)).status_code == 303


async def test_the_groups_may_lie_deeper(house: House, issuer: Issuer) -> None:
    issuer.claims = {"groups": None, "realm_access": {"roles": ["chiefs"]}}
    async with panel(house, issuer, role_claim="realm_access.roles") as browser:
        await signed_on(browser, issuer)
        assert (await browser.get("/api/v1/account")).json()["role"] == "admin"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.test"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"nbf": 2**40},
    ],
    ids=str,
)
async def test_a_token_that_is_not_for_us_now_opens_nothing(
    house: House, issuer: Issuer, claims: dict[str, Any]
) -> None:
    issuer.claims = claims
    async with panel(house, issuer) as browser:
        assert (await signed_on(browser, issuer)).status_code == 403
        assert "failover_session" not in browser.cookies


async def test_a_token_signed_by_another_key_opens_nothing(house: House, issuer: Issuer) -> None:
    issuer.key = RSAKey.generate_key(2048, {"kid": "one"})
    async with panel(house, issuer) as browser:
        assert (await signed_on(browser, issuer)).status_code == 403


async def test_a_token_signed_with_what_everybody_knows_opens_nothing(house: House, issuer: Issuer) -> None:
    issuer.key, issuer.algorithm = OctKey.import_key(SECRET + SECRET), "HS256"
    async with panel(house, issuer) as browser:
        assert (await signed_on(browser, issuer)).status_code == 403


async def test_new_keys_of_the_service_are_taken_without_a_restart(house: House, issuer: Issuer) -> None:
    async with panel(house, issuer) as browser:
        await signed_on(browser, issuer)
        issuer.key = issuer.published = RSAKey.generate_key(2048, {"kid": "two"})
        assert (await signed_on(browser, issuer)).status_code in (303, 403)
        issuer.key = issuer.published = RSAKey.generate_key(2048, {"kid": "one"})
        assert (await signed_on(browser, issuer)).status_code == 303


async def test_an_answer_counts_in_the_browser_that_asked_and_once(house: House, issuer: Issuer) -> None:
    async with panel(house, issuer) as browser, panel(house, issuer) as other:
        gone = await browser.get("/login/sign-on")
        back = issuer.authorize(gone.headers["location"])
        assert (await other.get(back)).status_code == 403
        assert (await browser.get(back.replace("state=", "state=x"))).status_code == 403
        assert (await browser.get(back)).status_code == 303
        browser.cookies.delete("failover_session")
        assert (await browser.get(back)).status_code == 403


@pytest.mark.parametrize(
    "cookie",
    [
        "", "x", "[]", '{"state": 1}', "\u00fc", "[" * 20000,
        json.dumps(json.dumps({"state": "\ud800", "nonce": "", "verifier": ""})).replace(",", "\\054"),
    ],
    ids=range(7),
)  # fmt: skip
async def test_a_forged_cookie_opens_nothing(house: House, issuer: Issuer, cookie: str) -> None:
    async with panel(house, issuer) as browser:
        header = f"failover_sign_on={cookie}".encode()
        answer = await browser.get("/login/sign-on/back?code=x&state=1", headers=[(b"cookie", header)])
        assert answer.status_code == 403


async def test_the_name_of_somebody_with_a_password_is_not_taken_over(house: House, issuer: Issuer) -> None:
    issuer.claims = {"preferred_username": "anna", "groups": ["chiefs"]}
    async with panel(house, issuer) as browser:
        answer = await signed_on(browser, issuer)
        assert answer.status_code == 403
        assert "failover_session" not in browser.cookies


async def test_who_says_no_there_is_told_so_here(house: House, issuer: Issuer) -> None:
    async with panel(house, issuer) as browser:
        gone = await browser.get("/login/sign-on")
        state = parse_qs(urlsplit(gone.headers["location"]).query)["state"][0]
        answer = await browser.get(f"/login/sign-on/back?error=access_denied&state={state}")
        assert answer.status_code == 403
        assert "Keycloak" in answer.text


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://elsewhere.test"}, {"token_endpoint": None}, {"jwks_uri": "file:///etc/passwd"}],
    ids=str,
)
async def test_a_service_that_describes_itself_wrongly_is_not_asked_further(
    house: House, issuer: Issuer, metadata: dict[str, Any]
) -> None:
    issuer.metadata = metadata
    async with panel(house, issuer) as browser:
        assert (await browser.get("/login/sign-on")).status_code == 403


async def test_while_the_service_is_silent_passwords_still_open(house: House, issuer: Issuer) -> None:
    async with panel(house, issuer) as browser:
        issuer.close()
        answer = await browser.get("/login/sign-on")
        assert answer.status_code == 503
        assert 'name="password"' in answer.text


async def test_without_a_service_there_is_no_such_page(house: House) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(house.app), base_url=f"http://{HOST}") as browser:
        assert (await browser.get("/login/sign-on")).status_code == 404
