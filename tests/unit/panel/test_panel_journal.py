"""The journal page: all that happened, however long ago, with the evidence under it, and without a script."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.core.sentence import say
from router.panel.journal import MOST
from router.ports import Line
from tests.unit.panel.browsing import BEARER, logged_in, visiting
from tests.unit.panel.fakes import FakeBoard, FakeJournal, House, ago, story, well
from tests.unit.panel.test_panel_board import Words, page
from tests.unit.panel.test_panel_faults import WEB, line_of, silent


def many(count: int) -> House:
    lines = [Line(i, ago(hours=count - i), "pbx", say("{trunk} answers.", trunk=f"T{i}.")) for i in range(1, count + 1)]
    lines[0] = replace(line_of(silent(ago(hours=count), ago(hours=count)), ago(hours=count)), id=1)
    return House(FakeBoard(well()), journal=FakeJournal(lines[::-1]))


def links(words: Words) -> list[str | None]:
    return [attributes["href"] for tag, attributes in words.tags if tag == "a" and attributes.get("class") == "link"]


async def test_the_board_leads_to_it() -> None:
    assert "/log" in links(await page(many(3)))


async def test_it_is_read_page_by_page_to_the_first_line_with_its_evidence() -> None:
    house = many(MOST + 2)
    newest = await page(house, "/log", **{"accept-language": "en"})
    assert f"T{MOST + 2}. answers." in newest.text
    assert links(newest) == ["/log?before=3", "/"]
    oldest = await page(house, "/log?before=3", **{"accept-language": "en"})
    assert "T2. answers." in oldest.text
    assert "T3. answers." not in oldest.text
    assert "The carrier: Telekom does not answer, though our internet works." in oldest.text
    assert "https://example.net at 192.0.2.80 answered with HTTP 204 after 40 ms." in oldest.text
    assert ("details", {"class": "evidence", "id": "evidence-line-1"}) in oldest.tags
    assert links(oldest) == ["/log", "/"]
    assert "script" not in {tag for tag, _ in newest.tags + oldest.tags}


async def test_it_is_in_german_too() -> None:
    words = await page(many(2), "/log")
    assert "Was passiert ist" in words.text
    assert str(WEB.text) not in words.text
    assert "antwortete nach 40 ms mit HTTP 204." in words.text


@pytest.mark.parametrize(
    ("journal", "path", "said"),
    [
        (FakeJournal(), "/log", "Bisher ist nichts passiert."),
        (FakeJournal(story()), "/log?before=1", "Älteres ist nicht aufgezeichnet."),
    ],
)
async def test_where_there_is_nothing_that_is_said(journal: FakeJournal, path: str, said: str) -> None:
    assert said in (await page(House(FakeBoard(well()), journal=journal), path)).text


@pytest.mark.parametrize("path", ["/log", "/log?before=5"])
async def test_a_journal_that_cannot_be_read_is_not_told_as_an_empty_one(path: str) -> None:
    house = House(FakeBoard(well()))
    house.journal.broken = True
    text = (await page(house, path)).text
    assert "Das Protokoll lässt sich gerade nicht lesen." in text
    assert "Bisher ist nichts passiert." not in text


async def test_it_is_for_those_who_are_logged_in() -> None:
    async with visiting(House(FakeBoard(well()))) as stranger:
        answer = await stranger.get("/log", headers=BEARER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@pytest.mark.parametrize("before", ["0", "-1", "x", "1' OR 1", str(2**63)])
async def test_a_page_that_cannot_be_is_refused(before: str) -> None:
    async with logged_in(House(FakeBoard(well()))) as browser:
        answer = await browser.get("/log", params={"before": before})
    assert answer.status_code == 422
    assert "before ist nicht zu lesen." in answer.text
