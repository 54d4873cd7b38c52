"""A form that comes after its session has ended changes nothing, and what was written in it is not lost."""

from __future__ import annotations

import pytest

from tests.unit.panel.browsing import OURS, THEIRS, form_token, log_in, logged_in, visiting
from tests.unit.panel.fakes import FakeBoard, House, outage

WORDS = "Rang <b>twice</b>, calls again at 3"
SHOWN = "Rang &lt;b&gt;twice&lt;/b&gt;, calls again at 3"
FORMS = {
    "/calls/mark": {"do": "note", "caller": "+4930555001", "note": WORDS},
    "/override": {"mode": "mobile", "end": "hour", "reason": WORDS},
    "/outages/1/notes": {"note": WORDS},
    "/outages/1/ticket": {"ticket": WORDS},
}


@pytest.fixture
def house() -> House:
    return House(FakeBoard(outage()))


@pytest.mark.parametrize("path", FORMS)
async def test_after_the_session_ended_what_was_written_is_shown_again(house: House, path: str) -> None:
    async with logged_in(house, **{"accept-language": "en"}) as browser:
        token = await form_token(browser)
        browser.cookies.delete("failover_session")
        answer = await browser.post(path, data={"csrf": token, **FORMS[path]}, headers=OURS)
    assert answer.status_code == 401
    assert "You are not logged in any more, so nothing was changed." in answer.text
    assert SHOWN in answer.text
    assert "<b>twice" not in answer.text
    assert not house.board.heard


async def test_after_a_new_login_in_another_tab_the_old_form_does_not_lose_it_either(house: House) -> None:
    async with logged_in(house, **{"accept-language": "en"}) as browser:
        old = await form_token(browser)
        browser.cookies.delete("failover_session")
        assert (await log_in(browser)).status_code == 303
        answer = await browser.post("/override", data={"csrf": old, **FORMS["/override"]}, headers=OURS)
    assert answer.status_code == 403
    assert SHOWN in answer.text
    assert not house.board.heard


@pytest.mark.parametrize("headers", [THEIRS, {}, {"origin": "null"}])
async def test_no_other_site_puts_words_on_our_page(house: House, headers: dict[str, str]) -> None:
    async with visiting(house) as stranger:
        answer = await stranger.post("/override", data=FORMS["/override"], headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "twice" not in answer.text


async def test_where_nothing_was_written_a_form_without_a_login_leads_to_it(house: House) -> None:
    async with visiting(house) as stranger:
        answer = await stranger.post("/override", data={"mode": "office", "reason": " "}, headers=OURS)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
