"""112 and 110 go out: whatever has failed, whatever staff have ordered, and with digits unchanged."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.call import Call
from tests.lab.carrier import Carrier
from tests.lab.lab import Lab
from tests.lab.router import NUMBER, Router
from tests.lab.running import QUICK, forwarded, running, talks

NUMBERS = ("112", "110")
FIRST_PASS = 5.0  # seconds that a dead trunk may cost
SECOND_PASS = 13.0
PROMPTLY = 2.0  # on a busy machine


@pytest_asyncio.fixture(loop_scope="session")
async def quick(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    async with running(lab, tmp_path, **QUICK) as product:
        yield product


@pytest.fixture
def wired(lab: Lab, tmp_path: Path) -> Iterator[Router]:
    """The dialplan with `failover_office.conf`, an empty AstDB, and no router: it never ran, or died long ago."""
    lab.office.wipe_astdb_family()
    product = Router(lab, tmp_path)
    yield product
    product.close()


async def test_in_an_outage_it_leaves_the_silent_trunk_within_five_seconds_and_then_at_once(
    lab: Lab, quick: Router
) -> None:
    with lab.telekom.silent():
        before = [lab.desk.dials(number) for number in NUMBERS]  # nobody has noticed the outage yet
        for call in before:
            assert await _arrives(lab, call, lab.zweit) < FIRST_PASS
        await quick.wait_for(lambda s: forwarded(s, NUMBER))
        await lab.office.sees("telekom", contact="Unavail")
        for number in NUMBERS:
            assert await _arrives(lab, lab.desk.dials(number), lab.zweit) < PROMPTLY
        assert not lab.mobile.calls_here()


async def test_staffs_order_to_the_mobile_does_not_touch_it(lab: Lab, quick: Router) -> None:
    assert (await quick.override("mobile")).status_code == 200
    for number in NUMBERS:
        call = lab.desk.dials(number)
        ring = await lab.telekom.rang(within=1, since=call.begun_at, number=number)
        await call.answered()
        assert await talks(call, ring)
    assert not lab.mobile.calls_here()
    assert not lab.gsm.invites()


@pytest.mark.parametrize(
    ("prefix", "dialled", "sent"),
    [("", "112", "112"), ("", "110", "110"), ("0", "0112", "112"), ("0", "112", "112"), ("9", "9110", "110")],
)
async def test_without_a_router_and_a_table_the_digits_go_out_unchanged_with_and_without_outside_prefix(
    lab: Lab, wired: Router, prefix: str, dialled: str, sent: str
) -> None:
    wired.settings["office"]["outside_prefix"] = prefix
    await wired.wire_office()
    assert await _arrives(lab, lab.desk.dials(dialled), lab.telekom, sent) < PROMPTLY
    assert _dialled(lab) == [f"{sent}@telekom"]


async def test_with_every_contact_unreachable_in_asterisks_eyes_it_still_goes_out_over_the_trunk_that_works(
    lab: Lab, wired: Router
) -> None:
    await wired.wire_office()
    async with lab.office.thinks_unreachable():
        with lab.telekom.silent():
            usual = lab.desk.dials("030777")  # no explicit URI for this one: no trunk is left for it
            calls = [lab.desk.dials(number) for number in NUMBERS]
            await usual.ended(within=2)
            for call in calls:
                assert await _arrives(lab, call, lab.zweit) < SECOND_PASS
        assert not lab.gsm.invites()


@pytest.mark.campaign
async def test_each_dead_trunk_costs_five_seconds_in_the_first_pass_and_thirteen_in_the_second(
    lab: Lab, wired: Router
) -> None:
    await wired.wire_office()
    with lab.telekom.silent(), lab.gsm.silent(), lab.zweit.answers_invites_with(503):
        call = lab.desk.dials("112")
        legs = [await _leg(lab, at) for at in range(6)]
        assert legs == sorted(legs)
        spent = [later - earlier for earlier, later in itertools.pairwise(legs)]
        # telekom and the gateway are dead, the trunk between them refuses at once
        assert [round(seconds) for seconds in spent] == [4, 0, 4, 12, 0]
        assert max(spent[0], spent[2]) < FIRST_PASS
        assert spent[3] < SECOND_PASS
        call.hangup()
        await call.ended()


@pytest.mark.campaign
async def test_a_carrier_that_needs_eight_seconds_to_ringing_gets_it_too(lab: Lab, wired: Router) -> None:
    await wired.wire_office()
    with (
        lab.telekom.answers_invites_late(8),
        lab.zweit.answers_invites_with(503),
        lab.gsm.answers_invites_with(503),
    ):
        call = lab.desk.dials("112")
        await call.answered(within=4 + 8 + 2)
        taken = [ring for ring in lab.telekom.calls_here(number="112") if ring.answered_at]
        assert await talks(call, *taken)


async def test_a_question_about_it_is_answered_and_never_dialled(lab: Lab, quick: Router) -> None:
    del quick
    for number in NUMBERS:
        lab.office.ami.act(
            "Originate", Channel=f"Local/{number}@failover-outbound", Application="Wait", Data="1", Async="true",
            Variable=f"FAILOVER_ASK=ask{number}",
        )  # fmt: skip
        answer = await lab.office.board.wait("FailoverAnswer", within=2, Ask=f"ask{number}")
        assert answer["Would"] == f"PJSIP/{number}@telekom"
        await lab.office.board.wait("OriginateResponse", within=5)
    assert not _dialled(lab)


async def _arrives(lab: Lab, call: Call, carrier: Carrier, number: str = "") -> float:
    """Seconds until it rings there, and nowhere before; then it is hung up."""
    sent = number or call.number
    ring = await carrier.rang(within=2 * SECOND_PASS, since=call.begun_at, number=sent)
    await call.answered()
    call.hangup()
    await call.ended()
    return ring.begun_at - call.begun_at


def _dialled(lab: Lab) -> list[str]:
    """What the office dialled over its trunks, by its own word.

    At a carrier that is back from silence an INVITE of long ago may still arrive: SIP repeats it for 32 s, and
    can only then cancel it (RFC 3261, section 9.1).
    """
    return [leg["DialString"] for leg in lab.office.board.all("DialBegin") if leg["DestChannel"].startswith("PJSIP/")]


async def _leg(lab: Lab, at: int) -> float:
    """The moment at which the office began its leg number `at`."""
    board = lab.office.board

    def begun() -> float | None:
        seen = board.all("DialBegin")
        return seen[at].at if len(seen) > at else None

    return await board.until(f"leg {at}", begun, within=SECOND_PASS + 1)
