"""Opening, migrating and what the migrations build."""

import asyncio
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from router.core.effects import Kind, Record
from router.core.sentence import say
from router.store import migration, schema
from router.store.account_tables import invitations
from router.store.database import Database, StoreUnavailable, open_database
from router.store.journal import StoredJournal

TABLES = {
    "callbacks", "calls", "journal", "overrides", "users", "sessions", "invitations", "outages", "outage_notes",
    "outages_read", "people", "duty_rows", "duty_exceptions", "duty_taken",
    "resets", "second_factors", "recovery_codes", "login_steps", "familiar", "api_tokens",
}  # fmt: skip


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, schema.metadata))


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


async def test_the_migrations_build_what_the_code_expects(database: Database) -> None:
    async with database.writing() as connection:
        assert await connection.run_sync(tables) == TABLES
        assert await connection.run_sync(differences) == []


async def test_every_migration_can_be_undone_and_done_again(database: Database) -> None:
    async with database.writing() as connection:
        await connection.run_sync(migration.downgrade, "base")
        assert await connection.run_sync(tables) == set()
        await connection.run_sync(migration.upgrade)
        assert await connection.run_sync(tables) == TABLES
        assert await connection.run_sync(differences) == []


async def test_a_migration_that_is_broken_off_leaves_nothing_behind(url: str, file: Path) -> None:
    database = Database(url)
    await asyncio.to_thread(file.touch)
    with pytest.raises(ZeroDivisionError):
        async with database._engine.begin() as connection:
            await connection.run_sync(migration.upgrade)
            assert 1 / 0
    async with database.reading() as connection:
        assert await connection.run_sync(lambda c: inspect(c).get_table_names()) == []
    await database.close()


async def test_migrating_twice_and_from_two_sides_at_once_does_no_harm(url: str) -> None:
    one, other = Database(url), Database(url)
    await asyncio.gather(one.migrate(), other.migrate())
    await one.migrate()
    assert one.trouble is None
    assert other.trouble is None
    await asyncio.gather(one.close(), other.close())


def test_there_is_one_newest_migration_and_it_is_in_the_package() -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(migration.configuration(connection))
    engine.dispose()
    assert len(scripts.get_heads()) == 1
    assert migration.REVISIONS.is_relative_to(Path(schema.__file__).parent)


@pytest.mark.parametrize("table", schema.metadata.sorted_tables, ids=lambda table: table.name)
def test_postgresql_could_have_the_tables_too(table: object) -> None:
    made = str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[arg-type]
    assert "VARCHAR" not in made, "no text is cut off or refused for its length"
    assert "TIMESTAMP WITHOUT TIME ZONE" not in made


async def test_only_its_owner_can_read_the_file_and_those_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "made" / "on the way" / "50%#?.db"
    database = await open_database(f"sqlite+aiosqlite:///{str(file).replace('%', '%25').replace('?', '%3F')}")
    async with database.writing() as connection:
        await connection.execute(text("DELETE FROM journal"))
        modes = await asyncio.to_thread(modes_in, tmp_path / "made")
    await database.close()
    assert modes == {
        "on the way": 0o700,
        "50%#?.db": 0o600,
        "50%#?.db-wal": 0o600,
        "50%#?.db-shm": 0o600,
    }


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}


async def test_sqlite_writes_ahead_and_minds_references(database: Database) -> None:
    async with database.reading() as connection:
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await connection.scalar(text("PRAGMA synchronous")) == 1
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1


async def test_what_was_committed_stands_in_the_file_itself(database: Database, file: Path, tmp_path: Path) -> None:
    async with database.writing() as connection:
        await connection.execute(
            text("INSERT INTO invitations (token, created) VALUES ('copied', '2026-03-01 12:00:00')")
        )
    copy = tmp_path / "copy.db"
    await asyncio.to_thread(lambda: copy.write_bytes(file.read_bytes()))
    other = await open_database(f"sqlite+aiosqlite:///{copy}")
    async with other.reading() as connection:
        assert await connection.scalar(text("SELECT token FROM invitations")) == "copied"
    await other.close()


def open_files() -> list[str]:
    return [str(path.resolve()) for path in Path("/proc/self/fd").iterdir()]


async def test_the_end_leaves_no_connection_behind_that_was_under_way(url: str, file: Path) -> None:
    database = await open_database(url)
    begun, go = asyncio.Event(), asyncio.Event()

    async def under_way() -> None:
        async with database.reading() as connection:
            begun.set()
            await go.wait()
            await connection.execute(text("SELECT 1"))

    working = asyncio.create_task(under_way())
    await begun.wait()
    closing = asyncio.create_task(database.close())
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(working, closing)
    assert str(file) not in open_files()


@pytest.mark.parametrize("url", ["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "mysql://x@y/z"])
def test_an_address_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="a file of SQLite or a PostgreSQL server"):
        Database(url)


def test_the_newest_revision_is_the_one_that_is_taken_for_it() -> None:
    newest = ScriptDirectory(str(migration.REVISIONS)).get_current_head()
    assert newest == migration.HEAD


async def test_without_the_driver_of_postgresql_the_router_runs_and_says_which_package_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'asyncpg'", name="asyncpg")

    monkeypatch.setattr("router.store.database.create_async_engine", missing)
    database = await open_database("postgresql+asyncpg://me:pw@127.0.0.1:1/x")
    journal = StoredJournal(database)
    journal.note(datetime.now(UTC), Record(Kind.PBX, say("x")))
    with pytest.raises(StoreUnavailable):
        await journal.write()
    assert await journal.latest() == ()
    assert journal.trouble == (
        "The journal cannot be kept: the package asyncpg is missing: pip install 'call-failover-router[postgresql]'. "
        "Lines waiting in memory: 1."
    )
    await database.close()


async def test_one_writes_at_a_time_and_sees_what_the_one_before_wrote(database: Database) -> None:
    """What is good once is looked up and then taken away: two at once must not both have it."""
    async with database.writing() as connection:
        await connection.execute(invitations.insert(), {"token": "x", "created": datetime.now(UTC)})

    async def takes() -> int:
        async with database.writing() as connection:
            found = len((await connection.execute(invitations.select())).all())
            await asyncio.sleep(0.01)
            await connection.execute(invitations.delete())
            return found

    assert sorted(await asyncio.gather(takes(), takes(), takes())) == [0, 0, 1]


async def test_who_reads_sees_one_moment(database: Database) -> None:
    async with database.reading() as connection:
        before = (await connection.execute(invitations.select())).all()
        async with database.writing() as other:
            await other.execute(invitations.insert(), {"token": "x", "created": datetime.now(UTC)})
        assert (await connection.execute(invitations.select())).all() == before == []
