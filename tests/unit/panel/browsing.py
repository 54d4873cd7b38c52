"""A browser without a screen: httpx straight into the application, with what a browser would send along."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from tests.unit.panel.fakes import PASSWORD, House

HOST = "panel.test"
OURS = {"origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}
THEIRS = {"origin": "https://elsewhere.test", "sec-fetch-site": "cross-site"}
BEARER = {"authorization": "Bearer the-token"}


def visiting(house: House, scheme: str = "http", address: str = "127.0.0.1", **headers: str) -> httpx.AsyncClient:
    """A browser that nobody has logged in with; `raise_app_exceptions` is off, so a crash is an answer 500."""
    transport = httpx.ASGITransport(house.app, raise_app_exceptions=False, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url=f"{scheme}://{HOST}", headers=headers)


@asynccontextmanager
async def logged_in(house: House, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(house, **headers) as browser:
        answer = await log_in(browser)
        assert answer.status_code == 303, answer.text
        yield browser


async def log_in(browser: httpx.AsyncClient, name: str = "anna", password: str = PASSWORD) -> httpx.Response:
    token = await form_token(browser, "/login")
    return await browser.post("/login", data={"csrf": token, "name": name, "password": password}, headers=OURS)


async def form_token(browser: httpx.AsyncClient, path: str = "/") -> str:
    page = await browser.get(path)
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    return found.group(1)
