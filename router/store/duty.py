"""The duty plan in the database: seeded once from the settings, from then on the truth."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import date, time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select
from sqlalchemy.exc import SQLAlchemyError

from router.core.duty import Absence, Day, Member, Mobile, Plan, Row, Special, Taken
from router.store import complaints, sqlite
from router.store.database import Database, StoreUnavailable
from router.store.schema import duty_exceptions, duty_rows, duty_taken, people
from router.store.sentences import storable

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds for which a locked file is waited for by whoever only wants to look."""
RETRY = 5.0
"""Seconds between two attempts on a database that does not work."""

Tell = Callable[[Plan, bool], None]
"""Is called with each plan that holds from then on, and whether it stands in the database."""


class StoredDuty:
    """`router.ports.Duties`. `seed`: what the settings say. To be used from the event loop's own thread.

    Once it was read, a plan holds from the moment it is changed, also while the database cannot keep it; `run` tries
    again until it does.
    """

    def __init__(self, database: Database, seed: Plan, tell: Tell, retry: float = RETRY) -> None:
        self._database, self._seed, self._tell, self._retry = database, seed, tell, retry
        self._plan: Plan | None = None
        self._changing = asyncio.Lock()
        self._unkept = asyncio.Event()
        self._why = ""

    async def load(self) -> Plan:
        """What the database has; at the first start it gets the seed. Raises StoreUnavailable."""
        async with self._changing:
            if self._plan is None:
                try:
                    plan = await kept_plan(self._database)
                except ValueError as wrong:
                    raise StoreUnavailable(f"The duty plan as it was kept makes no sense: {wrong}") from wrong
                if plan is None:
                    plan = self._seed
                    await self._keep(plan)
                self._plan = plan
                self._tell(plan, True)
            return self._plan

    async def change(self, change: Callable[[Plan], Plan]) -> bool:
        """Has what `change` makes of the plan hold at once. Whether it could be kept, too.

        Raises what `change` raises, and StoreUnavailable while the plan was never read: nobody knows it then.
        """
        before = await self.load()
        async with self._changing:
            self._plan = plan = change(self._plan or before)
            self._tell(plan, not self._unkept.is_set())
            try:
                await self._keep(plan)
            except StoreUnavailable as wrong:
                log.warning("the duty plan cannot be kept: %s", wrong)
                self._unkept.set()
                self._tell(plan, False)
                return False
            return True

    async def run(self) -> None:
        """Until cancelled: reads the plan as soon as that is possible, and keeps what could not be kept."""
        while True:
            try:
                await self.load()
                await self._unkept.wait()
                async with self._changing:
                    assert self._plan
                    await self._keep(self._plan)
                    self._tell(self._plan, True)
            except StoreUnavailable as wrong:
                if str(wrong) != self._why:
                    self._why = str(wrong)
                    log.warning("%s The duty plan is tried again.", wrong)
                await asyncio.sleep(self._retry)

    async def _keep(self, plan: Plan) -> None:
        async with self._database.writing() as connection:
            for table, rows in _rows(plan).items():
                await connection.execute(delete(table))
                if rows:
                    await connection.execute(insert(table), rows)
        self._unkept.clear()


async def kept_plan(database: Database) -> Plan | None:
    """None where nothing was kept yet. Raises StoreUnavailable; ValueError where somebody else wrote the rows."""
    async with database.reading() as connection:
        found = await connection.run_sync(_found)
    return _plan(found)


def plan_in(file: Path) -> Plan | None:
    """The same of a file of SQLite, without an event loop. Raises StoreUnavailable and ValueError."""
    engine = sqlite.engine_for_a_thread(file, PATIENCE)
    try:
        with engine.execution_options(reads_only=True).begin() as connection:
            found = _found(connection)
    except SQLAlchemyError as wrong:
        raise StoreUnavailable(f"The database cannot be used: {complaints.why(wrong)}.") from wrong
    finally:
        engine.dispose()
    return _plan(found)


Found = Mapping[Table, list[Mapping[str, Any]]]


def _found(connection: Connection) -> Found:
    return {
        table: [dict(row._mapping) for row in connection.execute(select(table).order_by(table.c.position))]
        for table in (people, duty_rows, duty_exceptions, duty_taken)
    }


def _plan(found: Found) -> Plan | None:
    if not found[people]:
        return None
    try:
        taken = [Taken(row["name"], row["since"], row["until"], row["by"]) for row in found[duty_taken]]
        return Plan(
            tuple(_member(row) for row in found[people]),
            tuple(Row(Day(row["day"]), *_span(row)) for row in found[duty_rows]),
            tuple(
                Special(date.fromisoformat(row["first"]), date.fromisoformat(row["last"]), *_span(row))
                for row in found[duty_exceptions]
            ),
            taken[0] if taken else None,
        )
    except (TypeError, AttributeError) as wrong:
        raise ValueError(f"no duty plan: {wrong}") from wrong


def _member(row: Mapping[str, Any]) -> Member:
    absent = Absence(row["absent_since"], row["absent_until"]) if row["absent_since"] else None
    numbers = tuple(Mobile(str(number), bool(confirmed)) for number, confirmed in row["numbers"])
    return Member(row["name"], numbers, row["stands_by"], absent)


def _span(row: Mapping[str, Any]) -> tuple[time, time, tuple[str, ...]]:
    return time.fromisoformat(row["begin"]), time.fromisoformat(row["end"]), tuple(str(name) for name in row["who"])


def _rows(plan: Plan) -> dict[Table, list[dict[str, Any]]]:
    members = [
        {
            "name": storable(member.name),
            "stands_by": member.stands_by,
            "numbers": [[mobile.number, mobile.confirmed] for mobile in member.mobiles],
            "absent_since": member.absent.since if member.absent else None,
            "absent_until": member.absent.until if member.absent else None,
        }
        for member in plan.people
    ]
    week = [{"day": row.day.value} | _written(row) for row in plan.rows]
    exceptions = [
        {"first": special.first.isoformat(), "last": special.last.isoformat()} | _written(special)
        for special in plan.specials
    ]
    taken = plan.taken
    over = [{"name": storable(taken.name), "since": taken.since, "until": taken.until, "by": taken.by}] if taken else []
    tables = {people: members, duty_rows: week, duty_exceptions: exceptions, duty_taken: over}
    return {
        table: [row | {"position": position} for position, row in enumerate(rows)] for table, rows in tables.items()
    }


def _written(span: Row | Special) -> dict[str, Any]:
    who = [storable(name) for name in span.who]
    return {"begin": span.begin.isoformat("minutes"), "end": span.end.isoformat("minutes"), "who": who}
