"""The wall says one thing, and the panel can be kept on a home screen."""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import replace

import pytest

from router.panel.drawn_icons import ICONS, STATIC, png
from router.panel.wall import MOST_NUMBERS
from router.ports import Role
from tests.unit.panel.browsing import logged_in, visiting
from tests.unit.panel.fakes import NASTY_NAMES, FakeBoard, House, blind, decided, named, outage, site, unverified, well
from tests.unit.panel.test_panel_board import KNOWN_TAGS, Words, page


@pytest.mark.parametrize(
    ("office", "said"),
    [
        (well(), "Anrufe an 030 123456 klingeln im Büro."),
        (outage(), "Wer 030 123456 wählt, erreicht uns gerade nicht."),
        (unverified(well()), "Anrufe an 030 123456 sollten im Büro klingeln; die Telefonanlage bestätigt es nicht."),
        (blind(well()), "Wir sehen die Telefonanlage seit 14:32 nicht."),
        (replace(well(), other_writer="router-2"), "Ein anderer Router (router-2) steuert diese Telefonanlage"),
    ],
)
async def test_its_sentence_is_the_boards(office: object, said: str) -> None:
    house = House(FakeBoard(office))  # type: ignore[arg-type]
    shown = await page(house, "/wall")
    assert said in shown.text
    assert said in (await page(house)).text
    assert [tag for tag, _ in shown.tags].count("h1") == 1


async def test_it_has_no_control_and_a_viewer_may_read_it() -> None:
    house = House(FakeBoard(outage()))
    house.accounts.roles["anna"] = Role.VIEWER
    shown = await page(house, "/wall")
    assert not {"form", "button", "a", "input"} & {tag for tag, _ in shown.tags}
    assert "14:50" in shown.text
    assert ("body", {"class": "wall", "data-live": "/live/wall"}) in shown.tags


async def test_what_was_known_last_is_not_shown_as_if_it_were_now() -> None:
    shown = await page(House(FakeBoard(blind(well()))), "/wall")
    assert "GSM-Gateway zuletzt bekannt: in Ordnung" in shown.text
    assert "erreichbar" not in shown.text


async def test_the_minute_that_passes_is_not_read_out_with_all_the_rest() -> None:
    house = House(FakeBoard(well()))
    async with logged_in(house) as browser:
        html = (await browser.get("/wall")).text
    spoken, _, clock = html.partition('id="live-wall"')[2].partition('id="live-clock"')
    assert "wall-clock" not in spoken
    assert "14:50" in clock
    assert "aria-live" not in clock


async def test_opening_it_renews_its_cookie_so_that_nobody_has_to_log_it_in_each_month() -> None:
    async with logged_in(House(FakeBoard(well()))) as browser:
        answer = await browser.get("/wall")
    assert "failover_session=" in answer.headers["set-cookie"]
    assert "Max-Age=2592000" in answer.headers["set-cookie"]


async def test_many_numbers_are_counted_and_not_crowded_in() -> None:
    office = well()
    first = office.site.numbers[0]
    made = replace(office.site, numbers=tuple(replace(first, number=f"+493012345{n}") for n in range(10, 30)))
    shown = await page(House(FakeBoard(well(made))), "/wall")
    assert [tag for tag, _ in shown.tags].count("li") == MOST_NUMBERS + len(office.trunks)
    assert f"Weitere auf der Seite Lage: {20 - MOST_NUMBERS}." in shown.text


@pytest.mark.parametrize("nasty", NASTY_NAMES)
async def test_hostile_names_are_text_there_too(nasty: str) -> None:
    house = House(FakeBoard(decided(outage(named(site(name=nasty, label=nasty), nasty, nasty)))))
    async with logged_in(house) as browser:
        shown = Words((await browser.get("/wall")).text)
        manifest = (await browser.get("/manifest.webmanifest")).json()
    assert {tag for tag, _ in shown.tags} <= KNOWN_TAGS
    assert " ".join(nasty.split()) in shown.text
    assert manifest["name"] == nasty[:200]


async def test_a_browser_gets_the_manifest_without_a_cookie_and_all_that_it_names() -> None:
    async with visiting(House(FakeBoard(well()))) as stranger:
        answer = await stranger.get("/manifest.webmanifest")
        body = json.loads(answer.text)
        icons = [await stranger.get(icon["src"]) for icon in body["icons"]]
    assert answer.headers["content-type"] == "application/manifest+json"
    assert "manifest-src 'self'" in answer.headers["content-security-policy"]
    assert (body["name"], body["start_url"], body["display"]) == ("PC-Notdienst Muster", "/", "standalone")
    assert [icon.status_code for icon in icons] == [200] * 4
    assert {(icon["sizes"], icon["purpose"]) for icon in body["icons"]} == {
        ("any", "any"), ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"),
    }  # fmt: skip


async def test_every_page_names_the_manifest_and_the_icon_of_a_home_screen() -> None:
    shown = await page(House(FakeBoard(well())))
    links = {attributes["rel"] for tag, attributes in shown.tags if tag == "link"}
    assert {"manifest", "apple-touch-icon", "icon"} <= links


def test_the_icons_are_whole_pictures_of_their_size() -> None:
    for made in ICONS:
        data = (STATIC / made.file).read_bytes()
        width, height, depth, colours = struct.unpack(">IIBB", data[16:26])
        assert (width, height, depth, colours) == (made.pixels, made.pixels, 8, 6)
        begin = data.index(b"IDAT")
        size = struct.unpack(">I", data[begin - 4 : begin])[0]
        assert len(zlib.decompress(data[begin + 4 : begin + 4 + size])) == made.pixels * (4 * made.pixels + 1)


def test_the_icons_are_drawn_by_what_stands_beside_them() -> None:
    small = ICONS[-1]
    assert png(small) == (STATIC / small.file).read_bytes()
