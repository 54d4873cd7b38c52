"""The outages in a table of their own, so that no page reads the journal of a year: made from the journal line by line,
and made anew where they are missing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, and_, bindparam, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from router.core.effects import Kind
from router.core.outage_story import Tally, numbers_of, tally
from router.core.outages import KINDS, Ending, Ledger, Outage, What, after
from router.core.site import Site
from router.ports import KeptOutage, Note, OutageLines
from router.store import calls, outage_rows, rows
from router.store.database import Database, StoreUnavailable
from router.store.schema import calls as called
from router.store.schema import journal, outage_notes, outages
from router.store.sentences import storable

log = logging.getLogger(__name__)

HELPING: Final = 2000
"""Lines of the journal that are taken in by one transaction."""
MOST_LINES: Final = 2000
"""Lines, and calls, that are read of one outage."""
AFTERWARDS: Final = 40
"""Lines after its last one that are read, too: the switch back is among them."""
FOLLOW_EVERY: Final = 20.0
"""Seconds."""
COUNTED_AFTER: Final = timedelta(days=1)
"""After its end an outage's calls are counted for good: those that were still going on have ended by then."""
PRUNE_EVERY: Final = 3600.0
COUNTING: Final = 100
"""Outages whose calls are counted in one go."""
_TOLD: Final = (*KINDS, Kind.SWITCH, Kind.DECISION, Kind.ORDER)


class StoredOutages:
    """`router.ports.Outages`. Every method raises StoreUnavailable where the database cannot be used.

    Outages are forgotten after `keep_lines`, counted from their end, as the lines are; calls after `keep_calls`.
    """

    def __init__(
        self, database: Database, site: Callable[[], Site], *, keep_lines: timedelta = timedelta(days=400),
        keep_calls: timedelta = timedelta(days=90), now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._database, self._site, self._now = database, site, now
        self._keep_lines, self._keep_calls = keep_lines, keep_calls
        self._ledger: Ledger | None = None
        self._following = asyncio.Lock()
        self._behind = True
        self._version = 0
        self._spans: dict[datetime, tuple[int, list[KeptOutage]]] = {}
        """What `since` read last, by from when on: at which version, and what."""

    @property
    def behind(self) -> bool:
        return self._behind

    async def run(self, tell: Callable[[], None] = lambda: None) -> None:
        """Until cancelled: takes in what the journal tells, so that no line is forgotten before; `tell` is called when
        an outage has changed."""
        prune_at = 0.0
        while True:
            try:
                await self.follow(tell)
                while self._behind:
                    await self.follow(tell)
                if (tick := asyncio.get_running_loop().time()) >= prune_at and not self._behind:
                    await self._prune()
                    prune_at = tick + PRUNE_EVERY
            except StoreUnavailable as wrong:
                log.debug("outages cannot be told just now: %s", wrong)
            except Exception:
                log.exception("outages cannot be told")
            await asyncio.sleep(FOLLOW_EVERY)

    async def follow(self, tell: Callable[[], None] = lambda: None) -> None:
        """Take in one helping of new lines."""
        async with self._following:
            await self._follow(tell)

    async def _followed(self) -> None:
        """A disk that is full keeps nobody from reading what has been told so far."""
        try:
            await self.follow()
        except StoreUnavailable as wrong:
            log.debug("outages cannot be told just now: %s", wrong)
            self._behind = True

    async def _follow(self, tell: Callable[[], None]) -> None:
        async with self._database.reading() as connection:
            newest = await connection.scalar(select(func.max(journal.c.id))) or 0
            if self._ledger is None or newest < self._ledger.read:  # another file took the place of the database's
                self._ledger = await outage_rows.ledger(connection)
                self._version += 1
            if newest <= self._ledger.read:
                self._behind = False
                return
            wanted = select(journal).where(journal.c.id > self._ledger.read, journal.c.kind.in_(KINDS))
            found = list(await connection.execute(wanted.order_by(journal.c.id).limit(HELPING)))
        ledger, changed = _taken(self._ledger, found)
        more = len(found) == HELPING
        ledger = ledger if more else Ledger(ledger.open, newest, ledger.at)
        async with self._database.writing() as connection:
            await outage_rows.write(connection, changed.values(), ledger)
        self._ledger, self._behind = ledger, more
        if changed:
            self._version += 1
            tell()

    async def latest(
        self, most: int = 50, before: int | None = None, *, what: What | None = None, subject: str | None = None,
        open_now: bool | None = None,
    ) -> Sequence[KeptOutage]:  # fmt: skip
        await self._followed()
        wanted = _shown().order_by(outages.c.id.desc()).limit(max(0, most))
        if before is not None:
            wanted = wanted.where(outages.c.id < before)
        if what is not None:
            wanted = wanted.where(outages.c.what == what.value)
        if subject is not None:
            wanted = wanted.where(outages.c.subject == storable(subject))
        if open_now is not None:
            still = outages.c.ending == Ending.OPEN.value
            wanted = wanted.where(still if open_now else ~still)
        async with self._database.reading() as connection:
            found = await connection.execute(wanted)
            return [await self._kept(connection, row) for row in found]

    async def one(self, outage: int) -> KeptOutage | None:
        await self._followed()
        async with self._database.reading() as connection:
            row = (await connection.execute(_shown().where(outages.c.id == outage))).one_or_none()
            if row is None:
                return None
            by_id = select(outage_notes).where(outage_notes.c.outage_id == outage).order_by(outage_notes.c.id)
            notes = tuple(Note(note.id, note.at, note.by, note.text) for note in await connection.execute(by_id))
            return await self._kept(connection, row, notes)

    async def lines(self, kept: KeptOutage) -> OutageLines:
        one = kept.outage
        begun = select(journal).where(journal.c.id >= one.id).order_by(journal.c.id)
        other = and_(journal.c.kind == Kind.TRANSITION, *_foreign(one))
        within = begun.where(journal.c.kind.in_(_TOLD), ~other).limit(MOST_LINES + 1)
        if not one.open:
            within = within.where(journal.c.id <= one.last)
        async with self._database.reading() as connection:
            found = list(await connection.execute(within))
            after_it: list[Row[Any]] = []
            if not one.open:
                then = begun.where(journal.c.id > one.last).limit(AFTERWARDS)
                after_it = list(await connection.execute(then))
            wanted = self._its_calls(select(called), one).order_by(called.c.began, called.c.id).limit(MOST_LINES + 1)
            rang = list(await connection.execute(wanted))
        cut = len(found) > MOST_LINES or len(rang) > MOST_LINES
        lines = [rows.line(row) for row in (*found[:MOST_LINES], *after_it)]
        return OutageLines(lines, [calls.call_of(row) for row in rang[:MOST_LINES]], cut)

    async def since(self, moment: datetime) -> Sequence[KeptOutage]:
        """Read once for all that ask before something changes: an open page asks with each event."""
        await self._followed()
        version = self._version
        if (kept := self._spans.get(moment)) is not None and kept[0] == version:
            return kept[1]
        wanted = _shown().where(or_(outages.c.ended.is_(None), outages.c.ended >= moment)).order_by(outages.c.id)
        async with self._database.reading() as connection:
            found = [_plain(row) for row in await connection.execute(wanted)]
        self._spans = {at: known for at, known in self._spans.items() if known[0] == version} | {
            moment: (version, found)
        }
        return found

    async def told_since(self) -> datetime | None:
        async with self._database.reading() as connection:
            first = await connection.scalar(select(journal.c.at).order_by(journal.c.id).limit(1))
            oldest = await connection.scalar(select(outages.c.began).order_by(outages.c.id).limit(1))
        return min((moment for moment in (first, oldest) if moment is not None), default=None)

    async def set_ticket(self, outage: int, ticket: str) -> bool:
        return await self._set(outage, ticket=storable(ticket))

    async def set_false_alarm(self, outage: int, false_alarm: bool) -> bool:
        return await self._set(outage, false_alarm=false_alarm)

    async def add_note(self, outage: int, note: str, by: str, at: datetime) -> Note | None:
        await self._followed()
        who, text = storable(by), storable(note)
        row = {"outage_id": outage, "at": at, "by": who, "text": text}
        async with self._database.writing() as connection:
            if await connection.scalar(_shown().where(outages.c.id == outage)) is None:
                return None
            made = await connection.scalar(insert(outage_notes).values(row).returning(outage_notes.c.id))
        return Note(int(made), at, who, text)

    async def _set(self, outage: int, **values: object) -> bool:
        await self._followed()
        shown = update(outages).where(outages.c.id == outage, outages.c.down.is_not(None))
        async with self._database.writing() as connection:
            found = bool((await connection.execute(shown.values(values))).rowcount)
        self._version += 1
        return found

    async def _kept(self, connection: AsyncConnection, row: Row[Any], notes: tuple[Note, ...] = ()) -> KeptOutage:
        plain = _plain(row)
        counted = outage_rows.tally(row.calls) if row.calls is not None else None
        if counted is None and plain.outage.began >= self._now() - self._keep_calls:
            counted = await self._counted(connection, plain.outage)
        return KeptOutage(plain.outage, counted, plain.ticket, plain.false_alarm, notes)

    async def _counted(self, connection: AsyncConnection, outage: Outage) -> Tally:
        kinds = (called.c.number, called.c.outcome, called.c.by)
        found = await connection.execute(self._its_calls(select(*kinds, func.count()), outage).group_by(*kinds))
        return tally((tuple(row) for row in found), numbers_of(outage, self._site()))

    def _its_calls(self, wanted: Select[Any], outage: Outage) -> Select[Any]:
        end = outage.ended or max(self._now(), outage.began)
        numbers = called.c.number.in_(numbers_of(outage, self._site()))
        return wanted.where(called.c.began >= outage.began, called.c.began <= end, numbers)

    async def _prune(self) -> None:
        """Calls are counted before they are forgotten; then what is as old as the oldest line goes."""
        now = self._now()
        uncounted = _shown().where(
            outages.c.calls.is_(None), outages.c.ended < now - COUNTED_AFTER, outages.c.began >= now - self._keep_calls
        )
        while await self._count(uncounted.order_by(outages.c.id).limit(COUNTING)):
            pass
        async with self._database.writing() as connection:
            await outage_rows.prune(connection, now - self._keep_lines)
        self._version += 1

    async def _count(self, uncounted: Select[Any]) -> bool:
        """Whether there may be more. Counted while others may write; what was found is written in one short go."""
        async with self._database.reading() as connection:
            found = list(await connection.execute(uncounted))
            counts = [
                {
                    "counted": row.id,
                    "tally": outage_rows.of_tally(await self._counted(connection, outage_rows.outage(row))),
                }
                for row in found
            ]
        if counts:
            change = update(outages).where(outages.c.id == bindparam("counted")).values(calls=bindparam("tally"))
            async with self._database.writing() as connection:
                await connection.execute(change, counts)
        return len(counts) == COUNTING


def _taken(ledger: Ledger, found: Iterable[Row[Any]]) -> tuple[Ledger, dict[int, Outage]]:
    """A row that somebody else wrote is left out."""
    changed: dict[int, Outage] = {}
    for row in found:
        try:
            line = rows.line(row)
        except ValueError:
            log.warning("line %s of the journal makes no sense", row.id)
            continue
        ledger, more = after(ledger, line)
        changed |= {one.id: one for one in more}
    return ledger, changed


def _shown() -> Select[Any]:
    """What only looks bad is no outage."""
    return select(outages).where(outages.c.down.is_not(None))


def _foreign(outage: Outage) -> tuple[Any, ...]:
    """Transitions of something else."""
    if outage.what is What.NUMBER:
        return (or_(journal.c.trunk.is_not(None), journal.c.number.is_distinct_from(outage.subject)),)
    return (journal.c.trunk.is_distinct_from(outage.subject),)


def _plain(row: Row[Any]) -> KeptOutage:
    return KeptOutage(outage_rows.outage(row), None, row.ticket, row.false_alarm)
