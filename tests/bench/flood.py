"""A trunk dies in a flood of AMI events: how much later is it down than on a quiet day, and does memory grow?"""

from __future__ import annotations

import asyncio
import statistics

from tests.bench.figures import Figure, figure
from tests.bench.idle import cpu_seconds
from tests.lab import flood as lab_flood
from tests.lab.lab import Lab
from tests.lab.router import Router

SECONDS = 60
CUTS = 3


async def flood(lab: Lab, router: Router) -> list[Figure]:
    """At the default policy, as far as it is about the fall."""
    lab.office.wipe_astdb_family()
    router.settings["policy"] = dict(lab_flood.AGAIN)
    router.start()
    await router.ready()
    events = await lab_flood.recorded_call(lab, router)
    quiet = [await lab_flood.verdict_after(lab, router) for _ in range(CUTS)]
    with router.ami.flooding(events, lab_flood.A_SECOND):
        before = cpu_seconds(router.pid)
        memory = asyncio.create_task(lab_flood.resident_while(router, SECONDS))
        flooded = [await lab_flood.verdict_after(lab, router) for _ in range(CUTS)]
        seen = await memory
        share = (cpu_seconds(router.pid) - before) / SECONDS * 100
    await router.stop()
    router.settings["policy"] = {}
    later = statistics.median(flooded) - statistics.median(quiet)
    return [
        figure("silent trunk to `down`, quiet", "s", quiet),
        figure(f"silent trunk to `down`, {lab_flood.A_SECOND} events a second", "s", flooded),
        figure("later in the flood", "s", [later], "within 0.5 s"),
        figure("memory gained in the flood", "MB", [seen[-1] - seen[1]], "flat"),
        figure("CPU in the flood", "%", [share]),
    ]
