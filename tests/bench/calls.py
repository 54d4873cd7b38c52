"""What a call costs: the time to ring a mobile, CPU of the PBX for it, and many calls at once on a normal day."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tests.bench.figures import Figure, figure
from tests.bench.idle import cpu_seconds
from tests.lab.call import Call
from tests.lab.lab import Lab
from tests.lab.office import PLAIN_DIALPLAN
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router

FORWARDED, RESCUED = 40, 10
A_SECOND, SECONDS = 50, 6


async def forwarded(lab: Lab, router: Router) -> list[Figure]:
    """One call after the other, from the INVITE to the ringing: of the desk on a normal day, of a mobile."""
    lab.office.wipe_astdb_family()
    router.start()
    await router.ready()
    desk, desk_cpu = await _one_by_one(lab, FORWARDED)
    assert (await router.override("mobile")).status_code == 200
    mobile, mobile_cpu = await _one_by_one(lab, FORWARDED)
    await router.override("auto")
    rescued = await _rescued(lab)
    await router.stop()
    return [
        figure("call to the desk: until it rings", "ms", desk),
        figure("call to a mobile over the gateway: until it rings", "ms", mobile),
        figure("CPU of the PBX for it, beyond one to the desk", "ms", [(mobile_cpu - desk_cpu) * 1000]),
        figure("call into a trunk just cut: until another rings", "s", rescued, "most 6 s"),
    ]


async def _one_by_one(lab: Lab, count: int) -> tuple[list[float], float]:
    """Milliseconds to ring, and CPU seconds of the office for one call."""
    rang, before = [], cpu_seconds(lab.office.pid)
    for _ in range(count):
        call = lab.zweit.calls(NUMBER)
        rang.append((await call.ringing() - call.begun_at) * 1000)
        await call.answered()
        call.hangup()
        await polled("no channel is left", lambda: not lab.office.channels(), within=5)
    return rang, (cpu_seconds(lab.office.pid) - before) / count


async def _rescued(lab: Lab) -> list[float]:
    with lab.telekom.silent():
        calls = [lab.desk.dials(f"+49301110{n:03}") for n in range(RESCUED)]
        rang = await asyncio.gather(*(call.ringing(within=20) for call in calls))
        for call in calls:
            call.hangup()
    return [at - call.begun_at for at, call in zip(rang, calls, strict=True)]


async def many(lab: Lab, router: Router) -> list[Figure]:
    """50 calls a second from a carrier to the desk, by our dialplan and by a bare Dial, in one run."""
    ours = (lab.office.etc / "failover_office.conf").read_text()
    figures = []
    for name, install in (
        ("by a bare Dial", lambda: lab.office.install_dialplan("", PLAIN_DIALPLAN)),
        ("by our dialplan", lambda: lab.office.install_dialplan(ours)),
    ):
        rang, lost, cpu = await _burst(lab, install)
        figures += [
            figure(f"{A_SECOND} calls a second {name}: until it rings", "ms", rang),
            figure(f"{A_SECOND} calls a second {name}: not rung", "calls", [lost]),
            figure(f"{A_SECOND} calls a second {name}: CPU of the PBX a call", "ms", [cpu * 1000]),
        ]
    return figures


async def _burst(lab: Lab, install: Callable[[], None]) -> tuple[list[float], int, float]:
    install()
    lab.desk.only_rings()
    calls: list[Call] = []
    begun, before = time.monotonic(), cpu_seconds(lab.office.pid)
    for n in range(A_SECOND * SECONDS):
        await asyncio.sleep(max(0.0, begun + n / A_SECOND - time.monotonic()))
        calls.append(lab.zweit.calls(NUMBER, caller=f"+4916080{n:05}"))
        if len(calls) > 2 * A_SECOND:
            calls[-2 * A_SECOND].hangup()
    await asyncio.sleep(2)
    rang = [(call.ringing_at - call.begun_at) * 1000 for call in calls if call.ringing_at]
    lab.zweit.hang_up_all()
    await polled("no channel is left", lambda: not lab.office.channels(), within=20)
    cpu = (cpu_seconds(lab.office.pid) - before) / len(calls)
    lab.desk.answers()
    lab.office.board.clear()
    return rang, len(calls) - len(rang), cpu
