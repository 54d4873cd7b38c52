"""A database from before there were roles: whoever could log in keeps his session and may do all."""

import asyncio
import hashlib
from pathlib import Path

from sqlalchemy import text

from router.ports import Role
from router.store import migration
from router.store.accounts import StoredAccounts
from router.store.database import Database, open_database


async def test_users_and_sessions_of_before_go_on_as_admins(url: str, file: Path) -> None:
    old = Database(url)
    await asyncio.to_thread(file.touch)
    async with old._engine.begin() as connection:
        await connection.run_sync(migration.upgrade, "0002")
        now = "2099-03-01 12:00:00"
        await connection.execute(text(f"INSERT INTO users VALUES (1, 'Anna', 'anna', 'x', '{now}', '{now}')"))
        kept = hashlib.sha256(b"her cookie").hexdigest()
        await connection.execute(text(f"INSERT INTO sessions VALUES ('{kept}', 1, '{now}', '{now}')"))
    await old.close()
    database = await open_database(url)
    try:
        accounts = StoredAccounts(database)
        user = await accounts.whose("her cookie")
        assert user
        assert (user.name, user.role, user.language) == ("Anna", Role.ADMIN, None)
        (session,) = await accounts.sessions("Anna", "her cookie")
        assert (session.address, session.browser, session.mine) == (None, None, True)
    finally:
        await database.close()
