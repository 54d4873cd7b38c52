"""An office with a history, written by the real stores into the database of a running service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from router.core.calls import Call
from router.core.effects import Kind, Record
from router.core.sentence import say
from router.store.database import Database
from router.store.journal import StoredJournal
from tests.lab.router import NUMBER, OTHER_NUMBER, Router
from tests.unit.panel.fakes import NOW, callers, story

OTHER_NUMBERS = {"+491715550123": OTHER_NUMBER}


async def filled(router: Router, names: Callable[[str], str] = lambda name: name) -> None:
    """Calls of every outcome, a night in the journal. `names` changes each name and word that a person may choose."""
    later = datetime.now(UTC) - NOW - timedelta(minutes=1)
    database = Database(str(router.settings["database"]["url"]))
    try:
        await database.migrate()
        journal = StoredJournal(database)
        for call in (*callers(), *pesterer()):
            journal.keep(_moved(call, later), lambda: None)
        for line in reversed(story()):
            values = tuple((name, names(str(value)) if name == "by" else value) for name, value in line.text.values)
            data = {name: names(str(value)) for name, value in line.data.items()}
            journal.note(line.at + later, Record(Kind(line.kind), replace(line.text, values=values), data=data))
        by = names("Erika")
        journal.note(NOW + later, Record(Kind.ORDER, say("{by} set all numbers to the office.", by=by), by=by))
        running = asyncio.create_task(journal.run())
        async with asyncio.timeout(10):
            while journal.unwritten():  # noqa: ASYNC110 - the writer tells nobody
                await asyncio.sleep(0.02)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    finally:
        await database.close()


def pesterer() -> list[Call]:
    """Somebody who tried five times within a quarter of an hour, and whom nobody answered."""
    first = next(call for call in callers() if call.end == "nobody")
    return [
        replace(
            first, id=f"9.{i}", caller="+493055500177", number=NUMBER, away=False,
            began=first.began - timedelta(minutes=40 - 3 * i), ended=first.ended - timedelta(minutes=40 - 3 * i),
        )
        for i in range(5)
    ]  # fmt: skip


def _moved(call: Call, later: timedelta) -> Call:
    number = OTHER_NUMBERS.get(call.number, call.number)
    return replace(call, began=call.began + later, ended=call.ended + later, number=number)
