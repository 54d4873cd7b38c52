"""The rig's calls: who rings, who hears whom. A rig that lies would make every test built on it a lie."""

from __future__ import annotations

import base64

import pytest

from tests.lab.lab import MOBILE, Lab
from tests.lab.polled import polled

NUMBER = "+4930123456"
pytestmark = pytest.mark.usefixtures("plain_dialplan")


async def test_a_call_from_a_carrier_rings_the_desk_and_both_hear_each_other(lab: Lab) -> None:
    call = lab.telekom.calls(NUMBER, caller="+491601111111")
    ring = await lab.desk.rang(within=5, caller="+491601111111")
    assert await call.ringing() <= await call.answered()
    assert await ring.hears(lab.telekom.tone)
    assert await call.hears(lab.desk.tone)
    assert not await call.hears(lab.mobile.tone, within=0.5)
    call.hangup()
    await ring.ended()
    await call.ended()
    assert call.heard(lab.desk.tone) > 0.5
    assert ring.heard(lab.telekom.tone) > 0.5
    assert call.sip_code == 200


async def test_the_callee_who_hangs_up_ends_the_call_of_the_carrier(lab: Lab) -> None:
    call = lab.telekom.calls(NUMBER)
    ring = await lab.desk.rang()
    await call.answered()
    ring.hangup()
    await call.ended(within=2)
    assert call.cause == 16


async def test_a_phone_that_only_rings_leaves_the_caller_waiting_until_he_gives_up(lab: Lab) -> None:
    lab.desk.only_rings()
    call = lab.telekom.calls(NUMBER)
    await call.ringing()
    assert call.answered_at is None
    call.hangup()
    await (await lab.desk.rang()).ended(within=2)


async def test_a_busy_phone_is_busy_for_the_caller(lab: Lab) -> None:
    lab.desk.refuses(17)
    call = lab.telekom.calls(NUMBER)
    await call.ended()
    assert (call.cause, call.sip_code) == (17, 486)


async def test_a_call_to_the_registered_contact_has_no_number_in_its_uri(lab: Lab) -> None:
    lab.telekom.calls(NUMBER, registered=True)
    await lab.desk.rang()
    assert lab.office.board.all("Newchannel")[0]["Exten"] == "office"


@pytest.mark.parametrize("trunk", ["telekom", "zweit", "gsm"])
async def test_the_desk_calls_out_by_each_carrier(lab: Lab, trunk: str) -> None:
    carrier = next(c for c in lab.carriers if c.name == trunk)
    lab.office.install_dialplan("", f"[failover-outbound]\nexten => _X.,1,Dial(PJSIP/${{EXTEN}}@{trunk},60)\n")
    call = lab.desk.dials("112")
    invite = await carrier.invited(Number="112")
    assert invite["Caller"] == "20"
    await call.answered()
    assert await call.hears(carrier.tone)
    assert await (await carrier.rang(number="112")).hears(lab.desk.tone)


@pytest.mark.parametrize("dialled", [MOBILE, "01711" + MOBILE[7:], "00" + MOBILE[1:]])
async def test_a_mobile_number_dialled_by_the_gateway_rings_the_mobile(lab: Lab, dialled: str) -> None:
    lab.office.install_dialplan("", "[failover-outbound]\nexten => _[+0-9]!,1,Dial(PJSIP/${EXTEN}@gsm,60)\n")
    call = lab.desk.dials(dialled)
    ring = await lab.mobile.rang(number=dialled)
    await call.answered()
    assert await ring.hears(lab.desk.tone)
    assert await call.hears(lab.mobile.tone)


async def test_the_gateway_delivers_calls_too(lab: Lab) -> None:
    lab.gsm.calls(NUMBER)
    await lab.desk.rang()


async def test_a_gateway_with_one_channel_refuses_the_second_call(lab: Lab) -> None:
    lab.office.install_dialplan("", "[failover-outbound]\nexten => _[+0-9]!,1,Dial(PJSIP/${EXTEN}@gsm,60)\n")
    lab.gsm.set_channels(1)
    try:
        await lab.desk.dials(MOBILE).answered()
        second = lab.desk.dials(MOBILE)
        await second.ended()
        assert second.sip_code == 503
    finally:
        lab.gsm.set_channels(0)


async def test_a_gateway_with_one_channel_cannot_take_a_call_and_forward_it(lab: Lab) -> None:
    lab.office.install_dialplan("", f"[failover-inbound]\nexten => _[+0-9]!,1,Dial(PJSIP/{MOBILE}@gsm,60)\n")
    lab.gsm.set_channels(1)
    try:
        call = lab.gsm.calls(NUMBER)
        await call.ended()
        assert not lab.mobile.calls_here()
        await lab.telekom.calls(NUMBER).answered()
    finally:
        lab.gsm.set_channels(0)


async def test_two_mobiles_behave_each_in_its_own_way(lab: Lab) -> None:
    lab.office.install_dialplan("", "[failover-outbound]\nexten => _[+0-9]!,1,Dial(PJSIP/${EXTEN}@gsm,60)\n")
    lab.mobile.only_rings(number="+491600000001")
    silent, answered = lab.desk.dials("+491600000001"), lab.desk.dials("+491600000002")
    await answered.answered()
    await lab.mobile.rang(number="+491600000001")
    assert silent.answered_at is None


async def test_a_raw_caller_name_reaches_the_office_byte_for_byte(lab: Lab) -> None:
    seen = "Set(GLOBAL(SEEN)=${BASE64_ENCODE(${CALLERID(name)})})"
    lab.office.install_dialplan("", f"[failover-inbound]\nexten => _[+0-9]!,1,{seen}\n same => n,Hangup(17)\n")
    await lab.telekom.calls(NUMBER, name='"a, b)&${X} \\"quoted\\" ' + "x" * 300 + '"').ended()
    value = lab.office.ami.act("Getvar", Variable="SEEN")["Value"]
    assert b"a, b)&${X} " in base64.b64decode(value + "==")


async def test_a_key_pressed_on_a_phone_is_heard_by_the_office(lab: Lab) -> None:
    read = "Answer()\n same => n,Read(GOT,,1,,1,5)\n same => n,UserEvent(Got,Key: ${GOT})\n"
    lab.office.install_dialplan("", f"[failover-outbound]\nexten => 5,1,{read}")
    call = lab.desk.dials("5")
    await call.answered()
    call.presses("1")
    assert (await lab.office.board.wait("Got", within=6))["Key"] == "1"


async def test_the_office_keeps_its_astdb_over_a_restart_and_loses_it_when_wiped(lab: Lab) -> None:
    lab.office.wipe_astdb_family()  # a call of the test before may have written its row after it
    lab.office.cli("database put failover/plan pointer a")
    lab.office.cli("database put other key b")
    await lab.office.restart()
    assert lab.office.database_show("failover") == {"/failover/plan/pointer": "a"}
    lab.office.wipe_astdb_family()
    assert lab.office.database_show("failover") == {}
    assert lab.office.database_show("other") == {"/other/key": "b"}
    lab.office.stop()
    lab.office.wipe_astdb()
    lab.office.start()
    await lab.office.booted()
    assert lab.office.database_show("other") == {}
    await lab.at_rest()


async def test_the_office_comes_back_after_kill_9(lab: Lab) -> None:
    lab.office.kill9()
    assert not lab.office.running
    lab.office.start()
    await lab.office.booted()
    await lab.at_rest()
    lab.telekom.calls(NUMBER)
    await lab.desk.rang()


async def test_a_call_leaves_a_record_answered_or_not(lab: Lab) -> None:
    before = len(lab.office.cdrs())
    lab.desk.refuses(17)
    await lab.telekom.calls(NUMBER).ended()
    await polled("a record is written", lambda: len(lab.office.cdrs()) > before, within=3)
    assert lab.office.cdrs()[-1][2] == NUMBER
