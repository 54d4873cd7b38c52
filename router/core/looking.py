"""When to look around: calmly while all is well, soon and often while something is not."""

from __future__ import annotations

from dataclasses import replace

from router.core.effects import LookAround
from router.core.heard import Outcome
from router.core.office import Office
from router.core.own_word import TROUBLED, began
from router.core.peer import Host
from router.core.signals import At

CALM, TROUBLE = 60.0, 5.0
"""Seconds from look to look while all is well, and while something is not."""
AT_LEAST = 1.0
"""Seconds between two looks: a trunk that dips again and again asks for one each time."""
LOST = 15.0
"""Seconds after which a look that has not come back never will."""
MOST_HOSTS = 12
"""Hosts of trunks in one look, those in trouble first."""


def looked_around(office: Office, at: At) -> Outcome:
    """A look, where one is due; one at a time."""
    if at.mono < due(office):
        return office, []
    around = replace(office.around, asked=at.mono, under_way=True)
    return replace(office, around=around), [LookAround(_hosts(office))]


def in_trouble(office: Office) -> bool:
    """Whether anything is bad or diverted; a PBX that was never in sight yet is only starting."""
    bad = any(t.health.state in TROUBLED or t.health.diverted for t in office.trunks.values())
    return bad or (not office.pbx.connected and office.pbx.seen_at is not None)


def due(office: Office) -> float:
    """When to look next, in monotonic seconds: at once where a trouble is younger than the last look."""
    around = office.around
    if around.under_way:
        return around.asked + LOST
    if not in_trouble(office):
        return around.asked + CALM
    young = any(began(t) > around.asked for t in office.trunks.values() if t.health.state in TROUBLED)
    return around.asked + (AT_LEAST if young else TROUBLE)


def _hosts(office: Office) -> tuple[Host, ...]:
    trunks = sorted(office.trunks.values(), key=lambda trunk: trunk.health.state not in TROUBLED)
    found = dict.fromkeys(host for trunk in trunks for host in (trunk.peer, trunk.registrar) if host)
    return tuple(found)[:MOST_HOSTS]
