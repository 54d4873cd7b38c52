"""The journal of calls as its API shows it, and a dialplan's part in it: rows in AstDB, and events."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import Router
from tests.unit.core.call_rows import row

Entry = dict[str, Any]


async def calls(router: Router, **query: str) -> list[Entry]:
    answer = await router.request("GET", "calls", params=query, headers={"accept-language": "en"})
    answer.raise_for_status()
    return list(answer.json()["calls"])


async def journal(
    router: Router, holds: Callable[[list[Entry]], object], within: float = 5.0, **query: str
) -> list[Entry]:
    """The calls, newest first, once it holds of them."""
    end = time.monotonic() + within
    while not holds(found := await calls(router, **query)):
        assert time.monotonic() < end, found
    return found


async def one_call(router: Router) -> Entry:
    [found] = await journal(router, lambda found: len(found) == 1)
    return found


def ended(name: str, seconds_ago: int = 60, **other: str) -> str:
    """The row of a call of just now, whose id is `name`."""
    began = int(time.time() - seconds_ago) * 1000
    return row(id=name, began=str(began), ended=str(began + 30_000), **other)


def tells(lab: Lab, slot: int, told: str) -> None:
    """As the dialplan does it: into AstDB, and by an event."""
    leaves(lab, slot, told)
    answer = lab.office.ami.act("UserEvent", UserEvent="FailoverCall", Slot=str(slot), Call=told)
    assert answer["Response"] == "Success"


def leaves(lab: Lab, slot: int | str, told: str) -> None:
    answer = lab.office.ami.act("DBPut", Family="failover", Key=f"calls/{slot}", Val=told)
    assert answer["Response"] == "Success"


def left(lab: Lab) -> dict[str, str]:
    """What stands in the ring."""
    shown = lab.office.database_show("failover/calls")
    return {key.removeprefix("/failover/calls/"): value for key, value in shown.items()}


async def emptied(lab: Lab, *but: str) -> None:
    await polled("the ring is cleared", lambda: left(lab).keys() == set(but), within=5)
