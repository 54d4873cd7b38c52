"""Staff before the screen in an outage: they see it come without moving a hand, and their buttons move real calls."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Sequence
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

Texts = dict[str, tuple[str, ...]]
KINDS = [("de", PHONE), ("en", DESK), ("en", PHONE), ("de", DESK)]
PEACE: Texts = {"de": ("Die Automatik entscheidet.",), "en": ("The automatics decide.",)}
OUTAGE: Texts = {
    "de": ("Wer 030 123456 wählt, erreicht uns gerade nicht.", "gehen über GSM gateway auf Annas Handy."),
    "en": ("Whoever dials 030 123456 cannot reach us right now.", "go to Anna's mobile over GSM gateway."),
}
CONFIRMED: Texts = {"de": ("Die Telefonanlage bestätigt",), "en": ("The PBX confirms",)}
SWITCHED: Texts = {"de": ("umgeschaltet und geprüft.",), "en": ("Switched and verified.",)}
ORDERED: Texts = {
    "de": (f"{USER} hat umgestellt: Anrufe an 030 123456 klingeln im Büro.",),
    "en": (f"By order of {USER}, calls to 030 123456 ring in the office.",),
}
HELD: Texts = {"de": ("Alle Nummern: Büro, bis auf Weiteres",), "en": ("All numbers: Office, until further notice",)}
REASON = "Sommerfest; alle sind da"
RELOADS = 15  # seconds between two looks of a page without JavaScript


async def all_show(screens: list[Screen], texts: Texts, where: str, within: float = 10.0) -> None:
    """Each in its own language."""
    for window in screens:
        await window.shows(*texts[window.language], where=where, within=within)


async def pictured(screens: list[Screen], name: str) -> None:
    for window in screens:
        await window.pictured(name)


async def opened(
    stack: contextlib.AsyncExitStack, browser: Browser, router: Router, *kinds: tuple[str, int, bool]
) -> list[Screen]:
    """A logged-in window for each language, width, and whether it has JavaScript."""
    windows = []
    for language, width, scripts in kinds:
        window = await stack.enter_async_context(screen(browser, router, language, width, scripts=scripts))
        await window.logs_in(USER, PASSWORD)
        await window.shows(*PEACE[language], where="#live-holds")
        windows.append(window)
    return windows


async def forces_the_office_and_releases_it(
    lab: Lab, router: Router, window: Screen, others: Sequence[Screen] = ()
) -> None:
    """In an outage: two buttons, each proven by the phone that the next call rings. `others` look on."""
    assert forwarded(await router.status(), NUMBER)
    await window.orders("office", reason=REASON)
    await window.shows(*SWITCHED[window.language], where=".fate")
    await window.shows(OUTAGE[window.language][0], where="h1")
    await all_show([window, *others], ORDERED, where=".leads")
    await all_show([window, *others], HELD, where="#live-holds")
    await window.shows(REASON, where="#live-holds")
    assert rings_office(await router.status(), NUMBER)
    await rings(lab, lab.desk, NUMBER)
    await pictured([window, *others[:1]], "order")
    await window.orders("auto")
    await window.shows(*SWITCHED[window.language], where=".fate")
    await all_show([window, *others], PEACE, where="#live-holds")
    assert forwarded(await router.status(), NUMBER)
    await rings(lab, lab.mobile, NUMBER)


async def sends_what_cannot_be(window: Screen) -> None:
    """An order until a time that is not told: said so, what was typed is kept, and then it is told."""
    await window.orders("mobile", end="time", reason=REASON)
    await window.shows("Please say until when", where="[role=alert]")
    assert [complaint[:3] for complaint in window.complaints if complaint[0] == "4"] == ["422"]
    window.complaints.clear()
    await expect(window.page.locator("input[name=reason]")).to_have_value(REASON)
    await window.page.locator("input[name=at]").fill("18:00")
    await window.page.click("button[name=mode][value=mobile]")
    await window.shows("All numbers: Mobile, until", "18:00", REASON, where="#live-holds")


@pytest.mark.timeout(240)  # a page without JavaScript is waited for
async def test_an_outage_appears_by_itself_and_the_buttons_move_calls_with_and_without_javascript(
    lab: Lab, router: Router, browser: Browser
) -> None:
    kinds = [(*kind, True) for kind in KINDS] + [(*kind, False) for kind in KINDS[:2]]
    async with contextlib.AsyncExitStack() as stack:
        windows = await opened(stack, browser, router, *kinds)
        live, plain = windows[: len(KINDS)], windows[len(KINDS) :]
        await all_show(windows, CONFIRMED, where="#live-checked")
        await pictured(live, "peace")
        loads = [list(window.loads) for window in live]
        with lab.telekom.silent():
            await all_show(live, OUTAGE, where=".leads", within=15)
            await all_show(live, CONFIRMED, where="#live-checked")
            await pictured(live, "outage")
            assert [window.loads for window in live] == loads, "a page was loaded anew"
            await all_show(plain, OUTAGE, where=".leads", within=RELOADS + 10)  # nobody reloads but the page itself
            await pictured(plain, "outage")
            await forces_the_office_and_releases_it(lab, router, live[0], live[1:])
            await forces_the_office_and_releases_it(lab, router, plain[0], live[1:])
            await sends_what_cannot_be(plain[1])
            await rings(lab, lab.mobile, NUMBER)
            await plain[1].orders("auto")
        lab.office.register("telekom")  # on a busy machine the outage may outlast the registration
        await router.ready()
        for window in live:
            await expect(window.page.locator("#live-trunks .tags .tag.good")).to_have_count(3)
        assert [window.loads for window in live[1:]] == loads[1:], "a page was loaded anew"


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
            await window.shows(
                {"de": "Dieser Link ist verbraucht", "en": "This link has been used"}[language], where="h1"
            )
            assert [complaint[:3] for complaint in window.complaints if complaint[0] == "4"] == ["404"]
            window.complaints.clear()
            await window.pictured("welcome-used")
            await window.opens("/")
            await window.page.click("header button")
            await window.logs_in("eva", PASSWORD)
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
