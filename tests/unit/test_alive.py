"""At its start the router tells since when it was away; what it cannot write down costs nothing else."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from router.alive import FILE, keep_alive, last_alive, started, touch

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_first_start_was_never_away(tmp_path: Path) -> None:
    assert last_alive(tmp_path) is None
    assert str(started(None, NOW).text) == "The router has started."
    assert str(started(NOW + timedelta(hours=1), NOW).text) == "The router has started."


async def test_while_it_runs_it_is_alive_and_at_its_end_for_the_last_time(tmp_path: Path) -> None:
    running = asyncio.create_task(keep_alive(tmp_path, every=3600))
    while last_alive(tmp_path) is None:  # noqa: ASYNC110 - a thread tells nobody
        await asyncio.sleep(0.005)
    os.utime(tmp_path / FILE, (0, 0))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    alive = last_alive(tmp_path)
    assert alive is not None
    assert datetime.now(UTC) - alive < timedelta(minutes=1)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_the_line_of_a_start_says_since_when_it_was_away(tmp_path: Path) -> None:
    touch(tmp_path)
    os.utime(tmp_path / FILE, (NOW.timestamp(), NOW.timestamp()))
    record = started(last_alive(tmp_path), NOW + timedelta(hours=2))
    assert str(record.text) == "The router has started. It was away since 12:00 UTC."
    assert record.data == {"away_since": NOW}


def test_a_place_that_cannot_be_written_to_harms_nothing(tmp_path: Path) -> None:
    touch(tmp_path / "not there")
    assert last_alive(tmp_path / "not there") is None
