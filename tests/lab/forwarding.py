"""An office with people and their mobiles, to which staff sent all calls: what tests of forwarded calls share."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.lab.lab import MOBILE, Lab
from tests.lab.router import Router
from tests.lab.running import QUICK, running

ANNA, BEN, CARLA = MOBILE, "+4917187654321", "+4917155555555"
CUSTOMER = "+491601111111"
VOICEMAIL = ""
"""The keys that it presses."""


@contextlib.asynccontextmanager
async def forwarding(
    lab: Lab, home: Path, mode: str = "mobile", *, people: tuple[str, ...] = (ANNA, BEN), **keys: Any
) -> AsyncIterator[Router]:
    """`keys`: of [forwarding], or whole sections by their name."""

    def change(settings: dict[str, Any]) -> None:
        names = {ANNA: "Anna", BEN: "Ben", CARLA: "Carla"}
        settings["people"] = [{"name": names[number], "numbers": [number]} for number in people]
        settings["forwarding"] = {"trunks": ["gsm"], "people": [names[number] for number in people]}
        for key, value in keys.items():
            if key == "trunks_of":
                settings["trunks"] = [trunk | value.get(trunk["name"], {}) for trunk in settings["trunks"]]
            elif key == "numbers_of":
                settings["numbers"] = [number | value for number in settings["numbers"]]
            elif isinstance(value, dict):
                settings.setdefault(key, {}).update(value)
            else:
                settings["forwarding"][key] = value

    async with running(lab, home, change, **QUICK) as router:
        if mode != "auto":
            answer = await router.override(mode)
            assert answer.status_code == 200, answer.text
        yield router
