"""What one sees, another sees within a second; a service that dies and comes back takes its open pages with it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import DESK, PHONE
from tests.browser.conftest import PASSWORD, USER
from tests.browser.test_every_page import Way, context_of, session_of
from tests.lab.lab import Lab
from tests.lab.router import NUMBER, Router
from tests.lab.running import QUICK, forwarded, running

OTHER = "Ben Fuchs"
AT_ONCE = 1.0
"""Seconds from a switch on the PBX until an open page shows it."""
RECOVERS = 5.0
STREAMS = 50

# Notes when each text was first seen in an element, in milliseconds since 1970.
WATCHES = """
([where, text]) => {
  const place = document.querySelector(where);
  const look = () => { if (!window.seenAt && place.textContent.includes(text)) window.seenAt = Date.now(); };
  window.seenAt = 0;
  look();
  new MutationObserver(look).observe(place, { subtree: true, childList: true, characterData: true });
}
"""


@contextlib.asynccontextmanager
async def window(
    browser: Browser, router: Router, width: int = PHONE, name: str = USER, scripts: bool = True
) -> AsyncIterator[Page]:
    """An open board of somebody who is logged in."""
    session = await session_of(router, name)
    async with context_of(browser, router.url, Way("en", "light", width, scripts), session) as context:
        page = await context.new_page()
        await page.goto(router.url, wait_until="domcontentloaded")
        await expect(page.locator("#live-holds")).to_contain_text("The automatics decide.")
        yield page


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def standing(standing_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Router]:
    """A running router whose office is where it is about noon, and closes at 18:00: whenever this test runs."""

    def by_day(settings: dict[str, Any]) -> None:
        settings["office"]["timezone"] = f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"  # its sign is the other way round
        settings["hours"] = {"mon-sun": "08:00-18:00"}

    await standing_lab.calm()
    async with running(standing_lab, tmp_path_factory.mktemp("live"), by_day, **QUICK) as router:
        added = await router.command("users", "add", USER, typed=f"{PASSWORD}\n")
        assert added.returncode == 0, added
        yield router


async def watch(page: Page, where: str, text: str) -> None:
    await page.evaluate(WATCHES, [where, text])


async def seen_at(page: Page, within: float = 15.0) -> float:
    """When the text that is watched for was there, in seconds since 1970."""
    await page.wait_for_function("window.seenAt", timeout=within * 1000, polling=50)
    return float(await page.evaluate("window.seenAt")) / 1000


async def verified_at(router: Router, since: float) -> float:
    """When the journal says that the first switch after `since` was verified."""

    async def told() -> list[float]:
        answer = await router.request("GET", "log", headers={"accept-language": "en"})
        lines = answer.raise_for_status().json()["lines"]
        at = [datetime.fromisoformat(line["at"]).timestamp() for line in lines if line["kind"] == "switch"]
        return [moment for moment in at if moment >= since]

    end = time.monotonic() + 5
    while not (found := await told()):
        assert time.monotonic() < end, "no switch stands in the journal"
        await asyncio.sleep(0.05)
    return min(found)


@pytest.fixture
async def second_user(router: Router) -> None:
    listed = await router.command("users", "list")
    if OTHER not in listed.stdout:
        added = await router.command("users", "add", OTHER, typed=f"{PASSWORD}\n")
        assert added.returncode == 0, added


async def test_an_outage_stands_on_an_open_board_within_a_second_of_the_switch(
    lab: Lab, router: Router, browser: Browser
) -> None:
    async with window(browser, router) as phone, window(browser, router, DESK) as desk:
        for page in (phone, desk):
            await watch(page, "#live-numbers", "Whoever dials 030 123456 cannot reach us right now.")
        begun = time.time()
        with lab.telekom.silent():
            await router.wait_for(lambda status: forwarded(status, NUMBER))
            switched = await verified_at(router, begun)
            late = [await seen_at(page) - switched for page in (phone, desk)]
    assert max(late) < AT_ONCE, late
    assert min(late) > -AT_ONCE, late


async def test_a_tap_on_mobile_until_we_close_is_verified_and_stands_on_a_second_phone_within_a_second(
    lab: Lab, router: Router, browser: Browser
) -> None:
    async with window(browser, router) as mine, window(browser, router) as theirs:
        await watch(theirs, "#live-holds", "All numbers: Mobile")
        preset = mine.locator(".chip:has([value=day])")
        await expect(preset).to_have_text("until we close (18:00)")
        await preset.tap()
        tapped = time.time()
        await mine.tap("button[name=mode][value=mobile]")
        await expect(mine.locator(".fate")).to_be_visible()
        switched = await verified_at(router, tapped - 0.5)
        late = await seen_at(theirs) - switched
        holds = theirs.locator("#live-holds")
        await expect(holds).to_contain_text("18:00")
        await expect(holds).to_contain_text(USER)
        assert forwarded(await router.status(), NUMBER)
    assert late < AT_ONCE
    assert switched - tapped < 2 * AT_ONCE


async def test_calls_are_sent_to_the_mobile_by_keyboard_alone(lab: Lab, router: Router, browser: Browser) -> None:
    async with window(browser, router, DESK) as page:
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        reached = []
        for _ in range(60):
            await page.keyboard.press("Tab")
            here = await page.evaluate(
                "[document.activeElement.name ?? '', document.activeElement.value ?? '',"
                " getComputedStyle(document.activeElement).outlineStyle !== 'none' ||"
                " getComputedStyle(document.activeElement.parentElement).outlineStyle !== 'none']"
            )
            reached.append(here)
            if here[:2] == ["mode", "mobile"]:
                break
        assert reached[-1][:2] == ["mode", "mobile"], reached
        assert all(outlined for _, _, outlined in reached), reached
        await page.keyboard.press("Enter")
        await expect(page.locator(".fate")).to_be_visible()
        await router.wait_for(lambda status: forwarded(status, NUMBER), within=3)


async def test_of_two_at_once_the_last_word_wins_and_both_see_whose_it_was(
    lab: Lab, router: Router, browser: Browser, second_user: None
) -> None:
    async with window(browser, router) as mine, window(browser, router, name=OTHER) as theirs:
        pages = {USER: (mine, "mobile"), OTHER: (theirs, "office")}
        await asyncio.gather(*(page.click(f"button[name=mode][value={mode}]") for page, mode in pages.values()))
        status = await router.wait_for(lambda said: said["override"]["by"] in pages and said["route"]["verified"])
        last = status["override"]["by"]
        word = {"mobile": "All numbers: Mobile", "office": "All numbers: Office"}[status["override"]["mode"]]
        assert status["override"]["mode"] == pages[last][1]
        for page, _ in pages.values():
            await expect(page.locator("#live-holds")).to_contain_text(word)
            await expect(page.locator("#live-holds")).to_contain_text(last)
        said = (await router.request("GET", "log", headers={"accept-language": "en"})).json()["lines"]
        assert {line["by"] for line in said if line["kind"] == "order"} >= {USER, OTHER}


async def test_open_pages_outlive_the_service_and_nobody_has_to_log_in_again(
    lab: Lab, router: Router, browser: Browser
) -> None:
    async with window(browser, router) as phone, window(browser, router, DESK) as desk:
        loads: list[str] = []
        for page in (phone, desk):
            page.on("domcontentloaded", lambda loaded: loads.append(loaded.url))
        for killed in (True, False):
            if killed:
                router.kill()
            else:
                assert await router.stop() == 0
            for page in (phone, desk):
                await expect(page.locator("#lost")).to_contain_text("Connection lost")
                await expect(page.locator("#pulse")).to_have_class("pulse stopped")
            router.start()
            answers = await polled_answer(router)
            for page in (phone, desk):
                await expect(page.locator("#lost")).to_be_hidden(timeout=RECOVERS * 1000)
            assert time.monotonic() - answers < RECOVERS
            for page in (phone, desk):
                await expect(page.locator("h1")).to_be_visible()
                await expect(page.locator("#control")).to_be_visible()
        assert loads == [], "a page had to be loaded anew"


async def polled_answer(router: Router) -> float:
    """When the panel answers again, by this machine's monotonic clock."""
    async with httpx.AsyncClient(base_url=router.url) as client:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(httpx.TransportError):
                await client.get("/healthz", timeout=1)
                return time.monotonic()
            await asyncio.sleep(0.02)
    raise AssertionError(router.log()[-2000:])


async def test_sigterm_under_fifty_open_streams_is_an_end_within_a_second_and_a_clean_one(
    lab: Lab, router: Router
) -> None:
    cookies = {"failover_session": await session_of(router)}
    limits = httpx.Limits(max_connections=2 * STREAMS)
    log = len(router.log())
    async with (
        httpx.AsyncClient(base_url=router.url, cookies=cookies, limits=limits, timeout=30) as client,
        contextlib.AsyncExitStack() as stack,
    ):
        streams = [
            await stack.enter_async_context(client.stream("GET", "/live/board" if i % 2 else "/api/v1/events"))
            for i in range(STREAMS)
        ]
        lines = [stream.aiter_lines() for stream in streams]
        await asyncio.gather(*(anext(line) for line in lines))
        begun = time.monotonic()
        code = await router.stop()
        seconds = time.monotonic() - begun
        assert all(await asyncio.gather(*(ended(line) for line in lines)))
    said = router.log()[log:]
    router.start()
    await router.ready()
    assert (code, seconds < 1.0) == (0, True), f"{code} after {seconds:.2f} s"
    assert not [word for word in ("Traceback", " ERROR ", "level=error") if word in said], said


async def ended(lines: AsyncIterator[str]) -> bool:
    """Whether a stream came to an end of its own: not cut off."""
    async for _ in lines:
        pass
    return True
