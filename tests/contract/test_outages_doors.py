"""The fake outages of the panel's tests keep the promises of the stored ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from router.core.effects import Kind, Record
from router.core.outage_story import Count, numbers_of, story
from router.core.outages import What
from router.ports import Outages
from router.store import rows, schema
from router.store.calls import WaitingCalls
from router.store.database import Database, open_database
from router.store.outages import StoredOutages
from tests.unit.panel.fake_outages import OLD, OPEN, RECENT, FakeOutages, outage_lines
from tests.unit.panel.fakes import NOW, callers, named, site

SITE = named(site(), "Anna", "Ben")
LINES = outage_lines(NOW)
HOUR_AGO = NOW - timedelta(hours=1)
MISSED, TAKEN, *_ = callers()
CALLS = [
    replace(TAKEN, id="9.1", began=HOUR_AGO + timedelta(minutes=2)),
    replace(MISSED, id="9.2", began=HOUR_AGO + timedelta(minutes=7)),
    replace(TAKEN, id="9.3", began=HOUR_AGO + timedelta(minutes=9), by="PJSIP/20"),
    replace(MISSED, id="9.4", began=HOUR_AGO - timedelta(minutes=1)),
    replace(MISSED, id="9.5", began=HOUR_AGO + timedelta(minutes=3), number="+491715550123"),
    replace(MISSED, id="9.6", began=HOUR_AGO + timedelta(minutes=3), end="loop"),
]


async def kept(database: Database) -> None:
    waiting = WaitingCalls(100)
    for call in CALLS:
        waiting.put(call, lambda: None)
    records = [
        rows.of_record(line.at, Record(Kind(line.kind), line.text, line.trunk, line.number, line.by, line.data))  # type: ignore[arg-type]
        for line in LINES
    ]
    async with database.writing() as connection:
        await connection.execute(insert(schema.journal), records)
        await waiting.write(connection)


@pytest.fixture(params=("fake", "real"))
async def outages(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Outages]:
    if request.param == "fake":
        yield FakeOutages(lambda: SITE, lambda: NOW, LINES, CALLS)
        return
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/failover.db")
    try:
        await kept(database)
        yield StoredOutages(database, lambda: SITE, now=lambda: NOW)
    finally:
        await database.close()


async def test_they_come_newest_first_page_by_page_and_by_what_they_are(outages: Outages) -> None:
    assert [one.outage.id for one in await outages.latest()] == [OPEN, RECENT, OLD]
    assert [one.outage.id for one in await outages.latest(1, OPEN)] == [RECENT]
    assert [one.outage.id for one in await outages.latest(open_now=True)] == [OPEN]
    assert [one.outage.id for one in await outages.latest(open_now=False)] == [RECENT, OLD]
    assert [one.outage.id for one in await outages.latest(what=What.TRUNK, subject="gsm")] == [OPEN]
    assert await outages.latest(what=What.PBX) == []
    assert [one.outage.id for one in await outages.since(HOUR_AGO)] == [RECENT, OPEN]
    assert await outages.told_since() == LINES[0].at
    assert not outages.behind


async def test_one_has_its_calls_counted_and_its_lines(outages: Outages) -> None:
    found = await outages.one(RECENT)
    assert found is not None
    assert found.tally is not None
    assert found.tally.numbers == {"+4930123456": Count(saved=1, lost=1, office=1)}
    told = await outages.lines(found)
    whole = story(found.outage, told.lines, told.calls, numbers_of(found.outage, SITE), NOW)
    assert [call.id for call in whole.calls] == ["9.1", "9.2", "9.3"]
    assert [switch.line.id for switch in whole.switches] == [9, 13]
    assert [line.id for line in whole.lines] == [6, 7, 8, 9, 10, 11, 12, 13]
    assert not told.cut


async def test_what_people_write_stays_beside_it(outages: Outages) -> None:
    assert await outages.set_ticket(RECENT, "INC 0815")
    assert await outages.set_false_alarm(RECENT, True)
    assert [one.false_alarm for one in await outages.since(HOUR_AGO)] == [True, False]
    assert await outages.set_false_alarm(OPEN, True)
    assert [one.false_alarm for one in await outages.since(HOUR_AGO)] == [True, True]
    note = await outages.add_note(RECENT, "Hotline", "anna", NOW)
    found = await outages.one(RECENT)
    assert found is not None
    assert (found.ticket, found.false_alarm, found.notes) == ("INC 0815", True, (note,))
    assert not await outages.set_ticket(999, "x")
    assert not await outages.set_false_alarm(999, True)
    assert await outages.add_note(999, "x", "anna", NOW) is None
    assert await outages.one(999) is None
