"""The hub: one listener for all pages; storms become rounds, nobody is left behind, nobody holds up the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from router.panel.hub import GAP, Hub
from tests.unit.panel.fakes import FakeBoard, outage, well

SOON = 3.0


@asynccontextmanager
async def followed(hub: Hub) -> AsyncIterator[AsyncIterator[int]]:
    stream = hub.follow()
    try:
        yield stream
    finally:
        await stream.aclose()  # type: ignore[attr-defined]


async def following(stream: AsyncIterator[int]) -> int:
    async with asyncio.timeout(SOON):
        return await anext(stream)


@pytest.fixture
def board() -> FakeBoard:
    return FakeBoard(well())


@pytest.fixture
def hub(board: FakeBoard) -> Hub:
    return Hub(board.changes, 60.0)


async def settled() -> None:
    """Until every task has had its turn."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_storm_of_changes_is_a_round_or_two(board: FakeBoard, hub: Hub) -> None:
    async with followed(hub) as stream:
        first = await following(stream)
        await settled()
        for _ in range(5000):
            board.show(outage())
        second = await following(stream)
        await asyncio.sleep(3 * GAP)
        assert second > first
        assert hub.round - first <= 2


async def test_a_change_during_the_gap_is_told_after_it_and_not_lost(board: FakeBoard, hub: Hub) -> None:
    async with followed(hub) as stream:
        await following(stream)
        await settled()
        board.show(outage())
        told = await following(stream)
        board.show(well())  # within the gap
        assert await following(stream) > told


async def test_a_slow_follower_gets_the_latest_round_and_none_between(board: FakeBoard, hub: Hub) -> None:
    async with followed(hub) as slow, followed(hub) as quick:
        begun = await following(slow)
        await following(quick)
        await settled()
        for _ in range(3):
            board.show(outage())
            latest = await following(quick)
        assert latest >= begun + 3
        assert await following(slow) == latest


async def test_a_touch_reaches_all_who_follow(hub: Hub) -> None:
    async with followed(hub) as one, followed(hub) as two:
        before = await following(one), await following(two)
        await settled()
        hub.touch()
        assert (await following(one), await following(two)) > before


async def test_a_touch_while_nobody_follows_brings_one_round_and_no_storm(hub: Hub) -> None:
    hub.touch()
    async with followed(hub) as stream:
        first = await following(stream)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3 * GAP):
                while await anext(stream) <= first + 1:
                    pass
    hub.touch()
    async with followed(hub) as stream:
        assert await following(stream) > first


async def test_what_was_rendered_while_nobody_followed_is_of_an_old_round(hub: Hub) -> None:
    async with followed(hub) as stream:
        first = await following(stream)
    async with followed(hub) as stream:
        assert await following(stream) > first


async def test_who_comes_in_the_moment_in_which_the_last_one_leaves_is_told_all_the_same(
    board: FakeBoard, hub: Hub
) -> None:
    """A page that is loaded anew closes its stream and opens the next."""
    for _ in range(20):
        async with followed(hub) as stream:
            await following(stream)
            await settled()
        hub.touch()
        async with followed(hub) as stream:
            told = await following(stream)
            board.show(outage())
            assert await following(stream) > told


async def test_closing_ends_all_who_follow_also_those_who_come_later(hub: Hub) -> None:
    async with followed(hub) as one, followed(hub) as two:
        await following(one)
        await following(two)
        hub.close()
        async with asyncio.timeout(SOON):
            assert [turn async for turn in one] == []
            assert [turn async for turn in two] == []
    async with asyncio.timeout(SOON), followed(hub) as late:
        assert [turn async for turn in late] == []


async def test_nobody_listens_to_the_office_once_the_last_has_gone(board: FakeBoard, hub: Hub) -> None:
    before = asyncio.all_tasks()
    async with followed(hub) as one:
        await following(one)
        async with followed(hub) as two:
            await following(two)
        await settled()
        assert len(asyncio.all_tasks() - before) >= 1, "the first still follows"
    async with asyncio.timeout(SOON):
        while asyncio.all_tasks() - before:  # noqa: ASYNC110 - a task tells nobody that it ends
            await asyncio.sleep(0.01)


async def test_an_office_that_speaks_no_more_ends_the_streams(board: FakeBoard, hub: Hub) -> None:
    async with followed(hub) as stream:
        await following(stream)
        await settled()
        board.end()
        async with asyncio.timeout(SOON):
            assert [turn async for turn in stream] == []


async def test_followers_hear_though_nothing_changes(board: FakeBoard) -> None:
    async with followed(Hub(board.changes, 0.01)) as stream:
        turns = [await following(stream) for _ in range(3)]
    assert turns == sorted(set(turns))
