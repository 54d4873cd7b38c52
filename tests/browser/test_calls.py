"""A call that was missed stands on the open page without a hand moved, marked by a word and a shape."""

from __future__ import annotations

import contextlib

import pytest
from playwright.async_api import Browser, expect

from tests.browser.chromium import PHONE, screen
from tests.browser.conftest import PASSWORD, USER
from tests.browser.test_board import KINDS, RELOADS, Texts, all_show, opened, pictured
from tests.lab.lab import MOBILE, Lab
from tests.lab.router import Router
from tests.lab.told_calls import ended, tells

MISSED: Texts = {
    "de": ("verpasst", "030 555001", "Niemand hat abgenommen; der Anrufer wartete 30 s.", "Annas Handy", "besetzt."),
    "en": ("missed", "030 555001", "Nobody took it; the caller waited 30 s.", "Anna's mobile", "busy."),
}
TAKEN: Texts = {
    "de": ("angenommen", "Nummer unterdrückt", "Anna hat nach 12 s am Handy abgenommen."),
    "en": ("taken", "Number withheld", "Anna took it on the mobile after 12 s."),
}


@pytest.mark.timeout(120)  # a page without JavaScript is waited for
async def test_calls_appear_by_themselves_with_and_without_javascript(
    lab: Lab, router: Router, browser: Browser
) -> None:
    kinds = [(*kind, True) for kind in KINDS] + [(*kind, False) for kind in KINDS[:2]]
    async with contextlib.AsyncExitStack() as stack:
        windows = await opened(stack, browser, router, *kinds)
        live = windows[: len(KINDS)]
        loads = [list(window.loads) for window in live]
        tells(lab, 1, ended("1.1", 90, caller=""))
        tells(lab, 2, ended("1.2", by="", answered="", end="nobody", legs="&".join([f"gsm:{MOBILE}:486"] * 9)))
        await all_show(live, MISSED, where="#live-calls li:first-child", within=3)
        await all_show(live, TAKEN, where="#live-calls li:nth-child(2)", within=3)
        assert [window.loads for window in live] == loads, "a page was loaded anew"
        for window in live:
            await expect(window.page.locator("#live-calls .tag.bad .shape")).to_have_count(1)
            tags = "tags => tags.map(tag => tag.getBoundingClientRect().height)"
            heights = await window.page.eval_on_selector_all("#live-calls .tag", tags)
            assert max(heights) < 30, "an outcome is broken within the word"
        await pictured(live, "calls")
        await all_show(windows[len(KINDS) :], MISSED, where="#live-calls li:first-child", within=RELOADS + 10)
        await pictured(windows[len(KINDS) :], "calls")


@pytest.mark.parametrize("scripts", [True, False])
async def test_enter_in_a_note_takes_nobody_off_the_list(
    lab: Lab, router: Router, browser: Browser, scripts: bool
) -> None:
    tells(lab, 3, ended("1.3", by="", answered="", end="nobody", legs=f"gsm:{MOBILE}:486"))
    async with screen(browser, router, "de", PHONE, scripts=scripts) as window:
        await window.logs_in(USER, PASSWORD)
        await window.opens("/calls")
        waiting = window.page.locator("li.back").first
        note = waiting.locator("input[name=note]")
        await note.fill("ruft morgen an")
        await note.press("Enter")
        await expect(waiting).to_contain_text("ruft morgen an")
        await expect(waiting.get_by_role("button", name="Erledigt")).to_be_visible()
