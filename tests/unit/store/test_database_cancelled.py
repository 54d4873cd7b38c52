"""Work with the database that is cancelled, as that of a page is whose reader has gone."""

import asyncio
import gc

import anyio
import pytest
from sqlalchemy import text

from router.store.database import Database


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34])
async def test_what_is_cancelled_again_and_again_leaves_nothing_waiting(database: Database, turns: int) -> None:
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))

    async def reads() -> None:
        async with database.reading() as connection:
            while True:
                await connection.execute(text("SELECT 1"))

    for _ in range(5):
        async with anyio.create_task_group() as group:  # it cancels until the work has ended, as Starlette's do
            group.start_soon(reads)
            for _ in range(turns):
                await asyncio.sleep(0)
            group.cancel_scope.cancel()

    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=2)
    assert [task for task in others if not task.done()] == []
    gc.collect()
    assert complaints == []
    async with database.reading() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar() == 1
