"""The API against its own description: whatever is sent, as whoever, the answer is one that the document tells of."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS

from router.ports import Role
from tests.unit.panel.browsing import BEARER, OURS
from tests.unit.panel.fakes import PASSWORD, FakeBoard, House, outage

DESCRIPTION = "/api/v1/openapi.json"
ENDLESS = {"/api/v1/events"}
"""Streams; tests/unit/panel/test_panel_streams.py."""
AS_DOCUMENTED = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance",
)  # fmt: skip
EVERYBODY: list[Role | None] = [*Role, None]
"""None: the machine's own token."""


def house() -> House:
    """In an outage: there is most to tell."""
    return House(FakeBoard(outage()))


def described() -> Any:
    return schemathesis.openapi.from_asgi(DESCRIPTION, house().app)


def operations() -> list[Any]:
    found = [operation.ok() for operation in described().get_all_operations()]
    return [one for one in found if one.path not in ENDLESS]


OPERATIONS = operations()
CHOSEN = [CHECKS.get_one(name) for name in AS_DOCUMENTED]


class Somebody:
    """One of a role in a house of his own, who gets a new one where he locked himself out."""

    def __init__(self, role: Role | None) -> None:
        self._role = role
        self._enter()

    def _enter(self) -> None:
        self.house = house()
        if self._role is not None:
            self.house.accounts.roles["anna"] = self._role

    async def _session(self) -> str | None:
        return await self.house.accounts.login("anna", PASSWORD)

    def headers(self) -> Mapping[str, str]:
        if self._role is None:
            return BEARER
        session = asyncio.run(self._session())
        if session is None:
            self._enter()
            session = asyncio.run(self._session())
        return {**OURS, "cookie": f"failover_session={session}"}


def sends(operation: Any, role: Role | None, times: int) -> None:
    somebody = Somebody(role)

    @given(case=operation.as_strategy())
    @settings(
        max_examples=times, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def sent(case: Any) -> None:
        case.headers = {name: value for name, value in case.headers.items() if name.lower() != "authorization"}
        case.cookies = {}
        case.operation.app = somebody.house.app
        json = {"content-type": "application/json"} if case.method not in ("GET", "DELETE") else {}
        headers = {**somebody.headers(), **json}
        answer = case.call(headers=headers, app=somebody.house.app, base_url="http://panel.test")
        case.validate_response(answer, checks=CHOSEN, headers=headers)
        refused = answer.status_code >= 400
        problem = answer.headers.get("content-type", [""])[0].startswith("application/problem+json")
        assert refused == problem, f"{answer.status_code} as {answer.headers.get('content-type')}"

    sent()


@pytest.mark.parametrize("role", EVERYBODY, ids=lambda role: role or "machine")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_the_api_answers_as_it_says(operation: Any, role: Role | None) -> None:
    sends(operation, role, 5)


@pytest.mark.campaign
@pytest.mark.timeout(600)
@pytest.mark.parametrize("role", EVERYBODY, ids=lambda role: role or "machine")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_the_api_answers_as_it_says_many_times(operation: Any, role: Role | None) -> None:
    sends(operation, role, 200)
