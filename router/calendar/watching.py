"""Reads the duty calendar every few minutes, and posts each reading as CalendarRead."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from router.calendar.bounded import Bounded, TooLong
from router.calendar.kept import Kept, keep, kept
from router.calendar.source import Unread, source_in
from router.core.sentence import Sentence, say
from router.core.signals import CalendarRead
from router.ports import Post

if TYPE_CHECKING:  # what reads calendars costs ten megabytes, and most offices have none
    from router.calendar.events import Read

log = logging.getLogger(__name__)

LOOK_BACK, LOOK_AHEAD = timedelta(days=1), timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for a connection and between two parts of an answer, for all of it, for making out what it says, and for
    the disk."""

    step: float = 10.0
    fetching: float = 30.0
    reading: float = 10.0
    keeping: float = 1.0


class Calendar:
    """`source`: a path, or an address; empty: nothing is read. `people`: the names of those whom the office knows now.

    Where the source cannot be read, what it said last stays in force, also over a restart: it is kept in `file`.
    """

    def __init__(
        self, source: str, people: Callable[[], Sequence[str]], zone: tzinfo, post: Post, file: Path, *,
        minutes: float = 5, patience: Patience | None = None, wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._source = source_in(source) if source else None
        self._people, self._zone, self._post, self._file = people, zone, post, file
        self._pause, self._patience, self._wall = minutes * 60, patience or Patience(), wall
        self._fetching: Bounded[bytes] = Bounded()
        self._reading: Bounded[Read] = Bounded()
        self._remembering: Bounded[Kept | None] = Bounded(interrupts=False)
        self._keeping: Bounded[None] = Bounded(interrupts=False)
        self._text: bytes | None = None
        self._read_at: datetime | None = None
        self._failing_since: datetime | None = None
        self._again = asyncio.Event()

    def look_again(self) -> None:
        """Without waiting for the next time: somebody was added to the people, say."""
        self._again.set()

    async def run(self) -> None:
        """Until cancelled; at once back where there is no source."""
        if self._source is None:
            return
        await self._remember()
        while True:
            self._again.clear()
            await self._look()
            try:
                async with asyncio.timeout(self._pause):
                    await self._again.wait()
            except TimeoutError:
                continue

    async def _remember(self) -> None:
        """What was kept holds at once; whether the source can be read is not known yet."""
        assert self._source is not None
        file, mark = self._file, self._source.mark
        try:
            known = await self._remembering.does(lambda: kept(file, mark), self._patience.keeping)
            if known is None:
                return
            read = await self._made_out(known.text)
        except (TooLong, Unread):
            return
        self._text, self._read_at = known.text, known.read_at
        self._tell(read, read.trouble)

    async def read(self) -> tuple[bytes, Read]:
        """Once: what the source says, and what it means. Keeps and posts nothing. Raises Unread."""
        text = await self._fetched()
        return text, await self._made_out(text)

    async def _look(self) -> None:
        assert self._source is not None
        try:
            text, read = await self.read()
        except Unread as error:
            await self._failed(error.why)
        except Exception as error:  # whatever it was: the plan stays, and it is tried again
            log.error("the calendar could not be read by a fault of the router: %s", type(error).__name__)
            await self._failed(say("A fault of the router."))
        else:
            now = self._wall()
            if self._failing_since is not None:
                log.info("the duty calendar of %s can be read again", self._source.named)
            self._text, self._read_at, self._failing_since = text, now, None
            await self._keep(text, now)
            self._tell(read, read.trouble)

    async def _keep(self, text: bytes, now: datetime) -> None:
        """A disk that does not answer holds up nothing else, and what was read only once, for a moment."""
        assert self._source is not None
        file, mark = self._file, self._source.mark
        try:
            await self._keeping.does(lambda: keep(file, mark, text, now), self._patience.keeping)
        except TooLong:
            log.warning("the calendar's text cannot be kept for a restart: the disk does not answer")

    async def _fetched(self) -> bytes:
        from router.calendar import fetching

        source, patience = self._source, self._patience
        assert source is not None
        limits = fetching.Limits(patience.step, patience.fetching)
        try:
            return await self._fetching.does(lambda: fetching.fetched(source, limits), patience.fetching + 1)
        except TooLong:
            raise Unread(say("{source} did not answer in time.", source=source.named)) from None

    async def _made_out(self, text: bytes) -> Read:
        now, people = self._wall(), tuple(self._people())

        def work() -> Read:
            from router.calendar import events

            return events.read(text, people, self._zone, begin=now - LOOK_BACK, end=now + LOOK_AHEAD, now=now)

        try:
            return await self._reading.does(work, self._patience.reading)
        except TooLong:
            raise Unread(say("It would take too long to make out what the calendar says.")) from None
        except Unread:
            raise
        except Exception as error:  # it must not end the router, and would at each start, since the text is kept
            log.error("the calendar could not be made out by a fault of the router: %s", type(error).__name__)
            raise Unread(say("A fault of the router.")) from None

    async def _failed(self, why: Sentence) -> None:
        """Its text of before goes on to hold, laid out anew: time goes on, too."""
        assert self._source is not None
        if self._failing_since is None:
            self._failing_since = self._wall()
            log.warning("the duty calendar of %s cannot be read: %s", self._source.named, why)
        read = None
        if self._text is not None:
            try:
                read = await self._made_out(self._text)
            except Unread:
                log.warning("what the duty calendar of %s said last cannot be made out any more", self._source.named)
        self._tell(read, self._broken(why, holds=read is not None))

    def _broken(self, why: Sentence, holds: bool) -> Sentence:
        since, at = self._failing_since or self._wall(), self._read_at or self._wall()
        if holds:
            return say(
                "The duty calendar cannot be read since {since}: {why} What it said before ({at}) still holds.",
                since=since, why=why, at=at,
            )  # fmt: skip
        return say("The duty calendar cannot be read since {since}: {why}", since=since, why=why)

    def _tell(self, read: Read | None, trouble: Sentence | None) -> None:
        assert self._source is not None
        shifts = None if read is None else read.shifts
        self._post(CalendarRead(self._source.named, shifts, trouble, self._read_at, self._failing_since))
