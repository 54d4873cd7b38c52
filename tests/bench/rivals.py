"""Side by side on the same cut: this router, stock Asterisk, Kamailio's dispatcher. Seconds to notice, and to ring.

Every rival has a trunk to each of the same carriers, and one more to the carrier that all fall back to. A cut is a
carrier that falls silent: what is sent to it arrives, and nobody answers. All rivals meet the same cut at once.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.figures import Figure, figure
from tests.bench.rivals_rig import CALLED, Rig, Rival

OFFSETS = (0, 1, 2, 5, 10, 20, 30)
"""Seconds after the cut at which a call is dialled."""
NEVER = 60.0
"""Seconds after which a call that has not rung is taken for one that never will."""
APART = 9.0
"""Seconds between two cuts at least: while one trunk looks bad, this router asks the others too: it would be sooner."""
PHASE = 5.0
"""Seconds: each cut is so much later at most, by chance, so that each meets the probes at another phase."""
SLOWEST = 64.0
"""Seconds that the slowest rival needs to notice: qualify every 60, and its answer given up after 3."""
OURS, STOCK = "this router", "Asterisk, qualify 60"


async def rivals(seed: int, cuts: int = 10, rounds: int = 1, loss_minutes: float = 2.0) -> list[Figure]:
    """`cuts` carriers are cut in each of `rounds`, and one more that is called meanwhile; then again under loss."""
    rng = random.Random(seed)
    noticed: dict[str, list[float]] = {}
    rang: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as home:
        async with Rig(Path(home), cuts) as rig:
            for _ in range(rounds):
                await rig.fresh()
                called = asyncio.create_task(_calls(rig, rang))
                await asyncio.sleep(APART)
                await _cuts(rig, rig.rivals, rng, noticed, within=SLOWEST)
                await called
            lossy = await _under_loss(rig, rng, loss_minutes)
    return _noticing(noticed) + _ringing(rang) + lossy


async def _cuts(
    rig: Rig, rivals: list[Rival], rng: random.Random, noticed: dict[str, list[float]], within: float
) -> None:
    """One carrier after the other; each stays silent for so long that the slowest has noticed."""

    async def cut(order: int, carrier: int) -> None:
        await asyncio.sleep(order * (APART + PHASE) + rng.uniform(0, PHASE))
        well = [rival for rival in rivals if rival.holds_well(carrier)]
        began = time.monotonic()
        with rig.cut(carrier):
            await asyncio.sleep(within)
        for rival in well:
            noticed.setdefault(rival.name, []).append(rival.noticed(carrier, began, within))

    await asyncio.gather(*(cut(*each) for each in enumerate(rig.cuttable)))


async def _calls(rig: Rig, rang: dict[str, list[float]]) -> None:
    """Seven calls by each way to call, over the carrier that was just cut."""

    async def call(name: str, dial: Callable[[str], Callable[[], None]], offset: float) -> None:
        await asyncio.sleep(offset)
        digits = rig.next_number()
        began = time.monotonic()
        end = dial(digits)
        await asyncio.sleep(NEVER)
        end()
        at = rig.fallback.rang.get(digits)
        rang.setdefault(f"{name}, dialled at {offset} s", []).append(at - began if at else NEVER)

    with rig.cut(CALLED):
        await asyncio.gather(*(call(name, dial, at) for name, dial in rig.ways_to_call().items() for at in OFFSETS))


async def _under_loss(rig: Rig, rng: random.Random, minutes: float) -> list[Figure]:
    """At Kamailio's calm rate, and one packet in ten lost each way: first without a cut, then with one."""
    await rig.fresh(probe_seconds=3, fall_seconds=1)
    chosen = [rival for rival in rig.rivals if rival.at_the_calm_rate]
    noticed: dict[str, list[float]] = {}
    begun = time.monotonic()
    with rig.losing(0.1):
        await asyncio.sleep(minutes * 60)
        alarms = {rival.name: rival.alarms(begun) for rival in chosen}
        await _cuts(rig, chosen, rng, noticed, within=20.0)
    trunk_minutes = minutes * len(rig.carriers)
    told = f"in {trunk_minutes:g} trunk minutes"
    return [
        *(figure(f"10 % loss, {name}: false alarms {told}", "alarms", [count]) for name, count in alarms.items()),
        *(figure(f"10 % loss, {name}: seconds to notice a cut", "s", spans) for name, spans in noticed.items()),
    ]


def _noticing(noticed: dict[str, list[float]]) -> list[Figure]:
    rows = [figure(f"{name}: seconds to notice a cut", "s", spans) for name, spans in noticed.items()]
    times = statistics.median(noticed[STOCK]) / statistics.median(noticed[OURS])
    return [*rows, figure("noticing: how many times sooner than qualify 60", "times", [times], "at least 5")]


def _ringing(rang: dict[str, list[float]]) -> list[Figure]:
    rows, means = [], {}
    for name in dict.fromkeys(key.partition(", dialled")[0] for key in rang):
        spans = [span for key, several in rang.items() if key.startswith(f"{name}, dialled") for span in several]
        never = sum(span >= NEVER for span in spans)
        means[name] = statistics.mean(spans)
        rows += [
            figure(f"{key}: until a phone rings ({NEVER:g} is never)", "s", several)
            for key, several in rang.items() if key.startswith(f"{name}, dialled")
        ]  # fmt: skip
        rows.append(figure(f"{name}: mean of the seven calls", "s", [means[name]]))
        rows.append(figure(f"{name}: never rang, of {len(spans)}", "calls", [never]))
    times = means[STOCK] / means[OURS]
    return [*rows, figure("calls: how many times sooner than qualify 60", "times", [times], "at least 10")]
