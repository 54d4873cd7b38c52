"""How soon the route table stands again after a disturbance, and whether anything stale was written to it."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.lab.router import NUMBER, Router, Status

WITHIN = 5.0  # seconds


async def right_again(product: Router, since: float, right: Callable[[Status, str], bool]) -> float:
    """Until the table has been written anew and the dialplan asked, five seconds at most; how long it took."""
    await product.ami.board.wait("DBPut", WITHIN, since, Key="current")
    await product.wait_for(lambda s: right(s, NUMBER), within=max(0.1, WITHIN - (time.monotonic() - since)))
    return time.monotonic() - since


def plans(product: Router) -> list[int]:
    """The ids of the plans that were put in force, in the order in which they reached Asterisk."""
    return [int(put["Val"]) for put in product.ami.actions("DBPut", Key="current")]


def plans_only_grow(product: Router) -> bool:
    """No plan reached Asterisk twice, and none after a newer one."""
    ids = plans(product)
    return ids == sorted(set(ids)) and len(ids) > 1
