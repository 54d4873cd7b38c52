"""Debian's Chromium as staff hold it: a phone or a desk screen, German or English, with or without JavaScript."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, ConsoleMessage, Page, Response, async_playwright, expect

from tests.lab.router import Router

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts"
PHONE, DESK = 390, 1280
"""Widths in CSS pixels."""
HEIGHTS = {PHONE: 844, DESK: 800}
LOCALES = {"de": "de-DE", "en": "en-GB"}
PATIENCE = 10_000
"""Milliseconds for a page that a busy machine serves."""


class Screen:
    """One browser window. `complaints`: what the console said of errors, of the fence and of files that failed."""

    def __init__(self, page: Page, address: str, language: str, width: int, scripts: bool) -> None:
        self.page, self.language, self.width, self.scripts = page, language, width, scripts
        self.complaints: list[str] = []
        self.loads: list[str] = []
        self._address = address
        page.set_default_timeout(PATIENCE)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._response)
        page.on("domcontentloaded", lambda loaded: self.loads.append(loaded.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _response(self, response: Response) -> None:
        if not response.url.startswith(f"{self._address}/") or response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    async def opens(self, path: str) -> Response:
        answer = await self.page.goto(self._address + path, wait_until="domcontentloaded")
        assert answer is not None
        return answer

    async def logs_in(self, name: str, password: str) -> None:
        """From the login page to the board."""
        await self.opens("/")
        await self.page.fill("input[name=name]", name)
        await self.page.fill("input[name=password]", password)
        await self.page.click("button.primary")
        await expect(self.page.locator("#control")).to_be_visible(timeout=PATIENCE)

    async def orders(self, mode: str, *, end: str = "open", reason: str = "") -> None:
        """Press one of the three buttons, for all numbers; where the page reloads itself, that is stopped first."""
        if not self.scripts:
            await self.page.click("a[href='/?still=1#control']")
            await expect(self.page.locator("meta[http-equiv=refresh]")).to_have_count(0)
        await self.page.locator(f".chip:has([value={end}])").click()
        await self.page.fill("input[name=reason]", reason)
        await self.page.click(f"button[name=mode][value={mode}]")

    async def shows(self, *texts: str, where: str, within: float = 10.0) -> None:
        """Waits until that part of the page has these texts, as it stands, without a hand moved."""
        for text in texts:
            await expect(self.page.locator(where)).to_contain_text(text, timeout=within * 1000)

    async def pictured(self, name: str) -> None:
        """A picture of the whole page into artefacts/, which must fit the screen and have met no complaint."""
        wide = await self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        path = ARTEFACTS / f"{name}{'' if self.scripts else '-noscript'}-{self.language}-{self.width}.png"
        await self.page.screenshot(path=path, full_page=True, animations="allow", caret="initial")
        assert wide[0] <= wide[1] == self.width, f"{path.name} scrolls sideways: {wide}"
        assert self.complaints == [], path.name


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    ARTEFACTS.mkdir(exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@contextlib.asynccontextmanager
async def screen(
    browser: Browser, router: Router, language: str, width: int, *, scripts: bool = True
) -> AsyncIterator[Screen]:
    """A window with cookies of its own; at its end nothing may have been complained of."""
    context = await browser.new_context(
        java_script_enabled=scripts, locale=LOCALES[language], viewport={"width": width, "height": HEIGHTS[width]}
    )
    try:
        window = Screen(await context.new_page(), router.url, language, width, scripts)
        yield window
        assert window.complaints == []
    finally:
        await context.close()
