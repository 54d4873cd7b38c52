"""The rig's faults: each does what its name says, to nothing else, and is undone at its end."""

from __future__ import annotations

import asyncio

import pytest

from tests.lab import firewall
from tests.lab.lab import Lab
from tests.lab.polled import polled

NUMBER = "+4930123456"
pytestmark = [pytest.mark.campaign, pytest.mark.usefixtures("plain_dialplan")]


async def test_a_silent_carrier_is_unreachable_and_comes_back(lab: Lab) -> None:
    with lab.telekom.silent():
        lab.office.qualify("telekom")
        await lab.office.sees("telekom", contact="Unavail", within=5)
        assert lab.office.contact("zweit") == "Avail"
        lab.telekom.calls(NUMBER)
        with pytest.raises(TimeoutError):
            await lab.desk.rang(within=1)
        lab.telekom.hang_up_all()
    lab.office.qualify("telekom")
    await lab.office.sees("telekom", contact="Avail", within=2)
    lab.telekom.calls(NUMBER)
    await lab.desk.rang()


async def test_a_carrier_silent_in_sip_alone_is_still_heard(lab: Lab) -> None:
    call = lab.telekom.calls(NUMBER)
    await call.answered()
    with lab.telekom.silent(sip_only=True):
        assert await call.hears(lab.desk.tone)
    with lab.telekom.silent():
        assert not await call.hears(lab.desk.tone, within=1)
    assert await call.hears(lab.desk.tone)


async def test_a_fault_is_undone_when_the_test_in_it_fails(lab: Lab) -> None:
    with pytest.raises(ZeroDivisionError), lab.telekom.silent(), lab.telekom.answers_options_with(503):
        1 / 0  # noqa: B018
    assert lab.firewall.table not in firewall.tables()
    begun = lab.office.contact("telekom")
    lab.office.qualify("telekom")
    await lab.telekom.board.wait("OPTIONS", within=2)
    assert begun == "Avail"


@pytest.mark.parametrize("code", [403, 503])
async def test_a_refused_registration_is_rejected_while_options_are_answered(lab: Lab, code: int) -> None:
    with lab.telekom.refuses_registration(code):
        lab.office.register("telekom")
        await lab.office.sees("telekom", registration="Rejected", within=15)
        assert lab.office.contact("telekom") == "Avail"
    lab.office.register("telekom")
    await lab.office.sees("telekom", registration="Registered", within=15)


async def test_a_registration_left_unanswered_says_nothing_about_options(lab: Lab) -> None:
    with lab.telekom.leaves_registration_unanswered() as fault:
        lab.office.register("telekom")
        await lab.telekom.board.wait("REGISTER", within=12)
        lab.office.qualify("telekom")
        await lab.telekom.board.wait("OPTIONS", within=2)
        assert lab.office.contact("telekom") == "Avail"
        assert fault.hit
    await lab.office.restart()
    await lab.office.sees("telekom", registration="Registered")


@pytest.mark.parametrize("code", [403, 404, 480, 486, 503, 603])
async def test_invites_are_answered_with_any_code_while_options_and_registration_are_fine(lab: Lab, code: int) -> None:
    dialplan = "[failover-outbound]\nexten => _X.,1,Dial(PJSIP/${EXTEN}@telekom,60)\n same => n,UserEvent(Left,"
    dialplan += "Status: ${DIALSTATUS},Tech: ${HANGUPCAUSE(${HANGUPCAUSE_KEYS()},tech)})\n"
    lab.office.install_dialplan("", dialplan)
    with lab.telekom.answers_invites_with(code):
        lab.desk.dials("030777")
        left = await lab.office.board.wait("Left", within=3)
        assert left["Tech"].startswith(f"SIP {code}")
        assert (await lab.telekom.invited())["Number"] == "030777"
        lab.office.qualify("telekom")
        await lab.telekom.board.wait("OPTIONS", within=2)
        assert (lab.office.contact("telekom"), lab.office.registration("telekom")) == ("Avail", "Registered")
    await lab.desk.dials("030777").answered()


async def test_a_late_carrier_rings_only_after_its_delay(lab: Lab) -> None:
    with lab.telekom.answers_invites_late(1.5):
        call = lab.desk.dials("030777")
        assert 1.4 < await call.ringing() - call.begun_at < 2.5
    call = lab.desk.dials("030777")
    assert await call.ringing() - call.begun_at < 1


async def test_one_lost_probe_makes_the_contact_unreachable_and_the_next_is_answered(lab: Lab) -> None:
    with lab.telekom.loses_options(1) as fault:
        lab.office.qualify("telekom")
        await lab.office.sees("telekom", contact="Unavail", within=5)
        lab.office.qualify("telekom")
        await lab.office.sees("telekom", contact="Avail", within=2)
    assert len(fault.hit) == 1


async def test_options_answered_with_503_leave_the_contact_reachable_for_asterisk(lab: Lab) -> None:
    with lab.telekom.answers_options_with(503) as fault:
        lab.office.qualify("telekom")
        await lab.telekom.board.wait("OPTIONS", within=2)
        await lab.office.sees("telekom", contact="Avail", within=1)
    assert fault.hit


async def test_a_share_of_the_packets_gets_lost(lab: Lab) -> None:
    call = lab.telekom.calls(NUMBER)
    ring = await lab.desk.rang()
    await call.answered()
    with lab.telekom.loses_share(0.5):
        lost = await polled("something is lost", lambda: firewall.dropped(lab.firewall.table), within=2)
        await asyncio.sleep(1)  # 50 packets of audio a second, each way
        assert 20 < firewall.dropped(lab.firewall.table) - lost < 80
    ring.hangup()
    await call.ended()


async def test_calls_go_through_a_trunk_that_asterisk_thinks_unreachable(lab: Lab) -> None:
    lab.office.install_dialplan(
        "", f"[failover-outbound]\nexten => _X.,1,Dial(PJSIP/telekom/sip:${{EXTEN}}@{lab.telekom.border})\n"
    )
    async with lab.office.thinks_unreachable(lab.telekom, lab.zweit):
        assert (lab.office.contact("telekom"), lab.office.contact("gsm")) == ("Unavail", "Avail")
        await lab.desk.dials("112").answered()
    assert lab.office.contact("telekom") == "Avail"


async def test_a_frozen_carrier_is_silent_until_it_thaws(lab: Lab) -> None:
    lab.zweit.freeze()
    try:
        lab.office.qualify("zweit")
        await lab.office.sees("zweit", contact="Unavail", within=5)
    finally:
        lab.zweit.thaw()
