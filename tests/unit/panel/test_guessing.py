"""Whoever guesses passwords is slowed down, and locks nobody out by it."""

from __future__ import annotations

import pytest

from router.panel.throttle import Memory, Throttle, account_key, address_key, windows
from tests.unit.panel.browsing import log_in, visiting
from tests.unit.panel.fakes import FakeBoard, House, well


@pytest.fixture
def house() -> House:
    return House(FakeBoard(well()))


async def guesses(house: House, address: str, count: int, name: str = "anna") -> list[int]:
    async with visiting(house, address=address) as guesser:
        return [(await log_in(guesser, name, "guess")).status_code for _ in range(count)]


async def test_staff_elsewhere_get_in_while_one_address_guesses(house: House) -> None:
    for minutes in range(0, 60, 2):
        house.ticks = minutes * 60.0
        await guesses(house, "192.0.2.66", 12)
        async with visiting(house, address="192.0.2.7") as anna:
            assert (await log_in(anna)).status_code == 303


async def test_the_log_tells_of_it_once_an_hour_and_not_for_each_guess(house: House) -> None:
    await guesses(house, "192.0.2.66", 20)
    assert [str(record.text) for record in house.journal.noted] == ["Passwords are being guessed from 192.0.2.66."]
    for machine in range(30):
        await guesses(house, f"192.0.2.{machine}", 8, f"name{machine}")
    assert len(house.journal.noted) == 10


async def test_a_made_up_cookie_hides_no_guesser_from_the_log(house: House) -> None:
    async with visiting(house, address="192.0.2.66") as guesser:
        for number in range(8):
            guesser.cookies.set("failover_device", f"made up {number}")
            await log_in(guesser, "anna", "guess")
    assert [str(record.text) for record in house.journal.noted] == ["Passwords are being guessed from 192.0.2.66."]


async def test_a_database_that_dies_after_the_login_does_not_take_it_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(name: str, marks: object) -> None:
        raise OSError("database is locked")

    monkeypatch.setattr(house.access.familiar, "remember", dies)
    async with visiting(house) as anna:
        assert (await log_in(anna)).status_code == 303
        assert (await anna.get("/")).status_code == 200


async def test_an_address_has_twenty_wrong_tries_an_hour_and_no_more(house: House) -> None:
    answers = []
    for minutes in range(0, 60, 2):
        house.ticks = minutes * 60.0
        answers += await guesses(house, "192.0.2.66", 8)
    assert answers.count(401) == 20
    assert set(answers) == {401, 429}


async def test_an_account_is_guarded_against_guesses_from_many_addresses(house: House) -> None:
    answers = []
    for machine in range(300):
        answers += await guesses(house, f"198.51.{machine // 250}.{machine % 250}", 3)
    assert answers.count(401) <= 250
    assert (await guesses(house, "192.0.2.9", 1)) == [429]


async def test_who_was_here_before_gets_in_even_then(house: House) -> None:
    async with visiting(house, address="192.0.2.7") as anna:
        assert (await log_in(anna)).status_code == 303
        device = anna.cookies["failover_device"]
    for machine in range(300):
        await guesses(house, f"198.51.{machine // 250}.{machine % 250}", 3)
    async with visiting(house, address="203.0.113.4") as elsewhere:
        elsewhere.cookies.set("failover_device", device)
        assert (await log_in(elsewhere)).status_code == 303, "the same browser in a new network"
    async with visiting(house, address="192.0.2.7") as other:
        assert (await log_in(other)).status_code == 303, "a new browser in the same network"


async def test_a_known_browser_is_let_in_beside_a_guesser_in_the_same_network(house: House) -> None:
    async with visiting(house, address="192.0.2.7") as anna:
        await log_in(anna)
        device = anna.cookies["failover_device"]
    await guesses(house, "192.0.2.7", 12)
    async with visiting(house, address="192.0.2.7") as anna:
        anna.cookies.set("failover_device", device)
        assert (await log_in(anna)).status_code == 303


async def test_a_stolen_browser_does_not_guess_freely_either(house: House) -> None:
    async with visiting(house, address="192.0.2.7") as anna:
        await log_in(anna)
        answers = [(await log_in_again(anna)) for _ in range(12)]
    assert answers == [401] * 10 + [429] * 2


async def log_in_again(browser) -> int:  # type: ignore[no-untyped-def]
    browser.cookies.delete("failover_session", domain="panel.test")
    return (await log_in(browser, password="guess")).status_code


async def test_the_browser_of_one_user_opens_no_way_to_another(house: House) -> None:
    await house.accounts.add("ben", "correct horse battery")
    async with visiting(house, address="192.0.2.7") as anna:
        await log_in(anna)
        device = anna.cookies["failover_device"]
    async with visiting(house, address="192.0.2.8") as anna:
        anna.cookies.set("failover_device", device)
        answers = [(await log_in(anna, "ben", "guess")).status_code for _ in range(8)]
    assert answers == [401] * 6 + [429] * 2


async def test_a_name_nobody_has_is_answered_like_any_other(house: House) -> None:
    assert await guesses(house, "192.0.2.66", 8) == await guesses(house, "192.0.2.67", 8, "nobody")


@pytest.mark.parametrize("other", ["ANNA", " anna ", "ａｎｎａ", "Anna\u00a0"])
def test_all_ways_to_write_a_name_are_one_account(other: str) -> None:
    assert account_key(other) == account_key("anna")


def test_a_subscriber_owns_a_whole_network_of_ipv6() -> None:
    assert address_key("2001:db8::1") == address_key("2001:db8::ffff:1") != address_key("2001:db8:0:1::1")
    assert address_key("::ffff:192.0.2.1") == address_key("192.0.2.1")
    assert len(address_key("x" * 5000)) < 80
    assert address_key(None) == address_key("")


def test_what_is_remembered_is_bounded_and_what_is_in_use_stays() -> None:
    now = 0.0
    memory = Memory(lambda: now, kept=100)
    for number in range(5000):
        memory.acquire_entry("in use", 50, 3600)
        memory.acquire_entry(f"address {number}", 6, 120)
        memory.get_moving_window(f"asked {number}", 6, 120)
    assert memory.reset() == 100
    assert memory.get("in use") == 0


def test_the_wait_is_until_the_oldest_try_leaves_the_window() -> None:
    now = 100.0
    throttle = Throttle(lambda: now)
    two = windows("2 per minute", "x")
    assert throttle.wait(two) == 0.0
    now = 130.0
    assert throttle.wait(two) == 0.0
    assert throttle.wait(two) == pytest.approx(30.0)
    throttle.give_back(two)
    assert throttle.wait(two) == 0.0
    now = 160.0
    assert throttle.wait(two) == 0.0
    assert throttle.wait(two) == pytest.approx(30.0)
