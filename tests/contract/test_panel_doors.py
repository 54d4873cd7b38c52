"""The panel's fakes keep the promises of the real doors: accounts, journal and board."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from router.core.effects import ApplyPlan, ClearCall, Effect, Kind, Record
from router.core.orders import Mode, Override
from router.core.sentence import say
from router.core.signals import Applied, CallEnded, Connected, Table
from router.loop import Loop
from router.ports import Accounts, Board, Journal, NotUsable, Sought, User, WantedLines
from router.store.accounts import StoredAccounts
from router.store.database import open_database
from router.store.journal import StoredJournal
from tests.unit.core.call_rows import call
from tests.unit.panel.fakes import NOW, PASSWORD, FakeAccounts, FakeBoard, FakeJournal, ago, callers, fits, story, well

KINDS = ("fake", "real")


def named(user: User | None) -> str | None:
    return user and user.name


@pytest.fixture(params=KINDS)
async def accounts(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Accounts]:
    if request.param == "fake":
        yield FakeAccounts()
        return
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/failover.db")
    try:
        stored = StoredAccounts(database)
        await stored.add("anna", PASSWORD)
        yield stored
    finally:
        await database.close()


async def holder(accounts: Accounts, session: str) -> str | None:
    user = await accounts.whose(session)
    return user and user.name


async def test_only_the_right_password_opens_a_session_and_logout_ends_it(accounts: Accounts) -> None:
    assert await accounts.login("anna", "wrong password") is None
    assert await accounts.login("nobody", PASSWORD) is None
    session = await accounts.login("anna", PASSWORD)
    assert session
    assert await holder(accounts, session) == "anna"
    await accounts.logout(session)
    assert await accounts.whose(session) is None


async def test_a_name_is_taken_once_and_free_after_its_removal(accounts: Accounts) -> None:
    await accounts.add("ben", PASSWORD)
    with pytest.raises(NotUsable):
        await accounts.add("ben", PASSWORD)
    assert [user.name for user in await accounts.users()] == ["anna", "ben"]
    assert await accounts.remove("ben")
    assert not await accounts.remove("ben")


async def test_an_invitation_is_good_once(accounts: Accounts) -> None:
    token = await accounts.invite()
    assert await accounts.invited(token)
    session = await accounts.accept(token, "carla", PASSWORD)
    assert session
    assert await holder(accounts, session) == "carla"
    assert not await accounts.invited(token)
    assert await accounts.accept(token, "dora", PASSWORD) is None


@pytest.fixture(params=KINDS)
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Journal]:
    """Seven lines, five calls."""
    if request.param == "fake":
        yield FakeJournal(story(), callers())
        return
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/failover.db")
    kept = datetime.now(UTC) - NOW + timedelta(days=9)
    stored = StoredJournal(database, keep_calls=kept, keep_lines=kept)
    running = asyncio.create_task(stored.run())
    try:
        for line in reversed(story()):
            record = Record(Kind(line.kind), line.text, line.trunk, line.number, line.by, line.data)  # type: ignore[arg-type]
            stored.note(line.at, record)
        for one in callers():
            stored.keep(one, lambda: None)
        async with asyncio.timeout(5):
            while len(await stored.latest()) < len(story()) or not await stored.calls():  # noqa: ASYNC110 - the writer tells nobody
                await asyncio.sleep(0.01)
        yield stored
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await database.close()


async def test_the_latest_lines_come_newest_first_and_page_by_page(journal: Journal) -> None:
    lines = await journal.latest(3)
    assert [line.text for line in lines] == [line.text for line in story()[:3]]
    assert [line.id for line in lines] == sorted((line.id for line in lines), reverse=True)
    older = await journal.latest(50, before=lines[-1].id)
    assert [line.text for line in older] == [line.text for line in story()[3:]]
    assert journal.trouble is None


async def test_lines_are_found_by_what_is_asked_for(journal: Journal) -> None:
    """Ids are the journal's own: the lines are known by what they say."""
    told = story()
    for wanted in (
        WantedLines(), WantedLines(("order",)), WantedLines(("order", "pbx")), WantedLines(trunk="telekom"),
        WantedLines(number="+4930123456"), WantedLines(by_hand=True), WantedLines(by_hand=False),
        WantedLines(since=ago(hours=1)), WantedLines(until=ago(hours=1)), WantedLines(since=told[0].at),
        WantedLines(until=told[0].at), WantedLines(sought=(Sought("ben"),)), WantedLines(sought=(Sought("werkstatt"),)),
        WantedLines(sought=(Sought("telekom"), Sought("nowhere"))), WantedLines(sought=(Sought("x", digits="30123"),)),
    ):  # fmt: skip
        found = await journal.found(wanted)
        assert [line.text for line in found] == [line.text for line in told if fits(line, wanted)], wanted
    first, second = (
        (await journal.found(WantedLines(("transition",)), 1))[0],
        await journal.found(WantedLines(("transition",))),
    )
    assert await journal.found(WantedLines(("transition",)), before=first.id) == list(second[1:])


async def test_the_sentences_of_all_lines_are_told_each_once(journal: Journal) -> None:
    shapes = await journal.shapes()
    assert len(shapes) == len(set(shapes))
    silent = "{trunk} is down: {evidence}\n{count} probes in a row went unanswered."
    assert silent in shapes
    unanswered = WantedLines(sought=(Sought("gone", frozenset({silent})),))
    assert [line.text.text for line in await journal.found(unanswered)] == ["{trunk} is down: {evidence}"]


async def test_calls_come_newest_first_and_are_found_by_what_they_were(journal: Journal) -> None:
    nobody, taken, desk, loop, gone = callers()
    assert list(await journal.calls()) == [nobody, taken, desk, loop, gone]
    assert list(await journal.calls(2)) == [nobody, taken]
    assert list(await journal.calls(missed=True)) == [nobody, gone]
    assert list(await journal.calls(number="+491715550123")) == [gone]
    assert list(await journal.calls(since=ago(hours=1))) == [nobody, taken, desk]


class ObedientHands:
    """A PBX that takes every plan and clears every slot."""

    def __init__(self) -> None:
        self.loop: Loop | None = None
        self.cleared: list[ClearCall] = []

    def perform(self, effect: Effect) -> None:
        if isinstance(effect, ApplyPlan) and self.loop:
            self.loop.post(Applied(effect.plan.id, stored=True, verified=True))
        if isinstance(effect, ClearCall):
            self.cleared.append(effect)


class Deaf:
    """A journal that takes all and keeps nothing."""

    trouble = None

    def note(self, at: object, record: object) -> None: ...

    def remember(self, overrides: object) -> None: ...


@pytest.fixture(params=KINDS)
async def board(request: pytest.FixtureRequest) -> AsyncIterator[Board]:
    if request.param == "fake":
        yield FakeBoard(well())
        return
    hands = ObedientHands()
    loop = Loop(well(), Deaf(), wall=lambda: NOW)  # type: ignore[arg-type]
    hands.loop = loop
    running = asyncio.create_task(loop.run(hands))
    loop.post(Connected("22.10.1", {}, Table(now=NOW.timestamp())))
    try:
        yield loop
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_an_order_is_obeyed_told_to_who_watches_and_its_fate_is_said(board: Board) -> None:
    word = Override(Mode.MOBILE, NOW, by="anna", via="panel", until=NOW + timedelta(hours=1))
    fate = await board.order(word)
    assert fate.verified
    assert fate.why == say("The PBX was asked and answers as it should.")
    async with asyncio.timeout(2):
        async for office in board.changes():
            if word in office.overrides:
                assert all(decision.way.value == "mobile" for decision in office.decisions)
                break


async def test_a_call_is_cleared_from_the_pbx_once_it_is_in_the_database_and_open_pages_hear_of_it(
    tmp_path: Path,
) -> None:
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/failover.db")
    stored, hands = StoredJournal(database, keep_calls=timedelta(days=36500)), ObedientHands()
    hands.loop = loop = Loop(well(), stored)
    loop.post(CallEnded(call(), 17))
    tasks = [asyncio.create_task(loop.run(hands))]
    try:
        changes = loop.changes()
        await anext(changes)
        assert not hands.cleared
        tasks.append(asyncio.create_task(stored.run()))
        async with asyncio.timeout(5):
            while not hands.cleared:
                await anext(changes)
        assert hands.cleared == [ClearCall(call().id, 17)]
        assert list(await stored.calls()) == [call()]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()
