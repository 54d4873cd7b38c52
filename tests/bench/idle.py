"""What the router costs while nothing happens: resident memory, and its share of one core."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from tests.bench.figures import Figure, figure
from tests.lab.router import Router

SECONDS = 60


async def idle(router: Router) -> list[Figure]:
    """Over a minute, from a quarter of a minute after the start on."""
    router.start()
    await router.ready()
    await router.stop()
    router.start()  # the first start brings Alembic in, which stays; the second is the one that runs for years
    await router.ready()
    await asyncio.sleep(15)
    before = cpu_seconds(router.pid)
    await asyncio.sleep(SECONDS)
    share = (cpu_seconds(router.pid) - before) / SECONDS * 100
    memory = resident(router.pid)
    await router.stop()
    return [
        figure("idle memory", "MB", [memory], "under 90 MB"),
        figure("idle CPU", "%", [share], "under 1 % of a core"),
    ]


def resident(pid: int) -> float:
    """Memory in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
