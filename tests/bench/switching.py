"""Verdict to verified switch, also in AMI Pings of the same run; what our dialplan adds to a call's set-up."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import replace

from router.ami.link import Account, AmiLink, LinkState, Message
from router.core.health import State
from router.core.signals import CallFailed
from router.core.site import Policy
from router.settings import load
from router.site_of import site_of
from tests.bench.figures import Figure, figure
from tests.bench.inside import running, until
from tests.lab.lab import Lab
from tests.lab.router import Router

ROUNDS = 200
PATIENCE = 2.0
"""Seconds for a switch: a hundred times what it takes."""
CALLS = 150


async def switching(lab: Lab, router: Router) -> list[Figure]:
    """Three failed calls are the verdict; the switch they bring is written, read back and asked for."""
    settings = load(router.config)
    site = site_of(settings)
    site = replace(site, policy=Policy(rise=0.03, rise_most=0.03, switches_per_hour=10**9))
    account = Account(lab.office.address, 5038, "failover", settings.secret())
    spans: list[float] = []
    pings: list[float] = []
    async with running(site, account) as (loop, pbx, moments):
        seen = len(moments.lines)
        for _ in range(ROUNDS):
            await until(loop, lambda o: o.trunks["telekom"].health.state is State.UP and o.route.verified)
            began = time.perf_counter()
            await pbx._link.act("Ping")
            pings.append(time.perf_counter() - began)
            for _ in range(3):
                loop.post(CallFailed("telekom", "503"))
            verdict, seen = await moments.until("transition", seen, to="down")
            with suppress(TimeoutError):  # up again before anything was written: nothing was switched
                async with asyncio.timeout(PATIENCE):
                    switched, seen = await moments.until("switch", seen)
                spans.append(switched - verdict)
    ping = sorted(pings)[len(pings) // 2]
    return [
        figure("AMI Ping", "ms", [p * 1000 for p in pings]),
        figure("verdict to verified switch", "ms", [s * 1000 for s in spans], "p99 under 10 ms"),
        figure("the same, in Pings of this run", "pings", [s / ping for s in spans], "p99 under 20"),
    ]


async def set_up(lab: Lab, router: Router) -> list[Figure]:
    """From the action to the leg's DialBegin: once through our dialplan, once by a bare Dial, in turn."""
    settings = load(router.config)
    begun: dict[str, asyncio.Future[float]] = {}

    def event(message: Message) -> None:
        if message.get("Event") == "DialBegin" and message.get("DestChannel", "").startswith("PJSIP/"):
            future = begun.get(message.get("DialString", "").partition("@")[0])
            if future is not None and not future.done():
                future.set_result(time.perf_counter())

    async def nothing() -> None: ...

    ready = asyncio.Event()
    link = AmiLink(
        Account(lab.office.address, 5038, "failover", settings.secret()),
        on_event=event, on_state=lambda state, why: ready.set() if state is LinkState.READY else None, on_sync=nothing,
    )  # fmt: skip
    task = asyncio.create_task(link.run())
    spans: dict[str, list[float]] = {"failover-outbound": [], "bench-bare": []}
    try:
        await ready.wait()
        for n in range(CALLS * 2):
            context = ("failover-outbound", "bench-bare")[n % 2]
            number = f"+4917155{n:05d}"
            begun[number] = asyncio.get_running_loop().create_future()
            began = time.perf_counter()
            channel = f"Local/{number}@{context}"
            await link.act("Originate", Channel=channel, Application="Wait", Data="1", Async="true")
            spans[context].append(await asyncio.wait_for(begun[number], 5) - began)
            await link.act("Hangup", Channel="/^(Local|PJSIP)/.*$/")
            await asyncio.sleep(0.05)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    ours, bare = (sorted(spans[c]) for c in ("failover-outbound", "bench-bare"))
    added = [(a - b) * 1000 for a, b in zip(ours, bare, strict=True)]
    return [
        figure("call set-up by a bare Dial", "ms", [s * 1000 for s in bare]),
        figure("call set-up by our dialplan", "ms", [s * 1000 for s in ours]),
        figure("what our dialplan adds (by rank)", "ms", added, "under 3 ms"),
    ]
