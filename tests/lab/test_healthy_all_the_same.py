"""What looks like a fault of a trunk and is none: a registrar that grants longer, one of two contacts that goes."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.bindings import Binding, BoundTrunk
from tests.lab.fixtures import left_out_without_root
from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import trunk
from tests.lab.running import route_writes, running, state

ASKED, GRANTED = 14, 600
"""Seconds: what the office asks for, and what its carrier begins to insist on."""
POLICY = {"probe_seconds": 1, "fall_seconds": 2, "rise_seconds": 3}
GONE = "It is not connected to the PBX (no contact)."


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hurried() -> AsyncIterator[Lab]:
    """A lab whose office registers every 4 s, with a gateway that registers there."""
    left_out_without_root()
    async with Lab(expiration=ASKED, extra_trunks=[BoundTrunk("gateway", "127.0.{net}.45")]) as lab:
        yield lab


@pytest.mark.campaign
async def test_a_registrar_that_begins_to_grant_longer_than_was_asked_for_takes_no_trunk_down(
    hurried: Lab, tmp_path: Path
) -> None:
    file = hurried.telekom.etc / "pjsip.conf"
    usual = file.read_text()
    async with running(hurried, tmp_path, **POLICY) as router:
        for _ in range(3):  # it has seen the usual pace by then
            await _registers(hurried, within=8)
        file.write_text(usual.replace("minimum_expiration = 1\n", f"minimum_expiration = {GRANTED}\n"))
        try:
            hurried.telekom.cli("module reload res_pjsip.so")
            await polled("it is granted longer", lambda: _lasts(hurried) > ASKED, within=8)
            granted = time.monotonic()
            while time.monotonic() - granted < 2 * ASKED + 10:
                status = await router.status()
                assert (state(status, "telekom"), trunk(status, "telekom")["registration"]) == ("up", "Registered")
                await asyncio.sleep(0.5)
            assert hurried.telekom.board.all("REGISTER", granted + 0.5) == [], "it was granted longer"
            assert route_writes(router, granted) == []
            assert await _seconds_left(hurried) == {"0"}
        finally:
            file.write_text(usual)
            hurried.telekom.cli("module reload res_pjsip.so")
            hurried.office.register("telekom")
        report("registrar grants 600 s for 14 s asked", watched_s=round(time.monotonic() - granted))


@pytest.mark.campaign
async def test_of_two_contacts_one_may_go_and_the_trunk_is_down_only_with_the_last(
    hurried: Lab, tmp_path: Path
) -> None:
    def with_gateway(settings: dict[str, Any]) -> None:
        settings["trunks"].append({"name": "gateway", "label": "Gateway", "watch": "pjsip:gateway"})

    here, bound = f"127.0.{hurried.net}.45", []
    try:
        bound.append(await Binding.at(hurried, "gateway", here))
        async with running(hurried, tmp_path, with_gateway, **POLICY) as router:
            await router.wait_for(lambda s: state(s, "gateway") == "up", within=6)
            bound.append(await Binding.at(hurried, "gateway", here))
            await polled("both are qualified", lambda: _contacts(hurried) == ["Avail", "Avail"], within=6)
            await bound[0].ends()
            gone = time.monotonic()
            await polled("one is left", lambda: _contacts(hurried) == ["Avail"], within=3)
            while time.monotonic() - gone < 12:
                assert state(await router.status(), "gateway") == "up"
                await asyncio.sleep(0.2)
            assert route_writes(router, gone) == []
            await bound[1].ends()
            last = time.monotonic()
            status = await router.wait_for(lambda s: state(s, "gateway") == "down", within=5)
            told = time.monotonic() - last
            assert trunk(status, "gateway")["why"] == GONE
            bound.append(await Binding.at(hurried, "gateway", here))
            back = time.monotonic()
            await router.wait_for(lambda s: state(s, "gateway") == "up", within=10)
            report("last of two contacts goes", told_s=round(told, 1), back_s=round(time.monotonic() - back, 1))
    finally:
        for binding in bound:
            binding.close()


async def _registers(lab: Lab, within: float) -> None:
    """Until the office has registered once more with telekom."""
    board, begun = lab.telekom.board, time.monotonic()
    await board.until("registers anew", lambda: next(iter(board.all("REGISTER", begun)), None), within)


def _lasts(lab: Lab) -> int:
    """Seconds until the office registers with telekom again, as its command line has it."""
    found = re.search(r"^ telekom/.*\(exp\. (\d+)s\)", lab.office.cli("pjsip show registrations"), re.MULTILINE)
    return int(found[1]) if found else 0


def _contacts(lab: Lab) -> list[str]:
    lines = lab.office.cli("pjsip show contacts").splitlines()
    return [line.split()[3] for line in lines if line.strip().startswith("Contact:  gateway/")]


async def _seconds_left(lab: Lab) -> set[str]:
    """What AMI tells of the time to each next registration: nothing."""
    begun, items = time.monotonic(), "OutboundRegistrationDetail"
    lab.office.ami.act("PJSIPShowRegistrationsOutbound")
    await lab.office.board.until("listed", lambda: len(lab.office.board.all(items, begun)) == 2 or None, within=3)
    return {item["NextReg"] for item in lab.office.board.all(items, begun)}
