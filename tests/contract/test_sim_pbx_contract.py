"""The simulated PBX that the core is played against keeps what a real Asterisk with our dialplan does."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from router.ami.link import Account
from router.check import connected
from router.core.plan import VERSION, Ask, Plan
from router.core.signals import Table
from router.core.site import Way
from router.settings import load
from router.site_of import site_of
from tests.lab.feature_codes import orders
from tests.lab.fixtures import lab, standing_lab
from tests.lab.lab import Lab
from tests.lab.office import PRODUCT_DIALPLAN
from tests.lab.router import NUMBER, OTHER_NUMBER, Router
from tests.unit.core.sim_pbx import SimPbx

__all__ = ["lab", "standing_lab"]
pytestmark = pytest.mark.lab
NORMAL = "office|||+4917112345678|gsm"
WHERE = """
[where]
exten => _[+0-9]!,1,Gosub(failover-read,s,1)
 same => n,Gosub(failover-number,s,1(${EXTEN:1}))
 same => n,Gosub(failover-way,s,1)
 same => n,UserEvent(Where,Number: ${EXTEN},Way: ${GOSUB_RETVAL})
"""


@dataclass
class Pbx:
    """What both can do. `way`: what is answered to the router's question; `goes`: where a call would go.

    `dials`: *28 or *28n at a desk phone. `age` makes the lease lapse.
    """

    apply: Callable[[Plan], Awaitable[tuple[bool, bool]]]
    table: Callable[[], Awaitable[Table]]
    way: Callable[[], Awaitable[Way]]
    goes: Callable[[str], Awaitable[Way]]
    dials: Callable[[str | None], Awaitable[object]]
    take_out: Callable[[list[tuple[str, str]]], Awaitable[object]]
    age: Callable[[], Awaitable[None]]
    wipe: Callable[[], Awaitable[None]]


@pytest.fixture(params=("fake", "real"))
async def pbx(request: pytest.FixtureRequest, lab: Lab, tmp_path: Path) -> AsyncIterator[Pbx]:
    product = Router(lab, tmp_path)
    try:
        await product.wire_office()
        conf = (lab.office.etc / "failover_office.conf").read_text()
        lab.office.install_dialplan(conf, PRODUCT_DIALPLAN.read_text() + WHERE)
        lab.office.wipe_astdb_family()
        settings = load(product.config)
        if request.param == "fake":
            yield _simulated(SimPbx.of(site_of(settings)))
        else:
            async with connected(Account(lab.office.address, 5038, "failover", settings.secret())) as (link, table):

                async def apply(plan: Plan) -> tuple[bool, bool]:
                    done = await table.apply(plan)
                    return done.stored, done.verified

                async def way() -> Way:
                    [answer] = await table.ask([Ask("failover-inbound", NUMBER, "")])
                    assert answer is not None
                    return Way.OFFICE if answer.would.startswith("Goto") else Way.MOBILE

                async def age() -> None:
                    now = (await table.read()).now
                    await link.act("DBPut", Family="failover", Key="lease", Val=str(int(now) - 1))

                async def wipe() -> None:
                    lab.office.wipe_astdb_family()

                async def read() -> Table:
                    return await table.read(keys=(NUMBER, OTHER_NUMBER, "out"))

                async def goes(number: str) -> Way:
                    asked = time.monotonic()
                    lab.office.ami.act(
                        "Originate", Channel=f"Local/{number}@where", Application="Wait", Data=".1", Async="true"
                    )
                    told = await lab.office.board.wait("Where", 2, asked, Number=number)
                    return Way(told["Way"])

                async def dials(number: str | None) -> None:
                    await orders(lab, {None: "*28", NUMBER: "*281", OTHER_NUMBER: "*282"}[number])

                yield Pbx(apply, read, way, goes, dials, table.take_out, age, wipe)
    finally:
        product.close()
        lab.office.wipe_astdb_family()


def _simulated(sim: SimPbx) -> Pbx:
    now = 1_000_000.0

    async def apply(plan: Plan) -> tuple[bool, bool]:
        return sim.apply(plan, "check", now)

    async def table() -> Table:
        return sim.table(now)

    async def goes(number: str) -> Way:
        return sim.way(number, now)

    async def way() -> Way:
        return sim.way(NUMBER, now, asked=True)

    async def dials(number: str | None) -> None:
        sim.dials(number, now)

    async def take_out(fates: list[tuple[str, str]]) -> None:
        sim.take_out(fates)

    async def age() -> None:
        sim.heads["lease"] = str(int(now) - 1)

    async def wipe() -> None:
        sim.wipe()

    return Pbx(apply, table, way, goes, dials, take_out, age, wipe)


def plan(number: int, row: str) -> Plan:
    return Plan(number, {NUMBER: row, OTHER_NUMBER: NORMAL, "out": "telekom:12&gsm:12"})


async def test_a_plan_that_was_applied_stands_with_its_writer_version_and_a_lease_of_a_minute(pbx: Pbx) -> None:
    assert await pbx.apply(plan(7, "mobile|||+4917112345678|gsm")) == (True, True)
    table = await pbx.table()
    assert (table.current, table.writer, table.version) == (7, "check", VERSION)
    assert table.entries == plan(7, "mobile|||+4917112345678|gsm").entries
    assert table.lease is not None
    assert 58 <= table.lease - table.now <= 60


async def test_a_deleted_table_is_empty_and_calls_ring_in_the_office(pbx: Pbx) -> None:
    await pbx.apply(plan(8, "mobile|||+4917112345678|gsm"))
    assert await pbx.way() is Way.MOBILE
    await pbx.wipe()
    table = await pbx.table()
    assert (table.current, table.writer, table.version, table.lease) == (None, None, None, None)
    assert not table.entries
    assert await pbx.way() is Way.OFFICE


async def test_without_a_lease_only_staffs_word_diverts_a_trunk_that_is_well(pbx: Pbx) -> None:
    await pbx.apply(plan(9, "mobile|||+4917112345678|gsm"))
    await pbx.age()
    assert await pbx.way() is Way.OFFICE
    await pbx.apply(plan(10, "office|mobile||+4917112345678|gsm"))
    await pbx.age()
    assert await pbx.way() is Way.MOBILE
    await pbx.apply(plan(11, "office|mobile|1000|+4917112345678|gsm"))
    assert await pbx.way() is Way.OFFICE, "its end has long come"


async def test_what_a_desk_phone_dials_is_the_newest_word_for_calls_and_nothing_to_the_question(pbx: Pbx) -> None:
    await pbx.apply(plan(12, NORMAL))
    assert (await pbx.table()).order is None
    await pbx.dials(NUMBER)
    assert (await pbx.goes(NUMBER), await pbx.goes(OTHER_NUMBER)) == (Way.MOBILE, Way.OFFICE)
    assert await pbx.way() is Way.OFFICE
    table = await pbx.table()
    assert table.order is not None
    assert table.order.startswith(f"mobile,{NUMBER}@")
    assert table.lamp is True
    await pbx.dials(NUMBER)
    assert await pbx.goes(NUMBER) is Way.OFFICE
    assert (await pbx.table()).lamp is False
    await pbx.apply(plan(13, "office|mobile||+4917112345678|gsm"))
    assert await pbx.goes(NUMBER) is Way.OFFICE, "given back after that was written, for all that is known"
    await pbx.dials(None)
    assert (await pbx.goes(NUMBER), await pbx.goes(OTHER_NUMBER)) == (Way.MOBILE, Way.MOBILE)
    await pbx.dials(None)
    assert (await pbx.goes(NUMBER), await pbx.goes(OTHER_NUMBER)) == (Way.OFFICE, Way.OFFICE)


async def test_orders_leave_the_table_by_name_and_others_stay(pbx: Pbx) -> None:
    await pbx.apply(plan(14, NORMAL))
    for number in (NUMBER, OTHER_NUMBER, NUMBER):
        await pbx.dials(number)
    first, second, third = ((await pbx.table()).order or "").split("&")
    await pbx.take_out([(first, "forwarding-on"), (third, "overruled"), ("mobile@1", "saved")])
    assert (await pbx.table()).order == second
    await pbx.take_out([(second, "forwarding-on")])
    assert (await pbx.table()).order is None
    await pbx.take_out([(second, "forwarding-on")])
    assert (await pbx.table()).order is None
