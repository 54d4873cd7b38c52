"""Between the loop and the adapters around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from router.core.effects import Effect
from router.core.signals import Input

Post = Callable[[Input], None]
"""How an adapter hands an input to the loop: at once, never blocking, from the loop's own thread."""


class Hands(Protocol):
    """Performs effects, on the PBX or around it. Results come back through the inbox; nothing is raised."""

    def perform(self, effect: Effect) -> None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """One probe of a trunk: when it was sent (aware, UTC), and the milliseconds until its answer; None: there was none.

    Of several probes within five seconds, the worst.
    """

    at: datetime
    ms: float | None


class Answers(Protocol):
    """How long the trunks took to answer the probes of the last hour. Kept in memory: a restart begins anew."""

    @property
    def since(self) -> datetime:
        """When it began to listen."""
        ...

    def last_hour(self, trunk: str, now: datetime) -> Sequence[Answer]:
        """Oldest first; empty for a trunk that there is not, or that nobody could probe."""
        ...
