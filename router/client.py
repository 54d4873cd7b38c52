"""The command line's way to the router that runs on this machine: its API, with a token that only its user can read."""

from __future__ import annotations

import ssl
from typing import Any

import httpx

from router.settings import Settings
from router.state import TOKEN_FILE, state_directory

SECONDS = 5.0


class NotRunning(Exception):  # noqa: N818 - named for what it says
    """No router answers on this machine; str() is the sentence that says so."""


def _only(certificate: str) -> ssl.SSLContext | bool:
    """Trusts the panel's own certificate and no other, whatever name stands in it: it is asked by its address here."""
    if not certificate:
        return True
    context = ssl.create_default_context(cafile=certificate)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.check_hostname = False
    return context


class Client:
    """Speaks to the router as the user `cli`. Every method raises NotRunning."""

    def __init__(self, settings: Settings) -> None:
        self._base = f"{settings.panel.address}/api/v1"
        self._verify = _only(settings.panel.tls_certificate)
        self._token = state_directory(settings) / TOKEN_FILE

    def status(self) -> dict[str, Any]:
        """The body of GET status."""
        return dict(self._request("GET", "status").json())

    def calls(self, **asked: str | int | bool) -> tuple[int, dict[str, Any]]:
        """The HTTP status and the body of GET calls; `asked` are its parameters."""
        response = self._request("GET", "calls", params=asked)
        return response.status_code, dict(response.json())

    def override(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The HTTP status (200 verified, 202 stored, 4xx refused) and the answer."""
        response = self._request("PUT", "override", json=body)
        return response.status_code, dict(response.json())

    def _request(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        try:
            headers = {"Authorization": f"Bearer {self._token.read_text().strip()}"}
            with httpx.Client(timeout=SECONDS, trust_env=False, verify=self._verify) as http:
                response = http.request(method, f"{self._base}/{path}", headers=headers, **kwargs)
        except FileNotFoundError:
            raise NotRunning(f"The router has not run here yet: there is no {self._token}.") from None
        except PermissionError:
            raise NotRunning(f"{self._token} can be read by the router's own user only; try with sudo.") from None
        except (httpx.HTTPError, OSError) as error:
            raise NotRunning(f"The router does not answer at {self._base}: {error}") from None
        if response.status_code in (401, 403, 404) or response.status_code >= 500:
            raise NotRunning(f"What answers at {self._base} is not this router (HTTP {response.status_code}).")
        return response
