"""Tokens for programs, and the marks of browsers and networks that a user came from."""

import re
from datetime import datetime, timedelta

import pytest

from router.ports import NotUsable, Role
from router.store.accounts import StoredAccounts
from router.store.database import Database
from router.store.familiar import MOST as MOST_MARKS
from router.store.familiar import StoredFamiliar
from router.store.tokens import MOST, StoredTokens, new_token, well_formed
from tests.unit.store.account_clock import Clock


@pytest.fixture
def tokens(accounts: StoredAccounts, database: Database, clock: Clock) -> StoredTokens:
    return StoredTokens(database, clock)


async def test_a_token_says_whose_it_is_and_when_it_was_used_to_ten_minutes(tokens: StoredTokens, clock: Clock) -> None:
    token = await tokens.add("Ben", "Home Assistant", Role.VIEWER)
    (listed,) = await tokens.tokens()
    assert (listed.name, listed.owner, listed.role, listed.created) == ("Home Assistant", "Ben", Role.VIEWER, clock.now)
    assert listed.last_use is None
    held = await tokens.held(token)
    assert held
    assert (held[0].name, held[1].role) == ("Ben", Role.VIEWER)
    first = clock.now
    for minutes, told in ((9, first), (2, first + timedelta(minutes=11))):
        clock.now += timedelta(minutes=minutes)
        assert await tokens.held(token)
        assert [one.last_use for one in await tokens.tokens()] == [told]


async def test_it_ends_at_a_time_that_every_clock_can_show(tokens: StoredTokens, clock: Clock) -> None:
    for far in ("9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59-12:00", "2037-01-01T00:00:00+00:00"):
        with pytest.raises(NotUsable, match="ten years ahead at most"):
            await tokens.add("Ben", "script", Role.VIEWER, datetime.fromisoformat(far))
    assert await tokens.add("Ben", "script", Role.VIEWER, clock.now + timedelta(days=3653))


async def test_it_may_do_no_more_than_its_owner_now(tokens: StoredTokens, accounts: StoredAccounts) -> None:
    with pytest.raises(NotUsable, match="more than you may"):
        await tokens.add("Ben", "too much", Role.ADMIN)
    token = await tokens.add("Ben", "steers", Role.STAFF)
    await accounts.set_role("Ben", Role.VIEWER)
    held = await tokens.held(token)
    assert held
    assert held[1].role is Role.VIEWER
    await accounts.remove("Ben")
    assert await tokens.held(token) is None


async def test_it_ends_at_its_end_and_by_hand(tokens: StoredTokens, clock: Clock) -> None:
    until = clock.now + timedelta(days=1)
    timed, plain = await tokens.add("Ben", "timed", Role.STAFF, until), await tokens.add("Ben", "plain", Role.STAFF)
    newest, oldest = await tokens.tokens("ben")
    assert (newest.name, oldest.name, oldest.until) == ("plain", "timed", until)
    assert await tokens.tokens("Anna") == []
    assert await tokens.held(timed)
    clock.now = until
    assert await tokens.held(timed) is None
    assert await tokens.end(newest.id, owner="Anna") is None
    assert await tokens.end(newest.id, owner="Ben") == newest
    assert await tokens.end(newest.id) is None
    assert await tokens.held(plain) is None
    with pytest.raises(NotUsable, match="ahead"):
        await tokens.add("Ben", "past", Role.STAFF, until)


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\u202eb", "a\nb"])
async def test_a_name_that_cannot_be_shown_is_refused(tokens: StoredTokens, name: str) -> None:
    with pytest.raises(NotUsable):
        await tokens.add("Ben", name, Role.VIEWER)


async def test_nobody_has_more_than_fifty(tokens: StoredTokens) -> None:
    for number in range(MOST):
        await tokens.add("Ben", f"script {number}", Role.VIEWER)
    with pytest.raises(NotUsable, match="50 tokens already"):
        await tokens.add("Ben", "one more", Role.VIEWER)
    await tokens.add("Anna", "hers", Role.ADMIN)


def test_scanners_for_leaked_secrets_know_it_and_a_slip_of_a_key_is_seen() -> None:
    token = new_token()
    assert re.fullmatch(r"fo_[0-9A-Za-z]{40}", token)
    assert well_formed(token)
    other = "a" if token[10] != "a" else "b"
    for wrong in (token[:-1], token + "x", token[:10] + other + token[11:], "", "fo_", "xx_" + token[3:], "fo_ü"):
        assert not well_formed(wrong)


@pytest.mark.parametrize("made_up", ["", "the-token", "\ud800", "\0", "fo_" + "x" * 100_000, new_token()])
async def test_a_made_up_token_is_nobodys(tokens: StoredTokens, made_up: str) -> None:
    assert await tokens.held(made_up) is None


async def test_tokens_do_not_stand_in_the_file(tokens: StoredTokens, database: Database) -> None:
    token = await tokens.add("Ben", "script", Role.VIEWER)
    async with database.reading() as connection:
        assert token not in str((await connection.exec_driver_sql("SELECT * FROM api_tokens")).all())


class TestFamiliar:
    @pytest.fixture
    def familiar(self, accounts: StoredAccounts, database: Database, clock: Clock) -> StoredFamiliar:
        return StoredFamiliar(database, clock)

    async def test_a_mark_is_known_beside_the_user_who_came_with_it_only(self, familiar: StoredFamiliar) -> None:
        await familiar.remember("Anna", ["device 1", "network a"])
        assert await familiar.knows("anna", ["network a", "network b"]) == {"network a"}
        assert await familiar.knows("Ben", ["network a"]) == frozenset()
        assert await familiar.knows("nobody", ["network a", "\0\ud800"]) == frozenset()
        await familiar.remember("nobody", ["network a"])

    async def test_it_is_forgotten_after_ninety_days(self, familiar: StoredFamiliar, clock: Clock) -> None:
        await familiar.remember("Anna", ["device 1"])
        clock.now += timedelta(days=60)
        await familiar.remember("Anna", ["device 1"])
        clock.now += timedelta(days=89)
        assert await familiar.knows("Anna", ["device 1"])
        clock.now += timedelta(days=1)
        assert not await familiar.knows("Anna", ["device 1"])

    async def test_only_so_many_are_kept_those_seen_last(self, familiar: StoredFamiliar, clock: Clock) -> None:
        marks = [f"network {number}" for number in range(MOST_MARKS + 5)]
        for mark in marks:
            await familiar.remember("Anna", [mark])
            clock.now += timedelta(seconds=1)
        assert await familiar.knows("Anna", marks) == frozenset(marks[5:])
