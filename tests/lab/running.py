"""A router of one test, with a policy of its own: most of what it must do does not need the default's two minutes."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from tests.lab.board import Sighting
from tests.lab.call import Call
from tests.lab.lab import Lab
from tests.lab.router import Router, Status, number, trunk

QUICK = {"probe_seconds": 1, "fall_seconds": 2, "rise_seconds": 3}


@contextlib.asynccontextmanager
async def running(
    lab: Lab, home: Path, change: Callable[[dict[str, Any]], None] | None = None, **policy: float
) -> AsyncIterator[Router]:
    """The office wired for it, AstDB empty, at its normal route, speaking English; `policy` as in [policy].

    `change` gets the settings before they are used.
    """
    lab.office.wipe_astdb_family()
    router = Router(lab, home)
    router.settings["policy"] = dict(policy)
    router.settings["office"]["language"] = "en"
    if change:
        change(router.settings)
    try:
        await router.wire_office()
        router.start()
        await router.ready()
        yield router
    finally:
        router.close()
        lab.office.wipe_astdb_family()


async def talks(call: Call, ring: Call) -> bool:
    """Whether each of the two sides of a call hears the other's voice."""
    heard = await asyncio.gather(call.hears(ring.party.tone), ring.hears(call.party.tone))
    return all(heard)


def forwarded(status: Status, published: str) -> bool:
    """Whether calls to a published number go to the mobile, and the dialplan was asked and says so too."""
    return number(status, published)["inbound"] == "mobile" and status["route"]["verified"]


def rings_office(status: Status, published: str) -> bool:
    return number(status, published)["inbound"] == "office" and status["route"]["verified"]


def state(status: Status, name: str) -> str:
    """Of a trunk: unknown, up, failing, down, recovering."""
    return str(trunk(status, name)["state"])


def route_writes(router: Router, since: float = 0.0) -> list[Sighting]:
    """What it wrote to AstDB from the moment `since` on, but for its lease and the calls that it took out."""
    written = router.ami.actions("DBPut", since) + router.ami.actions("DBDel", since)
    return [action for action in written if action["Key"] != "lease" and not action["Key"].startswith("calls/")]


async def watches_on(router: Router) -> None:
    """Until every trunk has been probed twice more, and the table read back twice."""
    begun = time.monotonic()

    def looked() -> bool | None:
        probes = [probe["Endpoint"] for probe in router.ami.actions("PJSIPQualify", begun)]
        reads = router.ami.actions("PJSIPShowRegistrationsOutbound", begun)
        enough = all(probes.count(name) >= 2 for name in ("telekom", "zweit", "gsm")) and len(reads) >= 2
        return True if enough else None

    await router.ami.board.until("it watches on", looked, within=15)
