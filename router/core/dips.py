"""Which rows that a trunk walked are lines of the journal: all but a dip of one lost probe.

A line that loses a packet now and then has such dips by the hundred a day; they would push what matters off the page.
"""

from __future__ import annotations

from dataclasses import replace

from router.core.health import Finding, Rule, State, Verdict
from router.core.trunk import Trunk, judged


def told(known: Trunk, walked: tuple[Rule, ...], at: float, blind: bool) -> tuple[Trunk, tuple[Rule, ...]]:
    """The trunk, and the rows to tell. That it looks bad is kept back while one lost probe is all there is; told with
    the second; and never where it is up again before that, or where what came instead tells more."""
    kept = known.kept_back
    if kept is None and not (walked and walked[-1].to is State.FAILING and walked[-1].state is State.UP):
        return known, walked
    if known.health.state is State.FAILING:
        rows = walked if kept is None else (kept,)
        if _is_one_lost_probe(judged(known, at, blind)):
            return replace(known, kept_back=rows[-1]), rows[:-1]
        return replace(known, kept_back=None), rows
    rows = tuple(row for row in walked if (row.state, row.to) != (State.FAILING, State.UP))
    return replace(known, kept_back=None), rows


def _is_one_lost_probe(finding: Finding) -> bool:
    """Of the router's own, or of Asterisk's: the same one may show as both, one after the other."""
    return finding.verdict is Verdict.BAD and not (finding.enough or finding.shaken)
