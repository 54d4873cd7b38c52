"""Codes of an authenticator app at the login, and the recovery codes for when it is gone."""

import asyncio
from datetime import timedelta

import pyotp
import pytest

from router.ports import CodeWanted, NotUsable
from router.store.accounts import StoredAccounts
from router.store.database import Database
from router.store.second_factor import CODES, TRIES, StoredSecondFactor
from tests.unit.store.account_clock import PASSWORD, Clock


@pytest.fixture
async def factor(accounts: StoredAccounts, database: Database, clock: Clock) -> StoredSecondFactor:
    return StoredSecondFactor(database, clock)


class Phone:
    """An authenticator app."""

    def __init__(self, secret: str, clock: Clock) -> None:
        self._codes, self._clock = pyotp.TOTP(secret), clock

    def code(self, **later: float) -> str:
        return self._codes.at(self._clock.now + timedelta(**later))


@pytest.fixture
async def phone(factor: StoredSecondFactor, clock: Clock) -> Phone:
    """Set up, and a minute later."""
    phone = Phone(await factor.offer("Anna"), clock)
    assert await factor.confirm("Anna", phone.code())
    clock.now += timedelta(minutes=1)
    return phone


async def step(accounts: StoredAccounts) -> str:
    with pytest.raises(CodeWanted) as wanted:
        await accounts.login("anna", PASSWORD)
    return wanted.value.step


async def test_it_is_asked_for_only_once_a_code_of_it_was_given(
    accounts: StoredAccounts, factor: StoredSecondFactor, clock: Clock
) -> None:
    phone = Phone(await factor.offer("Anna"), clock)
    assert await factor.offered("Anna")
    assert await accounts.login("Anna", PASSWORD), "an app that was never set up locks nobody out"
    assert await factor.confirm("Anna", "000000") is None
    codes = await factor.confirm("Anna", phone.code())
    assert codes is not None
    assert len(set(codes)) == CODES
    assert await factor.offered("Anna") is None
    assert await factor.confirm("Anna", phone.code(seconds=30)) is None
    with pytest.raises(NotUsable, match="on already"):
        await factor.offer("Anna")
    user, _ = await accounts.users()
    assert user.second_factor
    with pytest.raises(CodeWanted):
        await accounts.login("Anna", PASSWORD)


async def test_the_step_itself_opens_nothing_and_a_wrong_password_gets_none(
    accounts: StoredAccounts, phone: Phone
) -> None:
    assert await accounts.login("Anna", "wrong password") is None
    assert await accounts.whose(await step(accounts)) is None


@pytest.mark.parametrize("seconds", [-30, 0, 30])
async def test_a_code_of_now_and_of_the_step_beside_it_opens_a_session(
    accounts: StoredAccounts, factor: StoredSecondFactor, phone: Phone, seconds: int
) -> None:
    begun = await step(accounts)
    code = phone.code(seconds=seconds)
    assert await factor.awaited(begun) == "Anna"
    session = await factor.enter(begun, f" {code[:3]} {code[3:]} ")
    assert session
    assert await accounts.whose(session)
    assert await factor.awaited(begun) is None
    assert await factor.enter(begun, phone.code(seconds=30)) is None, "a step is good once"


@pytest.mark.parametrize("seconds", [-90, 90])
async def test_older_and_later_ones_do_not(
    accounts: StoredAccounts, factor: StoredSecondFactor, phone: Phone, seconds: int
) -> None:
    assert await factor.enter(await step(accounts), phone.code(seconds=seconds)) is None


async def test_the_same_code_opens_once_even_for_two_at_the_same_moment(
    accounts: StoredAccounts, factor: StoredSecondFactor, phone: Phone, clock: Clock
) -> None:
    code, begun = phone.code(), [await step(accounts) for _ in range(3)]
    both = await asyncio.gather(*(factor.enter(one, code) for one in begun[:2]))
    assert both.count(None) == 1
    clock.now += timedelta(seconds=30)
    assert await factor.enter(begun[2], code) is None, "seen over a shoulder, it is worth nothing"


async def test_five_wrong_codes_end_the_step(
    accounts: StoredAccounts, factor: StoredSecondFactor, phone: Phone
) -> None:
    begun = await step(accounts)
    for code in ["000000", "", "nonsense", "0" * 5000, "\ud800"][:TRIES]:
        assert await factor.enter(begun, code) is None
    assert await factor.enter(begun, phone.code()) is None
    assert await factor.awaited(begun) is None
    assert await factor.enter(await step(accounts), phone.code())


async def test_the_step_ends_after_five_minutes(
    accounts: StoredAccounts, factor: StoredSecondFactor, phone: Phone, clock: Clock
) -> None:
    begun = await step(accounts)
    clock.now += timedelta(minutes=5)
    assert await factor.enter(begun, phone.code()) is None


async def test_each_recovery_code_opens_once_however_it_is_typed(
    accounts: StoredAccounts, factor: StoredSecondFactor, clock: Clock
) -> None:
    phone = Phone(await factor.offer("Anna"), clock)
    codes = await factor.confirm("Anna", phone.code())
    assert codes
    typed = codes[0].replace("-", " ").upper()
    assert await factor.left("Anna") == CODES
    assert await factor.enter(await step(accounts), typed)
    assert await factor.left("Anna") == CODES - 1
    assert await factor.enter(await step(accounts), codes[0]) is None
    assert await factor.enter(await step(accounts), codes[1])


async def test_switched_off_the_password_is_enough_and_the_old_codes_are_gone(
    accounts: StoredAccounts, factor: StoredSecondFactor, phone: Phone
) -> None:
    begun = await step(accounts)
    assert await factor.off("ANNA")
    assert not await factor.off("Anna")
    assert await factor.awaited(begun) is None
    assert await factor.left("Anna") == 0
    assert await accounts.login("Anna", PASSWORD)


async def test_recovery_codes_do_not_stand_in_the_file(
    factor: StoredSecondFactor, database: Database, clock: Clock
) -> None:
    codes = await factor.confirm("Anna", Phone(await factor.offer("Anna"), clock).code())
    assert codes
    async with database.reading() as connection:
        kept = str((await connection.exec_driver_sql("SELECT * FROM recovery_codes")).all())
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)
