"""The journal: what happened, kept and looked through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from router.core.calls import Call
from router.core.effects import Record
from router.core.orders import Overrides
from router.core.sentence import Sentence


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
