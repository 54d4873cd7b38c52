"""The panel's fakes keep the promises of the real doors: accounts, journal and board."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from router.core.effects import ApplyPlan, Effect, Kind, Record
from router.core.orders import Mode, Override
from router.core.sentence import say
from router.core.signals import Applied, Connected, Table
from router.loop import Loop
from router.ports import Accounts, Board, Journal, NotUsable
from router.store.accounts import StoredAccounts
from router.store.database import open_database
from router.store.journal import StoredJournal
from tests.unit.panel.fakes import NOW, PASSWORD, FakeAccounts, FakeBoard, FakeJournal, story, well

KINDS = ("fake", "real")


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


async def test_only_the_right_password_opens_a_session_and_logout_ends_it(accounts: Accounts) -> None:
    assert await accounts.login("anna", "wrong password") is None
    assert await accounts.login("nobody", PASSWORD) is None
    session = await accounts.login("anna", PASSWORD)
    assert session
    assert await accounts.whose(session) == "anna"
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
    assert await accounts.whose(session) == "carla"
    assert not await accounts.invited(token)
    assert await accounts.accept(token, "dora", PASSWORD) is None


@pytest.fixture(params=KINDS)
async def journal(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Journal]:
    """Seven lines."""
    if request.param == "fake":
        yield FakeJournal(story())
        return
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/failover.db")
    stored = StoredJournal(database)
    running = asyncio.create_task(stored.run())
    try:
        for line in reversed(story()):
            stored.note(line.at, Record(Kind(line.kind), line.text))
        async with asyncio.timeout(5):
            while len(await stored.latest()) < len(story()):  # noqa: ASYNC110 - the writer tells nobody
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


class ObedientHands:
    """A PBX that takes every plan."""

    def __init__(self) -> None:
        self.loop: Loop | None = None

    def perform(self, effect: Effect) -> None:
        if isinstance(effect, ApplyPlan) and self.loop:
            self.loop.post(Applied(effect.plan.id, stored=True, verified=True))


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
