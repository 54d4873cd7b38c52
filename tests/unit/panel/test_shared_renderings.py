"""Pages that are rendered once for all who read the same: counted, and with nobody's token but his own."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest

from router.panel import board, live
from router.panel.live import Reading
from router.panel.session import csrf
from router.ports import Role
from tests.unit.panel.browsing import logged_in
from tests.unit.panel.fakes import PASSWORD, FakeBoard, House, outage, phones_away, unproven, well
from tests.unit.panel.test_panel_streams import following, next_of, serving


@pytest.fixture
def house() -> House:
    return House(FakeBoard(well()))


class Counting:
    """Takes the place of the board's own view; `fails` breaks it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rendered: list[tuple[str, Role]] = []
        self.fails = False
        self._real = board.BOARD
        monkeypatch.setattr(board, "BOARD", replace(self._real, seen=self._seen))

    async def _seen(self, reading: Reading) -> Any:
        self.rendered.append((reading.speech.language, reading.role))
        if self.fails:
            raise RuntimeError("a view that breaks")
        return await self._real.seen(reading)


async def session_of(house: House) -> str:
    return await house.accounts.login("anna", PASSWORD) or ""


async def test_thirty_who_read_the_same_are_rendered_for_once_in_each_round(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting(monkeypatch)
    async with AsyncExitStack() as stack:
        address, _ = await stack.enter_async_context(serving(house))
        streams = [
            await stack.enter_async_context(
                following(address, "/live/board", cookies={"failover_session": await session_of(house)})
            )
            for _ in range(30)
        ]
        await asyncio.gather(*(next_of(stream) for stream in streams))
        counting.rendered.clear()
        house.board.show(outage())
        told = await asyncio.gather(*(next_of(stream) for stream in streams))
    assert len({told["regions"]["numbers"] for _, told in told}) == 1
    assert len(counting.rendered) == 1


async def test_each_language_and_role_has_its_own_rendering(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    counting = Counting(monkeypatch)
    cookies = {"failover_session": await session_of(house)}
    german, english = {"accept-language": "de"}, {"accept-language": "en"}
    async with (
        serving(house) as (address, _),
        following(address, "/live/board", cookies=cookies, headers=german) as one,
        following(address, "/live/board", cookies=cookies, headers=english) as two,
        following(address, "/live/board", cookies=cookies, headers=english) as three,
    ):
        said = [await next_of(stream) for stream in (one, two, three)]
        counting.rendered.clear()
        house.board.show(outage())
        said = [await next_of(stream) for stream in (one, two, three)]
    assert "erreicht uns gerade nicht" in said[0][1]["regions"]["numbers"]
    assert "cannot reach us" in said[1][1]["regions"]["numbers"]
    assert said[1] == said[2]
    assert sorted(counting.rendered) == [("de", Role.ADMIN), ("en", Role.ADMIN)]


async def test_a_token_in_a_shared_region_is_each_readers_own(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The board's regions have no form of their own; this one has."""
    real = live.macro

    def with_a_form(name: str, *of: Any, csrf: str, **values: Any) -> str:
        return real(name, *of, csrf=csrf, **values) + f'<input name="csrf" value="{csrf}">'

    monkeypatch.setattr(live, "macro", with_a_form)
    sessions = [await session_of(house) for _ in range(3)]
    async with AsyncExitStack() as stack:
        address, _ = await stack.enter_async_context(serving(house))
        streams = [
            await stack.enter_async_context(following(address, "/live/board", cookies={"failover_session": session}))
            for session in sessions
        ]
        for office in (None, outage(), unproven()):
            if office is not None:
                house.board.show(office)
            for session, stream in zip(sessions, streams, strict=True):
                _, told = await next_of(stream)
                text = json.dumps(told)
                assert live.TOKEN not in text
                assert set(re.findall(r"[0-9a-f]{64}", text)) == {csrf(session)}


async def test_the_first_event_has_every_region_and_later_ones_what_is_new(house: House) -> None:
    cookies = {"failover_session": await session_of(house)}
    async with serving(house) as (address, _), following(address, "/live/board", cookies=cookies) as stream:
        _, first = await next_of(stream)
        house.board.show(phones_away(house.board.office))
        _, second = await next_of(stream)
    assert set(first["regions"]) == set(board.BOARD.regions)
    assert "numbers" in second["regions"]
    assert "lines" not in second["regions"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_view_that_breaks_ends_its_streams_and_the_next_connection_finds_it_mended(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting(monkeypatch)
    cookies = {"failover_session": await session_of(house)}
    async with serving(house) as (address, _):
        async with following(address, "/live/board", cookies=cookies) as stream:
            await next_of(stream)
            counting.fails = True
            house.board.show(outage())
            with pytest.raises(Exception, match=r"peer closed|incomplete|StopAsyncIteration|^$"):
                await next_of(stream)
        counting.fails = False
        async with following(address, "/live/board", cookies=cookies) as stream:
            assert "erreicht uns gerade nicht" in (await next_of(stream))[1]["regions"]["numbers"]


async def test_a_page_and_its_stream_say_the_same(house: House) -> None:
    async with logged_in(house) as browser:
        page = (await browser.get("/")).text
        cookies = dict(browser.cookies)
    async with serving(house) as (address, _), following(address, "/live/board", cookies=cookies) as stream:
        _, told = await next_of(stream)
    for name, region in told["regions"].items():
        mine = region.replace(csrf(cookies["failover_session"]), "")
        assert f'id="live-{name}"' not in page or mine.strip() in page, name
