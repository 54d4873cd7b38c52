"""/api/v1/callbacks: the same list for programs, and what staff say of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from router.core.call_backs import NOTE_LENGTH
from router.ports import Role
from tests.unit.panel.browsing import BEARER, logged_in, visiting
from tests.unit.panel.fakes import FakeBoard, House, ago, well
from tests.unit.panel.test_calls_page import CALLER, OTHER, missed, taken

AT = "/api/v1/callbacks"
DONE = f"{AT}/{CALLER}/done"


@pytest.fixture
def house() -> House:
    made = House(FakeBoard(well()))
    made.journal.kept = [missed(2), missed(3), missed(4, number="+491715550123"), missed(9, None), taken(30, OTHER)]
    return made


async def asks(house: House, method: str, path: str, **sent: Any) -> httpx.Response:
    async with visiting(house, **{"accept-language": "en"}) as program:
        return await program.request(method, path, headers=BEARER, **sent)


async def test_the_list_tells_who_waits_and_how_often_he_tried(house: House) -> None:
    answer = await asks(house, "GET", AT)
    assert answer.json() == {
        "callbacks": [
            {
                "caller": CALLER, "person": None, "times": 3, "first": "2025-11-22T14:46:07+01:00",
                "last": "2025-11-22T14:48:07+01:00", "numbers": ["+4930123456", "+491715550123"],
                "text": "Nobody took it; the caller waited 60 s.", "done": None, "remarks": [],
            }
        ],
        "waiting": 1, "withheld": 1, "next": None,
    }  # fmt: skip


async def test_done_with_a_note_and_taken_back(house: House) -> None:
    answer = await asks(house, "POST", DONE, json={"note": "comes\ntomorrow"})
    done = {"at": "2025-11-22T14:50:07+01:00", "by": "cli", "note": "comes tomorrow", "done": True}
    assert (answer.status_code, answer.json()["done"], answer.json()["remarks"]) == (200, done, [done])
    listed = (await asks(house, "GET", AT)).json()
    assert (listed["waiting"], listed["callbacks"][0]["done"]) == (0, done)
    again = await asks(house, "POST", DONE, json={"note": "me too"})
    assert again.json()["done"] == done, "what was marked before stays"
    undone = await asks(house, "DELETE", DONE)
    assert (undone.status_code, undone.json()["done"]) == (200, None)
    assert (await asks(house, "DELETE", DONE)).status_code == 404


async def test_a_body_is_not_needed_and_a_note_alone_is_kept(house: House) -> None:
    noted = await asks(house, "POST", f"{AT}/{CALLER}/notes", json={"note": "engaged"})
    assert (noted.json()["done"], [said["note"] for said in noted.json()["remarks"]]) == (None, ["engaged"])
    answer = await asks(house, "POST", DONE)
    assert (answer.status_code, answer.json()["done"]["note"]) == (200, None)


async def test_after_an_hour_it_stays_done(house: House) -> None:
    await asks(house, "POST", DONE)
    house.now = ago(minutes=-61)
    answer = await asks(house, "DELETE", DONE)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"] == "That was marked as done too long ago to be taken back."


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("POST", f"{AT}/%2B4930999/done", {}, 404), ("POST", f"{AT}/anonymous/done", {}, 404),
        ("POST", f"{AT}/%F0%9F%93%9E/done", {}, 404), ("DELETE", f"{AT}/%00/done", {}, 404),
        ("POST", f"{AT}/{OTHER}/done", {}, 404),
        ("POST", DONE, {"json": {"note": "x" * (NOTE_LENGTH + 1)}}, 422), ("POST", DONE, {"json": {"note": 7}}, 422),
        ("POST", DONE, {"json": {"by": "ben"}}, 422), ("POST", DONE, {"json": []}, 422),
        ("POST", DONE, {"content": b"{"}, 422), ("POST", f"{AT}/{CALLER}/notes", {"json": {"note": " "}}, 422),
        ("POST", f"{AT}/{CALLER}/notes", {"json": {}}, 422),
        ("POST", f"{AT}/{CALLER}/notes", {"content": b'{"note": "\\ud800"}'}, 422), ("GET", f"{AT}?limit=0", {}, 422),
        ("GET", f"{AT}?limit=501", {}, 422),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused(
    house: House, method: str, path: str, sent: dict[str, Any], status: int
) -> None:
    answer = await asks(house, method, path, **sent)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert not house.call_backs.remarks


async def test_a_note_of_emoji_is_as_long_as_it_looks(house: House) -> None:
    answer = await asks(house, "POST", DONE, json={"note": "\U0001f4de" * NOTE_LENGTH})
    assert answer.status_code == 200


async def test_a_viewer_reads_masked_and_changes_nothing(house: House) -> None:
    await asks(house, "POST", f"{AT}/{CALLER}/notes", json={"note": "call 0171 5559988"})
    house.accounts.roles["anna"] = Role.VIEWER
    house.journal.kept.append(missed(5, "03055500123"))
    async with logged_in(house) as browser:
        text = (await browser.get(AT)).text
        headers = {"content-type": "application/json", "sec-fetch-site": "same-origin"}
        assert (await browser.post(DONE, json={}, headers=headers)).status_code == 403
    assert not any(digits in text for digits in (CALLER, CALLER[1:], "5559988", "5500123"))
    assert "•" in text


async def test_a_dead_database_is_503(house: House) -> None:
    house.journal.broken = True
    assert (await asks(house, "GET", AT)).status_code == 503
    assert (await asks(house, "POST", DONE)).status_code == 503
    body = (await asks(house, "GET", "/api/v1/calls")).json()
    assert (body["calls"], body["trouble"]) == ([], "The database does not answer.")


async def test_the_description_names_every_path(house: House) -> None:
    paths = (await asks(house, "GET", "/api/v1/openapi.json")).json()["paths"]
    assert {f"{AT}", AT + "/{number}/done", AT + "/{number}/notes"} <= paths.keys()
    assert paths[AT]["get"]["summary"] == "Whom to call back"


async def test_more_than_a_hundred_who_wait_can_be_had(house: House) -> None:
    house.journal.kept = [replace(house.journal.kept[0], id=f"1.{n}", caller=f"+49305550{n:03}") for n in range(130)]
    async with visiting(house, **BEARER) as program:
        body = (await program.get("/api/v1/callbacks?limit=500")).json()
        few = (await program.get("/api/v1/callbacks?limit=3")).json()
    assert (len(body["callbacks"]), body["waiting"]) == (130, 130)
    assert (len(few["callbacks"]), few["waiting"]) == (3, 130)
