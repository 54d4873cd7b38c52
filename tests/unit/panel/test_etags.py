"""What an asker who asks again and again is told while nothing is new."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.unit.panel.browsing import BEARER, visiting
from tests.unit.panel.fakes import FakeBoard, House, outage, well

STATUS = "/api/v1/status"


@pytest.fixture
def house() -> House:
    return House(FakeBoard(well()))


@pytest.fixture
async def program(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(house, **BEARER) as client:
        yield client


@pytest.mark.parametrize("path", [STATUS, "/api/v1/calls", "/api/v1/log", "/api/v1/openapi.json"])
async def test_nothing_new_is_304_without_a_body(program: httpx.AsyncClient, path: str) -> None:
    first = await program.get(path)
    mark = first.headers["etag"]
    again = await program.get(path, headers={"if-none-match": mark})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["etag"] == mark
    assert "content-length" not in again.headers or again.headers["content-length"] == "0"
    assert again.headers["cache-control"] == first.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("known", ["W/{}", '"other", {}', "*", '{},"x"'])
async def test_marks_are_read_as_browsers_and_proxies_send_them(program: httpx.AsyncClient, known: str) -> None:
    mark = (await program.get(STATUS)).headers["etag"]
    assert (await program.get(STATUS, headers={"if-none-match": known.format(mark)})).status_code == 304


async def test_what_is_new_comes_whole_under_another_mark(house: House, program: httpx.AsyncClient) -> None:
    first = await program.get(STATUS)
    house.board.show(outage())
    second = await program.get(STATUS, headers={"if-none-match": first.headers["etag"]})
    assert second.status_code == 200
    assert second.headers["etag"] != first.headers["etag"]
    assert second.json()["numbers"][0]["inbound"] == "mobile"
    assert int(second.headers["content-length"]) == len(second.content)


async def test_another_language_has_another_mark(program: httpx.AsyncClient) -> None:
    german, english = [
        (await program.get(STATUS, headers={"accept-language": tongue})).headers["etag"] for tongue in ("de", "en")
    ]
    assert german != english


async def test_refusals_are_never_304(house: House) -> None:
    async with visiting(house) as stranger:
        answer = await stranger.get(STATUS, headers={"if-none-match": "*"})
    assert answer.status_code == 401
    assert "etag" not in answer.headers
    assert answer.headers["content-type"] == "application/problem+json"


async def test_pages_have_no_mark_and_are_kept_nowhere(program: httpx.AsyncClient) -> None:
    answer = await program.get("/login", headers={"if-none-match": "*"})
    assert answer.status_code == 200
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_two_who_ask_at_once_get_their_own(program: httpx.AsyncClient) -> None:
    mark = (await program.get(STATUS)).headers["etag"]
    answers = await asyncio.gather(
        *(program.get(STATUS, headers={"if-none-match": mark} if i % 2 else {}) for i in range(10))
    )
    assert [answer.status_code for answer in answers] == [200, 304] * 5
