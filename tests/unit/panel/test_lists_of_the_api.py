"""Lists and refusals of the API, from its own description: `next` leads through a whole list, errors are problems."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from router.panel.described import document
from router.panel.guard import Kind
from router.panel.status_body import OrderBody
from router.ports import Role
from tests.unit.panel.browsing import BEARER, visiting
from tests.unit.panel.fakes import FakeBoard, House, outage
from tests.unit.panel.test_doors_of_routes import DOORS, Door, answer, made

API = [door for door in DOORS if door.path.startswith("/api/")]
ENDLESS = {"/api/v1/events"}
MOST_PAGES = 60


def described() -> dict[str, Any]:
    return document(made().app)


def paged() -> list[tuple[str, str, int]]:
    """The address of each list with `next`, the name of its items, and how many it gives at most."""
    said = described()
    found = []
    for path, operations in said["paths"].items():
        content = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        shape = said["components"]["schemas"].get(reference.rpartition("/")[2], {}).get("properties", {})
        items = [name for name, kind in shape.items() if kind.get("type") == "array"]
        if "next" in shape and "{" not in path:
            asked = operations["get"].get("parameters", [])
            found += [(path, items[0], one["schema"]["maximum"]) for one in asked if one["name"] == "limit"]
    return found


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_next_leads_through_each_whole_list_once(limit: int) -> None:
    for path, items, most in paged():
        async with visiting(House(FakeBoard(outage())), **BEARER) as program:
            whole = (await program.get(path, params={"limit": most})).raise_for_status().json()
            assert whole["next"] is None
            assert await read_through(program, path, items, limit) == whole[items], path


async def read_through(program: httpx.AsyncClient, path: str, items: str, limit: int) -> list[Any]:
    address, read = f"{path}?limit={limit}", []
    for _ in range(MOST_PAGES):
        said = (await program.get(address)).raise_for_status().json()
        assert len(said[items]) <= limit
        read += said[items]
        address = said["next"]
        if address is None:
            return read
        assert address.startswith(f"{path}?")
    raise AssertionError(f"{path} never ends")


@pytest.mark.parametrize("door", [d for d in API if d.path not in ENDLESS and d.guard.role], ids=str)
@pytest.mark.parametrize("language", ["de", "en"])
async def test_a_refusal_is_a_problem_with_a_sentence(door: Door, language: str) -> None:
    for role, token in ((None, True), (Role.VIEWER, False)):
        got = await answer(made(), door, role, {"accept-language": language}, token=token)
        if got.status_code >= 400:
            is_problem(got)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/nothing", "/api/v1/calls?limit=0"])
async def test_what_is_not_there_is_a_problem_too(path: str) -> None:
    async with visiting(made(), **BEARER) as program:
        is_problem(await program.get(path))


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "PUT"])
async def test_a_method_that_is_not_there_is_a_problem_too(method: str) -> None:
    async with visiting(made(), **BEARER) as program:
        got = await program.request(method, "/api/v1/status")
    assert got.status_code == 405
    is_problem(got)


async def test_too_much_is_a_problem_too() -> None:
    async with visiting(made(), **BEARER) as program:
        got = await program.put("/api/v1/override", content=b"x" * 20_000)
    assert got.status_code == 413
    is_problem(got)


def is_problem(got: httpx.Response) -> None:
    assert got.headers["content-type"] == "application/problem+json", got.text
    said = got.json()
    assert set(said) == {"type", "title", "status", "detail"}
    assert said["status"] == got.status_code
    assert re.search(r"[.!?]$", said["detail"]), said["detail"]


def test_each_operation_says_what_it_is_for() -> None:
    for path, operations in described()["paths"].items():
        assert path.startswith("/api/v1/"), path
        for method, operation in operations.items():
            assert operation.get("summary"), f"{method} {path}"
            assert operation.get("description"), f"{method} {path}"
            good = [one for status, one in operation["responses"].items() if status in ("200", "201", "202")]
            shapes = [one["content"]["application/json"]["schema"] for one in good if not streams(one)]
            assert all(shapes), f"{method} {path} does not say what it answers"


def streams(said: dict[str, Any]) -> bool:
    return "text/event-stream" in said.get("content", {})


def test_the_doors_of_the_api_are_all_described() -> None:
    told = {f"{method.upper()} {path}" for path, operations in described()["paths"].items() for method in operations}
    api = {str(door) for door in API if door.guard.kind in (Kind.API, Kind.API_CHANGE)}
    assert api - told == set()


def test_each_operation_says_who_may_and_what_it_is_about() -> None:
    said = described()
    tags = {tag["name"] for tag in said["tags"] if tag["description"]}
    doors = {(door.method.lower(), door.path): door.guard.role for door in API}
    for path, operations in said["paths"].items():
        for method, operation in operations.items():
            role = doors[method, path]
            assert f"For the role *{role}* and above." in operation["description"], f"{method} {path}"
            assert set(operation["tags"]) <= tags, f"{method} {path}"


def test_what_is_read_again_and_again_says_how_to_ask_for_what_is_new() -> None:
    for path, operations in described()["paths"].items():
        answers = operations.get("get", {}).get("responses", {})
        if "get" not in operations or path in ENDLESS:
            continue
        assert "ETag" in answers["200"]["headers"], path
        assert "304" in answers, path
        assert "If-None-Match" in {one["name"] for one in operations["get"]["parameters"]}, path
        assert not {"400", "409", "413", "415"} & set(answers), f"{path} takes no body"


def test_shapes_have_names_of_their_own_and_the_order_its_examples() -> None:
    said = described()
    assert [name for name in said["components"]["schemas"] if "__" in name or "Validation" in name] == []
    examples = said["paths"]["/api/v1/override"]["put"]["requestBody"]["content"]["application/json"]["examples"]
    for example in examples.values():
        OrderBody.model_validate(example["value"])


def test_the_document_is_the_same_however_often_it_is_made() -> None:
    app = made().app
    assert document(app) == document(app)


@pytest.mark.parametrize(
    ("method", "path", "sent", "said"),
    [
        ("POST", "people", "", "The body must be a JSON object (application/json)."),
        ("POST", "people", '{"name":', "The body must be a JSON object (application/json)."),
        ("POST", "people", "[]", "The body must be a JSON object (application/json)."),
        ("POST", "people", '{"number": "0171 2345678"}', "name is missing."),
        ("POST", "people", '{"name": 1}', "name must be text."),
        ("POST", "people", '{"name": "Ben", "age": 7}', "age is not known here."),
        ("POST", "invitations", '{"role": "boss"}', "role must be one of: viewer, staff, admin."),
        ("POST", "people/Anna/absent", '{"until": "tomorrow"}',
         "until must be a time with its zone, such as 2026-03-01T18:00:00+01:00."),
        ("GET", "outages?limit=501", "", "limit must be at most 500."),
        ("GET", "outages?limit=many", "", "limit must be a whole number."),
    ],
)  # fmt: skip
async def test_a_refusal_says_what_would_do(method: str, path: str, sent: str, said: str) -> None:
    headers = {"content-type": "application/json", "accept-language": "en", **BEARER}
    async with visiting(House(FakeBoard(outage())), **headers) as program:
        answer = await program.request(method, f"/api/v1/{path}", content=sent)
    assert (answer.status_code, answer.json()["detail"]) == (422, said)
