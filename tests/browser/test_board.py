"""Staff before the screen in an outage: they see it come without moving a hand, and their buttons move real calls."""

from __future__ import annotations

import asyncio
import contextlib
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.chromium import DESK, PHONE, Screen, screen
from tests.browser.conftest import PASSWORD, USER
from tests.lab.lab import Lab
from tests.lab.ordering import rings
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router
from tests.lab.running import forwarded, rings_office

PEACE = {"de": "Die Automatik entscheidet.", "en": "The automatics decide."}
OUTAGE = {
    "de": ("Wer 030 123456 wählt, erreicht uns gerade nicht.", "geht über GSM gateway auf Annas Handy."),
    "en": ("Whoever dials 030 123456 cannot reach us right now.", "go to Anna's mobile over GSM gateway."),
}
CONFIRMED = {"de": "Die Telefonanlage bestätigt", "en": "The PBX confirms"}
SWITCHED = {"de": "Umgeschaltet und geprüft.", "en": "Switched and verified."}
ORDERED = {
    "de": f"{USER} hat umgestellt: Anrufe an 030 123456 klingeln im Büro.",
    "en": f"By order of {USER}, calls to 030 123456 ring in the office.",
}
HELD = {"de": "Alle Nummern: Büro, bis auf Weiteres", "en": "All numbers: Office, until further notice"}
REASON = "Sommerfest; alle sind da"
RELOADS = 15  # seconds between two looks of a page without JavaScript


async def all_show(screens: list[Screen], texts: dict[str, str | tuple[str, ...]], within: float = 10.0) -> None:
    """Each in its own language."""
    for window in screens:
        said = texts[window.language]
        await window.shows(*((said,) if isinstance(said, str) else said), within=within)


async def pictured(screens: list[Screen], name: str) -> None:
    for window in screens:
        await window.pictured(name)


async def opened(
    stack: contextlib.AsyncExitStack, browser: Browser, router: Router, *kinds: tuple[str, int], scripts: bool = True
) -> list[Screen]:
    """A logged-in window for each language and width."""
    windows = []
    for language, width in kinds:
        window = await stack.enter_async_context(screen(browser, router, language, width, scripts=scripts))
        await window.logs_in(USER, PASSWORD)
        await window.shows(PEACE[language], where="#live-holds")
        windows.append(window)
    return windows


async def forces_the_office_and_releases_it(lab: Lab, router: Router, window: Screen, others: list[Screen]) -> None:
    """In an outage: two buttons, each proven by the phone that the next call rings."""
    assert forwarded(await router.status(), NUMBER)
    await window.orders("office", reason=REASON)
    await window.shows(SWITCHED[window.language], where=".fate")
    await window.shows(OUTAGE[window.language][0], where="h1")
    await window.shows(ORDERED[window.language], where=".leads")
    await window.shows(HELD[window.language], REASON, where="#live-holds")
    assert rings_office(await router.status(), NUMBER)
    await all_show(others, ORDERED)
    await rings(lab, lab.desk, NUMBER)
    await window.orders("auto")
    await window.shows(SWITCHED[window.language], where=".fate")
    await window.shows(PEACE[window.language], where="#live-holds")
    await all_show(others, PEACE)
    assert forwarded(await router.status(), NUMBER)
    await rings(lab, lab.mobile, NUMBER)


async def test_an_outage_appears_by_itself_and_the_buttons_move_calls(
    lab: Lab, router: Router, browser: Browser
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        windows = await opened(stack, browser, router, ("de", PHONE), ("en", DESK), ("en", PHONE), ("de", DESK))
        await all_show(windows, CONFIRMED)
        await pictured(windows, "peace")
        loads = [list(window.loads) for window in windows]
        with lab.telekom.silent():
            await all_show(windows, OUTAGE, within=15)
            await all_show(windows, CONFIRMED)
            assert [window.loads for window in windows] == loads, "a page was loaded anew"
            await pictured(windows, "outage")
            phone, desk, *others = windows
            await forces_the_office_and_releases_it(lab, router, phone, others)
            await desk.orders("office", reason=REASON)
            await desk.shows(ORDERED["en"], where=".leads")
            await all_show(others, ORDERED)
            await pictured([phone, desk], "order")
            await desk.orders("auto")
            await all_show(windows, PEACE)
        await router.ready()
        for window in windows:
            await expect(window.page.locator("#live-trunks .tag.good")).to_have_count(3)
        assert [window.loads for window in others] == loads[2:], "a page was loaded anew"


async def test_the_same_without_javascript(lab: Lab, router: Router, browser: Browser) -> None:
    async with contextlib.AsyncExitStack() as stack:
        windows = await opened(stack, browser, router, ("de", PHONE), ("en", DESK), scripts=False)
        with lab.telekom.silent():
            await router.wait_for(lambda status: forwarded(status, NUMBER), within=15)
            await all_show(windows, OUTAGE, within=RELOADS + 10)  # nobody reloads but the page itself
            await pictured(windows, "outage-noscript")
            phone, desk = windows
            await forces_the_office_and_releases_it(lab, router, phone, [])
            await desk.page.click("a[href='/?still=1#control']")
            await expect(desk.page.locator("meta[http-equiv=refresh]")).to_have_count(0)
            await desk.orders("mobile", end="time")
            await desk.shows("Please say until when", where="[role=alert]")
            desk.complaints.clear()  # of the answer 422, which is its point
            await desk.page.fill("input[name=reason]", REASON)
            await desk.page.locator("input[name=at]").fill("18:00")
            await desk.page.click("button[name=mode][value=mobile]")
            await desk.shows("until", "18:00", where="#live-holds")
            await rings(lab, lab.mobile, NUMBER)
            await pictured([desk], "order-noscript")


@pytest.mark.parametrize(("language", "width", "scripts"), [("de", PHONE, True), ("en", DESK, False)])
async def test_the_one_time_link_of_the_first_start_works_once(
    lab: Lab, browser: Browser, tmp_path: Path, language: str, width: int, scripts: bool
) -> None:
    router = Router(lab, tmp_path, instance=3)
    router.settings["asterisk"]["port"] = 1  # the office's Asterisk has its router already
    router.start()
    try:
        found = await polled(
            "the link is printed", lambda: re.search(r"http://\S+(/welcome/\S+)", router.log()), within=20
        )
        async with screen(browser, router, language, width, scripts=scripts) as window:
            await _answers(window)
            await window.opens(found[1])
            await window.pictured("welcome")
            for field, typed in (("name", "Eva"), ("password", PASSWORD), ("again", PASSWORD)):
                await window.page.fill(f"input[name={field}]", typed)
            await window.page.click("button.primary")
            await expect(window.page.locator("#control")).to_be_visible()
            await window.shows("Eva", where="header")
            await window.pictured("blind")
            assert (await window.opens(found[1])).status == 404
            await window.shows({"de": "Dieser Link ist verbraucht", "en": "This link has been used"}[language])
            assert len(window.complaints) in (1, 2), window.complaints  # of that 404
            window.complaints.clear()
            await window.pictured("welcome-used")
            await window.opens("/")
            await window.page.click("header button")
            await window.logs_in("eva", PASSWORD)
            await window.pictured("blind-again")
    finally:
        router.close()


async def _answers(window: Screen) -> None:
    """The panel's address comes a moment after the link."""
    for _ in range(50):
        with contextlib.suppress(Exception):
            await window.opens("/login")
            window.complaints.clear()
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the panel does not answer")
