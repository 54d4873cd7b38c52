"""Nothing that people read stands outside of the catalogue: templates, drawings, titles, tables, refusals."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from router.panel import locale
from router.panel.guard import Kind
from router.ports import Role
from tests.unit.panel.browsing import visiting
from tests.unit.panel.fakes import PASSWORD, FakeBoard, House, outage
from tests.unit.panel.test_doors_of_routes import DOORS, Door, may, sent_to

TEMPLATES = sorted((Path(locale.__file__).parents[1] / "templates").glob("*.html"))
SPOKEN = ("title", "aria-label", "placeholder", "alt", "data-text", "aria-description")
PAGES = [d for d in DOORS if d.method == "GET" and d.guard.kind is Kind.PAGE]


def bare(template: str) -> str:
    """Without Jinja's own: what is left stands on the page as it is."""
    without = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", template, flags=re.S)
    return re.sub(r"<!--.*?-->|<!doctype[^>]*>", " ", without, flags=re.S | re.I)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_word_of_a_template_is_written_outside_of_the_catalogue(template: Path) -> None:
    text = bare(template.read_text())
    assert re.findall(r"[^\W\d_]{2,}", unescape(re.sub(r"<[^>]*>", " ", text))) == []
    attributes = re.findall(rf'\s({"|".join(SPOKEN)})="([^"]*[^\W\d_][^"]*)"', text)
    assert attributes == []


def test_there_are_templates_to_look_at() -> None:
    assert len(TEMPLATES) >= 7
    assert bare("<p title='{{ _(\"x\") }}'>{% if a %}Hello{% endif %}</p>").count("Hello") == 1


@cache
def english_only() -> set[str]:
    """Texts without places that read otherwise in German."""
    german = {str(message.string) for message in locale.read("de")}
    return {text for text in locale.collected() if "{" not in text and text not in german}


async def text_of(door: Door, language: str) -> str:
    """Of a page that begins elsewhere, what it leads to."""
    house = House(FakeBoard(outage()))
    house.accounts.roles["anna"] = Role.ADMIN
    async with visiting(house, **{"accept-language": language}) as browser:
        browser.cookies.set("failover_session", await house.accounts.login("anna", PASSWORD) or "")
        return (await browser.get(sent_to(door), follow_redirects=True)).text


@pytest.mark.parametrize("door", PAGES, ids=str)
async def test_a_german_page_or_table_says_nothing_in_english(door: Door) -> None:
    """Whole texts of the catalogue, between two tags or two separators."""
    text = unescape(await text_of(door, "de"))
    pieces = {piece.strip() for piece in re.split(r"<[^>]*>|[;\r\n\"]", text)}
    assert pieces & english_only() == set()


@pytest.mark.parametrize("door", [d for d in PAGES if d.path.endswith(".csv")], ids=str)
async def test_the_head_of_a_table_is_in_the_readers_language(door: Door) -> None:
    german, english = [(await text_of(door, tongue)).partition("\r\n")[0] for tongue in ("de", "en")]
    if german.startswith("<!doctype"):
        return  # of a thing that is not there
    assert german != english
    assert ";" in german
    assert "," in english


@pytest.mark.parametrize("door", [d for d in PAGES if not d.path.endswith(".csv")], ids=str)
async def test_the_title_of_a_page_is_in_the_readers_language(door: Door) -> None:
    german, english = [re.search(r"<title>(.*?)</title>", await text_of(door, tongue), re.S) for tongue in ("de", "en")]
    if german is None or english is None:
        pytest.fail(f"{door} has no title")
    assert german[1] != english[1] or "·" not in german[1]


@pytest.mark.parametrize("door", [d for d in DOORS if d.guard.kind in (Kind.API, Kind.API_CHANGE)], ids=str)
async def test_a_problem_is_told_in_the_askers_language(door: Door) -> None:
    if may(door, None):
        return
    told = []
    for tongue in ("de", "en"):
        async with visiting(House(FakeBoard(outage())), **{"accept-language": tongue}) as program:
            told.append((await program.request(door.method, sent_to(door))).json()["detail"])
    assert told[0] != told[1]
