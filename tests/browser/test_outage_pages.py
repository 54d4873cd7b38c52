"""The pages of outages in a browser: on phone and desk, and one of them printed: exactly one sheet of A4."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from router.core.blame import Exhibit
from router.core.sentence import say
from router.core.site import NumberSite
from tests.browser.chromium import ARTEFACTS, DESK, HEIGHTS, LOCALES, PHONE
from tests.unit.panel.fake_outages import OPEN, RECENT, blamed, outage_lines, switched
from tests.unit.panel.fakes import NOW, PASSWORD, FakeBoard, House, callers, named, outage, site

HOUR_AGO = NOW - timedelta(hours=1)
LONGEST = "<script>alert(1)</script> \u202e" + "W" * 300
PORTS = count(8931)


def an_office(*, worst: bool = False) -> House:
    """With an outage of an hour ago; `worst`: with more of everything than a page can hold."""
    label = LONGEST if worst else "Telekom"
    made = named(site(label=label, name=label if worst else "PC-Notdienst Muster"), "Anna", "Ben")
    if worst:
        more = [NumberSite(f"+493012345{n}", "telekom", "x,{did},1", people=("Anna",)) for n in range(10, 60)]
        made = replace(made, numbers=(*made.numbers, *more))
    house = House(FakeBoard(outage(made)))
    lines = outage_lines(NOW, label=label)
    if worst:
        evidence = [
            Exhibit(HOUR_AGO, say("{trunk} at {host} answered a probe.", trunk=LONGEST, host="h" * 300))
            for _ in range(14)
        ]
        there = lines[7]
        lines[7:8] = [blamed(there.at + timedelta(seconds=n), evidence, label=label) for n in range(5)]
        lines[12:12] = [switched(there.at + timedelta(seconds=20 + n)) for n in range(30)]
    house.outages.told = [replace(line, id=place) for place, line in enumerate(lines, 1)]
    missed, taken, *_ = callers()
    ends = {"began": HOUR_AGO + timedelta(minutes=2), "ended": HOUR_AGO + timedelta(minutes=3)}
    house.outages.calls = [replace(taken, id="9.1", **ends), replace(missed, id="9.2", **ends)]  # type: ignore[arg-type]
    if worst:
        house.outages.calls += [replace(missed, id=f"8.{n}", **ends) for n in range(100)]  # type: ignore[arg-type]
    return house


@contextlib.asynccontextmanager
async def served(house: House) -> AsyncIterator[str]:
    """The panel on the loopback; its address."""
    port = next(PORTS)
    server = uvicorn.Server(uvicorn.Config(house.app, host="127.0.0.1", port=port, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(10):
            while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
                await asyncio.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        house.app.state.panel.hub.close()
        server.should_exit = True
        await running


@contextlib.asynccontextmanager
async def opened(
    browser: Browser, address: str, language: str, width: int, scheme: str = "light"
) -> AsyncIterator[Page]:
    """Logged in; at its end nothing may have been complained of."""
    complaints: list[str] = []
    context = await browser.new_context(
        locale=LOCALES[language],
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = await context.new_page()
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        await page.goto(f"{address}/login")
        await page.fill("input[name=name]", "anna")
        await page.fill("input[name=password]", PASSWORD)
        await page.click("button.primary")
        yield page
        assert complaints == []
    finally:
        await context.close()


@pytest.mark.parametrize(("language", "width", "scheme"), [
    ("de", PHONE, "light"), ("en", PHONE, "dark"), ("de", DESK, "dark"), ("en", DESK, "light"),
])  # fmt: skip
async def test_they_fit_the_screen_and_axe_finds_nothing(
    browser: Browser, language: str, width: int, scheme: str
) -> None:
    async with served(an_office()) as address, opened(browser, address, language, width, scheme) as page:
        for path, name in (("", "list"), (f"/{RECENT}", "one"), (f"/{OPEN}", "open")):
            await page.goto(f"{address}/outages{path}", wait_until="load")
            wide = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            assert wide[0] <= wide[1], f"{name} scrolls sideways: {wide}"
            await page.screenshot(path=ARTEFACTS / f"outages-{name}-{language}-{width}-{scheme}.png", full_page=True)
            found = await Axe().run(page)
            assert found.violations_count == 0, found.generate_report()


async def test_names_of_any_length_do_not_break_the_layout(browser: Browser) -> None:
    async with served(an_office(worst=True)) as address, opened(browser, address, "de", PHONE) as page:
        for path in ("", f"/{RECENT}"):
            await page.goto(f"{address}/outages{path}", wait_until="load")
            wide = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
            assert wide[0] <= wide[1], f"{path} scrolls sideways: {wide}"


@pytest.mark.parametrize("language", ["de", "en"])
async def test_times_and_kinds_of_what_happened_stay_whole(browser: Browser, language: str) -> None:
    async with served(an_office(worst=True)) as address, opened(browser, address, language, DESK) as page:
        await page.goto(f"{address}/outages/{RECENT}", wait_until="load")
        broken = await page.eval_on_selector_all(
            ".events td:not(:last-child)",
            """cells => cells.filter(cell => {
              const words = document.createRange();
              words.selectNodeContents(cell);
              const lines = new Set([...words.getClientRects()].map(line => line.top));
              return lines.size > cell.textContent.trim().split(" ").length;
            }).map(cell => cell.textContent)""",
        )
        assert broken == []


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("worst", [False, True], ids=["usual", "worst"])
async def test_printed_it_is_exactly_one_sheet_and_nothing_is_cut_off(
    browser: Browser, language: str, worst: bool
) -> None:
    house = an_office(worst=worst)
    await house.outages.set_ticket(RECENT, "INC-2025-11-22-0815")
    for place in range(6 if worst else 1):
        await house.outages.add_note(
            RECENT, f"{place}: Hotline sagt, ein Kabel." + "\n" + "W" * 960 * worst, "anna", NOW
        )
    file = ARTEFACTS / f"outage-paper-{'worst' if worst else 'usual'}-{language}.pdf"
    async with served(house) as address, opened(browser, address, language, DESK, "dark") as page:
        await page.goto(f"{address}/outages/{RECENT}", wait_until="load")
        await page.pdf(path=file, prefer_css_page_size=True)
        await page.emulate_media(media="print")
        await page.set_viewport_size({"width": 703, "height": 1032})  # A4 less its margins of 12 mm, at 96 to the inch
        tall, room = await page.evaluate(
            "(p => [Math.max(...[...p.children].map(c => c.getBoundingClientRect().bottom))"
            " - p.getBoundingClientRect().top, p.clientHeight])(document.querySelector('.paper'))"
        )
        assert tall <= room, f"{tall} of {room} pixels: the end of the sheet is cut off"
        assert await page.locator(".paper footer").is_visible()
        assert not await page.locator("nav.places").is_visible()
    assert sheets(file) == ["595", "842"]
    pictured(file)


def sheets(file: Path) -> list[str]:
    """Width and height of each page, in points."""
    found = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([0-9.]+)\s+([0-9.]+)", file.read_bytes())
    return [str(round(float(number))) for page in found for number in page]


def pictured(file: Path) -> None:
    """In colour and in black and white, where there is a program for it."""
    if shutil.which("pdftoppm") is None:
        return
    for kind in ([], ["-gray"]):
        name = file.with_suffix("").as_posix() + ("-gray" if kind else "")
        subprocess.run(["pdftoppm", "-r", "80", "-singlefile", "-png", *kind, str(file), name], check=True)
