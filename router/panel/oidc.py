"""The sign-on service by OpenID Connect: authorization code flow with PKCE, state and nonce, the ID token checked.

Written to OpenID Connect Core 1.0 (3.1) and Discovery 1.0, RFC 7636 and RFC 9207. Needs the extra oidc (authlib); this
module is loaded only where [oidc] names an issuer.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import structlog
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from router.core.sentence import Sentence, say
from router.ports import Role, SignOnFailed, Vouched

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""By the service's own keys: never "none", nor HMAC with a secret that others share."""
SECONDS: Final = 5.0
"""For one answer of the service."""
LEEWAY: Final = 60
"""Seconds by which its clock may differ from ours."""
MOST_BYTES: Final = 256 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Client:
    """How the service knows us, and what its groups mean here."""

    issuer: str
    client_id: str
    client_secret: str = ""
    label: str = ""
    role_claim: str = "groups"
    roles: Sequence[tuple[str, Role]] = ()
    default_role: Role | None = None


class OidcSignOn:
    """`router.ports.SignOn`. `wall`: seconds since 1970, for the times in the token."""

    def __init__(self, client: Client, wall: Callable[[], float]) -> None:
        self._client, self._wall = client, wall
        self._found: Mapping[str, Any] | None = None

    @property
    def label(self) -> str:
        return self._client.label or urlsplit(self._client.issuer).hostname or self._client.issuer

    async def begin(self, back: str) -> tuple[str, str]:
        found = await self._discovered()
        kept = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        async with self._oauth(back) as oauth:
            address, _ = oauth.create_authorization_url(
                found["authorization_endpoint"], state=kept["state"], nonce=kept["nonce"],
                code_challenge=create_s256_code_challenge(kept["verifier"]), code_challenge_method="S256",
            )  # fmt: skip
        return str(address), json.dumps(kept)

    async def finish(self, back: str, kept: str, query: Mapping[str, str]) -> Vouched:
        begun = _begun(kept)
        ours, theirs = (told.encode("utf-8", "replace") for told in (begun["state"], query.get("state", "")))
        if not hmac.compare_digest(ours, theirs):
            raise SignOnFailed(say("This login was not begun in this browser, or too long ago. Please try again."))
        if query.get("iss", self._client.issuer) != self._client.issuer:
            raise self._distrusted("the answer names another issuer")
        if "code" not in query:
            log.warning("the sign-on service let nobody in", error=ascii(query.get("error", "")[:80]))
            raise SignOnFailed(say("{service} did not let you in.", service=self.label))
        claims = await self._claims(await self._id_token(back, query["code"], begun["verifier"]), begun["nonce"])
        role = self._role(claims)
        if role is None:
            raise SignOnFailed(say("Your account at {service} may not use this panel.", service=self.label))
        name = next((claims[key] for key in ("preferred_username", "name", "email", "sub") if claims.get(key)), "")
        return Vouched(f"{self._client.issuer} {claims['sub']}", str(name)[:64], role)

    def _oauth(self, back: str) -> AsyncOAuth2Client:
        public = not self._client.client_secret
        return AsyncOAuth2Client(
            self._client.client_id, self._client.client_secret or None, redirect_uri=back,
            scope="openid profile email", timeout=SECONDS, trust_env=False,
            token_endpoint_auth_method="none" if public else "client_secret_basic",
        )  # fmt: skip

    async def _id_token(self, back: str, code: str, verifier: str) -> str:
        found = await self._discovered()
        try:
            async with self._oauth(back) as oauth:
                token = await oauth.fetch_token(found["token_endpoint"], code=code, code_verifier=verifier)
        except Exception as wrong:  # authlib's, httpx's, and whatever a strange answer breaks
            log.warning("the sign-on service gave no token", why=type(wrong).__name__)
            raise self._silent() from None
        id_token = token.get("id_token") if isinstance(token, Mapping) else None
        if not isinstance(id_token, str):
            raise self._distrusted("there is no ID token")
        return id_token

    async def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        """Checked as OpenID Connect Core 3.1.3.7 says. Keys are fetched anew where none fits: services change them."""
        found = await self._discovered()
        keys = KeySet.import_key_set(await self._fetched(found["jwks_uri"]))
        try:
            claims = dict(jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims)
            jwt.JWTClaimsRegistry(
                now=lambda: int(self._wall()), leeway=LEEWAY,
                iss={"essential": True, "value": self._client.issuer}, sub={"essential": True},
                aud={"essential": True, "value": self._client.client_id}, exp={"essential": True},
                iat={"essential": True}, nonce={"essential": True, "value": nonce},
            ).validate(claims)  # fmt: skip
        except (JoseError, ValueError, KeyError) as wrong:
            raise self._distrusted(type(wrong).__name__) from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self._client.client_id:
            raise self._distrusted("it was made for another client")
        return claims

    def _role(self, claims: Mapping[str, Any]) -> Role | None:
        found: Any = claims
        for part in self._client.role_claim.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        groups = {found} if isinstance(found, str) else set(filter(_text, found)) if isinstance(found, list) else set()
        given = [role for group, role in self._client.roles if group in groups]
        return max(given, key=tuple(Role).index) if given else self._client.default_role

    async def _discovered(self) -> Mapping[str, Any]:
        """The service's own description; its issuer must be the one we know, to the letter (Discovery 4.3)."""
        if self._found is None:
            found = await self._fetched(f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != self._client.issuer:
                raise self._distrusted("it calls itself by another name")
            places = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if not all(_reachable(found.get(place), self._client.issuer) for place in places):
                raise self._distrusted("its description is not complete")
            self._found = found
        return self._found

    async def _fetched(self, address: str) -> Any:
        try:
            async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as http:
                answer = (await http.get(address)).raise_for_status()
            found = answer.json() if len(answer.content) <= MOST_BYTES else None
        except (httpx.HTTPError, ValueError) as wrong:
            log.warning("the sign-on service does not answer", address=address, why=repr(wrong)[:200])
            raise self._silent() from None
        if not isinstance(found, dict):
            raise self._silent()
        return found

    def _silent(self) -> SignOnFailed:
        text = say("{service} does not answer just now. With a name and a password you can log in here.",
                   service=self.label)  # fmt: skip
        return SignOnFailed(text, 503)

    def _distrusted(self, why: str) -> SignOnFailed:
        log.warning("the sign-on service is not believed", why=why)
        return SignOnFailed(_distrust(self.label))


def _distrust(label: str) -> Sentence:
    return say("What {service} says of you cannot be believed. The router's log tells why.", service=label)


def _begun(kept: str) -> dict[str, str]:
    try:
        begun = json.loads(kept)
        return {name: str(begun[name]) for name in ("state", "nonce", "verifier")}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SignOnFailed(
            say("This login was not begun in this browser, or too long ago. Please try again.")
        ) from None


def _text(value: object) -> bool:
    return isinstance(value, str)


def _reachable(address: object, issuer: str) -> bool:
    """http only where the issuer itself speaks it, for a trial on this machine."""
    secure = "http" if issuer.startswith("http:") else "https"
    return isinstance(address, str) and urlsplit(address).scheme == secure
