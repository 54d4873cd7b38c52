"""Live streams over a real socket: a snapshot, then changes; they end with the session, the service and the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from router.core.orders import Mode, Override
from router.panel.app import create_app
from router.panel.fates import Told
from router.panel.live import CHECK_SECONDS
from router.panel.server import Server, listening
from router.ports import Role
from tests.unit.panel.browsing import BEARER
from tests.unit.panel.fakes import PASSWORD, FakeBoard, House, ago, outage, well

Events = AsyncIterator[tuple[str, str]]


@asynccontextmanager
async def serving(house: House, **others: Any) -> AsyncIterator[tuple[str, Server]]:
    bound = listening("127.0.0.1:0")
    server = Server(create_app(house.deps(**others)))
    running = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        yield "http://{}:{}".format(*bound.getsockname()), server
    finally:
        server.stop()
        async with asyncio.timeout(5):
            await running


@asynccontextmanager
async def following(address: str, path: str, **sent: Any) -> AsyncIterator[Events]:
    async with (
        httpx.AsyncClient(base_url=address, trust_env=False, **sent) as browser,
        browser.stream("GET", path) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield events(answer)


async def events(answer: httpx.Response) -> Events:
    name = ""
    async for line in answer.aiter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, line.removeprefix("data: ")


async def next_of(stream: Events) -> tuple[str, Any]:
    async with asyncio.timeout(5):
        name, data = await anext(stream)
    return name, json.loads(data)


async def logged_in_cookie(house: House) -> dict[str, str]:
    return {"failover_session": await house.accounts.login("anna", PASSWORD) or ""}


@pytest.fixture
def house() -> House:
    return House(FakeBoard(well()))


async def test_events_begin_with_the_office_as_it_is_and_go_on_with_each_change(house: House) -> None:
    async with serving(house) as (address, _), following(address, "/api/v1/events", headers=BEARER) as stream:
        name, first = await next_of(stream)
        house.board.show(outage())
        again, second = await next_of(stream)
    assert (name, again) == ("status", "status")
    assert [said["numbers"][0]["inbound"] for said in (first, second)] == ["office", "mobile"]


async def test_the_open_board_gets_its_regions_anew(house: House) -> None:
    cookies = await logged_in_cookie(house)
    async with serving(house) as (address, _), following(address, "/live/board", cookies=cookies) as stream:
        name, first = await next_of(stream)
        house.board.show(outage())
        _, second = await next_of(stream)
    assert name == "page"
    assert "klingeln im Büro" in first["regions"]["numbers"]
    assert "erreicht uns gerade nicht" in second["regions"]["numbers"]
    assert second["title"].startswith("Nicht erreichbar: 030 123456")


async def test_an_open_board_hears_who_spoke_since_its_own_order(house: House) -> None:
    cookies = await logged_in_cookie(house)
    mine, theirs = (Override(Mode.MOBILE, ago(minutes=at), by) for at, by in ((5, "anna"), (1, "Ben")))
    async with serving(house) as (address, server):
        panel = server.config.app.state.panel
        key = panel.fates.keep(Told("anna", house.now, await house.board.order(mine), mine))
        async with following(address, f"/live/board?fate={key}", cookies=cookies) as stream:
            told = (await next_of(stream))[1]["regions"]["fate"]
            assert "Alle Nummern auf Handy: umgeschaltet und geprüft." in told
            await house.board.order(theirs)
            told = (await next_of(stream))[1]["regions"]["fate"]
    assert "Inzwischen (14:49): Ben hat alle Nummern aufs Handy gestellt." in told


async def test_an_open_board_hears_from_us_though_nothing_changes(house: House) -> None:
    cookies = await logged_in_cookie(house)
    async with (
        serving(house, refresh_seconds=0.05) as (address, _),
        following(address, "/live/board", cookies=cookies) as stream,
    ):
        said = [await next_of(stream) for _ in range(3)]
    assert [name for name, _ in said] == ["page"] * 3


async def test_a_board_whose_session_ended_is_sent_to_the_login(house: House) -> None:
    cookies = await logged_in_cookie(house)
    async with serving(house) as (address, _), following(address, "/live/board", cookies=cookies) as stream:
        await next_of(stream)
        house.accounts.opened.clear()
        house.ticks += CHECK_SECONDS
        house.board.show(outage())
        assert await next_of(stream) == ("login", "/login")
        assert [event async for event in stream] == []


@pytest.mark.parametrize("how", ["token ended", "token too old", "owner removed"])
async def test_a_programs_stream_ends_with_its_token(house: House, how: str) -> None:
    await house.accounts.add("ben", PASSWORD, Role.STAFF)
    token = await house.access.tokens.add("ben", "script", Role.STAFF, house.now + timedelta(hours=1))
    bearer = {"authorization": f"Bearer {token}"}
    async with serving(house) as (address, server), following(address, "/api/v1/events", headers=bearer) as stream:
        await next_of(stream)
        if how == "owner removed":
            await house.accounts.remove("ben")
        elif how == "token ended":
            await house.access.tokens.end((await house.access.tokens.tokens())[0].id)
        else:
            house.now += timedelta(hours=2)
            house.ticks += CHECK_SECONDS
        if how != "token too old":
            server.config.app.state.panel.keys.changed()
        house.board.show(outage())
        async with asyncio.timeout(5):
            assert [event async for event in stream] == []


async def test_without_a_login_the_stream_only_says_so(house: House) -> None:
    async with serving(house) as (address, _), following(address, "/live/board") as stream:
        assert [event async for event in stream] == [("login", '"/login"')]


async def test_streams_end_when_the_service_stops(house: House) -> None:
    async with serving(house) as (address, _), following(address, "/api/v1/events", headers=BEARER) as stream:
        await next_of(stream)
        house.board.end()
        async with asyncio.timeout(5):
            assert [event async for event in stream] == []


async def test_an_open_stream_does_not_hold_up_the_stop(house: House) -> None:
    loop = asyncio.get_running_loop()
    async with serving(house) as (address, server), following(address, "/api/v1/events", headers=BEARER) as stream:
        await next_of(stream)
        begun = loop.time()
        server.stop()
        assert [event async for event in stream] == []
        assert loop.time() - begun < 2, "uvicorn waited for the stream"


async def test_an_address_that_is_taken_is_the_callers_business() -> None:
    with listening("127.0.0.1:0") as first:
        port = first.getsockname()[1]
        with pytest.raises(OSError, match="in use"):
            listening(f"127.0.0.1:{port}")
