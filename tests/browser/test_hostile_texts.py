"""Whatever people, settings or callers write is text on every page: nothing runs, nothing is made, nothing breaks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urljoin

import pytest
from playwright.async_api import Browser, Dialog, Page

from router.core.effects import Kind
from router.core.orders import Mode, Override
from router.core.sentence import say
from router.core.site import Site
from router.ports import Line
from tests.browser.chromium import DESK, PHONE
from tests.browser.looks import fence_faults, layout_faults
from tests.browser.pages import places
from tests.browser.test_every_page import Way, context_of
from tests.unit.panel.fakes import PASSWORD, FakeBoard, FakeJournal, House, ago, callers, decided, outage, phones_away
from tests.unit.panel.fakes import site as plain_site
from tests.unit.panel.test_panel_streams import serving

HOSTILE = {
    "markup": '"><img src=x onerror=alert(1)><script>alert(2)</script><b id=main class=evil>',
    "template": "{{ 7 * 7 }} {number} ${EXTEN} %s <!-- &lt;b&gt; &#60;",
    "writing": "\u202e\u2067משרד\u200f gnp.exe שלום \u0627\u0644\u0645",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 40 + "e\u0301" * 30 + "Z\u0351\u036b\u0343\u036a\u0302" * 30,
    "long": "x" * 4096,
    "words": "Praxis " * 600,
}


def site(text: str) -> Site:
    """Everything in it that has a name has this one; names stay apart by what follows them."""
    plain = plain_site(name=text, label=text)
    people = tuple(replace(person, name=f"{text} {i}") for i, person in enumerate(plain.people))
    numbers = tuple(replace(number, people=tuple(p.name for p in people)) for number in plain.numbers)
    return replace(plain, people=people, numbers=numbers)


def house(text: str) -> House:
    """An office in trouble in which all that can be written is written so."""
    word = Override(Mode.MOBILE, ago(minutes=5), text, "panel", until=ago(hours=-2), reason=text)
    office = phones_away(outage(site(text)))
    gone = tuple(f"PJSIP/{text}{i}" for i in range(2))
    first, *others = office.site.numbers
    made = replace(office.site, numbers=(replace(first, phones=gone), *others))
    phones = {device: next(iter(office.phones.values())) for device in gone}
    office = decided(replace(office, site=made, phones=phones, overrides=(word,)))
    said = say("{trunk} is down: {evidence}", trunk=text, evidence=say("{by} set all numbers to the office.", by=text))
    lines = [Line(i, ago(minutes=i), Kind.ORDER, said, trunk=text, by=text, data={"reason": text}) for i in (3, 2, 1)]
    calls = [replace(call, caller=text) for call in callers()]
    return House(FakeBoard(office), journal=FakeJournal(lines, calls))


@asynccontextmanager
async def window_on(browser: Browser, text: str, way: Way) -> AsyncIterator[Page]:
    """A window of somebody who is logged in at that office; its base address is the office's."""
    inside = house(text)
    session = await inside.accounts.login("anna", PASSWORD) or ""
    async with serving(inside) as (address, _), context_of(browser, address, way, session) as context:
        page = await context.new_page()
        await page.goto(address, wait_until="domcontentloaded")
        yield page


async def faults_of(page: Page) -> list[str]:
    found = await layout_faults(page) + await fence_faults(page)
    made = await page.evaluate("document.querySelectorAll('img, .evil, body script').length")
    return found + ([f"{made} elements were made of it"] if made else [])


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("width", [PHONE, DESK])
async def test_it_is_text_and_fits_the_screen_on_every_page(browser: Browser, kind: str, width: int) -> None:
    async with window_on(browser, HOSTILE[kind], Way("de", "light", width, True)) as page:
        asked: list[str] = []

        async def answered(dialog: Dialog) -> None:
            asked.append(dialog.message)
            await dialog.dismiss()

        page.on("dialog", answered)
        found: list[str] = []
        for path, place in places():
            if not place.guest:
                await page.goto(urljoin(page.url, path), wait_until="domcontentloaded")
                found += [f"{path}: {fault[:200]}" for fault in await faults_of(page)]
        assert (asked, found) == ([], [])


@pytest.mark.parametrize("kind", ["markup", "template"])
async def test_the_board_shows_each_text_as_it_was_written(browser: Browser, kind: str) -> None:
    async with window_on(browser, HOSTILE[kind], Way("en", "dark", DESK, True)) as page:
        for where in ("header", "#live-numbers", "#live-holds", "#live-trunks", "#live-calls", "#live-lines"):
            assert HOSTILE[kind] in await page.locator(where).first.evaluate("one => one.textContent"), where
