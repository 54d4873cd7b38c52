"""A shift: who is on duty from when until when, as a plan or a calendar tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Shift:
    """`begin` and `end` are aware, `end` is not part of it.

    `who`: names of people, in the order in which they are rung; empty: nobody.
    """

    begin: datetime
    end: datetime
    who: tuple[str, ...]
