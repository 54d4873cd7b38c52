"""A session that ends while somebody writes: the page asks for the login, but not at the price of the words."""

from __future__ import annotations

import re

from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import PHONE
from tests.browser.test_outage_pages import an_office, opened, served
from tests.unit.panel.fake_outages import RECENT

WORDS = "rang them, ticket follows"


async def log_out_elsewhere(page: Page, address: str) -> None:
    """As in another tab of the same browser."""
    token = await page.locator("meta[name=csrf-token]").get_attribute("content")
    fields = {"csrf": token or ""}
    answer = await page.context.request.post(f"{address}/logout", form=fields, headers={"origin": address})
    assert answer.ok


async def test_an_open_page_leads_to_the_login_at_once(browser: Browser) -> None:
    async with served(an_office()) as address, opened(browser, address, "en", PHONE) as page:
        await page.goto(f"{address}/outages/{RECENT}", wait_until="load")
        await log_out_elsewhere(page, address)
        await expect(page).to_have_url(re.compile("/login$"))


async def test_what_is_being_written_stays_and_the_page_says_why_it_stands_still(browser: Browser) -> None:
    async with served(an_office()) as address, opened(browser, address, "en", PHONE) as page:
        await page.goto(f"{address}/outages/{RECENT}", wait_until="load")
        await page.locator("[name=note]").fill(WORDS)
        await log_out_elsewhere(page, address)
        await expect(page.locator("#lost")).to_contain_text("You are not logged in any more.")
        await expect(page.locator("[name=note]")).to_have_value(WORDS)
