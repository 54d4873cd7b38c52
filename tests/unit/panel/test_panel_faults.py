"""Whose fault it is, and the evidence under it: on the page, in the API and on the command line."""

from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path

import pytest

from router.core.blame import Blame, Exhibit, Held, Whose
from router.core.office import Office
from router.core.sentence import Sentence, say
from router.panel.faults import WHOSE
from tests.unit.panel.browsing import logged_in
from tests.unit.panel.fakes import NASTY_NAMES, FakeBoard, House, ago, blind, outage, well
from tests.unit.panel.test_command_line import status as printed
from tests.unit.panel.test_panel_api import status_of
from tests.unit.panel.test_panel_board import page

SILENT = say("The carrier: {trunk} does not answer, though our internet works.", trunk="Telekom")
WEB = say(
    "{target} at {address} answered with HTTP {code} after {ms} ms.",
    target="https://example.net", address="192.0.2.80", code=204, ms=40,
)  # fmt: skip
SINCE = say(
    "{trunk} at {host} has left every probe (SIP OPTIONS) unanswered since {second}: {count} in a row.",
    trunk="Telekom", host="203.0.113.11", second=ago(minutes=18, seconds=11), count=1080,
)  # fmt: skip


def blamed(
    office: Office | None = None, text: Sentence = SILENT, whose: Whose = Whose.CARRIER_SILENT, *evidence: Exhibit
) -> House:
    pieces = evidence or (Exhibit(ago(seconds=2), SINCE), Exhibit(ago(seconds=3), WEB))
    held = Held(Blame(whose, text, pieces), ago(minutes=18))
    return House(FakeBoard(replace(office or outage(), blames={"telekom": held})))


async def test_the_page_says_whose_fault_it_is_with_the_evidence_under_it() -> None:
    words = await page(blamed(), **{"accept-language": "en"})
    assert words.text.count("The carrier: Telekom does not answer, though our internet works.") == 2  # head and trunk
    assert "14:50:05 Telekom at 203.0.113.11 has left every probe (SIP OPTIONS) unanswered since 14:31:56" in words.text
    assert "14:50:04 https://example.net at 192.0.2.80 answered with HTTP 204 after 40 ms." in words.text
    assert "Times are UTC+01:00." in words.text
    assert ("time", {"datetime": "2025-11-22T13:50:04+00:00"}) in words.tags


async def test_the_page_says_it_in_german() -> None:
    words = await page(blamed(), **{"accept-language": "de"})
    assert "Der Anbieter: Telekom antwortet nicht, obwohl unser Internet funktioniert." in words.text
    assert "https://example.net (192.0.2.80) antwortete nach 40 ms mit HTTP 204." in words.text
    assert "Belege" in words.text


async def test_while_all_is_well_nobody_is_blamed() -> None:
    house = House(FakeBoard(well()))
    said = await status_of(house)
    assert (said["fault"], [trunk["fault"] for trunk in said["trunks"]]) == (None, [None, None])
    assert "evidence" not in str((await page(house)).tags)


async def test_the_api_tells_it_with_moments_in_utc() -> None:
    said = await status_of(blamed(), **{"accept-language": "en"})
    telekom, gsm = said["trunks"]
    assert gsm["fault"] is None
    assert said["fault"] == telekom["fault"] == {
        "whose": "carrier_silent",
        "text": "The carrier: Telekom does not answer, though our internet works.",
        "since": "2025-11-22T14:32:07.000+01:00",
        "evidence": [
            {"at": "2025-11-22T13:50:05.000+00:00",
             "text": "Telekom at 203.0.113.11 has left every probe (SIP OPTIONS) unanswered since 14:31:56: "
                     "1080 in a row."},
            {"at": "2025-11-22T13:50:04.000+00:00",
             "text": "https://example.net at 192.0.2.80 answered with HTTP 204 after 40 ms."},
        ],
    }  # fmt: skip


async def test_the_pbx_out_of_sight_is_the_offices_own_trouble() -> None:
    said = await status_of(House(FakeBoard(blind(outage()))), **{"accept-language": "en"})
    assert said["fault"]["whose"] == "pbx"
    assert said["fault"]["evidence"][0]["text"] == "We do not see the PBX: the connection broke off."


async def test_the_command_line_tells_it_too(tmp_path: Path) -> None:
    told = await printed(blamed().board, tmp_path)
    assert "Der Anbieter: Telekom antwortet nicht, obwohl unser Internet funktioniert." in told
    assert "2025-11-22 13:50:04 UTC  https://example.net (192.0.2.80) antwortete nach 40 ms mit HTTP 204." in told


@pytest.mark.parametrize("nasty", NASTY_NAMES)
async def test_hostile_words_in_the_evidence_are_text(nasty: str) -> None:
    text = say(
        "{name} was looked up at {servers} in {ms} ms: {addresses}.", name=nasty, servers=nasty, ms=1, addresses=""
    )
    house = blamed(None, SILENT, Whose.CARRIER_SILENT, Exhibit(ago(seconds=1), text))
    async with logged_in(house) as browser:
        answer = await browser.get("/")
    assert answer.status_code == 200
    assert "<script>alert(1)" not in answer.text
    assert "<img src=x" not in answer.text
    assert html.escape(nasty)[:20].splitlines()[0] in answer.text.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")


def test_every_kind_of_blame_has_its_mark() -> None:
    assert set(WHOSE) == set(Whose)
