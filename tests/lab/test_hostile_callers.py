"""What a caller can put into a call does no harm: not in the dialplan, not on AMI, not on page or journal."""

from __future__ import annotations

import asyncio
import functools
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.lab import MOBILE, Lab
from tests.lab.page import browser
from tests.lab.polled import polled
from tests.lab.raw_caller import RawCaller
from tests.lab.router import NUMBER, Router, Status, number, trunk
from tests.lab.running import QUICK, running, talks

HARM = "tmp/failover-harm"  # a file that must not come about, below the chroot
SHELL = f"${{SHELL(touch /{HARM})}}"
NASTY = (
    "it's \"quoted\"",
    "a, b) & c | d ? e : f",
    "${EXTEN} $[1 / 0] ${HASH(x",
    SHELL,
    "back\\slash \\",
    "^{x} ~ % ; => #include",
    "Jürgen 李 \N{PILE OF POO}",
    "x" * 300,
)  # fmt: skip
EXTENSIONS = (
    "+49;3", "a&b", "s@x", "x" * 300, "s,1", "office\r\nX: y", 'o"', "a)", "a]", "h", "i", "t", "s", "+", "49^30",
    "0/0/=x", "a=b=failover-forward&s&1",
)  # fmt: skip
FORGED = (
    "Event: UserEvent\r\nUserEvent: FailoverLeg\r\nTrunk: zweit\r\nMeans: fault\r\n",
    "Event: ContactStatus\r\nEndpointName: zweit\r\nContactStatus: Unreachable\r\n",
    "Event: DialEnd\r\nDestChannel: PJSIP/zweit-1\r\nDialStatus: ANSWER\r\n",
    "Event: Shutdown\r\n",
)
FORGED_HEADERS = (
    "UserEvent: FailoverLeg\r\nTrunk: zweit\r\nMeans: fault",
    "UserEvent: FailoverInbound\r\nFrom: PJSIP/gsm-1",
    "DestChannel: PJSIP/zweit-1\r\nDialStatus: ANSWER",
)


@pytest_asyncio.fixture(loop_scope="session")
async def quick(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    (lab.office.root / HARM).unlink(missing_ok=True)
    async with running(lab, tmp_path, **QUICK) as product:
        yield product
    assert not (lab.office.root / HARM).exists()


@pytest.mark.parametrize("ways", ["office", "mobile"])
async def test_whatever_name_or_number_a_caller_has_the_right_phone_rings(lab: Lab, quick: Router, ways: str) -> None:
    phone, other = (lab.desk, lab.mobile) if ways == "office" else (lab.mobile, lab.desk)
    assert (await quick.override(ways)).status_code == 200
    said = len(lab.office.log())
    async with RawCaller(lab.telekom, lab.office) as caller:
        for nasty in NASTY:
            for hostile in ({"name": _quoted(nasty)}, {"caller": escaped(nasty)}):
                begun = time.monotonic()
                rung = functools.partial(phone.rang, since=begun)
                assert await caller.calls(called=escaped(NUMBER), until=rung, **hostile) == 180, nasty
                await polled("it is over", lambda: not lab.office.channels(), within=5)
                assert len(phone.calls_here(since=begun)) == 1
    assert not other.calls_here()
    if ways == "mobile":
        assert {invite["Number"] for invite in lab.gsm.invites()} == {MOBILE}
    assert not complaints(lab, said)
    await _still_linked(quick)


async def test_a_caller_with_a_nasty_name_and_the_mobile_hear_each_other(lab: Lab, quick: Router) -> None:
    await quick.override("mobile")
    call = lab.zweit.calls(NUMBER, name=_quoted('"Bob, ) & ${X}'))
    assert await talks(call, await lab.mobile.rang(since=call.begun_at))


async def test_whatever_extension_is_called_the_office_rings_or_the_call_is_refused_cleanly(
    lab: Lab, quick: Router
) -> None:
    said = len(lab.office.log())
    rung = 0
    async with RawCaller(lab.telekom, lab.office) as caller:
        for called in (*EXTENSIONS, *NASTY):
            rings = functools.partial(lab.desk.rang, since=time.monotonic())
            code = await caller.calls(called=escaped(called), until=rings)
            assert code in (180, 404, 603), (called, code)
            rung += code == 180
            await polled("it is over", lambda: not lab.office.channels(), within=5)
        await _still_linked(quick)
    assert rung >= 10
    assert len(lab.desk.calls_here()) == rung
    assert not lab.mobile.calls_here()
    assert not complaints(lab, said)


async def test_no_event_is_forged_by_line_breaks_in_a_callers_number_or_in_the_extension(
    lab: Lab, quick: Router
) -> None:
    before = await quick.status()
    told = await _settled(quick)
    async with RawCaller(lab.telekom, lab.office) as caller:
        for forged in FORGED:
            for _ in range(3):
                assert await caller.calls(called=escaped(f"x\r\n\r\n{forged}")) == 180
                assert await caller.calls(caller=escaped(f"x\r\n\r\n{forged}")) == 180
        for forged in FORGED_HEADERS:
            for _ in range(3):
                assert await caller.calls(called=escaped(f"x\r\n{forged}")) == 180
                assert await caller.calls(caller=escaped(f"x\r\n{forged}")) == 180
        assert len(lab.office.board.all("FailoverLeg", Trunk="zweit")) > 3, "the lab's own observer falls for it"
    lab.zweit.calls(NUMBER)  # what comes before it on AMI has been heard when it is
    after = await quick.wait_for(lambda s: trunk(s, "zweit")["last_inbound_call"])
    for name in ("telekom", "zweit", "gsm"):
        same = ("state", "since", "why", "last_outbound_call")
        assert [trunk(after, name)[key] for key in same] == [trunk(before, name)[key] for key in same]
    assert trunk(after, "gsm")["last_inbound_call"] is None
    assert await _lines(quick) == told
    await _still_linked(quick)


async def test_a_nasty_reason_is_kept_and_shown_as_the_text_it_is(lab: Lab, quick: Router) -> None:
    reason = f"</p><script>alert('x')</script> \"{SHELL}\" & | ' ; DROP TABLE x; --"
    assert (await quick.override("mobile", reason=reason)).status_code == 200
    assert (await quick.status())["override"]["reason"] == reason
    async with browser(quick) as page:
        assert (await page.board()).count(reason) >= 2, "with the order, and in the journal's line of it"
    await quick.wait_for(lambda s: number(s, NUMBER)["inbound"] == "mobile" and s["route"]["verified"])
    call = lab.telekom.calls(NUMBER)
    await lab.mobile.rang(since=call.begun_at)


def escaped(text: str) -> str:
    """As the user part of a SIP URI (RFC 3261, section 25.1): only letters and digits stand as they are."""
    return "".join(chr(b) if chr(b).isalnum() and b < 128 else f"%{b:02X}" for b in text.encode())


def complaints(lab: Lab, since: int) -> list[str]:
    """What the office's dialplan and its applications complained of; Asterisk itself may say what it refused or cut."""
    own = r"pjproject|res_pjsip|taskprocessor|pbx\.c: Wrong usage of \[\]"
    lines = lab.office.log()[since:].splitlines()
    return [line for line in lines if re.search(rf"(WARNING|ERROR)\[\d+\](\[C-\w+\])? (?!{own})", line)]


def _quoted(name: str) -> str:
    """As the display name of a SIP address: in quotes, quotes and backslashes escaped (RFC 3261, section 25.1)."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


async def _still_linked(router: Router) -> Status:
    """The one connection to AMI that it began with still stands, and is of use."""
    asked = time.monotonic()
    await router.ami.board.wait("DBGet", within=5, since=asked)
    status = await router.status()
    assert status["asterisk"]["connected"]
    assert status["route"]["verified"]
    assert len(router.ami.actions("Login")) == 1
    return status


async def _settled(router: Router) -> list[str]:
    """The same once the first switch stands there: it is written down after it has been verified."""
    for _ in range(200):
        lines = await _lines(router)
        if any("switched and verified" in line for line in lines):
            return lines
        await asyncio.sleep(0.02)
    raise TimeoutError("the first switch is not in the journal")


async def _lines(router: Router) -> list[str]:
    """What the journal tells of trunks and routes."""
    log = (await router.request("GET", "log")).json()
    return [str(line) for line in log["lines"]]
