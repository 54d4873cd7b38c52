"""Which published number a call is for, however the carrier delivers it; and which numbers a desk phone may dial."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.forwarding import ANNA, CUSTOMER, forwarding
from tests.lab.lab import Lab
from tests.lab.raw_caller import RawCaller
from tests.lab.router import NUMBER, OTHER_NUMBER, Router

UNKNOWN = "account4711"
OTHER = "<sip:030999999@carrier.example;user=phone>"
DELIVERED = {
    "as extension": ("+4930999999", {}),
    "as extension, national": ("030999999", {}),
    "in To": (UNKNOWN, {"To": OTHER}),
    "in To, with a name": (UNKNOWN, {"To": f'"Muster, PC: Notdienst" {OTHER}'}),
    "in P-Called-Party-ID": (UNKNOWN, {"P-Called-Party-ID": "<sip:+4930999999@carrier.example>", "To": "<sip:x@y.z>"}),
    "nowhere": (UNKNOWN, {}),
    "in nonsense": (UNKNOWN, {"P-Called-Party-ID": "<<::@@)(", "To": "<sip:)x,0;b@y>"}),
}


@pytest_asyncio.fixture(loop_scope="session")
async def router(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    async with forwarding(lab, tmp_path, "auto", people=(ANNA,), office={"inside": "office-extensions"}) as product:
        yield product


async def test_the_number_is_found_wherever_the_carrier_puts_it(lab: Lab, router: Router) -> None:
    async with RawCaller(lab.telekom, lab.office) as caller:
        for where, (called, headers) in DELIVERED.items():
            lab.office.board.clear()
            assert await caller.calls(called=called, headers=headers) == 180, where
            told = await lab.office.board.wait("FailoverInbound", 2, 0)
            assert told["Number"] == (NUMBER if where in ("nowhere", "in nonsense") else OTHER_NUMBER), where


@pytest.mark.parametrize("dialled", ["20", "+49301110", "030555123", "0030555", "99"])
async def test_an_extension_of_the_office_stays_inside(lab: Lab, router: Router, dialled: str) -> None:
    extensions = lab.office.etc / "extensions.conf"
    before = extensions.read_text()
    extensions.write_text(f"{before}\n[office-extensions]\nexten => _X.,1,Answer()\n same => n,Wait(5)\n")
    try:
        lab.office.dialplan_reload()
        call = lab.desk.dials(dialled)
        if len(dialled) <= 4:
            await call.answered()
            assert not lab.telekom.invites()
        else:
            assert (await lab.telekom.invited())["Number"].lstrip("+0").startswith(("49", "30"))
        call.hangup()
    finally:
        extensions.write_text(before)
        lab.office.dialplan_reload()


async def test_without_send_pai_the_carrier_gets_the_office_as_the_one_who_asserts(lab: Lab, router: Router) -> None:
    config = lab.office.etc / "pjsip.conf"
    before = config.read_text()
    config.write_text(before.replace("send_pai = yes", "send_pai = no"))
    try:
        lab.office.cli("module reload res_pjsip.so")
        await router.override("mobile")
        lab.telekom.calls(NUMBER, caller=CUSTOMER)
        leg = await lab.gsm.invited()
        assert (leg["Caller"], leg["Asserted"]) == (CUSTOMER, NUMBER)
        assert NUMBER in leg["Diversion"]
    finally:
        config.write_text(before)
        lab.office.cli("module reload res_pjsip.so")
