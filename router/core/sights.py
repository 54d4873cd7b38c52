"""What a line of the journal keeps of the PBX coming into sight and going out of it, and of a start of the router.

Outages are told from these lines afterwards: a router that was away has seen no end of what it held for down.
"""

from __future__ import annotations

from collections.abc import Mapping

from router.core import office_phones
from router.core.office import Office
from router.core.sentence import Value

SIGHT = "sight"
IN_SIGHT, OUT_OF_SIGHT = "seen", "lost"
DOWN, ALONE, AWAY = "down", "alone", "away"
"""What the router started from: the trunks that are down, the numbers that fail alone, those without office phones."""


def started_from(office: Office) -> dict[str, Value]:
    """Of an office that was restored from the route in force, each as names with commas between them."""
    down = [name for name, known in office.trunks.items() if known.health.diverted]
    return {
        DOWN: ",".join(down), ALONE: ",".join(sorted(office.alone)), AWAY: ",".join(sorted(office_phones.away(office)))
    }  # fmt: skip


def held_at_start(data: Mapping[str, object]) -> dict[str, frozenset[str]] | None:
    """By DOWN, ALONE and AWAY, as `started_from` wrote it; None where the line tells of no start."""
    if DOWN not in data:
        return None
    return {what: frozenset(filter(None, str(data.get(what, "")).split(","))) for what in (DOWN, ALONE, AWAY)}
