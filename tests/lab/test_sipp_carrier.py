"""The stand-in carrier does what its verbs say, as the office sees it; and what the office makes of a dead trunk.

One lab for all of it, the office without the product: whatever is dialled goes to the trunk TRUNK for at most LIMIT
seconds, and the office tells how it came out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.board import Sighting
from tests.lab.by_hand import ByHand
from tests.lab.extra_trunk import ExtraTrunk
from tests.lab.fixtures import left_out_without_root
from tests.lab.lab import Lab
from tests.lab.sipp import SippCarrier
from tests.lab.sipp_told import REASONS

TRUNKS = (
    SippCarrier.trunk(),
    SippCarrier.trunk("sipp_tcp", transport="tcp"),
    SippCarrier.trunk("sipp_secret", secret="wrong"),
    ExtraTrunk("closed", "127.0.{net}.99", transport="tcp", qualify=False),
    ExtraTrunk("nameless", "nosuch.invalid", qualify=False),
)
DIALPLAN = """\
[failover-outbound]
exten => _X.,1,Dial(PJSIP/${EXTEN}@${TRUNK},${LIMIT})
 same => n,Set(TECH=${HANGUPCAUSE(${HANGUPCAUSE_KEYS()},tech)})
 same => n,UserEvent(Left,Number: ${EXTEN},Status: ${DIALSTATUS},Cause: ${HANGUPCAUSE},Tech: ${TECH})
exten => 112,1,Set(CALLERID(all)="Front Office" <+4930123456>)
 same => n,Set(REDIRECTING(from-num,i)=+4930777)
 same => n,Set(REDIRECTING(reason,i)=cfu)
 same => n,Set(REDIRECTING(count,i)=1)
 same => n,Dial(PJSIP/${EXTEN}@sipp)
exten => 110,1,Set(CALLERID(pres)=prohib)
 same => n,Dial(PJSIP/${EXTEN}@sipp)
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def carrier() -> AsyncIterator[tuple[Lab, SippCarrier]]:
    left_out_without_root()
    lab = Lab(extra_trunks=TRUNKS)
    async with SippCarrier(lab.net) as stand_in, lab:
        lab.office.install_dialplan("", DIALPLAN)
        for trunk in ("sipp", "sipp_tcp", "sipp_secret"):
            await stand_in.reachable_for(lab.office, trunk)
        yield lab, stand_in


@pytest.fixture
def standing_lab(carrier: tuple[Lab, SippCarrier]) -> Lab:
    return carrier[0]  # in the place of the session's


@pytest.fixture
def sipp(carrier: tuple[Lab, SippCarrier], lab: Lab) -> Iterator[SippCarrier]:
    carrier[1].forget()
    _dials_by(lab, "sipp")
    yield carrier[1]
    assert "unexpected message" not in carrier[1].log()


async def test_every_code_arrives_as_it_was_told_and_at_once(lab: Lab, sipp: SippCarrier) -> None:
    codes = [code for code in REASONS if code >= 400]
    for code in codes:
        sipp.refuses(code, number=f"030{code}")
    begun = time.monotonic()
    for code in codes:
        lab.desk.dials(f"030{code}")
    told = {code: (await _left(lab, f"030{code}"))["Tech"] for code in codes}
    assert told == {code: f"SIP {code} {REASONS[code]}" for code in codes}
    assert time.monotonic() - begun < 4
    assert all(sipp.invites(number=f"030{code}")[0].answers == [100, code] for code in codes)


async def test_a_code_comes_after_ringing_or_after_early_audio(lab: Lab, sipp: SippCarrier) -> None:
    sipp.refuses(486, rings=1.0, number="0301")
    sipp.refuses(480, plays=1.0, header="Retry-After: 5", number="0302")
    rung, played = lab.desk.dials("0301"), lab.desk.dials("0302")
    assert (await _left(lab, "0301"))["Status"] == "BUSY"
    assert (await _left(lab, "0302"))["Tech"] == "SIP 480 Temporarily Unavailable"
    await asyncio.gather(rung.ended(), played.ended())
    assert rung.ringing_at is not None
    assert played.ringing_at is None
    for number, answers in (("0301", [100, 180, 486]), ("0302", [100, 183, 480])):
        invite = await sipp.invited(number=number)
        assert invite.answers == answers
        assert 0.9 < await invite.ended() - invite.at < 2


async def test_a_challenge_is_met_by_a_secret_once_and_refused_again(lab: Lab, sipp: SippCarrier) -> None:
    for code in (401, 407):
        sipp.challenges(code)
        for trunk, answers in (("sipp", [100, code]), ("sipp_secret", [100, code, 100, code])):
            begun = time.monotonic()
            _dials_by(lab, trunk)
            lab.desk.dials("0301")
            assert (await _left(lab, "0301", since=begun))["Tech"] == f"SIP {code} {REASONS[code]}"
            assert [invite.answers for invite in sipp.invites(begun)] == [answers]


async def test_silence_of_every_kind_lasts_until_the_office_cancels_and_options_are_answered(
    lab: Lab, sipp: SippCarrier
) -> None:
    _dials_by(lab, "sipp", limit=2)
    sipp.only_tries(number="0301")
    sipp.only_rings(number="0302")
    sipp.only_plays(number="0303")
    sipp.ignores(number="0304")
    calls = [lab.desk.dials(number) for number in ("0301", "0302", "0303", "0304")]
    lab.office.qualify("sipp")
    await sipp.board.wait("OPTIONS", within=1)
    tech = [(await _left(lab, call.number))["Tech"] for call in calls]
    assert tech == ["SIP 100 Trying", "SIP 180 Ringing", "SIP 183 Session Progress", ""]
    assert [call.ringing_at is not None for call in calls] == [False, True, False, False]
    for number, answers in (("0301", [100, 487]), ("0302", [100, 180, 487]), ("0303", [100, 183, 487])):
        invite = await sipp.invited(number=number)
        await invite.ended()
        assert (invite.answers, invite.code, invite.cancel_answered) == (answers, 487, True)
        assert 1.9 < (invite.cancelled_at or 0) - invite.at < 3
    ignored = await sipp.invited(number="0304")
    assert (ignored.answers, ignored.cancelled_at) == ([], None)  # no CANCEL before an answer: RFC 3261, section 9.1
    assert lab.office.contact("sipp") == "Avail"


async def test_an_answered_call_is_heard_until_the_office_or_the_carrier_hangs_up(lab: Lab, sipp: SippCarrier) -> None:
    sipp.answers(0.5)
    call = lab.desk.dials("0301")
    assert 0.4 < await call.answered() - await call.ringing() < 1.5
    assert await call.hears(lab.desk.tone)  # its own, sent back
    call.hangup()
    invite = await sipp.invited()
    await invite.ended()
    assert (invite.code, invite.bye_by) == (200, "office")
    sipp.answers(0, rings=False, hangs_up_after=1.0)
    call = lab.desk.dials("0302")
    await call.ended()
    invite = await sipp.invited(number="0302")
    assert (invite.answers, invite.code, invite.bye_by) == ([100, 200], 200, "carrier")
    assert 0.9 < (invite.bye_at or 0) - (invite.answered_at or 0) < 2


async def test_a_slow_carrier_rings_and_answers_in_its_time(lab: Lab, sipp: SippCarrier) -> None:
    sipp.answers_late(1.5, rings=0.5)
    call = lab.desk.dials("0301")
    assert 1.4 < await call.ringing() - call.begun_at < 2.5
    assert 0.4 < await call.answered() - await call.ringing() < 1.5


async def test_over_tcp_it_does_the_same(lab: Lab, sipp: SippCarrier) -> None:
    _dials_by(lab, "sipp_tcp", limit=1)
    sipp.refuses(503, number="0301")
    sipp.only_rings(number="0302")
    sipp.answers(0, hangs_up_after=0.5, number="0303")
    refused, rung, answered = (lab.desk.dials(number) for number in ("0301", "0302", "0303"))
    await asyncio.gather(*(call.ended() for call in (refused, rung, answered)))
    seen = {invite.number: (await invite.ended(), invite)[1] for invite in sipp.invites(Over="TCP")}
    assert {number: invite.code for number, invite in seen.items()} == {"0301": 503, "0302": 487, "0303": 200}
    assert seen["0302"].cancel_answered
    assert seen["0303"].bye_by == "carrier"


async def test_a_record_tells_who_called_whom(lab: Lab, sipp: SippCarrier) -> None:
    sipp.refuses(404)
    await lab.desk.dials("112").ended()
    await lab.desk.dials("110").ended()
    said = await sipp.invited(number="112")
    assert (said.name, said.caller, said.asserted) == ("Front Office", "+4930123456", "+4930123456")
    assert (said.to, said.diversion, said.privacy) == ("112", "+4930777", "")
    assert said.header("Contact").startswith(f"<sip:asterisk@{lab.office.address}")
    hidden = await sipp.invited(number="110")
    assert (hidden.caller, hidden.asserted, hidden.privacy) == ("anonymous", "20", "id")


async def test_a_request_sent_twice_is_answered_twice_and_a_cancel_that_comes_too_late_changes_nothing(
    lab: Lab, sipp: SippCarrier
) -> None:
    sipp.refuses(486)
    async with ByHand(lab.office.address, sipp.address) as caller:
        caller.sends("INVITE")
        assert await caller.hears("100 INVITE", "486 INVITE")
        caller.sends("INVITE")
        assert await caller.hears("486 INVITE")
        assert await caller.hears("486 INVITE")  # by itself, for there was no ACK
        caller.sends("CANCEL")
        assert await caller.hears("200 CANCEL")
        caller.sends("ACK")
        (invite,) = sipp.invites()
        await invite.ended()
    assert (invite.answers, invite.code) == ([100, 486], 486)


async def test_fifty_calls_a_second_are_each_answered_in_time(lab: Lab, sipp: SippCarrier) -> None:
    sipp.refuses(503, rings=0.2)
    begun = time.monotonic()
    for n in range(100):
        lab.office.ami.act("Originate", Channel=f"PJSIP/0302{n:03}@sipp", Application="Wait", Data="9", Async="true")
        await asyncio.sleep(max(0.0, begun + (n + 1) / 50 - time.monotonic()))
    invites = sipp.invites()
    assert len(invites) == 100
    times = [await invite.ended() - invite.at for invite in invites]
    assert {tuple(invite.answers) for invite in invites} == {(100, 180, 503)}
    assert max(times) < 3


@pytest.mark.parametrize("trunk", ["closed", "nameless"])
async def test_a_trunk_that_cannot_be_reached_is_refused_at_once(lab: Lab, sipp: SippCarrier, trunk: str) -> None:
    _dials_by(lab, trunk)
    call = lab.desk.dials("0301")
    left = await _left(lab, "0301")
    assert (left["Status"], left["Cause"], left["Tech"]) == ("CONGESTION", "34", "")
    assert left.at - call.begun_at < 1
    assert not sipp.invites()


async def test_nothing_is_left_of_a_carrier(lab: Lab) -> None:
    async with SippCarrier(lab.net, 42) as second:
        process = Path(f"/proc/{second.pid}")
        assert _there(process)
    assert not _there(process)
    async with SippCarrier(lab.net, 42):
        pass  # its ports are free again


def _there(path: Path) -> bool:
    return path.exists()


def _dials_by(lab: Lab, trunk: str, limit: int = 20) -> None:
    lab.office.set_global("TRUNK", trunk)
    lab.office.set_global("LIMIT", str(limit))


async def _left(lab: Lab, number: str, since: float = 0.0) -> Sighting:
    return await lab.office.board.wait("Left", within=5, since=since, Number=number)
