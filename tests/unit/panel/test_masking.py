"""A viewer reads no whole number of a person: on no page, in no answer, no table, no stream. Made from the routes."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from router.core.orders import Mode, Override
from router.core.sentence import say
from router.panel.guard import Kind
from router.ports import Line, Role
from tests.unit.panel.browsing import BEARER, visiting
from tests.unit.panel.fake_outages import RECENT, outage_lines
from tests.unit.panel.fakes import NOW, PASSWORD, FakeBoard, House, blind, decided, outage, well
from tests.unit.panel.test_doors_of_routes import DOORS, Door, may
from tests.unit.panel.test_panel_streams import following, next_of, serving

PEOPLE = ("+4917112345678", "+4917112345679")
"""Of the office's people; published is none of them."""
CALLERS = ("+4930555001",)
READ = [d for d in DOORS if d.method == "GET" and d.guard.kind in (Kind.PAGE, Kind.API) and "events" not in d.path]


def whole(text: str) -> list[str]:
    """The numbers that can be read in `text`, however they are written."""
    digits = re.sub(r"[^0-9]", "", re.sub(r"(?<=\d)[\s /().-]{1,2}(?=\d)", "", text))
    return [number for number in PEOPLE + CALLERS if number[3:] in digits]


def address(door: Door) -> str:
    return re.sub(r"\{[^}]+\}", "1", door.path)


async def house_of(role: Role) -> tuple[House, dict[str, str]]:
    house = House(FakeBoard(outage()))
    house.accounts.roles["anna"] = role
    return house, {"failover_session": await house.accounts.login("anna", PASSWORD) or ""}


@pytest.mark.parametrize("door", [d for d in READ if may(d, Role.VIEWER)], ids=str)
@pytest.mark.parametrize("language", ["de", "en"])
async def test_a_viewer_reads_no_whole_number_of_a_person(door: Door, language: str) -> None:
    house, cookies = await house_of(Role.VIEWER)
    async with visiting(house, **{"accept-language": language}) as browser:
        browser.cookies.update(cookies)
        for office in (outage(), well(), blind(well())):
            house.board.show(office)
            assert whole((await browser.get(address(door))).text) == []


@pytest.mark.parametrize("path", ["/", "/api/v1/calls"])
async def test_staff_read_them_whole_where_a_viewer_reads_them_masked(path: str) -> None:
    """Or the test before this one would look for nothing."""
    for role, expected in ((Role.VIEWER, False), (Role.STAFF, True)):
        house, cookies = await house_of(role)
        async with visiting(house) as browser:
            browser.cookies.update(cookies)
            text = (await browser.get(path)).text
        assert bool(whole(text)) is expected, role
        assert ("•" in text) is not expected, role


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
async def test_the_streams_mask_as_the_pages_do(role: Role) -> None:
    house, cookies = await house_of(role)
    async with serving(house) as (base, _):
        async with following(base, "/live/board", cookies=cookies) as stream:
            board = json.dumps((await next_of(stream))[1], ensure_ascii=False)
        async with following(base, "/api/v1/events", cookies=cookies) as stream:
            status = json.dumps((await next_of(stream))[1], ensure_ascii=False)
    assert bool(whole(board)) is (role is Role.STAFF)
    assert whole(status) == []


async def test_the_viewer_and_the_staff_who_share_a_round_do_not_share_a_rendering() -> None:
    house, cookies = await house_of(Role.VIEWER)
    house.accounts.passwords["ben"], house.accounts.roles["ben"] = PASSWORD, Role.STAFF
    staff = {"failover_session": await house.accounts.login("ben", PASSWORD) or ""}
    async with (
        serving(house) as (base, _),
        following(base, "/live/board", cookies=staff) as theirs,
        following(base, "/live/board", cookies=cookies) as mine,
    ):
        for office in (None, well(), outage()):
            if office is not None:
                house.board.show(office)
            seen = [json.dumps((await next_of(stream))[1]) for stream in (theirs, mine)]
            assert whole(seen[1]) == []


async def test_the_machines_metrics_tell_no_number_at_all() -> None:
    house, _ = await house_of(Role.VIEWER)
    async with visiting(house, **BEARER) as program:
        for path in ("/metrics", "/healthz", "/readyz"):
            text = (await program.get(path)).text
            assert whole(text) == []
            assert "30123456" not in text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.STAFF])
async def test_what_staff_wrote_names_no_whole_number_to_a_viewer_either(role: Role) -> None:
    """The reason of an order on the board, in the status and in the log; the notes beside an outage."""
    house, cookies = await house_of(role)
    reason, data = "Anna fährt: 0171 123456-78", {"via": "panel"}
    order = say("{by} set all numbers to the mobile.", by="Ben")
    word = Override(Mode.MOBILE, NOW, "ben", "panel", number="+4930123456", reason=reason)
    house.board.show(decided(replace(well(), overrides=(word,))))
    house.journal.lines = [Line(1, NOW, "order", order, by="Ben", data=data | {"reason": reason})]
    house.outages.told = [
        replace(line, data=line.data | {"reason": reason}) if line.kind == "order" else line
        for line in outage_lines(NOW)
    ]
    await house.outages.add_note(RECENT, f"seit 01.03. ein Kunde: {reason}", "ben", NOW)
    async with visiting(house, **{"accept-language": "en"}) as browser:
        browser.cookies.update(cookies)
        for path in ("/", "/log", "/log.csv", "/api/v1/log", "/api/v1/status", f"/outages/{RECENT}",
                     f"/api/v1/outages/{RECENT}", f"/outages/{RECENT}/lines.csv"):  # fmt: skip
            text = (await browser.get(path)).text
            assert bool(whole(text)) is (role is Role.STAFF), path
        assert "seit 01.03. ein Kunde: Anna fährt: 0171" in (await browser.get(f"/outages/{RECENT}")).text
