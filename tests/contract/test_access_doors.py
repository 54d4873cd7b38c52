"""The panel's fakes of links, second factor, tokens and familiar places keep the promises of the real ones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest

from router.ports import Access, Accounts, CodeWanted, NotUsable, Role
from router.store.accounts import StoredAccounts
from router.store.database import open_database
from router.store.familiar import StoredFamiliar
from router.store.links import StoredLinks
from router.store.second_factor import StoredSecondFactor
from router.store.tokens import StoredTokens
from tests.unit.panel.fake_accounts import CODE, PASSWORD, FakeAccounts, FakeFactor, FakeFamiliar, FakeLinks, FakeTokens

House = tuple[Accounts, Access, bool]


@pytest.fixture(params=("fake", "real"))
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    """Anna is admin, Ben staff. The last says whether codes are those of a real app."""
    if request.param == "fake":
        fake = FakeAccounts()
        await fake.add("ben", PASSWORD, Role.STAFF)
        yield fake, Access(FakeLinks(fake), FakeFactor(fake), FakeTokens(fake), FakeFamiliar(fake)), False
        return
    database = await open_database(f"sqlite+aiosqlite:///{tmp_path}/failover.db")
    try:
        stored = StoredAccounts(database)
        await stored.add("anna", PASSWORD, Role.ADMIN)
        await stored.add("ben", PASSWORD, Role.STAFF)
        doors = StoredLinks(database), StoredSecondFactor(database), StoredTokens(database), StoredFamiliar(database)
        yield stored, Access(*doors), True
    finally:
        await database.close()


async def test_the_only_admin_stays_one(house: House) -> None:
    accounts, _, _ = house
    with pytest.raises(NotUsable):
        await accounts.remove("anna")
    with pytest.raises(NotUsable):
        await accounts.set_role("anna", Role.STAFF)
    assert await accounts.set_role("ben", Role.ADMIN)
    assert await accounts.remove("anna")
    assert [(user.name, user.role) for user in await accounts.users()] == [("ben", Role.ADMIN)]


async def test_sessions_are_listed_and_ended(house: House) -> None:
    accounts, _, _ = house
    mine, other = await accounts.login("ben", PASSWORD), await accounts.login("ben", PASSWORD)
    assert mine
    assert other
    shown = {one.mine: one.id for one in await accounts.sessions("ben", mine)}
    assert not await accounts.end_session("anna", shown[False])
    assert await accounts.end_session("ben", shown[False])
    assert await accounts.whose(other) is None
    assert await accounts.end_sessions("ben", mine) == 0
    await accounts.set_password("ben", "another good one", mine)
    assert await accounts.whose(mine)
    assert not await accounts.right("ben", PASSWORD)


async def test_an_invitation_carries_role_and_name_until_it_is_withdrawn(house: House) -> None:
    accounts, access, _ = house
    token = await access.links.invite(Role.VIEWER, "anna", "carla")
    (kept,) = await access.links.invitations()
    assert (kept.role, kept.by, kept.name) == (Role.VIEWER, "anna", "carla")
    assert await accounts.invited(token) == kept
    with pytest.raises(NotUsable):
        await access.links.invite(Role.STAFF, "anna", "ben")
    with pytest.raises(NotUsable):
        await access.links.invite(Role.STAFF, "nobody")
    assert await access.links.withdraw(kept.id)
    assert not await access.links.withdraw(kept.id)
    assert await accounts.accept(token, "x", PASSWORD) is None


async def test_a_reset_link_works_once(house: House) -> None:
    accounts, access, _ = house
    token = await access.links.reset("ben", "anna")
    assert token
    assert await access.links.reset("nobody", "anna") is None
    assert await access.links.resetting(token) == "ben"
    with pytest.raises(NotUsable):
        await access.links.set_anew(token, "short")
    assert await access.links.set_anew(token, "another good one") == "ben"
    assert await access.links.set_anew(token, "another good one") is None
    assert await accounts.right("ben", "another good one")


async def test_the_second_factor_is_asked_for_once_it_is_confirmed(house: House) -> None:
    accounts, access, real = house
    secret = await access.factor.offer("ben")
    code = pyotp.TOTP(secret).now() if real else CODE
    assert await access.factor.offered("ben") == secret
    assert await access.factor.confirm("ben", "000000") is None
    codes = await access.factor.confirm("ben", code)
    assert codes
    assert len(codes) == await access.factor.left("ben") == 10
    with pytest.raises(NotUsable):
        await access.factor.offer("ben")
    with pytest.raises(CodeWanted) as wanted:
        await accounts.login("ben", PASSWORD)
    assert await access.factor.awaited(wanted.value.step) == "ben"
    assert await access.factor.enter(wanted.value.step, "000000") is None
    session = await access.factor.enter(wanted.value.step, codes[0])
    assert session
    assert await accounts.whose(session)
    assert await access.factor.awaited(wanted.value.step) is None
    assert await access.factor.off("ben")
    assert await accounts.login("ben", PASSWORD)


async def test_a_token_may_no_more_than_its_owner(house: House) -> None:
    accounts, access, _ = house
    with pytest.raises(NotUsable):
        await access.tokens.add("ben", "x", Role.ADMIN)
    with pytest.raises(NotUsable):
        await access.tokens.add("ben", " ", Role.STAFF)
    token = await access.tokens.add("ben", "script", Role.STAFF)
    await accounts.set_role("ben", Role.VIEWER)
    held = await access.tokens.held(token)
    assert held
    assert (held[0].name, held[1].role) == ("ben", Role.VIEWER)
    (kept,) = await access.tokens.tokens("ben")
    assert await access.tokens.tokens("anna") == []
    assert await access.tokens.end(kept.id, "anna") is None
    ended = await access.tokens.end(kept.id)
    assert ended
    assert ended.name == "script"
    assert await access.tokens.held(token) is None


async def test_marks_are_known_beside_their_user(house: House) -> None:
    _, access, _ = house
    await access.familiar.remember("ben", ["a", "b"])
    assert await access.familiar.knows("ben", ["b", "c"]) == {"b"}
    assert await access.familiar.knows("anna", ["b"]) == frozenset()


async def test_who_comes_through_the_sign_on_service_has_no_password(house: House) -> None:
    accounts, access, _ = house
    session = await accounts.enter("issuer 1", "carla", Role.STAFF)
    user = await accounts.whose(session)
    assert user
    assert user.outside
    with pytest.raises(NotUsable):
        await access.links.reset("carla", "anna")
    with pytest.raises(NotUsable):
        await accounts.enter("issuer 2", "ben", Role.ADMIN)
