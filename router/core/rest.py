"""Trunks of which nothing is new rest: they are not judged again at each word about another one.

With a hundred trunks each of which is probed every few seconds, judging all of them at every input would cost a
hundred times as much for each; so it costs as much for each as with one. Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from router.core import trunk as judging
from router.core.health import State
from router.core.site import Policy
from router.core.trunk import Trunk

LONGEST = 1.0
"""Seconds: sentences in which time passes are at most so late. Verdicts are not late at all: `wake` is one's end."""
RESTLESS = frozenset({State.FAILING, State.RECOVERING})
"""In these, each look at the clock counts."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The trunk as it was last judged, whether blind, until when it rests, and what it would then be woken for."""

    trunk: Trunk
    blind: bool
    until: float
    wake: float | None


Rests = Mapping[str, Rest]


def rests(known: Rest | None, trunk: Trunk, at: float, blind: bool) -> bool:
    return known is not None and known.trunk is trunk and known.blind == blind and at < known.until


def laid_down(before: Rests, trunks: Iterable[Trunk], at: float, policy: Policy, blind: bool) -> dict[str, Rest]:
    """The rest of each trunk from now on; of those that rest already, the same."""
    found = {}
    for trunk in trunks:
        known = before.get(trunk.site.name)
        if known is None or not rests(known, trunk, at, blind):
            wake = judging.wake_at(trunk, at, policy, blind)
            longest = at if trunk.health.state in RESTLESS else at + LONGEST
            known = Rest(trunk, blind, longest if wake is None else min(longest, wake), wake)
        found[trunk.site.name] = known
    return found
