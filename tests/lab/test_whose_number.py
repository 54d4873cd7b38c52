"""Whose number a desk phone shows outside: its own where that is one, else the first of the trunk of each leg."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.lab import Lab
from tests.lab.office import PRODUCT_DIALPLAN
from tests.lab.router import NUMBER, OTHER_NUMBER, Router
from tests.lab.running import QUICK, running

DIRECT = "+493012345678"
"""A direct line: the office's, and not published."""
AS_ANOTHER = """
[failover-features](+)
exten => _77.,1,ExecIf($["${LAB_SHOWN}" != "anonymous"]?Set(CALLERID(num)=${LAB_SHOWN}))
 same => n,ExecIf($["${LAB_SHOWN}" = "anonymous"]?Set(CALLERID(pres)=prohib))
 same => n,Goto(failover-outbound,${EXTEN:2},1)
"""
"""A desk phone that shows another number: 77, and the number dialled."""


@pytest_asyncio.fixture(loop_scope="session")
async def router(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    async with running(lab, tmp_path, **QUICK) as product:
        conf = (lab.office.etc / "failover_office.conf").read_text()
        lab.office.install_dialplan(conf, PRODUCT_DIALPLAN.read_text() + AS_ANOTHER)
        yield product


async def test_an_extension_shows_the_number_of_each_trunk_that_it_goes_by(lab: Lab, router: Router) -> None:
    for dialled, sent in (("030777", "+4930777"), ("112", "112")):
        begun = 0.0
        with lab.telekom.answers_invites_with(503), lab.zweit.answers_invites_with(503):
            call = lab.desk.dials(dialled)
            begun = call.begun_at
            last = await lab.gsm.invited(since=begun)
            call.hangup()
            await call.ended()
        seen = [carrier.invites(begun, Number=sent)[0]["Caller"] for carrier in (lab.telekom, lab.zweit)]
        assert seen == [NUMBER, OTHER_NUMBER]
        assert last["Caller"] == "20"  # a gateway has a number of its own, and no published one


@pytest.mark.parametrize(
    ("shown", "seen"), [(OTHER_NUMBER, OTHER_NUMBER), (DIRECT, DIRECT), ("030999999", "030999999"), ("", NUMBER)]
)
async def test_what_can_be_called_back_is_shown_as_it_is(lab: Lab, router: Router, shown: str, seen: str) -> None:
    lab.office.set_global("LAB_SHOWN", shown)
    call = lab.desk.dials("77030777")
    assert (await lab.telekom.invited())["Caller"] == seen
    call.hangup()


async def test_who_withholds_his_number_stays_anonymous(lab: Lab, router: Router) -> None:
    lab.office.set_global("LAB_SHOWN", "anonymous")
    call = lab.desk.dials("77030777")
    leg = await lab.telekom.invited()
    assert "anonymous" in leg["From"].lower()
    assert NUMBER not in leg["From"]
    call.hangup()
