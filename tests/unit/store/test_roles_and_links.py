"""Roles and the last admin, sessions that are listed and ended, invitations and links for a new password."""

import asyncio
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import text

from router.ports import Came, CodeWanted, NotUsable, Role, TooBusy
from router.store.accounts import StoredAccounts
from router.store.database import Database
from router.store.links import StoredLinks
from router.store.passwords import QUEUE, Passwords
from router.store.second_factor import StoredSecondFactor
from router.store.tokens import StoredTokens
from tests.unit.store.account_clock import PASSWORD, Clock

PHONE = Came("2001:db8::7", "Mozilla/5.0 (Linux; Android 15) \u202e<b>")


@pytest.fixture
def links(database: Database, clock: Clock) -> StoredLinks:
    return StoredLinks(database, clock)


async def roles(accounts: StoredAccounts) -> dict[str, str]:
    return {user.name: user.role.value for user in await accounts.users()}


async def logged_in(accounts: StoredAccounts, name: str, came: Came = PHONE) -> str:
    session = await accounts.login(name, PASSWORD, came)
    assert session is not None
    return session


class TestTheLastAdmin:
    async def test_he_is_neither_removed_nor_made_less(self, accounts: StoredAccounts) -> None:
        with pytest.raises(NotUsable, match=r"Anna is the only admin\. Make somebody else admin first\."):
            await accounts.remove("ANNA")
        with pytest.raises(NotUsable, match="only admin"):
            await accounts.set_role("Anna", Role.STAFF)
        assert await roles(accounts) == {"Anna": "admin", "Ben": "staff"}

    async def test_with_a_second_admin_he_may_go(self, accounts: StoredAccounts) -> None:
        assert await accounts.set_role("Ben", Role.ADMIN)
        assert await accounts.set_role("Anna", Role.VIEWER)
        assert await roles(accounts) == {"Anna": "viewer", "Ben": "admin"}
        assert await accounts.remove("Anna")

    async def test_two_who_demote_each_other_at_once_leave_one(self, accounts: StoredAccounts) -> None:
        await accounts.set_role("Ben", Role.ADMIN)
        done = await asyncio.gather(
            accounts.set_role("Anna", Role.STAFF), accounts.set_role("Ben", Role.STAFF), return_exceptions=True
        )
        assert sum(isinstance(one, NotUsable) for one in done) == 1
        assert sorted((await roles(accounts)).values()) == ["admin", "staff"]


async def test_a_role_that_changes_holds_for_sessions_that_are_open(accounts: StoredAccounts) -> None:
    session = await logged_in(accounts, "Ben")
    await accounts.set_role("ben", Role.VIEWER)
    user = await accounts.whose(session)
    assert user
    assert user.role is Role.VIEWER
    assert not await accounts.set_role("nobody", Role.VIEWER)


class TestSessions:
    async def test_each_tells_where_it_began_and_one_is_ended_without_the_others(
        self, accounts: StoredAccounts, clock: Clock
    ) -> None:
        phone = await logged_in(accounts, "Ben")
        clock.now += timedelta(hours=1)
        desk = await logged_in(accounts, "Ben", Came("192.0.2.1", "x" * 5000))
        listed = await accounts.sessions("ben", mine=phone)
        assert [(one.address, one.mine) for one in listed] == [("192.0.2.1", False), ("2001:db8::7", True)]
        assert listed[0].browser == "x" * 300
        assert listed[1].browser == PHONE.browser
        assert not await accounts.end_session("Anna", listed[0].id), "nobody ends another's"
        assert await accounts.end_session("Ben", listed[0].id)
        assert not await accounts.end_session("Ben", listed[0].id)
        assert await accounts.whose(desk) is None
        assert await accounts.whose(phone) is not None

    async def test_what_is_shown_of_a_session_opens_nothing(self, accounts: StoredAccounts) -> None:
        session = await logged_in(accounts, "Ben")
        (listed,) = await accounts.sessions("Ben")
        assert listed.id not in session
        assert await accounts.whose(listed.id) is None

    async def test_all_others_end_at_once(self, accounts: StoredAccounts) -> None:
        mine, *others = [await logged_in(accounts, "Ben") for _ in range(3)]
        anna = await logged_in(accounts, "Anna")
        assert {user.name: user.sessions for user in await accounts.users()} == {"Anna": 1, "Ben": 3}
        assert await accounts.end_sessions("Ben", keep=mine) == 2
        assert [await accounts.whose(session) for session in others] == [None, None]
        assert await accounts.whose(mine)
        assert await accounts.whose(anna)
        assert await accounts.end_sessions("Ben") == 1

    async def test_one_that_ran_out_is_not_listed(self, accounts: StoredAccounts, clock: Clock) -> None:
        await logged_in(accounts, "Ben")
        clock.now += timedelta(days=31)
        assert await accounts.sessions("Ben") == []
        assert [user.sessions for user in await accounts.users()] == [0, 0]


class TestPasswords:
    async def test_a_new_one_ends_all_other_sessions_and_the_links_for_it(
        self, accounts: StoredAccounts, links: StoredLinks
    ) -> None:
        mine, other = await logged_in(accounts, "Ben"), await logged_in(accounts, "Ben")
        link = await links.reset("Ben", "Anna")
        assert link
        assert await accounts.set_password("Ben", "another good one", keep=mine)
        assert await accounts.whose(mine)
        assert await accounts.whose(other) is None
        assert await links.resetting(link) is None
        assert not await accounts.right("Ben", PASSWORD)
        assert await accounts.right("ben", "another good one")
        assert not await accounts.right("nobody", "another good one")

    async def test_the_old_one_opens_nothing_though_it_was_being_checked_just_then(
        self, accounts: StoredAccounts, database: Database, clock: Clock
    ) -> None:
        class SetAnewMeanwhile(Passwords):
            async def right(self, stored: str | None, password: str) -> bool:
                found = await super().right(stored, password)
                await accounts.set_password("Ben", "another good one")
                return found

        assert await StoredAccounts(database, clock, SetAnewMeanwhile()).login("Ben", PASSWORD) is None
        assert await accounts.sessions("Ben") == []

    async def test_a_new_one_ends_the_logins_that_wait_for_a_code(
        self, accounts: StoredAccounts, database: Database, clock: Clock
    ) -> None:
        factor = StoredSecondFactor(database, clock)
        assert await factor.confirm("Ben", pyotp.TOTP(await factor.offer("Ben")).at(clock.now))
        with pytest.raises(CodeWanted) as wanted:
            await accounts.login("Ben", PASSWORD)
        assert await factor.awaited(wanted.value.step) == "Ben"
        await accounts.set_password("Ben", "another good one")
        assert await factor.awaited(wanted.value.step) is None

    async def test_one_that_will_not_do_changes_nothing(self, accounts: StoredAccounts) -> None:
        with pytest.raises(NotUsable, match="at least 10"):
            await accounts.set_password("Ben", "short")
        assert await accounts.right("Ben", PASSWORD)

    async def test_whoever_comes_when_the_queue_is_long_is_told_at_once(self) -> None:
        passwords = Passwords()
        waiting = [asyncio.create_task(passwords.right(None, "x")) for _ in range(QUEUE + 2)]
        await asyncio.sleep(0)
        with pytest.raises(TooBusy):
            await passwords.right(None, "x")
        with pytest.raises(TooBusy):
            await passwords.hashed(PASSWORD)
        assert await asyncio.gather(*waiting) == [False] * (QUEUE + 2)
        assert not await passwords.right(None, "x"), "once they are through, the next may come"


class TestInvitations:
    async def test_the_invited_has_the_role_of_the_link_and_may_choose_a_name(
        self, accounts: StoredAccounts, links: StoredLinks, clock: Clock
    ) -> None:
        token = await links.invite(Role.VIEWER, by="Anna")
        (open_one,) = await links.invitations()
        assert (open_one.role, open_one.by, open_one.name) == (Role.VIEWER, "Anna", None)
        assert open_one.until == clock.now + timedelta(hours=72)
        assert await accounts.invited(token) == open_one
        session = await accounts.accept(token, "Carla", PASSWORD, PHONE)
        assert session
        user = await accounts.whose(session)
        assert user
        assert (user.name, user.role) == ("Carla", Role.VIEWER)
        assert await links.invitations() == []
        assert await accounts.accept(token, "Dora", PASSWORD) is None

    async def test_a_name_in_it_cannot_be_changed_by_whoever_follows_it(
        self, accounts: StoredAccounts, links: StoredLinks
    ) -> None:
        token = await links.invite(Role.STAFF, "Anna", "Carla")
        await accounts.accept(token, "Anna the great", PASSWORD)
        assert (await roles(accounts))["Carla"] == "staff"

    async def test_a_taken_name_is_told_to_the_one_who_invites(self, links: StoredLinks, accounts: object) -> None:
        with pytest.raises(NotUsable, match="already a user of the name ben"):
            await links.invite(Role.STAFF, "Anna", "ben")
        with pytest.raises(NotUsable, match="cannot be seen"):
            await links.invite(Role.STAFF, "Anna", "B\u202een")

    @pytest.mark.parametrize("how", ["withdrawn", "too old", "inviter removed", "inviter admin no more"])
    async def test_it_ends(self, accounts: StoredAccounts, links: StoredLinks, clock: Clock, how: str) -> None:
        await accounts.set_role("Ben", Role.ADMIN)
        token = await links.invite(Role.ADMIN, "Anna")
        clock.now += timedelta(hours=71, minutes=59)
        (open_one,) = await links.invitations()
        if how == "withdrawn":
            assert await links.withdraw(open_one.id)
            assert not await links.withdraw(open_one.id)
        elif how == "too old":
            clock.now += timedelta(minutes=1)
        elif how == "inviter removed":
            await accounts.remove("Anna")
        else:
            await accounts.set_role("Anna", Role.STAFF)
        assert await accounts.invited(token) is None
        assert await accounts.accept(token, "Carla", PASSWORD) is None
        assert await links.invitations() == []

    async def test_another_user_or_the_link_of_the_first_start_does_not_end_it(
        self, accounts: StoredAccounts, links: StoredLinks
    ) -> None:
        token = await links.invite(Role.STAFF, "Anna")
        first = await accounts.invite()
        assert [one.by for one in await links.invitations()] == ["Anna"]
        await accounts.add("Carla", PASSWORD)
        assert await accounts.invited(first) is None
        assert await accounts.invited(token)

    async def test_who_is_no_admin_any_more_makes_none(self, accounts: StoredAccounts, links: StoredLinks) -> None:
        await accounts.set_role("Ben", Role.ADMIN)
        await accounts.set_role("Anna", Role.STAFF)
        with pytest.raises(NotUsable, match="Only administrators invite"):
            await links.invite(Role.ADMIN, "Anna")

    @pytest.mark.parametrize("how", ["removed", "made less", "made less by the sign-on service"])
    async def test_an_admin_who_goes_leaves_no_way_in_behind(
        self, accounts: StoredAccounts, links: StoredLinks, how: str
    ) -> None:
        await accounts.enter("issuer|1", "Carla", Role.ADMIN)
        invitation = await links.invite(Role.ADMIN, "Carla")
        reset, annas = await links.reset("Anna", "Carla"), await links.reset("Ben", "Anna")
        assert reset
        assert annas
        if how == "removed":
            await accounts.remove("Carla")
        elif how == "made less":
            await accounts.set_role("Carla", Role.VIEWER)
        else:
            await accounts.enter("issuer|1", "Carla", Role.VIEWER)
        assert await accounts.invited(invitation) is None
        assert await links.resetting(reset) is None
        assert await links.resetting(annas) == "Ben", "that of another admin stays"


@pytest.mark.parametrize("name", ["cli", "CLI", "Desk Phone", "ｃｌｉ"])
async def test_nobody_is_called_like_the_machine_in_the_log(accounts: StoredAccounts, name: str) -> None:
    with pytest.raises(NotUsable, match="stands for the machine"):
        await accounts.add(name, PASSWORD)
    with pytest.raises(NotUsable, match="stands for the machine"):
        await accounts.enter("issuer|1", name, Role.STAFF)
    with pytest.raises(NotUsable, match="stands for the machine"):
        await accounts.accept(await accounts.invite(), name, PASSWORD)


class TestLinkForANewPassword:
    async def test_it_sets_one_once_and_ends_all_sessions(self, accounts: StoredAccounts, links: StoredLinks) -> None:
        session = await logged_in(accounts, "Ben")
        token = await links.reset("ben", "Anna")
        assert token
        assert await links.resetting(token) == "Ben"
        with pytest.raises(NotUsable, match="at least 10"):
            await links.set_anew(token, "short")
        both = await asyncio.gather(links.set_anew(token, "first of the two"), links.set_anew(token, "second of both"))
        assert sorted(both, key=str) == ["Ben", None]
        assert await accounts.whose(session) is None
        assert await accounts.right("Ben", "first of the two" if both[0] else "second of both")
        assert await links.set_anew(token, PASSWORD) is None

    async def test_only_the_newest_is_good_and_for_a_day(
        self, accounts: StoredAccounts, links: StoredLinks, clock: Clock
    ) -> None:
        older, newer = await links.reset("Ben", "Anna"), await links.reset("Ben", "Anna")
        assert older
        assert newer
        assert await links.resetting(older) is None
        clock.now += timedelta(hours=24)
        assert await links.resetting(newer) is None
        assert await links.set_anew(newer, "another good one") is None
        assert await links.reset("nobody", "Anna") is None


class TestSignOnFromOutside:
    async def test_the_user_is_made_once_and_has_the_role_that_is_said_each_time(
        self, accounts: StoredAccounts
    ) -> None:
        first = await accounts.enter("issuer|1", "Carla", Role.STAFF, PHONE)
        again = await accounts.enter("issuer|1", "Carla Renamed", Role.VIEWER)
        one, other = await accounts.whose(first), await accounts.whose(again)
        assert one
        assert other
        assert (one.name, one.role, one.outside) == ("Carla", Role.VIEWER, True)
        assert one == other
        assert not await accounts.right("Carla", "")
        assert await accounts.login("Carla", "") is None

    async def test_nobody_gets_the_account_of_one_with_a_password_by_his_name(self, accounts: StoredAccounts) -> None:
        with pytest.raises(NotUsable, match="already a user"):
            await accounts.enter("issuer|2", "ＡＮＮＡ", Role.ADMIN)

    async def test_no_password_is_set_for_him_here(self, accounts: StoredAccounts, links: StoredLinks) -> None:
        await accounts.enter("issuer|1", "Carla", Role.STAFF)
        with pytest.raises(NotUsable, match="sign-on"):
            await accounts.set_password("Carla", PASSWORD)
        with pytest.raises(NotUsable, match="sign-on"):
            await links.reset("Carla", "Anna")


async def test_removing_a_user_leaves_nothing_of_his(
    accounts: StoredAccounts, links: StoredLinks, database: Database, clock: Clock
) -> None:
    factor = StoredSecondFactor(database, clock)
    await accounts.set_role("Ben", Role.ADMIN)
    await logged_in(accounts, "Ben")
    await links.invite(Role.STAFF, "Ben")
    await links.reset("Ben", "Anna")
    await StoredTokens(database, clock).add("Ben", "script", Role.STAFF)
    await factor.offer("Ben")
    assert await accounts.remove("Ben")
    async with database.reading() as connection:
        for table in ("sessions", "resets", "second_factors", "api_tokens", "invitations"):
            assert await connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table


async def test_the_language_a_user_chose_comes_with_him(accounts: StoredAccounts) -> None:
    session = await logged_in(accounts, "Ben")
    assert await accounts.set_language("Ben", "en")
    user = await accounts.whose(session)
    assert user
    assert user.language == "en"


def test_a_login_that_waits_for_its_code_says_so_without_a_secret() -> None:
    assert "geheim" not in str(CodeWanted("geheim"))
