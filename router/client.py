"""The command line's way to the router that runs on this machine: its API, with a token that only its user can read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy.engine import make_url

from router.settings import Settings

TOKEN_FILE, ID_FILE = "failover.token", "failover.id"
DEFAULT_STATE = Path("/var/lib/failover")
SECONDS = 5.0


class NotRunning(Exception):  # noqa: N818 - named for what it says
    """No router answers on this machine; str() is the sentence that says so."""


def state_directory(settings: Settings) -> Path:
    """Where the files beside the database stand: the token and the instance id."""
    url = make_url(settings.database.url)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).absolute().parent
    return DEFAULT_STATE


def kept_secret(path: Path, fresh: str) -> str:
    """What the file holds; where there is none yet it is written with `fresh`, for its owner only. Raises OSError."""
    try:
        text = path.read_text().strip()
        if text:
            return text
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(fresh + "\n")
    return fresh


class Client:
    """Speaks to the router as the user `cli`. Every method raises NotRunning."""

    def __init__(self, settings: Settings) -> None:
        self._base = f"http://{settings.panel.listen}/api/v1"
        self._token = state_directory(settings) / TOKEN_FILE

    def status(self) -> dict[str, Any]:
        """The body of GET status."""
        return dict(self._request("GET", "status").json())

    def override(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """The HTTP status (200 verified, 202 stored, 4xx refused) and the answer."""
        response = self._request("PUT", "override", json=body)
        return response.status_code, dict(response.json())

    def _request(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        try:
            headers = {"Authorization": f"Bearer {self._token.read_text().strip()}"}
            with httpx.Client(timeout=SECONDS, trust_env=False) as http:
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
