"""The small Protocols between the loop and the adapters, and what the panel may see and say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from router.access import Access, Accounts, NotUsable, Role, User
from router.core.call_backs import CallBack, CallBackList, Remark
from router.core.calls import Call
from router.core.counted import Figures, Wanted
from router.core.duty import Plan
from router.core.effects import Effect, Record
from router.core.office import Office
from router.core.orders import Override, Overrides
from router.core.outage_story import Tally
from router.core.outages import Outage, What
from router.core.rung import Rung
from router.core.sentence import Sentence
from router.core.signals import Input

__all__ = ["Access", "Accounts", "NotUsable", "Role", "User"]

Post = Callable[[Input], None]
"""How an adapter hands an input to the loop: at once, never blocking, from the loop's own thread."""


class Hands(Protocol):
    """Performs effects, on the PBX or around it. Results come back through the inbox; nothing is raised."""

    def perform(self, effect: Effect) -> None: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal as it was kept. `at` is aware, in UTC; `kind` as in core.effects.Kind."""

    id: int
    at: datetime
    kind: str
    text: Sentence
    trunk: str | None = None
    number: str | None = None
    by: str | None = None
    data: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sought:
    """One word that a line must have in it.

    `word`: casefolded; found in what fills the sentences, in the reason and in who it was. `shapes`: the sentences that
    have it in the reader's language. `digits`: of a telephone number; `whole` whether also in numbers of people.
    """

    word: str
    shapes: frozenset[str] = frozenset()
    digits: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class WantedLines:
    """Which lines of the journal: all that are given must fit. `by_hand` True: of people, False: of the automatics.

    `since` and `until` are aware; `until` itself is left out. `number`: a published number in E.164.
    """

    kinds: tuple[str, ...] = ()
    trunk: str | None = None
    number: str | None = None
    by_hand: bool | None = None
    since: datetime | None = None
    until: datetime | None = None
    sought: tuple[Sought, ...] = ()


class Journal(Protocol):
    """Keeps what happened. `note` never blocks and never raises: a dead database stops no switch."""

    def note(self, at: datetime, record: Record) -> None: ...

    def remember(self, overrides: Overrides) -> None: ...

    def keep(self, call: Call, kept: Callable[[], None]) -> None:
        """Write the call down, once, however often it comes; `kept` is called when it is in the database.

        Neither blocks nor raises.
        """
        ...

    async def remembered(self) -> Overrides:
        """The overrides kept; empty where the database cannot be read."""
        ...

    async def latest(self, most: int = 50, before: int | None = None) -> Sequence[Line]: ...

    async def found(self, wanted: WantedLines, most: int = 50, before: int | None = None) -> Sequence[Line]:
        """Newest first, as `latest`."""
        ...

    async def shapes(self) -> Sequence[str]:
        """The sentences of all lines, in English with their {places}, each once; one that is filled with others has
        those after it, each on a line of its own."""
        ...

    async def calls(
        self, most: int = 50, missed: bool = False, number: str | None = None, since: datetime | None = None
    ) -> Sequence[Call]:
        """The calls that began last, newest first: only the missed ones, of one published number, from a moment on."""
        ...

    def tell_when_written(self, tell: Callable[[], None]) -> None:
        """`tell` is called whenever lines or calls have come into the database; it must neither block nor raise."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why lines cannot be kept just now, in plain words; None while all is well."""
        ...


class CallBook(Protocol):
    """The calls that came in, for whoever looks for some of them. Raises where the database cannot be read."""

    async def page(self, wanted: Wanted, most: int = 50, before: str | None = None) -> Sequence[Call]:
        """Those that began last, newest first; `before`: the id of the last call of the page before. None follow one
        that nobody knows (any more)."""
        ...

    async def figures(self, wanted: Wanted) -> Figures: ...


class CallBacks(Protocol):
    """Who waits to be called back, and what staff say of it. Raises where the database cannot be used."""

    async def listed(self, since: datetime, most: int = 100) -> CallBackList:
        """Of the attempts since then: at most `most` callers who wait, and the fifty that were marked as done last."""
        ...

    async def row(self, caller: str, since: datetime) -> CallBack | None: ...

    async def say(self, remark: Remark) -> None: ...

    async def undo(self, caller: str, since: datetime) -> bool:
        """Forget that his call-back was marked as done, then or later. Whether it was."""
        ...


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


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an order: in force and verified, or stored with the reason why it is not (yet)."""

    verified: bool
    why: Sentence


class Duties(Protocol):
    """The duty plan; what holds now stands in the office."""

    async def change(self, change: Callable[[Plan], Plan]) -> bool:
        """Has what `change` makes of the plan hold at once; False where it cannot be kept over a restart just now.

        Raises what `change` raises; anything else where the database has not been readable since the start.
        """
        ...


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


class Rings(Protocol):
    """Rings a number once for a test, before it is rung in earnest. The loop does it."""

    async def ring(self, number: str) -> Rung:
        """Until somebody has pressed 1 there, or has not: 50 seconds at most. `number` is E.164. Raises nothing.

        Never an emergency number, one of the office's own, nor one outside of the allowed prefixes; one test ring at a
        time: what is refused is answered at once. Only `Rung.confirmed` confirms a number.
        """
        ...
