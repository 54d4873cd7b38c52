"""The rig itself: a fault that does not what it says would make every test built on it a lie."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import math
import os
import struct
import subprocess
import sys
import time
import tomllib
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.lab import chroot, firewall
from tests.lab.ami_relay import AmiRelay
from tests.lab.lab import MOBILE, Lab
from tests.lab.office import PLAIN_DIALPLAN
from tests.lab.toml_text import toml_text
from tests.lab.tone import contains_tone

NUMBER = "+4930123456"


@pytest.fixture(name="lab")
def lab_with_plain_dialplan(lab: Lab) -> Lab:
    lab.office.install_dialplan("", PLAIN_DIALPLAN)
    return lab


# --- calls ------------------------------------------------------------------------------------------------------------


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


async def test_two_mobiles_behave_each_in_its_own_way(lab: Lab) -> None:
    lab.office.install_dialplan("", "[failover-outbound]\nexten => _[+0-9]!,1,Dial(PJSIP/${EXTEN}@gsm,60)\n")
    lab.mobile.only_rings(number="+491600000001")
    silent, answered = lab.desk.dials("+491600000001"), lab.desk.dials("+491600000002")
    await answered.answered()
    await lab.mobile.rang(number="+491600000001")
    assert silent.answered_at is None


async def test_a_raw_caller_name_reaches_the_office_byte_for_byte(lab: Lab) -> None:
    dialplan = "[failover-inbound]\nexten => _X.,1,Set(GLOBAL(SEEN)=${BASE64_ENCODE(${CALLERID(name)})})\n same => n,Hangup(17)\n"
    lab.office.install_dialplan("", dialplan.replace("_X.", "_[+0-9]!"))
    await lab.telekom.calls(NUMBER, name='"a, b)&${X} \\"quoted\\" ' + "x" * 300 + '"').ended()
    value = lab.office.ami.act("Getvar", Variable="SEEN")["Value"]
    assert b"a, b)&${X} " in base64.b64decode(value + "==")


async def test_a_key_pressed_on_a_phone_is_heard_by_the_office(lab: Lab) -> None:
    dialplan = "[failover-outbound]\nexten => 5,1,Answer()\n same => n,Read(GOT,,1,,1,5)\n same => n,UserEvent(Got,Key: ${GOT})\n"
    lab.office.install_dialplan("", dialplan)
    call = lab.desk.dials("5")
    await call.answered()
    call.presses("1")
    assert (await lab.office.board.wait("Got", within=6))["Key"] == "1"


# --- faults -----------------------------------------------------------------------------------------------------------


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
    assert firewall.tables() == []
    lab.office.qualify("telekom")
    await asyncio.sleep(0)
    assert lab.office.contact("telekom") == "Avail"


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
        listing = subprocess.run(
            ["nft", "list", "table", "inet", lab.firewall.table], capture_output=True, text=True
        ).stdout
        assert "numgen random mod 1000 < 500" in listing
        assert not await ring.hears(1000, within=0.5)
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


# --- the office -------------------------------------------------------------------------------------------------------


async def test_the_office_keeps_its_astdb_over_a_restart_and_loses_it_when_wiped(lab: Lab) -> None:
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
    async with asyncio.timeout(3):
        while len(lab.office.cdrs()) == before:
            await asyncio.sleep(0.02)
    assert lab.office.cdrs()[-1][2] == NUMBER


# --- the wire to AMI --------------------------------------------------------------------------------------------------


@pytest.fixture
def wire(lab: Lab) -> Iterator[AmiRelay]:
    relay = AmiRelay(f"127.0.{lab.net}.70", lab.office.address)
    relay.start()
    yield relay
    relay.stop()


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def _connected(wire: AmiRelay) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection(wire.address, 5038)
    try:
        yield reader, writer
    finally:
        writer.close()


@contextlib.asynccontextmanager
async def _logged_in(wire: AmiRelay, lab: Lab) -> AsyncIterator[Line]:
    async with _connected(wire) as (reader, writer):
        assert (await asyncio.wait_for(reader.readline(), 2)).startswith(b"Asterisk Call Manager")
        login = f"Action: Login\r\nUsername: failover\r\nSecret: {lab.office.ami_secret}\r\nEvents: off\r\n\r\n"
        writer.write(login.encode())
        assert b"Success" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 2)
        yield reader, writer


async def _ping(line: Line, within: float = 2) -> bytes:
    line[1].write(b"Action: Ping\r\n\r\n")
    return await asyncio.wait_for(line[0].readuntil(b"\r\n\r\n"), within)


async def test_the_wire_counts_what_passes_and_tells_no_secret(lab: Lab, wire: AmiRelay) -> None:
    async with _logged_in(wire, lab) as line:
        assert b"Pong" in await _ping(line)
    assert [a.kind for a in wire.actions()] == ["Login", "Ping"]
    assert "Secret" not in wire.actions("Login")[0].fields


async def test_a_cut_wire_is_reset_and_takes_new_connections(lab: Lab, wire: AmiRelay) -> None:
    async with _logged_in(wire, lab) as (reader, _):
        wire.cut()
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(reader.read(), 2)
    async with _logged_in(wire, lab) as line:
        assert b"Pong" in await _ping(line)


async def test_a_half_open_wire_swallows_everything_and_new_connections_hear_nothing(lab: Lab, wire: AmiRelay) -> None:
    async with _logged_in(wire, lab) as old:
        with wire.half_open():
            with pytest.raises(TimeoutError):
                await _ping(old, within=0.3)
            async with _connected(wire) as (reader, _):
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(reader.read(1), 0.3)
        with pytest.raises(TimeoutError):
            await _ping(old, within=0.3)
        assert wire.actions("Ping") == []
        async with _logged_in(wire, lab) as line:
            assert b"Pong" in await _ping(line)


async def test_a_hiccup_of_the_wire_loses_nothing(lab: Lab, wire: AmiRelay) -> None:
    async with _logged_in(wire, lab) as line:
        with wire.stalled():
            with pytest.raises(TimeoutError):
                await _ping(line, within=0.3)
        assert b"Pong" in await asyncio.wait_for(line[0].readuntil(b"\r\n\r\n"), 2)
        begun = time.monotonic()
        hiccup = asyncio.create_task(wire.hiccup(0.5))
        await asyncio.sleep(0)
        assert b"Pong" in await _ping(line)
        assert 0.4 < time.monotonic() - begun < 1.5
        await hiccup


async def test_a_refusing_wire_resets_every_connection(lab: Lab, wire: AmiRelay) -> None:
    with wire.refusing():
        async with _connected(wire) as (reader, _):
            with pytest.raises(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(1), 2)
    async with _logged_in(wire, lab) as line:
        assert b"Pong" in await _ping(line)


# --- what is left behind ----------------------------------------------------------------------------------------------


def _mounts() -> list[str]:
    return [line for line in Path("/proc/mounts").read_text().splitlines() if f"{chroot.root()}/" in line]


async def test_nothing_is_left_of_a_lab(lab: Lab) -> None:
    async with Lab() as second:
        assert second.net != lab.net
        pids = [asterisk.pid for asterisk in second.all]
        with second.telekom.silent():
            assert second.firewall.table in firewall.tables()
        loss = second.telekom.silent()
        loss.__enter__()
    assert second.firewall.table not in firewall.tables()
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert not _mounts()
    assert not (chroot.root() / f"lab/{second.net}").exists()


async def test_a_lab_whose_process_is_killed_leaves_no_asterisk_and_no_mount(lab: Lab) -> None:
    script = """
import asyncio, sys
from tests.lab.lab import Lab
async def main():
    async with Lab() as lab:
        with lab.telekom.silent():
            print(*(a.pid for a in lab.all), flush=True)
            await asyncio.sleep(600)
asyncio.run(main())
"""
    victim = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    assert victim.stdout
    pids = (await asyncio.to_thread(victim.stdout.readline)).split()
    assert len(pids) == 6
    victim.kill()
    victim.wait()
    victim.stdout.close()
    async with asyncio.timeout(5):
        while any(Path(f"/proc/{pid}").exists() for pid in pids):
            await asyncio.sleep(0.02)
    assert not _mounts()
    firewall.sweep()
    assert not [name for name in firewall.tables() if f"_{victim.pid}_" in name]


# --- small tools ------------------------------------------------------------------------------------------------------


def _write_tone(path: Path, hz: float, seconds: float) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (int(8000 * math.sin(2 * math.pi * hz * n / 8000)) for n in range(int(8000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", s) for s in samples))


def test_a_tone_is_told_from_its_neighbour_and_from_silence(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    _write_tone(path, 660, 1)
    assert contains_tone(path, 660)
    assert not contains_tone(path, 640)
    assert not contains_tone(path, 880)
    _write_tone(path, 0, 1)
    assert not contains_tone(path, 660)
    assert not contains_tone(tmp_path / "missing.wav", 660)


def test_settings_written_as_toml_read_back_the_same() -> None:
    table = {
        "office": {"id": "a", "name": 'Ä "x"\\ \n', "emergency": ["110", "112"]},
        "trunks": [{"name": "t", "channels": 2, "weight": 0.5}, {"name": "u", "watch": False}],
        "adapter": {"http": {"header": {"X-Key": "1"}}},
        "empty": [],
    }
    assert tomllib.loads(toml_text(table)) == table


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_building_the_chroot_again_does_nothing() -> None:
    begun = time.monotonic()
    assert (chroot.ready() / "usr/sbin/asterisk").exists()
    assert time.monotonic() - begun < 2
