"""What the panel sees of the office, and how it speaks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from router.core.duty import Plan
from router.core.office import Office
from router.core.orders import Override
from router.core.rung import Rung
from router.core.sentence import Sentence


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an order: in force and verified, or stored with the reason why it is not (yet)."""

    verified: bool
    why: Sentence


class Board(Protocol):
    """What the panel and the API see of the office, and how they speak to it."""

    @property
    def office(self) -> Office: ...

    async def order(self, override: Override, origin: str = "") -> Fate:
        """Waits for the verified switch, at most three seconds; then the fate is: stored.

        `origin`: the address it was given from; it stands in the journal."""
        ...

    def changes(self) -> AsyncIterator[Office]:
        """The office now, then after each change that a person would see; ends when the service stops.
        A slow reader misses changes, never the latest."""
        ...


class Duties(Protocol):
    """The duty plan; what holds now stands in the office."""

    async def change(self, change: Callable[[Plan], Plan]) -> bool:
        """Has what `change` makes of the plan hold at once; False where it cannot be kept over a restart just now.

        Raises what `change` raises; anything else where the database has not been readable since the start.
        """
        ...


class Rings(Protocol):
    """Rings a number once for a test, before it is rung in earnest. The loop does it."""

    async def ring(self, number: str) -> Rung:
        """Until somebody has pressed 1 there, or has not: 50 seconds at most. `number` is E.164. Raises nothing.

        Never an emergency number, one of the office's own, nor one outside of the allowed prefixes; one test ring at a
        time: what is refused is answered at once. Only `Rung.confirmed` confirms a number.
        """
        ...
