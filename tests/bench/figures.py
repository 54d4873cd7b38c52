"""What is measured, how it is summed up, and how it is printed."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table. `aim` in words; `values` in `unit`, as measured."""

    name: str
    unit: str
    median: float
    p99: float
    most: float
    count: int
    aim: str = ""


def figure(name: str, unit: str, values: Sequence[float], aim: str = "") -> Figure:
    ordered = sorted(values)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return Figure(
        name, unit, round(statistics.median(ordered), 3), round(p99, 3), round(ordered[-1], 3), len(ordered), aim
    )


def table(figures: Sequence[Figure]) -> str:
    wide = max((len(f.name) for f in figures), default=0)
    rows = [f"{'figure':<{wide}}  {'median':>10} {'p99':>10} {'most':>10}  unit   n     aim"]
    rows += [
        f"{f.name:<{wide}}  {f.median:>10} {f.p99:>10} {f.most:>10}  {f.unit:<6} {f.count:<5} {f.aim}" for f in figures
    ]
    return "\n".join(rows)


def as_json(figures: Sequence[Figure]) -> str:
    return json.dumps([asdict(f) for f in figures], indent=1)
