"""What Asterisk tells of calls, over a socket: as they end, and of the time without a router from the ring in AstDB."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise

import pytest

from router.ami.link import Account
from router.ami.pbx import Pbx
from router.core.calls import Call
from router.core.effects import ClearCall, Survey
from router.core.signals import CallEnded, Connected, Disconnected, Input, Surveyed
from tests.contract.fake_ami import FakeAmi, Session, silence
from tests.contract.running_link import QUICK
from tests.lab.polled import polled
from tests.unit.core.call_rows import call, row
from tests.unit.core.offices import MOBILE, site

FAMILY = "failover"


class Inbox:
    def __init__(self) -> None:
        self.inputs: list[Input] = []
        self._came = asyncio.Event()

    def post(self, said: Input) -> None:
        self.inputs.append(said)
        self._came.set()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self._came.clear()
                await self._came.wait()

    @property
    def ended(self) -> list[CallEnded]:
        return [said for said in self.inputs if isinstance(said, CallEnded)]

    def connects(self) -> int:
        return sum(isinstance(said, Connected) for said in self.inputs)


@asynccontextmanager
async def asterisk() -> AsyncIterator[FakeAmi]:
    """One that has what a connect reads, and a dialplan that told no call yet."""
    async with FakeAmi() as pbx:
        pbx.answers |= {
            "CoreSettings": lambda session, action: session.reply(action, ("AsteriskVersion", "22.10.1~dfsg")),
            "Filter": lambda session, action: session.reply(action, ("Message", "Added")),
            "PJSIPShowRegistrationsOutbound": _nothing,
            "PJSIPShowEndpoint": _nothing,
        }
        yield pbx


def _nothing(session: Session, action: dict[str, str]) -> None:
    session.pbx.list(session, action, "OutboundRegistrationDetail", [])


@asynccontextmanager
async def connected(pbx: FakeAmi) -> AsyncIterator[tuple[Pbx, Inbox]]:
    inbox = Inbox()
    hands = Pbx(Account("127.0.0.1", pbx.port, "failover", "s3cret"), site(), "router-1", inbox.post, QUICK)
    running = asyncio.create_task(hands.run())
    try:
        await inbox.until(inbox.connects)
        yield hands, inbox
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def put(pbx: FakeAmi, rows: dict[int | str, str]) -> None:
    pbx.database |= {(FAMILY, f"calls/{slot}"): row for slot, row in rows.items()}


def ring(pbx: FakeAmi) -> dict[str, str]:
    return {key: value for (_, key), value in pbx.database.items() if key.startswith("calls/")}


def away(call: Call) -> Call:
    return replace(call, away=True)


async def test_a_call_that_ends_is_handed_on_with_its_slot() -> None:
    async with asterisk() as pbx, connected(pbx) as (_, inbox):
        pbx.event("UserEvent", UserEvent="FailoverCall", Slot="17", Call=row())
        await inbox.until(lambda: inbox.ended)
        assert inbox.ended == [CallEnded(call(), 17)]


async def test_a_row_that_is_no_call_costs_a_line_in_the_log_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    async with asterisk() as pbx, connected(pbx) as (_, inbox):
        for told in ("", "x" * 900, row(number="112"), row() + "|"):
            pbx.event("UserEvent", UserEvent="FailoverCall", Slot="17", Call=told)
        pbx.event("UserEvent", UserEvent="FailoverCall", Slot="none", Call=row())
        await inbox.until(lambda: inbox.ended)
        assert inbox.ended == [CallEnded(call(), None)]
        assert caplog.text.count("whose row is no call") == 4
        assert MOBILE not in caplog.text


@pytest.mark.parametrize("forged", [{"Call": row(by="office")}, {"Slot": "3"}])
async def test_a_header_that_a_caller_put_in_a_second_time_makes_the_event_void(forged: dict[str, str]) -> None:
    async with asterisk() as pbx, connected(pbx) as (_, inbox):
        headers = {"UserEvent": "FailoverCall", "Slot": "17", "Call": row()}
        [(name, value)] = forged.items()
        pbx.event("UserEvent", CallerIDName=f"x\r\n{name}: {value}", **headers)
        pbx.event("UserEvent", **{**headers, "Call": row(id="1.1")})
        await inbox.until(lambda: inbox.ended)
        assert [said.call.id for said in inbox.ended] == ["1.1"]


async def test_the_calls_of_the_time_without_a_router_are_told_at_the_connect_the_oldest_first() -> None:
    async with asterisk() as pbx:
        put(
            pbx,
            {500: row(), 1: row(id="9.9", began="1772452900000"), 7: row(id="1.1", began="1772452700000"), "next": "1"},
        )
        async with connected(pbx) as (_, inbox):
            await inbox.until(lambda: len(inbox.ended) == 3)
            first, second, third = inbox.ended
        assert second == CallEnded(away(call()), 500)
        assert [(said.call.id, said.slot, said.call.away) for said in (first, third)] == [
            ("1.1", 7, True),
            ("9.9", 1, True),
        ]
        assert ring(pbx).keys() == {"calls/500", "calls/1", "calls/7", "calls/next"}, "nobody has kept them yet"


async def test_what_came_while_the_connection_was_lost_is_told_at_the_reconnect() -> None:
    async with asterisk() as pbx, connected(pbx) as (_, inbox):
        assert inbox.ended == []
        await pbx.vanish()
        await inbox.until(lambda: any(isinstance(said, Disconnected) for said in inbox.inputs))
        put(pbx, {17: row()})
        await pbx.listen()
        await inbox.until(lambda: inbox.ended)
        assert inbox.ended == [CallEnded(away(call()), 17)]


async def test_rows_that_are_no_calls_are_left_out_of_the_ring_with_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async with asterisk() as pbx:
        put(pbx, {1: "", 2: "no row", 3: row(), 4: row()[:-1] + "\x07", "17/x": row(), "501": row(), "next": "4"})
        pbx.database[FAMILY, "calls/5"] = f"{row()}\r\nVal: {row()}"
        async with connected(pbx) as (_, inbox):
            await inbox.until(lambda: inbox.ended)
            assert [said.slot for said in inbox.ended] == [3]
        assert caplog.text.count("left out: 4") == 1


async def test_an_asterisk_that_lists_no_tree_is_asked_slot_by_slot() -> None:
    async with asterisk() as pbx:
        pbx.answers["DBGetTree"] = lambda session, action: session.refuse(action, "Invalid/unknown command")
        put(pbx, {3: row(), 500: row(id="9.9", began="1772452900000"), "next": "500"})
        async with connected(pbx) as (_, inbox):
            await inbox.until(lambda: len(inbox.ended) == 2)
        assert [said.slot for said in inbox.ended] == [3, 500]


async def test_a_ring_that_cannot_be_read_holds_nothing_up_and_costs_no_connection() -> None:
    async with asterisk() as pbx:
        pbx.answers["DBGetTree"] = silence
        put(pbx, {3: row()})
        async with connected(pbx) as (_, inbox):
            await asyncio.sleep(2 * QUICK.action)
            pbx.event("UserEvent", UserEvent="FailoverCall", Slot="4", Call=row())
            await inbox.until(lambda: inbox.ended)
            assert inbox.ended == [CallEnded(call(), 4)]
            assert inbox.connects() == 1
            assert not any(isinstance(said, Disconnected) for said in inbox.inputs)


async def test_a_call_of_which_no_event_came_is_found_when_the_lease_is_renewed_and_told_once() -> None:
    """Asterisk holds back an event in which a caller's name brings a blank line."""
    async with asterisk() as pbx, connected(pbx) as (hands, inbox):
        await pbx.until(lambda: pbx.names().count("DBGetTree") == 1)
        put(pbx, {17: row()})
        for count in (2, 3):
            hands.perform(Survey(None, renew=True))
            await pbx.until(lambda: pbx.names().count("DBGetTree") == count)  # noqa: B023
        hands.perform(Survey(None, renew=False))
        await inbox.until(lambda: sum(isinstance(said, Surveyed) for said in inbox.inputs) == 3)
        assert pbx.names().count("DBGetTree") == 3
        assert inbox.ended == [CallEnded(call(), 17)]


async def test_a_slot_is_cleared_only_while_it_holds_that_very_call() -> None:
    async with asterisk() as pbx, connected(pbx) as (hands, _):
        put(pbx, {17: row(), 18: row(id="1772452800.171"), 19: "no row"})
        for slot in (16, 17, 18, 19):
            hands.perform(ClearCall(call().id, slot))
        await pbx.until(lambda: pbx.names().count("DBDel") == 1)
        await pbx.until(lambda: (FAMILY, "calls/17") not in pbx.database)
        await asyncio.sleep(0.05)
        assert ring(pbx).keys() == {"calls/18", "calls/19"}


async def test_a_call_that_was_told_twice_is_taken_out_once() -> None:
    async with asterisk() as pbx, connected(pbx) as (hands, _):
        put(pbx, {3: row(id="1772452800.3")})
        hands.perform(ClearCall("1772452800.3", 3))
        hands.perform(ClearCall("1772452800.3", 3))
        await polled("all is done", lambda: not hands._tasks, within=5)
        assert pbx.names().count("DBDel") == 1


async def test_a_whole_ring_leaves_room_for_what_else_there_is_to_do() -> None:
    """500 calls are not one long turn of the event loop."""
    async with asterisk() as pbx:
        put(pbx, {slot: row(id=f"1.{slot}") for slot in range(1, 501)})
        seen: list[int] = []
        async with connected(pbx) as (_, inbox):

            async def others() -> None:
                while len(inbox.ended) < 500:
                    seen.append(len(inbox.ended))
                    await asyncio.sleep(0)

            async with asyncio.timeout(10):
                await others()
        told = [*sorted(set(seen)), 500]
        assert max(later - earlier for earlier, later in pairwise(told)) <= 20
