"""A call that was missed stands on the open page without a hand moved, marked by a word and a shape."""

from __future__ import annotations

import contextlib

import pytest
from playwright.async_api import Browser, expect

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
