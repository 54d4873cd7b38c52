"""1, 10 and 100 trunks of one office: what each costs the router, and whether their probes are spread."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure, figure
from tests.bench.idle import cpu_seconds
from tests.bench.sip_ends import RingingCarrier
from tests.lab.extra_trunk import ExtraTrunk
from tests.lab.flood import resident
from tests.lab.lab import MOBILE, claimed
from tests.lab.office import Office
from tests.lab.router import Router

COUNTS = (1, 10, 100)
SECONDS = 30.0
PROBE = 5.0
"""Seconds between two probes of a trunk, by default."""
WINDOW = 0.25
"""Seconds: probes that come within one such window come at once."""


async def trunks() -> list[Figure]:
    """Each office has so many trunks to carriers that answer; its router runs at the default policy."""
    found: list[Figure] = []
    shares: dict[int, float] = {}
    for count in COUNTS:
        office = _ManyTrunks(count)
        with tempfile.TemporaryDirectory() as home:
            try:
                await office.start()
                shares[count], more = await _measured(office, Path(home), count)
                found += more
            finally:
                office.close()
                await asyncio.sleep(0)  # sockets are closed by the loop
    least, most = COUNTS[0], COUNTS[-1]
    each = (shares[most] - shares[least]) / (most - least)
    middle = (shares[COUNTS[1]] - shares[least]) / (COUNTS[1] - least)
    return [
        *found,
        figure(f"CPU for one trunk more, from {least} to {COUNTS[1]}", "%", [middle]),
        figure(f"CPU for one trunk more, from {least} to {most}", "%", [each], "the same: it grows linearly"),
    ]


async def _measured(office: _ManyTrunks, home: Path, count: int) -> tuple[float, list[Figure]]:
    router = Router(office, home)  # type: ignore[arg-type]
    try:
        await router.wire_office()
        router.start()
        await router.ready(within=30)
        await asyncio.sleep(PROBE)  # the first round is over
        for carrier in office.carriers:
            carrier.asked.clear()
        before = cpu_seconds(router.pid)
        await asyncio.sleep(SECONDS)
        share = (cpu_seconds(router.pid) - before) / SECONDS * 100
        memory = resident(router.pid)
    finally:
        router.close()
    asked = sorted(moment for carrier in office.carriers for moment in carrier.asked)
    at_once = max(sum(at <= other < at + WINDOW for other in asked) for at in asked)
    rate, evenly = len(asked) / SECONDS, count / PROBE * WINDOW
    return share, [
        figure(f"{count} trunks: CPU of the router", "%", [share]),
        figure(f"{count} trunks: memory of the router", "MB", [memory]),
        figure(f"{count} trunks: probes a second", "1/s", [rate], f"{count / PROBE:g}"),
        figure(f"{count} trunks: most probes within {WINDOW} s", "probes", [at_once], f"evenly {evenly:g}"),
    ]  # fmt: skip


class _ManyTrunks:
    """An office and so many carriers."""

    def __init__(self, count: int) -> None:
        self.net, self._claim = claimed(None)
        self.carriers = [RingingCarrier(f"127.0.{self.net}.{100 + n}") for n in range(count)]
        self.trunks = [ExtraTrunk(f"many{n}", carrier.address) for n, carrier in enumerate(self.carriers)]
        # Asterisk asks all of them at one moment, once in its own time: not within this half minute.
        self.office = Office(self.net, 10000, (), phones=(), extra_trunks=self.trunks, qualify_frequency=3600)

    def settings(self) -> dict[str, Any]:
        numbers = [
            {"number": f"+4930200{n:03d}", "trunk": trunk.name, "calls": "office-phones,{did},1"}
            for n, trunk in enumerate(self.trunks)
        ]
        return {
            "office": {"id": "many", "name": "Many", "emergency": ["112"]},
            "trunks": [{"name": trunk.name, "watch": f"pjsip:{trunk.name}"} for trunk in self.trunks],
            "numbers": numbers,
            "people": [{"name": "Anna", "numbers": [MOBILE]}],
            "policy": {"probe_seconds": PROBE},
        }

    async def start(self) -> None:
        for carrier in self.carriers:
            await carrier.listen()
        self.office.prepare()
        self.office.start()
        self.office.ami.start()
        await self.office.booted()
        for trunk in self.trunks:
            self.office.qualify(trunk.name)
        end = time.monotonic() + 20
        while any(self.office.contact(trunk.name) != "Avail" for trunk in self.trunks):
            if time.monotonic() > end:
                raise TimeoutError("not every trunk is reachable")
            await asyncio.sleep(0.2)

    def close(self) -> None:
        self.office.ami.stop()
        self.office.kill9()
        shutil.rmtree(self.office.home, ignore_errors=True)
        for carrier in self.carriers:
            carrier.close()
        self._claim.close()
