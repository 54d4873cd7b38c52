"""*28 where the office asks for a PIN."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.lab.feature_codes import ASKING, LOW, RISING, hears, ordered, spoken
from tests.lab.lab import Lab
from tests.lab.lamp import lamp
from tests.lab.ordering import rings
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router
from tests.lab.running import QUICK, forwarded, rings_office, running

PROMPTLY = 1.0
"""Seconds from the last key to the spoken word, by a router that is there."""
PATIENCE = 3.0
"""Seconds for which the phone waits for it."""
PIN = "0420"


@pytest_asyncio.fixture(loop_scope="session")
async def guarded(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    """An office that asks for a PIN."""

    def with_pin(settings: dict[str, Any]) -> None:
        settings["office"]["pin"] = PIN

    async with running(lab, tmp_path, with_pin, **QUICK) as router:
        yield router


async def test_the_right_pin_is_asked_for_once(lab: Lab, guarded: Router) -> None:
    with spoken(lab):
        heard = await hears(lab, "*28", PIN)
        assert heard.words == ["enter-pin", "forwarding-on"]
        assert heard.seconds < PROMPTLY
        assert forwarded(await guarded.status(), NUMBER)
        heard = await hears(lab, "*281", "1" * len(PIN), PIN)
        assert heard.words == ["enter-pin", "wrong-pin", "enter-pin", "forwarding-off"]
        assert rings_office(await guarded.status(), NUMBER)


async def test_a_pin_that_is_wrong_three_times_is_refused_and_nothing_changes(lab: Lab, guarded: Router) -> None:
    said = len(lab.office.log())
    with spoken(lab):
        async with lamp(lab) as key:
            heard = await hears(lab, "*28", "0421", "420#", "##")
            assert heard.words == ["enter-pin", "wrong-pin"] * 3
            assert heard.call.cause == 21
            await key.shows(False)
            assert [lit for _, lit in key.told] == [False]
    assert not ordered(lab)
    assert rings_office(await guarded.status(), NUMBER)
    await rings(lab, lab.desk, NUMBER)
    assert PIN not in lab.office.log()[said:]


async def test_the_pin_works_without_sound_files(lab: Lab, guarded: Router) -> None:
    heard = await hears(lab, "*28", "9999", PIN, tones=True)
    assert heard.words == [*ASKING, *LOW, *ASKING, *RISING]
    assert forwarded(await guarded.status(), NUMBER)


async def test_who_hangs_up_when_asked_for_the_pin_has_ordered_nothing(lab: Lab, guarded: Router) -> None:
    call = lab.desk.dials("*28")
    await call.answered()
    await asyncio.to_thread(call.presses, PIN[:-1])
    call.hangup()
    await call.ended()
    await polled("the office has no call", lambda: not lab.office.channels(), within=3)
    assert not ordered(lab)
    assert rings_office(await guarded.status(), NUMBER)
