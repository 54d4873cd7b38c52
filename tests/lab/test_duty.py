"""Whoever is on duty is rung, on a real Asterisk: at the second of the change, also on the days when clocks change."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from router.ami.link import Account
from router.ami.pbx import Pbx
from router.core.duty import WEEK, Plan, Row, seeded
from router.core.office import opened
from router.core.orders import Mode, Override
from router.core.signals import DutySet, Tick
from router.loop import Loop
from router.settings import load
from router.site_of import site_of
from router.store.database import open_database
from router.store.duty import StoredDuty
from router.store.journal import StoredJournal
from tests.lab.forwarding import ANNA, BEN, VOICEMAIL, forwarding
from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router
from tests.lab.running import talks

BERLIN = ZoneInfo("Europe/Berlin")
PEOPLE = [{"name": "Anna", "numbers": [ANNA]}, {"name": "Ben", "numbers": [BEN]}]


def change_at(begin: str, end: str) -> tuple[Row, ...]:
    """Anna from `begin` to `end`, then Ben until `begin`, every day."""
    first, last = clock.fromisoformat(begin), clock.fromisoformat(end)
    return tuple(row for day in WEEK for row in (Row(day, first, last, ("Anna",)), Row(day, last, first, ("Ben",))))


class WallClock:
    """Goes as fast as any clock, and shows what it was set to."""

    def __init__(self) -> None:
        self.set(datetime.now(UTC))

    def set(self, to: datetime) -> None:
        self._shown, self._at = to, time.monotonic()

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(self._shown.timestamp() + time.monotonic() - self._at, UTC)

    async def shows(self, moment: datetime) -> None:
        await asyncio.sleep(max(0.0, (moment - self()).total_seconds()))


@contextlib.asynccontextmanager
async def by_the_clock(lab: Lab, home: Path, rows: tuple[Row, ...]) -> AsyncIterator[tuple[Loop, WallClock]]:
    """The router within this process, by a clock of its own, its plan in a real database; all calls are forwarded."""
    lab.office.wipe_astdb_family()
    product, wall = Router(lab, home), WallClock()
    product.settings |= {"people": PEOPLE, "forwarding": {"trunks": ["gsm"]}}
    await product.wire_office()
    settings = load(product.config)
    site, database = site_of(settings), await open_database(settings.database.url)
    loop = Loop(opened(site, "duty", wall()), StoredJournal(database), wall)
    pbx = Pbx(Account(lab.office.address, 5038, "failover", settings.secret()), site, "duty", loop.post)
    duty = StoredDuty(database, seeded(site), lambda plan, kept: loop.post(DutySet(plan, kept)))
    running = [asyncio.create_task(work) for work in (loop.run(pbx), pbx.run(), duty.run())]
    try:
        await duty.change(lambda plan: Plan(plan.people, rows))
        await polled("the route is verified", lambda: loop.office.route.verified, within=15)
        assert (await loop.order(Override(Mode.MOBILE, wall(), "anna"))).verified
        yield loop, wall
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await database.close()
        product.close()
        lab.office.wipe_astdb_family()


async def rung(lab: Lab) -> set[str]:
    """Whose mobile a call makes ring; the call is answered and over afterwards."""
    call = lab.telekom.calls(NUMBER)
    ring = await lab.mobile.rang(since=call.begun_at)
    await call.answered()
    assert await talks(call, ring)
    call.hangup()
    await polled("no channel is left", lambda: not lab.office.channels(), within=5)
    return {each.number for each in lab.mobile.calls_here(call.begun_at)}


@pytest.mark.parametrize(
    ("rows", "change"),
    [
        pytest.param(("08:00", "18:00"), "2026-03-02T18:00", id="a Monday"),
        pytest.param(("08:00", "18:00"), "2026-03-29T18:00", id="the day on which the clocks go forward"),
        pytest.param(("08:00", "18:00"), "2026-10-25T18:00", id="the day on which the clocks go back"),
        pytest.param(("00:00", "02:30"), "2026-03-29T03:00", id="half past two, which does not exist"),
    ],
)
async def test_one_second_after_the_change_of_duty_the_next_mobile_rings(
    lab: Lab, tmp_path: Path, rows: tuple[str, str], change: str
) -> None:
    moment = datetime.fromisoformat(change).replace(tzinfo=BERLIN).astimezone(UTC)
    async with by_the_clock(lab, tmp_path, change_at(*rows)) as (loop, wall):
        wall.set(datetime.fromtimestamp(moment.timestamp() - 9, UTC))
        loop.post(Tick())
        await polled("Anna is on duty", lambda: loop.office.duty.who == ("Anna",), within=2)
        assert await rung(lab) == {ANNA}
        assert wall() < moment, "the first call was too slow for this test"
        await wall.shows(datetime.fromtimestamp(moment.timestamp() + 1, UTC))
        assert loop.office.route.verified
        assert await rung(lab) == {BEN}


async def test_who_takes_over_by_the_api_is_rung_by_the_next_call_and_after_a_restart(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA, BEN)) as router:
        answer = await router.request("POST", "duty/take", json={"name": "Ben"})
        assert answer.status_code == 200, answer.text
        assert answer.json()["now"]["people"] == ["Ben"]
        await router.wait_for(lambda status: status["route"]["verified"])
        assert await rung(lab) == {BEN}
        await router.stop()
        router.start()
        await router.ready()
        assert await rung(lab) == {BEN}
        answer = await router.request("POST", "people/Ben/absent", json={})
        assert answer.status_code == 200, answer.text
        await router.wait_for(lambda status: status["route"]["verified"])
        assert await rung(lab) == {ANNA}


async def test_a_new_number_is_rung_in_earnest_only_after_a_test_ring(lab: Lab, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(BEN,)) as router:
        answer = await router.request("POST", "people", json={"name": "Anna", "numbers": ["0171 12345678"]})
        assert answer.status_code == 201, answer.text
        assert await rung(lab) == {BEN}
        lab.mobile.answers(number=ANNA, presses=VOICEMAIL)
        answer = await router.request("POST", "people/Anna/ring", json={"number": ANNA}, timeout=60)
        assert (answer.json()["how"], answer.json()["confirmed"]) == ("not_pressed", False)
        assert await rung(lab) == {BEN}
        begun = time.monotonic()
        asked = asyncio.create_task(router.request("POST", "people/Anna/ring", json={"number": ANNA}, timeout=60))
        ring = await lab.mobile.rang(number=ANNA, since=begun)
        await ring.answered()
        await asyncio.sleep(1.5)  # what is pressed before it is asked for does not count
        ring.presses("1")
        answer = await asked
        assert (answer.json()["how"], answer.json()["confirmed"]) == ("pressed", True)
        await router.wait_for(lambda status: status["route"]["verified"])
        lab.mobile.answers(number=ANNA)
        lab.mobile.only_rings(number=BEN)
        call = lab.telekom.calls(NUMBER)
        ring = await lab.mobile.rang(number=ANNA, since=call.begun_at)
        await call.answered()
        assert await talks(call, ring)
        assert {each.number for each in lab.mobile.calls_here(call.begun_at)} == {ANNA, BEN}


async def test_a_calendar_names_who_is_rung_and_what_it_said_holds_when_it_is_gone(lab: Lab, tmp_path: Path) -> None:
    file, now = tmp_path / "duty.ics", datetime.now(UTC)
    event = (
        f"DTSTART:{now - timedelta(hours=1):%Y%m%dT%H%M%SZ}\r\nDTEND:{now + timedelta(hours=1):%Y%m%dT%H%M%SZ}\r\n"
        f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}\r\nUID:1\r\nSUMMARY:Ben\r\n"
    )
    file.write_text(
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    async with forwarding(lab, tmp_path / "router", people=(ANNA, BEN), duty={"calendar": str(file)}) as router:
        duty = await _duty_until(router, lambda duty: duty["now"]["people"] == ["Ben"])
        assert duty["now"]["why"] == "So the calendar says."
        checked = (await router.command("check")).stdout
        assert "Duty calendar duty.ics: 1 shift in the next three weeks. On duty: Ben." in checked
        assert duty["nobody_from"] is not None
        await router.wait_for(lambda status: status["route"]["verified"])
        assert await rung(lab) == {BEN}
        file.unlink()
        await router.request("POST", "people", json={"name": "Cem"})  # so that the calendar is looked at again
        duty = await _duty_until(router, lambda duty: duty["calendar"]["failing_since"] is not None)
        assert duty["now"]["people"] == ["Ben"]
        assert any("cannot be read since" in warning for warning in duty["warnings"])
        assert await rung(lab) == {BEN}


async def _duty_until(router: Router, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first answer of GET duty of which it is true."""
    end = time.monotonic() + 9
    while True:
        duty: dict[str, Any] = (await router.request("GET", "duty")).json()
        if true(duty):
            return duty
        assert time.monotonic() < end, duty
        await asyncio.sleep(0.05)
