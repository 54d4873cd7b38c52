"""An office with a history, written by the real stores into the database of a running service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from router.core.calls import Call
from router.core.duty import WEEK, Day
from router.core.effects import Kind, Record
from router.core.sentence import say
from router.panel.session import csrf
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


async def peopled(router: Router, session: str) -> None:
    """By the API: people with a week, an exception and one who is away; users of each role, an invitation, a token.

    Anna is always among those on duty: her number alone is confirmed.
    """
    today = datetime.now(UTC).date()
    await _said(router, "POST", "people", name="Ben Fuchs", numbers=["+4917155501231", "+493055501232"])
    await _said(router, "POST", "people", name="Çağla Yıldırım-Oberländer", numbers=["+4917155501233"])
    away = (datetime.now(UTC) + timedelta(days=5)).isoformat()
    await _said(router, "POST", "people/Çağla Yıldırım-Oberländer/absent", until=away)
    office, night = ("08:00", "18:00"), ("18:00", "08:00")
    week = [(day, *office, ["Anna"]) for day in WEEK[:5]]
    week += [(day, *night, ["Anna", "Ben Fuchs"]) for day in WEEK[:5]]
    week += [(day, "08:00", "08:00", ["Ben Fuchs", "Anna"]) for day in (*WEEK[5:], Day.HOLIDAY)]
    rows = [{"day": day, "begin": begin, "end": end, "people": people} for day, begin, end, people in week]
    special = {
        "first": str(today + timedelta(days=2)), "last": str(today + timedelta(days=4)),
        "begin": "08:00", "end": "08:00", "people": ["Anna", "Çağla Yıldırım-Oberländer"],
    }  # fmt: skip
    await _said(router, "PUT", "duty", rows=rows, exceptions=[special])
    for name, role in (("Ben Fuchs", "staff"), ("Gast am Empfang", "viewer")):
        added = await router.command("users", "add", name, "--role", role, typed="drei andere Wörter\n")
        assert added.returncode == 0, added
    headers = {"x-csrf-token": csrf(session)}
    cookies = {"failover_session": session}
    async with httpx.AsyncClient(base_url=f"{router.url}/api/v1", cookies=cookies, headers=headers) as client:
        for path, asked in (
            ("/invitations", {"role": "staff", "name": "Çağla"}),
            ("/tokens", {"name": "Home Assistant", "role": "staff"}),
        ):
            made = await client.post(path, json=asked)
            assert made.status_code == 201, made.text


async def noted(router: Router) -> None:
    """The newest outage has notes and the carrier's ticket."""
    newest = (await router.request("GET", "outages")).raise_for_status().json()["outages"][0]["id"]
    await _said(router, "PATCH", f"outages/{newest}", ticket="INC-2026-0815-4711")
    await _said(router, "POST", f"outages/{newest}/notes", text="Hotline angerufen: Störung im Raum Berlin bekannt.")
    await _said(router, "POST", f"outages/{newest}/notes", text="Rückruf der Technik bis 18 Uhr versprochen.")


async def _said(router: Router, method: str, path: str, **body: Any) -> None:
    answer = await router.request(method, path, json=body)
    assert answer.is_success, answer.text


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
