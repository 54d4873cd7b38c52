"""The page's own script under what befalls a phone: a silent server, a hand in the midst of something, sleep."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from router.core.orders import Mode, Override
from router.panel.server import Server, listening
from tests.browser.chromium import HEIGHTS, PHONE
from tests.unit.panel.fakes import PASSWORD, FakeBoard, House, ago, decided, named, outage, site, well

OFFICE = well(named(site(), "Anna", "Ben"))
HELD = decided(replace(OFFICE, overrides=(Override(Mode.OFFICE, ago(minutes=5), "Ben"),)))
OUTAGE = outage(named(site(), "Anna", "Ben"))
TOLD = "cannot reach us right now"

THREE_DAYS_ON = """
() => {
  const then = Date;
  window.Date = class extends then {
    constructor(...at) { at.length ? super(...at) : super(then.now() + 3 * 86400000); }
  };
}
"""
# A page that nobody looks at: headless Chromium holds every page for visible.
LOOKS_AWAY = """
hidden => {
  const get = () => (hidden ? "hidden" : "visible");
  Object.defineProperty(document, "visibilityState", { configurable: true, get });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


class Panel:
    """A panel whose server can be stopped and started on its port; the house outlives it."""

    def __init__(self) -> None:
        self.house = House(FakeBoard(OFFICE))
        self._bound = listening("127.0.0.1:0")
        self.port = self._bound.getsockname()[1]
        self._bound.close()

    async def start(self) -> None:
        self.house.__dict__.pop("app", None)  # a new process has a new application
        self.server = Server(self.house.app)
        self._running = asyncio.create_task(self.server.serve(sockets=[listening(f"127.0.0.1:{self.port}")]))
        async with asyncio.timeout(5):
            while not self.server.started:  # noqa: ASYNC110 - uvicorn tells nobody
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self.server.stop()
        await self._running

    @property
    def streams(self) -> int:
        return len(
            [one for one in self.server.server_state.connections if one.cycle and not one.cycle.response_complete]
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
async def panel() -> AsyncIterator[Panel]:
    made = Panel()
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


@pytest.fixture
async def context(browser: Browser, panel: Panel) -> AsyncIterator[BrowserContext]:
    made = await browser.new_context(locale="en-GB", viewport={"width": PHONE, "height": HEIGHTS[PHONE]})
    session = await panel.house.accounts.login("anna", PASSWORD)
    await made.add_cookies([{"name": "failover_session", "value": session or "", "url": panel.url}])
    yield made
    await made.close()


async def opened(context: BrowserContext, panel: Panel, path: str = "/") -> Page:
    page = await context.new_page()
    await page.goto(panel.url + path, wait_until="domcontentloaded")
    await page.wait_for_function("document.getElementById('as-of')")
    return page


async def test_a_lost_server_is_told_once_and_with_the_day_where_that_is_over(
    context: BrowserContext, panel: Panel
) -> None:
    page = await opened(context, panel)
    await page.evaluate(
        "window.told = 0; new MutationObserver(() => window.told++)"
        ".observe(document.getElementById('lost'), {childList: true, characterData: true, subtree: true})"
    )
    await asyncio.sleep(0.5)
    await panel.stop()
    lost = page.locator("#lost")
    await expect(lost).to_have_text("Connection lost. You see the state of 14:50:07.")
    assert await page.title() == "PC-Notdienst Muster", "it claims nothing while it hears nothing"
    await asyncio.sleep(4)  # some tries in vain
    assert await page.evaluate("window.told") == 1, "a screen reader would say it again and again"
    await page.evaluate(THREE_DAYS_ON)
    await expect(lost).to_have_text("Connection lost. You see the state of 22 November, 14:50:07.", timeout=5000)
    panel.house.board.show(OUTAGE)
    await panel.start()
    await expect(lost).to_be_hidden(timeout=5000)
    await expect(page.locator("h1")).to_contain_text(TOLD)


async def test_a_server_that_takes_the_connection_and_says_nothing_is_left_within_seconds(
    context: BrowserContext, panel: Panel
) -> None:
    page = await opened(context, panel)
    await asyncio.sleep(0.3)
    await panel.stop()
    held: list[asyncio.StreamWriter] = []
    dumb = await asyncio.start_server(lambda reader, writer: held.append(writer), "127.0.0.1", panel.port)
    try:
        await expect(page.locator("#lost")).to_be_visible(timeout=3000)
        await asyncio.sleep(2.5)  # by now a try hangs
    finally:
        dumb.close()
        for writer in held:
            writer.transport.abort()
    await panel.start()
    await expect(page.locator("#lost")).to_be_hidden(timeout=5000)


async def test_what_a_finger_presses_stays_until_it_was_pressed(context: BrowserContext, panel: Panel) -> None:
    page = await opened(context, panel)
    await expect(page.locator("#live-holds")).to_contain_text("The automatics decide.")
    panel.house.board.show(HELD)
    button = page.locator("#back-all")
    await button.scroll_into_view_if_needed()
    box = await button.bounding_box()
    assert box
    await page.mouse.move(box["x"] + 5, box["y"] + 5)
    await page.mouse.down()
    other = replace(HELD.overrides[0], reason="somebody else", since=ago(minutes=1))
    panel.house.board.show(decided(replace(HELD, overrides=(other,))))
    await asyncio.sleep(0.6)
    async with page.expect_navigation():
        await page.mouse.up()
    assert panel.house.board.heard[-1].mode is Mode.AUTO


async def test_what_is_typed_and_where_the_hand_is_outlive_a_new_region(context: BrowserContext, panel: Panel) -> None:
    page = await opened(context, panel, "/calls")
    note = page.locator("input[name=note]").first
    await note.fill("asks for Ben")
    await page.locator("h1, h2").first.click()  # the keyboard of a phone goes away like that
    row = await note.get_attribute("id")
    before = await page.locator("#live-backs").inner_html()
    panel.house.now = panel.house.now.replace(minute=59)
    panel.house.journal.written()
    await page.wait_for_function("before => document.getElementById('live-backs').innerHTML !== before", arg=before)
    assert await page.input_value(f"[id='{row}']") == "asks for Ben"
    link = page.locator("#live-backs a.dial").first
    await link.focus()
    where = await link.get_attribute("href")
    before = await page.locator("#live-backs").inner_html()
    panel.house.now = panel.house.now.replace(hour=14)
    panel.house.journal.written()
    await page.wait_for_function("before => document.getElementById('live-backs').innerHTML !== before", arg=before)
    assert await page.evaluate("document.activeElement.getAttribute('href')") == where


async def test_a_hand_that_rests_in_a_field_does_not_let_the_list_grow_old(
    context: BrowserContext, panel: Panel
) -> None:
    page = await opened(context, panel, "/calls")
    note = page.locator("input[name=note]").first
    await note.focus()
    await page.keyboard.type("asks for Ben")
    before = await page.locator("#live-backs").inner_html()
    panel.house.now = panel.house.now.replace(minute=58)
    panel.house.journal.written()
    await asyncio.sleep(0.6)
    assert await page.locator("#live-backs").inner_html() == before, "somebody types"
    await page.evaluate("() => { const now = Date.now; Date.now = () => now() + 11000; }")
    panel.house.now = panel.house.now.replace(minute=59)
    panel.house.journal.written()
    await page.wait_for_function("before => document.getElementById('live-backs').innerHTML !== before", arg=before)
    await page.keyboard.type(" today")
    assert await page.locator("input[name=note]").first.input_value() == "asks for Ben today"


async def test_of_many_open_pages_those_that_nobody_looks_at_leave_the_connections_to_the_others(
    context: BrowserContext, panel: Panel
) -> None:
    """A browser has six for one server; a seventh page would wait for ever."""
    pages = []
    for _ in range(7):
        pages.append(await opened(context, panel))
        await expect(pages[-1].locator("#live-holds")).to_contain_text("The automatics decide.")
        await asyncio.sleep(0.2)
        await pages[-1].evaluate(LOOKS_AWAY, True)
    await asyncio.sleep(0.5)
    assert panel.streams <= 4
    assert await pages[0].title() == "PC-Notdienst Muster", "it claims nothing while it rests"
    panel.house.board.show(OUTAGE)
    await asyncio.sleep(0.5)
    assert TOLD not in await pages[0].locator("h1").inner_text()
    await pages[0].evaluate(LOOKS_AWAY, False)
    await expect(pages[0].locator("h1")).to_contain_text(TOLD, timeout=1000)


async def test_a_phone_that_wakes_without_a_network_soon_says_how_old_its_page_is(
    context: BrowserContext, panel: Panel
) -> None:
    page = await opened(context, panel)
    await asyncio.sleep(0.3)
    await page.evaluate(LOOKS_AWAY, True)
    await page.route("**/live/**", lambda route: asyncio.sleep(30))
    await page.evaluate("const now = Date.now; Date.now = () => now() + 60000")
    await page.evaluate(LOOKS_AWAY, False)
    await expect(page.locator("#pulse")).to_have_class("pulse stopped", timeout=300)
    await expect(page.locator("#lost")).to_be_visible(timeout=2000)
    with contextlib.suppress(Exception):
        await page.unroute_all(behavior="ignoreErrors")
