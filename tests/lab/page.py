"""The panel as a browser without JavaScript has it: pages read, forms sent as they stand there."""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import AsyncIterator

import httpx

from tests.lab.polled import polled
from tests.lab.router import Router

PASSWORD = "zehn Zeichen und mehr"


class Page:
    """One browser with its cookies."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def board(self) -> str:
        """The text of the board, without its markup."""
        return _plain(await self._html("/"))

    async def orders(self, mode: str, **fields: str) -> str:
        """Press one of the three buttons, without an end unless `fields` say otherwise: the page that follows."""
        token = _csrf(await self._html("/"))
        form = {"csrf": token, "mode": mode, "number": "", "end": "open", "at": "", "reason": ""} | fields
        return _plain((await self._client.post("/override", data=form)).raise_for_status().text)

    async def order_without_token(self, mode: str) -> int:
        """What the form says to a sender that is no page of ours; the HTTP status."""
        return (await self._client.post("/override", data={"mode": mode, "end": "open"})).status_code

    async def call_backs(self) -> str:
        """The list of those to call back, without its markup; with whom was called back already."""
        return _plain((await self._html("/calls")).partition('id="live-backs"')[2].partition("</section>")[0])

    async def all_calls(self) -> str:
        return _plain((await self._html("/calls")).partition('id="live-figures"')[2].partition("<details class")[0])

    async def marks(self, caller: str, do: str, note: str = "") -> str:
        """Press a button in the row of `caller`: the list that follows."""
        form = {"csrf": _csrf(await self._html("/calls")), "caller": caller, "do": do, "note": note}
        (await self._client.post("/calls/mark", data=form)).raise_for_status()
        return await self.call_backs()

    async def _html(self, path: str) -> str:
        return (await self._client.get(path)).raise_for_status().text


@contextlib.asynccontextmanager
async def browser(router: Router, user: str = "Anna") -> AsyncIterator[Page]:
    """Its first user follows the one-time link of the log, then logs in."""
    found = await polled(
        "the one-time link is printed", lambda: re.search(r"http://\S+(/welcome/\S+)", router.log()), within=5
    )
    assert found
    async with httpx.AsyncClient(base_url=router.url, follow_redirects=True, timeout=10) as client:
        login = {"name": user, "password": PASSWORD}
        for path in (found[1], "/logout", "/login"):
            token = _csrf((await client.get("/" if path == "/logout" else path)).raise_for_status().text)
            (await client.post(path, data={"csrf": token, "again": PASSWORD, **login})).raise_for_status()
        yield Page(client)


@contextlib.asynccontextmanager
async def colleague(router: Router, user: str = "Ben") -> AsyncIterator[Page]:
    """A second user, added on the machine itself, in a browser of his own."""
    added = await router.command("users", "add", user, typed=f"{PASSWORD}\n")
    assert added.returncode == 0, added
    async with httpx.AsyncClient(base_url=router.url, follow_redirects=True, timeout=10) as client:
        token = _csrf((await client.get("/login")).raise_for_status().text)
        login = {"csrf": token, "name": user, "password": PASSWORD}
        (await client.post("/login", data=login)).raise_for_status()
        yield Page(client)


def _csrf(text: str) -> str:
    found = re.search(r'name="csrf(?:-token)?" (?:content|value)="([^"]+)"', text)
    assert found, text[:500]
    return found[1]


def _plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())
