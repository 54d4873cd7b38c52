"""docs/home-assistant.md does what it says: its addresses, headers, bodies and templates, against the application."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import jinja2
import pytest
import yaml

from router.core.orders import Mode
from tests.unit.panel.browsing import visiting
from tests.unit.panel.fakes import NOW, FakeBoard, House, blind, outage, unverified, well

DOCUMENT = Path(__file__).parents[3] / "docs/home-assistant.md"
SECRETS = {"failover_token": "Bearer the-token"}


class Loader(yaml.SafeLoader):
    """With Home Assistant's own tag for what stands in secrets.yaml."""


Loader.add_constructor("!secret", lambda loader, node: SECRETS[loader.construct_scalar(node)])
CONFIGURATION: dict[str, Any] = {
    name: part
    for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(), re.S)
    for name, part in yaml.load(block, Loader).items()
}
[REST], [SWITCH], COMMAND = CONFIGURATION["rest"], CONFIGURATION["switch"], CONFIGURATION["rest_command"]


def rendered(template: str, **values: Any) -> str:
    """As Home Assistant renders it; undefined names are errors here."""
    made = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    return made.from_string(template).render(**values, now=lambda: NOW, timedelta=timedelta)


async def asked(house: House, method: str, address: str, headers: Mapping[str, str], body: str = "") -> httpx.Response:
    async with visiting(house) as program:
        return await program.request(method, urlsplit(address).path, headers=headers, content=body or None)


async def states(house: House) -> dict[str, str]:
    """What each sensor shows, by its unique_id."""
    answer = await asked(house, "GET", REST["resource"], REST["headers"])
    assert answer.status_code == 200
    sensors = [*REST["binary_sensor"], *REST["sensor"]]
    return {one["unique_id"]: rendered(one["value_template"], value_json=answer.json()) for one in sensors}


async def test_the_sensors_of_a_calm_day() -> None:
    told = await states(House(FakeBoard(well())))
    assert told == {
        "failover_unreachable": "False", "failover_pbx": "True", "failover_unverified": "False",
        "failover_inbound": "office", "failover_why": "Calls to 030 123456 ring in the office.",
        "failover_trunks_down": "", "failover_answer_time": "21.4",
    }  # fmt: skip


async def test_the_sensors_of_an_outage() -> None:
    told = await states(House(FakeBoard(outage())))
    assert (told["failover_unreachable"], told["failover_trunks_down"]) == ("True", "Telekom")
    assert told["failover_inbound"] == "mixed"
    assert "cannot reach us" in told["failover_why"]


async def test_the_sensors_without_the_pbx_and_without_a_verified_route() -> None:
    assert (await states(House(FakeBoard(blind(well())))))["failover_pbx"] == "False"
    assert (await states(House(FakeBoard(unverified(well())))))["failover_unverified"] == "True"


async def is_on(house: House) -> str:
    answer = await asked(house, "GET", SWITCH["state_resource"], SWITCH["headers"])
    return rendered(SWITCH["is_on_template"], value_json=answer.json())


async def test_the_switch_sends_calls_to_the_mobile_and_back_and_shows_what_holds() -> None:
    house = House(FakeBoard(well()))
    assert await is_on(house) == "False"
    for body, on, mode in (("body_on", "True", Mode.MOBILE), ("body_off", "False", Mode.AUTO)):
        answer = await asked(house, SWITCH["method"].upper(), SWITCH["resource"], SWITCH["headers"], SWITCH[body])
        assert answer.status_code == 200, answer.text
        assert house.board.heard[-1].mode is mode
        assert await is_on(house) == on
    assert house.board.heard[0].reason == "Home Assistant"
    assert house.board.heard[0].until is None


@pytest.mark.parametrize(
    ("said", "number", "until"),
    [
        ({"mode": "mobile"}, None, None),
        ({"mode": "office", "hours": 2}, None, NOW + timedelta(hours=2)),
        ({"mode": "mobile", "hours": 0.5, "number": "+4930123456"}, "+4930123456", NOW + timedelta(minutes=30)),
    ],
)
async def test_the_command_of_an_automation(said: dict[str, Any], number: str | None, until: datetime | None) -> None:
    house, command = House(FakeBoard(well())), COMMAND["failover_calls"]
    body = rendered(command["payload"], **said)
    assert json.loads(body)["mode"] == said["mode"]
    headers = {**command["headers"], "content-type": command["content_type"]}
    answer = await asked(house, command["method"].upper(), command["url"], headers, body)
    assert answer.status_code == 200, answer.text
    word = house.board.heard[-1]
    assert (word.mode.value, word.number, word.until) == (said["mode"], number, until)


async def test_a_wrong_token_is_told_apart() -> None:
    answer = await asked(House(FakeBoard(well())), "GET", REST["resource"], {"authorization": "Bearer another"})
    assert answer.status_code == 401


def test_keys_are_those_that_home_assistant_knows() -> None:
    entity = {"name", "unique_id", "device_class", "value_template", "unit_of_measurement"}
    assert all(set(one) <= entity for one in (*REST["binary_sensor"], *REST["sensor"]))
    assert set(REST) == {"resource", "scan_interval", "timeout", "headers", "binary_sensor", "sensor"}
    assert set(SWITCH) == {
        "platform", "name", "unique_id", "resource", "state_resource", "method", "timeout", "headers", "body_on",
        "body_off", "is_on_template",
    }  # fmt: skip
    assert SWITCH["method"] in ("post", "put", "patch")
