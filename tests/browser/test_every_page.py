"""Every page, in both languages, light and dark, on a phone and on a desk, with and without JavaScript."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import ARTEFACTS, DESK, HEIGHTS, LOCALES, PHONE, Screen
from tests.browser.conftest import PASSWORD, USER
from tests.browser.filled import filled, noted, peopled
from tests.browser.looks import LISTEN, axe_faults, fence_faults, layout_faults
from tests.browser.pages import PLACES, places, routes
from tests.campaign import report
from tests.lab.lab import Lab
from tests.lab.router import NUMBER, Router
from tests.lab.running import QUICK, forwarded, running


@dataclass(frozen=True)
class Way:
    """How a page is looked at."""

    language: str
    scheme: str
    width: int
    scripts: bool

    def __str__(self) -> str:
        return f"{self.language}-{self.scheme}-{self.width}{'' if self.scripts else '-noscript'}"


EVERY = [Way(*one) for one in itertools.product(("de", "en"), ("light", "dark"), (PHONE, DESK), (True, False))]
COVERING = [Way("de", "light", PHONE, True), Way("en", "dark", DESK, True), Way("de", "dark", PHONE, False)]
"""Each choice at least once; each with each other in the campaign."""


FEW = 2


@dataclass
class Album:
    """What was seen so far; `faults` name the picture they can be seen on."""

    seen: int = 0
    faults: list[str] = field(default_factory=list)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def service(standing_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Router]:
    """The running service at its first start: it knows no user, and has nothing in its books."""
    await standing_lab.calm()
    async with running(standing_lab, tmp_path_factory.mktemp("pages"), **QUICK) as router:
        yield router


async def session_of(router: Router, name: str = USER, password: str = PASSWORD) -> str:
    """A session cookie as the login gives it."""
    async with httpx.AsyncClient(base_url=router.url, timeout=10) as client:
        found = re.search(r'name="csrf" value="([^"]+)"', (await client.get("/login")).text)
        assert found
        answer = await client.post("/login", data={"csrf": found[1], "name": name, "password": password})
        assert answer.status_code == 303, answer.text
        return str(client.cookies["failover_session"])


@asynccontextmanager
async def context_of(browser: Browser, address: str, way: Way, session: str = "") -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(
        java_script_enabled=way.scripts, locale=LOCALES[way.language], color_scheme=way.scheme,  # type: ignore[arg-type]
        viewport={"width": way.width, "height": HEIGHTS[way.width]}, has_touch=way.width == PHONE,
    )  # fmt: skip
    try:
        if session:
            await context.add_cookies([{"name": "failover_session", "value": session, "url": address}])
        await context.add_init_script(LISTEN)
        yield context
    finally:
        await context.close()


class Camera:
    """One window that goes from page to page, keeps a picture of each, and notes what is wrong with it."""

    def __init__(self, page: Page, router: Router, way: Way, album: Album) -> None:
        self._window = Screen(page, router.url, way.language, way.width, way.scripts)
        self._page, self._way, self._album = page, way, album

    async def looks_at(self, address: str, state: str) -> None:
        self._window.complaints.clear()
        way = self._way
        await self._page.set_viewport_size({"width": way.width, "height": HEIGHTS[way.width]})
        answer = await self._window.opens(address)
        told = await self.keeps(f"{state}-{called(address)}")
        self._album.faults += [one for one in told if not (answer.status == 404 and "404" in one)]

    async def keeps(self, name: str) -> list[str]:
        """A picture of the page that is open; what its layout lacks is a fault, what was complained of comes back."""
        page, way = self._page, self._way
        await page.wait_for_load_state("load")  # styles too
        found = await layout_faults(page)
        if way.scripts:
            found += await axe_faults(page) + await fence_faults(page)
        if await page.locator("html").get_attribute("lang") != way.language:
            found.append("it is in another language")
        tall = await page.evaluate("document.documentElement.scrollHeight")
        await page.set_viewport_size({"width": way.width, "height": max(tall, HEIGHTS[way.width])})
        file = ARTEFACTS / "pages" / f"{name}-{way}.png"
        await page.screenshot(path=file, animations="disabled")
        self._album.seen += 1
        self._album.faults += [f"{file.name}: {one}" for one in found]
        return [f"{file.name}: {one}" for one in self._window.complaints]


@asynccontextmanager
async def camera(browser: Browser, router: Router, way: Way, album: Album, session: str = "") -> AsyncIterator[Camera]:
    async with context_of(browser, router.url, way, session) as context:
        yield Camera(await context.new_page(), router, way, album)


def called(address: str) -> str:
    """The name of a page's picture."""
    address = re.sub(r"/(welcome|password)/(?!used-up).*", r"/\1-one", address)
    address = re.sub(r"/(outages|users)/\d+", r"/\1-one", address)
    return re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-") or "board"


async def all_pages(browser: Browser, router: Router, ways: list[Way], state: str, album: Album) -> None:
    """Every page for who is logged in, as the office is now. `state` is the first word of each picture's name."""
    session = await session_of(router)
    for way in ways:
        async with camera(browser, router, way, album, session) as ours:
            for address, place in places():
                found = None if place.guest else await existing(router, session, address)
                if found:
                    await ours.looks_at(found, state)


async def existing(router: Router, session: str, address: str) -> str | None:
    """`address`, or what * stands for in it; None where there is nothing of that kind yet."""
    if not address.endswith("/*"):
        return address
    async with httpx.AsyncClient(base_url=router.url, cookies={"failover_session": session}) as client:
        parent = (await client.get(address.removesuffix("/*"))).text
    found = re.search(rf'href="({re.escape(address.removesuffix("*"))}\d+)"', parent)
    return found[1] if found else None


async def before_the_door(browser: Browser, router: Router, ways: list[Way], state: str, album: Album) -> None:
    """The pages for who is not logged in: in the state "first" the link of the first user is good, in "used" one for a
    new password. What is no longer good is shown in a few ways: who tries many of them is held for a guesser."""
    said = router.log()
    if state == "used":
        said += (await router.command("users", "link", USER)).stdout
    links = {
        f"/{link.split('/')[1]}/once": link for link in re.findall(r"http://[^/]+(/(?:welcome|password)/\S+)", said)
    }
    stale = {"/password/used-up"} if state == "first" else {"/welcome/once"}
    for count, way in enumerate(ways):
        async with camera(browser, router, way, album) as guest:
            for address, place in places():
                link = links.get(address, address)
                there = not link.endswith(("/once", "/used-up")) or address in stale
                if place.guest and there and (count < FEW or address not in stale):
                    await guest.looks_at(link, state)


async def is_full(browser: Browser, router: Router) -> None:
    """Each page has on it what is meant to be looked at."""
    session = await session_of(router)
    async with context_of(browser, router.url, Way("en", "light", DESK, False), session) as context:
        page = await context.new_page()
        for address, place in places():
            if not place.guest:
                found = await existing(router, session, address)
                assert found, f"there is no {address} to be looked at"
                await page.goto(router.url + found)
                await expect(page.locator(place.full).first).to_be_attached()


def test_every_page_of_the_application_is_looked_at() -> None:
    assert routes() - PLACES.keys() == set(), "say in tests/browser/pages.py how this page is reached, and filled"


async def _through_the_states(lab: Lab, router: Router, browser: Browser, calm: list[Way], outage: list[Way]) -> Album:
    album = Album()
    (ARTEFACTS / "pages").mkdir(parents=True, exist_ok=True)
    await before_the_door(browser, router, outage, "first", album)
    added = await router.command("users", "add", USER, typed=f"{PASSWORD}\n")
    assert added.returncode == 0, added
    await all_pages(browser, router, calm, "empty", album)
    await filled(router)
    await peopled(router, await session_of(router))
    await all_pages(browser, router, calm, "calm", album)
    with lab.telekom.silent():
        await router.wait_for(lambda status: forwarded(status, NUMBER))
        await noted(router)
        await is_full(browser, router)
        await all_pages(browser, router, outage, "outage", album)
    await before_the_door(browser, router, outage, "used", album)
    return album


@pytest.mark.timeout(400)  # sixty pictures, on a machine that does other things too
async def test_every_page_fits_the_screen_and_complains_of_nothing(lab: Lab, service: Router, browser: Browser) -> None:
    """In an outage, when there is most on them; calm and empty in the campaign."""
    album = await _through_the_states(lab, service, browser, [], COVERING)
    assert album.faults == []
    assert album.seen > 3 * len(PLACES)


@pytest.mark.campaign
@pytest.mark.timeout(1200)
async def test_every_page_in_every_way(lab: Lab, service: Router, browser: Browser) -> None:
    album = await _through_the_states(lab, service, browser, EVERY, EVERY)
    report("every page in every way", pictures=album.seen, faults=len(album.faults), first=album.faults[:20])
    assert album.faults == []
