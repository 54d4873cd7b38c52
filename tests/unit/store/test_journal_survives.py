"""A dead database holds nothing up: lines wait, `trouble` says why, and all is written once it works again."""

import asyncio
import os
import sqlite3
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from router.core.effects import Kind, Record
from router.core.orders import Mode, Override
from router.core.sentence import say
from router.store.database import Database, open_database
from router.store.journal import StoredJournal
from router.store.keeper import Pace
from tests.unit.store.running_journal import FOR_EVER, being_kept, until

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORD = Override(Mode.MOBILE, NOON, by="Anna")


def numbered(count: int) -> Record:
    return Record(Kind.SWITCH, say("switch {count}", count=count), data={"count": count})


def another_program(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None, check_same_thread=False)


@asynccontextmanager
async def meanwhile(fault: AbstractContextManager[None]) -> AsyncIterator[None]:
    """Beside the event loop, since another program would not stop the router's either."""
    await asyncio.to_thread(fault.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(fault.__exit__, None, None, None)


@contextmanager
def replaced_by_a_directory(file: Path) -> Iterator[None]:
    aside = file.rename(file.with_suffix(".aside"))
    file.mkdir()
    yield
    file.rmdir()
    aside.rename(file)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    with closing(another_program(file)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def replaced_by_garbage(file: Path) -> Iterator[None]:
    aside = file.rename(file.with_suffix(".aside"))
    file.write_bytes(b"no database " * 1000)
    yield
    aside.rename(file)


@contextmanager
def without_its_tables(file: Path) -> Iterator[None]:
    """As after a restore gone wrong: the version says that all is there."""
    with closing(another_program(file)) as other:
        other.execute("ALTER TABLE journal RENAME TO elsewhere")
        yield
        other.execute("ALTER TABLE elsewhere RENAME TO journal")


@contextmanager
def of_a_newer_version(file: Path) -> Iterator[None]:
    with closing(another_program(file)) as other:
        (revision,) = other.execute("SELECT version_num FROM alembic_version").fetchone()
        other.execute("ALTER TABLE overrides RENAME TO words")
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        yield
        other.execute("UPDATE alembic_version SET version_num = ?", [revision])
        other.execute("ALTER TABLE words RENAME TO overrides")


Fault = Callable[[Path], AbstractContextManager[None]]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (replaced_by_a_directory, "cannot be opened"),
        (locked, "another program is holding it"),
        (replaced_by_garbage, "damaged or no database"),
        (without_its_tables, "its tables are missing"),
        (of_a_newer_version, "another version of this router"),
    ],
)
async def test_what_is_noted_while_the_database_is_dead_is_written_when_it_lives_again(
    database: Database, file: Path, fault: Fault, said: str
) -> None:
    await kept_through(database, fault(file), said)


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


async def kept(journal: StoredJournal) -> None:
    """Until there is a line in the database."""
    async with asyncio.timeout(10):
        while not await journal.latest(1):
            pass


async def kept_through(database: Database, fault: AbstractContextManager[None], said: str) -> None:
    async with being_kept(database) as journal:
        journal.note(NOON, numbered(0))
        await kept(journal)
        async with meanwhile(fault):
            slowest = 0.0
            for count in range(1, 1000):
                began = time.perf_counter()
                journal.note(NOON, numbered(count))
                journal.remember((WORD,))
                slowest = max(slowest, time.perf_counter() - began)
            await until(lambda: said in (journal.trouble or ""))
            assert "waiting in memory: 999" in (journal.trouble or "")
            assert slowest < 0.1
            assert await journal.remembered() == (WORD,)
            if said == "the disk is full":
                assert [line.data["count"] for line in await journal.latest()] == [0]
        await until(lambda: journal.trouble is None)
    lines = await journal.latest(most=1000)
    assert [line.data["count"] for line in lines] == list(reversed(range(1000)))
    assert await StoredJournal(database).remembered() == (WORD,)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: a full and a read-only disk, for want of root")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2M,mode=700", "failover-test", disk], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as much, pytest.raises(OSError, match="No space left"):
        while True:
            much.write(bytes(4096))
    yield
    filler.unlink()


async def test_a_full_disk_is_waited_for_and_what_was_kept_can_still_be_read(small_disk: Path) -> None:
    database = await open_database(f"sqlite+aiosqlite:///{small_disk / 'failover.db'}", patience=0.1)
    try:
        await kept_through(database, full(small_disk), "the disk is full")
    finally:
        await database.close()


async def test_a_disk_that_can_only_be_read_is_waited_for(small_disk: Path) -> None:
    url = f"sqlite+aiosqlite:///{small_disk / 'failover.db'}"
    await (await open_database(url)).close()
    await asyncio.to_thread(remount, small_disk, "ro")
    database = await open_database(url, patience=0.1)
    try:
        async with being_kept(database) as journal:
            journal.note(NOON, numbered(1))
            assert "cannot be opened" in (journal.trouble or "")
            await asyncio.to_thread(remount, small_disk, "rw")
            await kept(journal)
    finally:
        await database.close()


async def test_a_database_that_was_removed_is_made_anew_for_its_owner_only(database: Database, file: Path) -> None:
    async with being_kept(database) as journal:
        await asyncio.to_thread(file.unlink)
        journal.note(NOON, numbered(1))
        journal.remember((WORD,))
        await kept(journal)
        await until(lambda: journal.trouble is None)
    assert mode(file) == 0o600


async def test_a_database_that_cannot_be_opened_at_the_start_is_opened_later(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.write_text("in the way")
    database = await open_database(f"sqlite+aiosqlite:///{folder}/failover.db")
    async with being_kept(database) as journal:
        assert journal.trouble == (
            "The journal cannot be kept: where its folder should be is a file. Lines waiting in memory: 0."
        )
        journal.note(NOON, numbered(1))
        assert await journal.remembered() == ()
        assert await journal.latest() == ()
        folder.unlink()
        await until(lambda: journal.trouble is None)
    assert [line.data["count"] for line in await journal.latest()] == [1]
    await database.close()


async def test_a_reader_that_meets_a_dead_database_sets_the_journal_to_mending_it(
    database: Database, file: Path
) -> None:
    async with being_kept(database) as journal:
        await asyncio.to_thread(os.truncate, file, 0)
        assert await journal.latest() == ()
        await until(lambda: journal.trouble is None)
        assert await journal.latest() == []


async def test_lines_that_found_no_room_are_counted_and_the_journal_says_where(url: str) -> None:
    database = Database(url)
    journal = StoredJournal(database, Pace(capacity=10), keep_lines=FOR_EVER)
    for count in range(25):
        journal.note(NOON + timedelta(seconds=count), numbered(count))
    assert "waiting in memory: 10, older ones lost: 15." in (journal.trouble or "")
    running = asyncio.create_task(journal.run())
    await until(lambda: journal.trouble is None)
    running.cancel()
    await asyncio.wait({running})
    gap, *kept = reversed(await journal.latest())
    assert str(gap.text).startswith("15 lines are missing here")
    assert gap.at == NOON + timedelta(seconds=14)
    assert [line.data["count"] for line in kept] == list(range(15, 25))
    await database.close()


async def test_a_stop_does_not_wait_for_a_dead_database(
    database: Database, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with meanwhile(locked(file)):
        began = time.perf_counter()
        async with being_kept(database, Pace(last_words=0.2)) as journal:
            journal.note(NOON, numbered(1))
        assert time.perf_counter() - began < 2
    assert "lines that were never written: 1" in caplog.text
