"""Nonsense in AstDB, whoever wrote it there: nothing of it reaches Dial, calls ring a human, the router mends it."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.call import Call
from tests.lab.lab import MOBILE, Lab
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router
from tests.lab.running import QUICK, rings_office, running
from tests.lab.test_hostile_callers import HARM, SHELL, complaints

ROWS = (
    "mobile|x|y|$(..)|a&b",
    f"mobile|{SHELL}|{SHELL}|{SHELL}|{SHELL}",
    '"|"|"|"|"',
    'mobile||") & "|+4917112345678|gsm',
    "mobile|mobile|99999999999999999999|+4917112345678&PJSIP/20,60,U(x)|gsm&zweit,1",
    "mobile||||gsm",
    "mobile|||gsm|gsm",
    "mobile|||+4917112345678|",
    "|mobile",
    "office|nobody|1|2|3|4|5",
    "x" * 900,
    "\\",
    "^~%;=>",
)
ORDERS = ('mobile"@1', "mobile@x", "$(..)|a&b", SHELL, "mobile,+490000@9999999999", "auto@" + "9" * 300, "@", "\\")
HEADS = {
    "current": ("x", '1"', SHELL, "9" * 60, "-1", "1/../2", ")"),
    "version": ('1" | "1" = "1', SHELL, "2", ")"),
    "lease": ("x", SHELL, "9" * 60, '1"', "-"),
}


@pytest_asyncio.fixture(loop_scope="session")
async def quick(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    (lab.office.root / HARM).unlink(missing_ok=True)
    async with running(lab, tmp_path, **QUICK) as product:
        yield product
    assert not (lab.office.root / HARM).exists()


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("plan/{plan}/" + NUMBER, ROWS),
        pytest.param("order", ORDERS, marks=pytest.mark.campaign),
        *(pytest.param(key, values, marks=pytest.mark.campaign) for key, values in HEADS.items()),
    ],
    ids=["rows", "orders", "current", "version", "lease"],
)
async def test_with_the_router_dead_nonsense_in_the_table_lets_every_call_ring_a_human(
    lab: Lab, quick: Router, key: str, values: tuple[str, ...]
) -> None:
    quick.kill()
    plan = lab.office.database_show("failover")["/failover/current"]
    said = len(lab.office.log())
    for value in values:
        _put(lab, key.format(plan=plan), value)
        await _rings_a_human(lab, value)
        if key in HEADS:  # the outbound order hangs on these only
            call = lab.desk.dials("030777")
            await lab.telekom.rang(since=call.begun_at, number="+4930777")
            await _over(lab, call)
    sent = {invite["Number"] for carrier in (lab.gsm, lab.zweit) for invite in carrier.invites()}
    assert sent <= {MOBILE}
    assert not complaints(lab, said)


async def test_the_router_writes_the_table_anew_and_stays_in_one_piece(lab: Lab, quick: Router) -> None:
    said = len(lab.office.log())
    nonsense = [("plan/{plan}/" + NUMBER, ROWS[0]), ("plan/{plan}/out", SHELL), ("plan/{plan}/orders", "[[1]]")]
    nonsense += [(key, value) for key, values in HEADS.items() for value in values[:3] if key != "lease"]
    for key, value in nonsense:
        plan = int(lab.office.database_show("failover")["/failover/current"])
        _put(lab, key.format(plan=plan), value)
        await _rings_a_human(lab, value)
        await polled(f"{key} is mended", functools.partial(_mended, lab, key, value), within=5)
        await quick.wait_for(lambda s: rings_office(s, NUMBER), within=5)
    for value in ORDERS:
        _put(lab, "order", value)
        await polled("the order is taken out", lambda: "/failover/order" not in lab.office.database_show("failover"), 5)
    call = lab.telekom.calls(NUMBER)
    await lab.desk.rang(since=call.begun_at)
    assert "could not be taken" not in quick.log()
    assert "Traceback" not in quick.log()
    assert not complaints(lab, said)


def _put(lab: Lab, key: str, value: str) -> None:
    answer = lab.office.ami.act("DBPut", Family="failover", Key=key, Val=value)
    assert answer["Response"] == "Success", answer


def _mended(lab: Lab, key: str, value: str) -> bool:
    """Whether the table in force holds that value no more."""
    table = lab.office.database_show("failover")
    return table.get(f"/failover/{key}".format(plan=table["/failover/current"])) != value


async def _rings_a_human(lab: Lab, about: str) -> None:
    """A call for the number, by its own trunk, rings the desk or the mobile at once."""
    call = lab.telekom.calls(NUMBER)

    def rings() -> bool:
        return bool(lab.desk.calls_here(since=call.begun_at) or lab.mobile.calls_here(since=call.begun_at))

    await polled(f"a phone rings with {about!r}", rings, within=5)
    await _over(lab, call)


async def _over(lab: Lab, call: Call) -> None:
    call.hangup()
    await call.ended()
    await polled("it is over", lambda: not lab.office.channels(), within=5)
