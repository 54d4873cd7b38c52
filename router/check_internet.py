"""The part of `failover check` that is about the internet: whether the office's own targets can be reached from here.

They are asked by the code that asks them in an outage, with its deadlines. A target that never answers is no evidence:
whose fault an outage is then stays unproven.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from router.check_watches import Told
from router.core.effects import LookAround
from router.core.exhibits import reached
from router.core.signals import Input, LookedAround
from router.core.surroundings import Ending, Look
from router.internet.around import Around
from router.ports import Post

NO_EVIDENCE = "While it does not answer, it is no evidence of whose fault an outage is."
_NONE_SET = (
    "No target on the internet is set ([internet] probes). Where no other trunk shows it, the router cannot tell a "
    "dead carrier from a dead line of ours without one: whose fault an outage is then stays unproven. Two are best, "
    "that do not depend on each other, one of them by its address."
)


async def told(probes: Sequence[str], around: Callable[[Sequence[str], Post], Around] = Around) -> Told:
    """A finding for each target that cannot be reached; a hint where none is set. Never raises."""
    if not probes:
        return Told(hints=(_NONE_SET,))
    look = await _look(probes, around)
    return Told(findings=tuple(
        f"[internet] probes: {reached(target)} {NO_EVIDENCE}"
        for target in look.targets
        if target.ending is not Ending.OK
    ))  # fmt: skip


async def _look(probes: Sequence[str], around: Callable[[Sequence[str], Post], Around]) -> Look:
    found: asyncio.Future[Look] = asyncio.get_running_loop().create_future()

    def post(said: Input) -> None:
        if isinstance(said, LookedAround) and not found.done():
            found.set_result(said.look)

    looking = around(probes, post)
    running = asyncio.create_task(looking.run())
    try:
        looking.perform(LookAround(()))
        return await found
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
