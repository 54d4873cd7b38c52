"""What only a tap shows: a new link, a token, the second factor, its recovery codes, the code asked for, a question."""

from __future__ import annotations

import pyotp
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.chromium import ARTEFACTS, PHONE
from tests.browser.conftest import PASSWORD
from tests.browser.test_every_page import COVERING, Album, Camera, Way, context_of, session_of
from tests.lab.lab import Lab
from tests.lab.router import Router


async def test_what_a_tap_shows_once_fits_the_screen_and_complains_of_nothing(
    lab: Lab, router: Router, browser: Browser
) -> None:
    album = Album()
    (ARTEFACTS / "pages").mkdir(parents=True, exist_ok=True)
    for count, way in enumerate(COVERING):
        name = f"Jürgen {count}"
        added = await router.command("users", "add", name, "--role", "admin", typed=f"{PASSWORD}\n")
        assert added.returncode == 0, added
        await _taps(browser, router, way, name, album)
    assert album.faults == []
    assert album.seen == 6 * len(COVERING)


@pytest.mark.parametrize("scripts", [True, False])
async def test_nothing_of_the_duty_plan_is_removed_without_a_question(
    lab: Lab, router: Router, browser: Browser, scripts: bool
) -> None:
    name = f"Jürgen {scripts}"
    added = await router.command("users", "add", name, "--role", "admin", typed=f"{PASSWORD}\n")
    assert added.returncode == 0, added
    assert (await router.request("POST", "people", json={"name": name})).is_success
    way = Way("de", "light", PHONE, scripts)
    async with context_of(browser, router.url, way, await session_of(router, name)) as context:
        page = await context.new_page()
        await page.goto(router.url + "/duty")
        person = page.locator(".people > li", has_text=name)
        await person.locator(".more-of > summary").click()
        await person.locator(".asks > summary").click()
        await expect(person).to_be_visible()
        await person.get_by_role("button", name="Ja, entfernen").click()
        await expect(page.locator("h1.saying")).to_be_visible()
        await expect(person).to_have_count(0)


async def _taps(browser: Browser, router: Router, way: Way, name: str, album: Album) -> None:
    async with context_of(browser, router.url, way, await session_of(router, name)) as context:
        page = await context.new_page()
        camera = Camera(page, router, way, album)

        async def shown(called: str) -> None:
            await expect(page.locator("h1.saying")).to_be_visible()
            album.faults += await camera.keeps(f"tap-{called}")

        await page.goto(router.url + "/duty")
        for question in await page.locator(".asks > summary").all():
            if await question.is_visible():
                await question.click()
        await shown("removing")
        await page.goto(router.url + "/users")
        await page.fill("form[action='/users/invitations'] [name=name]", "Çağla")
        await _sends(page, "/users/invitations")
        await shown("invitation")
        await page.goto(router.url + "/account")
        await page.click("#new-token summary")
        await page.fill("form[action='/account/tokens'] [name=name]", "Home Assistant")
        await _sends(page, "/account/tokens")
        await shown("token")
        await page.goto(router.url + "/account")
        await _sends(page, "/account/second-factor")
        await shown("second-factor")
        secret = (await page.locator(".once code").inner_text()).replace(" ", "")
        await page.fill("[name=code]", pyotp.TOTP(secret).now())
        await _sends(page, "/account/second-factor/confirm")
        await shown("recovery")
        await context.clear_cookies()
        await page.goto(router.url + "/login")
        await page.fill("[name=name]", name)
        await page.fill("[name=password]", PASSWORD)
        await _sends(page, "/login")
        await expect(page).to_have_url(f"{router.url}/login/code")
        await shown("code")


async def _sends(page: Page, action: str) -> None:
    """The form's own button."""
    await page.locator(f"form[action='{action}'] button").last.click()
