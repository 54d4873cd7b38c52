"""Who may log in: names, passwords, sessions and the one-time link of the first start."""

import asyncio
import sqlite3
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from router.ports import Role, User
from router.store.accounts import StoredAccounts
from router.store.database import Database, StoreUnavailable, open_database
from tests.unit.store.account_clock import PASSWORD, Clock


def named(user: User | None) -> str | None:
    return user and user.name


@pytest.fixture
async def accounts(database: Database, clock: Clock) -> AsyncIterator[StoredAccounts]:
    accounts = StoredAccounts(database, clock)
    await accounts.add("Anna", PASSWORD)
    yield accounts


async def holder(accounts: StoredAccounts, session: str) -> str | None:
    user = await accounts.whose(session)
    return user and user.name


async def test_a_session_says_whose_it_is_until_it_is_ended(accounts: StoredAccounts, clock: Clock) -> None:
    session = await accounts.login("Anna", PASSWORD)
    assert session is not None
    assert await holder(accounts, session) == "Anna"
    (user,) = await accounts.users()
    assert (user.name, user.created, user.last_login) == ("Anna", clock.now, clock.now)
    await accounts.logout(session)
    assert await accounts.whose(session) is None


@pytest.mark.parametrize("name", ["anna", "ANNA", " Anna ", "Ａｎｎａ"])
async def test_case_width_and_space_do_not_matter_in_a_name(accounts: StoredAccounts, name: str) -> None:
    assert await accounts.login(name, PASSWORD) is not None
    with pytest.raises(ValueError, match="already a user"):
        await accounts.add(name, PASSWORD)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Anna", "correct horse batterY"),
        ("Anna", ""),
        ("Anna", PASSWORD + "x" * 1000),
        ("Ben", PASSWORD),
        ("", ""),
        ("An\0na", PASSWORD),
        ("An\ud800na", "\udc80"),
        ("' OR 1=1 --", "' OR 1=1 --"),
    ],
)
async def test_nobody_else_gets_in(accounts: StoredAccounts, name: str, password: str) -> None:
    assert await accounts.login(name, password) is None


@pytest.mark.parametrize("session", ["", "x", "\ud800", "\0", "x" * 100_000])
async def test_a_made_up_session_is_nobodys(accounts: StoredAccounts, session: str) -> None:
    assert await accounts.whose(session) is None
    await accounts.logout(session)


async def test_a_password_is_the_same_from_every_keyboard(accounts: StoredAccounts) -> None:
    await accounts.add("Ben", "Str\N{LATIN SMALL LETTER O WITH DIAERESIS}mungslehre")
    assert await accounts.login("Ben", "Stro\N{COMBINING DIAERESIS}mungslehre") is not None


@pytest.mark.parametrize(
    ("name", "password", "why"),
    [
        ("", PASSWORD, "empty"),
        ("  ", PASSWORD, "empty"),
        ("x" * 65, PASSWORD, "64 characters"),
        ("Be\nn", PASSWORD, "cannot be seen"),
        ("Be\0n", PASSWORD, "cannot be seen"),
        ("Be\N{RIGHT-TO-LEFT OVERRIDE}n", PASSWORD, "cannot be seen"),
        ("Be\N{ZERO WIDTH SPACE}n", PASSWORD, "cannot be seen"),
        ("Be\ud800n", PASSWORD, "cannot be seen"),
        ("Ben", "123456789", "at least 10"),
        ("Ben", "x" * 1001, "at most 1000"),
    ],
)
async def test_what_will_not_do_is_said_in_plain_words(
    accounts: StoredAccounts, name: str, password: str, why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        await accounts.add(name, password)
    assert [user.name for user in await accounts.users()] == ["Anna"]


async def test_removing_a_user_ends_his_sessions_for_good(accounts: StoredAccounts) -> None:
    session = await accounts.login("Anna", PASSWORD)
    assert session is not None
    await accounts.add("Carla", PASSWORD, Role.ADMIN)
    assert await accounts.remove("anna")
    assert not await accounts.remove("anna")
    assert await accounts.whose(session) is None
    await accounts.add("Anna", PASSWORD)
    assert await accounts.whose(session) is None, "a new user of the same name does not inherit them"


async def test_who_is_removed_while_logging_in_does_not_get_in(
    accounts: StoredAccounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accounts.add("Carla", PASSWORD, Role.ADMIN)
    right = accounts._passwords.right

    async def removed_meanwhile(stored: str | None, password: str) -> bool:
        assert await accounts.remove("Anna")
        return await right(stored, password)

    monkeypatch.setattr(accounts._passwords, "right", removed_meanwhile)
    assert await accounts.login("Anna", PASSWORD) is None


async def test_a_session_lasts_thirty_days_from_its_last_use(accounts: StoredAccounts, clock: Clock) -> None:
    session = await accounts.login("Anna", PASSWORD)
    assert session is not None
    for _ in range(3):
        clock.now += timedelta(days=29)
        assert await holder(accounts, session) == "Anna"
    clock.now += timedelta(days=30, seconds=1)
    assert await accounts.whose(session) is None


async def test_neither_passwords_nor_tokens_stand_in_the_file(
    accounts: StoredAccounts, database: Database, file: Path
) -> None:
    session, invitation = await accounts.login("Anna", PASSWORD), await accounts.invite()
    assert session is not None
    await database.close()
    kept = await asyncio.to_thread(file.read_bytes)
    assert b"$argon2id$" in kept
    for secret in (PASSWORD, session, invitation):
        assert secret.encode() not in kept


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(accounts: StoredAccounts) -> None:
    took: dict[str, list[float]] = {"Anna": [], "Nobody": []}
    for _ in range(15):
        for name, times in took.items():
            began = time.perf_counter()
            assert await accounts.login(name, "wrong password") is None
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    assert 0.5 < known / unknown < 2


async def test_hashing_leaves_the_event_loop_free(accounts: StoredAccounts) -> None:
    logins = asyncio.gather(*(accounts.login("Anna", PASSWORD) for _ in range(8)))
    turns = 0
    while not logins.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert all(await logins)
    assert turns > 10


class TestInvitation:
    """What the first start prints: a link with which the first user names himself."""

    @pytest.fixture
    async def accounts(self, database: Database, clock: Clock) -> StoredAccounts:
        return StoredAccounts(database, clock)

    async def test_the_first_user_names_himself_and_is_logged_in(self, accounts: StoredAccounts) -> None:
        token = await accounts.invite()
        assert await accounts.invited(token)
        session = await accounts.accept(token, "Anna", PASSWORD)
        assert session is not None
        assert await holder(accounts, session) == "Anna"
        assert await accounts.login("Anna", PASSWORD) is not None

    async def test_it_is_good_once_only_even_for_two_at_the_same_moment(self, accounts: StoredAccounts) -> None:
        token = await accounts.invite()
        both = await asyncio.gather(*(accounts.accept(token, name, PASSWORD) for name in ("Anna", "Ben")))
        assert both.count(None) == 1
        assert len(await accounts.users()) == 1
        assert not await accounts.invited(token)
        assert await accounts.accept(token, "Carl", PASSWORD) is None

    async def test_a_name_or_password_that_will_not_do_leaves_it_good(self, accounts: StoredAccounts) -> None:
        token = await accounts.invite()
        with pytest.raises(ValueError, match="at least 10"):
            await accounts.accept(token, "Anna", "short")
        with pytest.raises(ValueError, match="empty"):
            await accounts.accept(token, "", PASSWORD)
        assert await accounts.accept(token, "Anna", PASSWORD) is not None

    async def test_only_the_newest_is_good(self, accounts: StoredAccounts) -> None:
        older, newer = await accounts.invite(), await accounts.invite()
        assert not await accounts.invited(older)
        assert await accounts.accept(older, "Anna", PASSWORD) is None
        assert await accounts.invited(newer)

    async def test_it_ends_after_a_day(self, accounts: StoredAccounts, clock: Clock) -> None:
        token = await accounts.invite()
        clock.now += timedelta(hours=23, minutes=59)
        assert await accounts.invited(token)
        clock.now += timedelta(minutes=1)
        assert not await accounts.invited(token)
        assert await accounts.accept(token, "Anna", PASSWORD) is None

    async def test_it_ends_when_a_user_is_added_otherwise(self, accounts: StoredAccounts) -> None:
        token = await accounts.invite()
        await accounts.add("Anna", PASSWORD)
        assert not await accounts.invited(token)


async def test_a_dead_database_is_said_in_a_plain_sentence_without_secrets(tmp_path: Path) -> None:
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}")  # a folder
    accounts = StoredAccounts(database)
    for attempt in (
        accounts.users(),
        accounts.login("Anna", PASSWORD),
        accounts.add("Anna", PASSWORD),
        accounts.remove("Anna"),
        accounts.whose("token"),
        accounts.logout("token"),
        accounts.invite(),
        accounts.invited("token"),
        accounts.accept("token", "Anna", PASSWORD),
    ):
        with pytest.raises(StoreUnavailable, match=r"^The database cannot be used: its file cannot be opened\.$"):
            await attempt
    await database.close()


async def test_who_is_logged_in_stays_so_while_nothing_can_be_written(
    accounts: StoredAccounts, clock: Clock, file: Path
) -> None:
    session = await accounts.login("Anna", PASSWORD)
    assert session is not None
    clock.now += timedelta(days=1)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await holder(accounts, session) == "Anna"
        with pytest.raises(StoreUnavailable, match="another program is holding it") as raised:
            await accounts.logout(session)
        assert session not in repr(raised.value.__cause__)
