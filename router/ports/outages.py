"""The outages that the journal tells of, with what staff wrote beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from router.core.calls import Call
from router.core.outage_story import Tally
from router.core.outages import Outage, What
from router.ports.journal import Line


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote beside an outage. `at` is aware, in UTC."""

    id: int
    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class KeptOutage:
    """An outage with what staff wrote beside it. `ticket`: the carrier's number for it. `tally` None: its calls are no
    longer kept, and nobody counted them in time."""

    outage: Outage
    tally: Tally | None = None
    ticket: str = ""
    false_alarm: bool = False
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class OutageLines:
    """What the journals hold of an outage: its lines in order, and those of the switch that followed on its end; the
    calls of its time, oldest first. `cut`: there are more than were read."""

    lines: Sequence[Line]
    calls: Sequence[Call]
    cut: bool = False


class Outages(Protocol):
    """The outages that the journal tells of. Raises whatever the database throws.

    What only looked bad, and was over before it counted as down, is none of them.
    """

    async def latest(
        self,
        most: int = 50,
        before: int | None = None,
        *,
        what: What | None = None,
        subject: str | None = None,
        open_now: bool | None = None,
    ) -> Sequence[KeptOutage]:
        """Newest first, only ids below `before`; without their notes."""
        ...

    async def one(self, outage: int) -> KeptOutage | None: ...

    async def lines(self, kept: KeptOutage) -> OutageLines: ...

    async def since(self, moment: datetime) -> Sequence[KeptOutage]:
        """Those that were not over by then, oldest first; without tally and notes."""
        ...

    async def told_since(self) -> datetime | None:
        """From when on the journal tells; None: it has no line yet."""
        ...

    async def set_ticket(self, outage: int, ticket: str) -> bool:
        """False where there is no such outage, as with the next one."""
        ...

    async def set_false_alarm(self, outage: int, false_alarm: bool) -> bool: ...

    async def add_note(self, outage: int, note: str, by: str, at: datetime) -> Note | None:
        """None where there is no such outage."""
        ...

    @property
    def behind(self) -> bool:
        """Whether lines of the journal have not been taken in yet: older outages may be missing."""
        ...
