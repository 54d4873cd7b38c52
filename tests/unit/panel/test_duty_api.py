"""The API of people and duty."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest

from router.core.duty import Mobile
from router.core.rung import Rung
from router.ports import Role
from tests.unit.panel.browsing import BEARER, logged_in, visiting
from tests.unit.panel.fakes import NOW, House
from tests.unit.panel.serving import served
from tests.unit.panel.test_panel_duty import ANNA, BEN, NEW, PLAN, house, plan_of


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
async def program(home: House) -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(home, **BEARER, **{"accept-language": "en"}) as program:
        yield program


async def asked(program: httpx.AsyncClient, method: str, path: str, status: int = 200, **json: object) -> dict:
    answer = await program.request(method, f"/api/v1/{path}", json=json or None)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_duty_tells_now_next_and_the_plan(program: httpx.AsyncClient) -> None:
    got = await asked(program, "GET", "duty")
    assert got["text"] == "On duty: Anna, until 18:00; then Ben."
    assert got["now"] == {
        "people": ["Anna"], "since": "2025-11-22T08:00:00+01:00", "until": "2025-11-22T18:00:00+01:00",
        "why": "By the weekly plan.",
    }  # fmt: skip
    assert (got["next"]["people"], got["next"]["since"]) == (["Ben"], "2025-11-22T18:00:00+01:00")
    assert (got["by_hand"], got["calendar"], got["nobody_from"], got["warnings"]) == (False, None, None, [])
    assert got["plan"]["rows"][0] == {"day": "monday", "begin": "08:00", "end": "18:00", "people": ["Anna"]}


async def test_the_plan_as_it_was_read_can_be_put_back(home: House, program: httpx.AsyncClient) -> None:
    plan = (await asked(program, "GET", "duty"))["plan"]
    plan["exceptions"] = [{"first": "2025-11-22", "last": "2025-11-22", "begin": "14:00", "end": "16:00", "people": []}]
    got = await asked(program, "PUT", "duty", **plan)
    assert got["text"].startswith("Nobody is on duty until 16:00") or got["nobody_until"]
    got = await asked(program, "PUT", "duty", rows=[], exceptions=[])
    assert got["now"]["people"] == ["Anna", "Ben"]
    assert got["now"]["why"] == "No plan says otherwise: everybody is rung in order."


async def test_somebody_takes_over_and_gives_it_back(home: House, program: httpx.AsyncClient) -> None:
    until = NOW + timedelta(hours=1)
    got = await asked(program, "POST", "duty/take", name="ben", until=until.isoformat())
    assert (got["by_hand"], got["now"]["people"]) == (True, ["Ben"])
    assert home.journal.noted[0].by == "cli"
    assert (await asked(program, "DELETE", "duty/take"))["now"]["people"] == ["Anna"]
    past = await asked(program, "POST", "duty/take", 422, name="ben", until=(NOW - timedelta(hours=1)).isoformat())
    assert past["detail"] == "That end has already passed."
    await asked(program, "POST", "duty/take", 404, name="Zoe")


async def test_people_are_listed_added_changed_and_removed(home: House, program: httpx.AsyncClient) -> None:
    got = await asked(program, "POST", "people", 201, name="Cem", numbers=["0171 2345678"])
    assert got["people"][2] == {
        "name": "Cem", "numbers": [{"number": "+491712345678", "confirmed": False, "rung": False}],
        "stands_by": True, "on_duty": False, "absent": False, "absent_until": None,
    }  # fmt: skip
    got = await asked(
        program, "PUT", "people/cem", name="Çem", position=1, stands_by=False, numbers=["0171 7776655", "0171 2345678"]
    )
    assert [person["name"] for person in got["people"]] == ["Çem", "Anna", "Ben"]
    assert [mobile["number"] for mobile in got["people"][0]["numbers"]] == ["+491717776655", "+491712345678"]
    await asked(program, "DELETE", "people/Çem")
    assert plan_of(home) == PLAN
    await asked(program, "DELETE", "people/Çem", 404)


async def test_numbers_that_stay_stay_confirmed(home: House, program: httpx.AsyncClient) -> None:
    await asked(program, "PUT", "people/Ben", numbers=[NEW, BEN])
    assert plan_of(home).people[1].mobiles == (Mobile(NEW, False), Mobile(BEN, True))
    await asked(program, "PUT", "people/Ben", 422, numbers=[ANNA])


async def test_absent_and_back(home: House, program: httpx.AsyncClient) -> None:
    got = await asked(program, "POST", "people/Anna/absent", until=(NOW + timedelta(days=1)).isoformat())
    assert (got["people"][0]["absent"], got["people"][0]["absent_until"]) == (True, "2025-11-23T14:50:07+01:00")
    assert not (await asked(program, "DELETE", "people/Anna/absent"))["people"][0]["absent"]


async def test_a_test_ring_answers_with_what_came_of_it(home: House, program: httpx.AsyncClient) -> None:
    got = await asked(program, "POST", "people/Ben/ring", number="0171 9998877")
    assert (got["how"], got["confirmed"]) == ("pressed", True)
    assert plan_of(home).people[1].mobiles[1].confirmed


async def test_a_viewer_sees_no_whole_number_and_changes_nothing() -> None:
    async with logged_in(house(role=Role.VIEWER)) as browser:
        answer = await browser.get("/api/v1/people")
        assert answer.status_code == 200
        assert ANNA not in answer.text
        assert (await browser.delete("/api/v1/duty/take")).status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "people", {}), ("POST", "people", {"name": "x", "more": 1}), ("POST", "people", {"name": "\ud800"}),
        ("PUT", "people/Anna", {"position": 10**30}), ("PUT", "duty", {"rows": [{"day": "x"}], "exceptions": []}),
        ("POST", "duty/take", {"name": "Ben", "until": "9999-12-31T23:59:59-23:00"}),
        ("POST", "duty/take", {"name": "Ben", "until": "0001-01-01T00:00:00+23:00"}),
        ("PUT", "duty", {"rows": [], "exceptions": [
            {"first": "0001-01-01", "last": "9999-12-31", "begin": "00:00", "end": "00:00", "people": []}]}),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_is_answered_with_422(program, home: House, method, path, body) -> None:
    answer = await program.request(method, f"/api/v1/{path}", content=json.dumps(body),
        headers={"content-type": "application/json"})  # fmt: skip
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert plan_of(home) == PLAN


@pytest.mark.parametrize("number", ["0900 123456", "112", "soon", "+43 1 234567"])
async def test_a_number_that_may_not_be_rung_is_refused_with_the_reason(program, home: House, number: str) -> None:
    answer = await program.put("/api/v1/people/Anna", json={"numbers": [number]})
    assert answer.status_code == 422, answer.text
    assert "cannot be read just now" not in answer.text
    assert plan_of(home) == PLAN


async def test_a_plan_that_somebody_else_has_changed_meanwhile_is_not_overwritten(home: House, program) -> None:
    mine = (await asked(program, "GET", "duty"))["plan"]
    day = {"first": "2025-12-24", "last": "2025-12-24", "begin": "00:00", "end": "00:00", "people": ["Ben"]}
    await asked(program, "PUT", "duty", **{**mine, "exceptions": [day]})
    answer = await program.put("/api/v1/duty", json=mine)
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.json()["detail"]
    assert len(plan_of(home).specials) == 1
    await asked(program, "PUT", "duty", **{**mine, "version": None})
    assert plan_of(home).specials == ()


async def test_a_phone_that_goes_to_sleep_while_it_is_rung_confirms_all_the_same(home: House) -> None:
    """Whoever has his own number tested answers on the very phone that asked for it."""
    asked_for, answered = asyncio.Event(), asyncio.Event()

    async def ring(number: str) -> Rung:
        asked_for.set()
        await answered.wait()
        return home.rings.answer

    home.rings.ring = ring
    async with served(home) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        body = json.dumps({"number": NEW})
        head = f"POST /api/v1/people/Ben/ring HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(body)}\r\n"
        head += "".join(
            f"{name}: {value}\r\n" for name, value in {**BEARER, "content-type": "application/json"}.items()
        )
        writer.write(f"{head}\r\n{body}".encode())
        async with asyncio.timeout(5):
            await asked_for.wait()
            writer.transport.abort()
            with suppress(OSError):
                await reader.read()
            await asyncio.sleep(0.1)
            answered.set()
            while not plan_of(home).people[1].mobiles[1].confirmed:  # noqa: ASYNC110 - the board tells nobody
                await asyncio.sleep(0.01)
