"""How long each question may take, in seconds. A look is over when the slowest of them is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadlines:
    """`name`: one name, all its records together; `connect`: one TCP connection; `answer`: a target, all in all.

    `remember`: after so long without its name, a target is tried where it was last.
    """

    name: float = 3.0
    connect: float = 2.0
    answer: float = 2.5
    remember: float = 1.0
