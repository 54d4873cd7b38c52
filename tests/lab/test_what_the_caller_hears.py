"""What the caller hears, from the first second on: ringing, and then one thing only: a human, or the announcement."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.lab.forwarding import ANNA, BEN, VOICEMAIL, forwarding
from tests.lab.lab import Lab
from tests.lab.listening import BUSY, names, overheard
from tests.lab.router import NUMBER
from tests.lab.sounding import sounds
from tests.lab.wiretap import Wiretap


async def test_the_caller_hears_ringing_and_then_the_human(lab: Lab, tap: Wiretap, tmp_path: Path) -> None:
    """One mobile's voicemail speaks, another's human is asked: nothing of it is heard by the caller."""
    async with forwarding(lab, tmp_path):
        with sounds(lab.office):
            lab.mobile.answers(number=ANNA, presses=VOICEMAIL)
            lab.mobile.answers(after=0.5, number=BEN, presses=VOICEMAIL)
            call = lab.telekom.calls(NUMBER, early=True)
            assert await call.ringing(within=1) - call.begun_at < 1
            ben = await lab.mobile.rang(number=BEN)
            await ben.answered()
            await asyncio.sleep(2)
            assert call.answered_at is None
            pressed = time.monotonic()
            ben.presses("1")
            assert await call.answered(within=1) - pressed < 0.5
            await asyncio.sleep(1.5)
            call.hangup()
            voice = lab.mobile.tone
            spans = await overheard(tap, call, also=(voice,))
    assert {span.hz for span in spans} == {voice}
    assert -0.2 < spans[0].begins < 1
    assert {(seen["Code"], seen["Audio"]) for seen in lab.telekom.board.all("PROGRESS")} == {("180", "False")}


@pytest.mark.campaign
@pytest.mark.parametrize("there", ["words", "no words"])
async def test_where_nobody_takes_it_the_caller_hears_one_announcement_and_no_more(
    lab: Lab, tap: Wiretap, tmp_path: Path, there: str
) -> None:
    names_there = ["nobody", "taken", "refused"] if there == "words" else []
    async with forwarding(lab, tmp_path):
        lab.mobile.refuses(17)
        lab.desk.refuses(17)
        with sounds(lab.office, names=names_there, seconds=1.5):
            call = lab.telekom.calls(NUMBER, early=True)
            await call.answered()
            spans = await overheard(tap, call)
    assert names(spans) == (["nobody"] if names_there else [str(BUSY)] * 4)
    assert -0.2 < spans[0].begins < 1
    assert {(seen["Code"], seen["Audio"]) for seen in lab.telekom.board.all("PROGRESS")} == {("180", "False")}


async def test_the_announcement_comes_when_total_seconds_are_over_and_is_the_first_answer(
    lab: Lab, tap: Wiretap, tmp_path: Path
) -> None:
    async with forwarding(lab, tmp_path, ring_seconds=5, total_seconds=5):
        lab.mobile.only_rings()
        lab.desk.only_rings()
        with sounds(lab.office, names=["nobody"], seconds=1.0):
            call = lab.telekom.calls(NUMBER, early=True)
            assert 4 < await call.answered() - call.begun_at < 6
            assert names(await overheard(tap, call)) == ["nobody"]


@pytest.mark.campaign
@pytest.mark.parametrize("there", ["words", "no words"])
async def test_mobiles_that_only_listen_are_heard_out_once_and_then_the_office_phones_ring_for_ten_seconds(
    lab: Lab, tap: Wiretap, tmp_path: Path, there: str
) -> None:
    async with forwarding(lab, tmp_path, ring_seconds=5, total_seconds=16):
        lab.mobile.answers(presses=VOICEMAIL)
        lab.desk.only_rings()
        with sounds(lab.office, names=None if there == "words" else ["nobody"], seconds=0.5):
            call = lab.telekom.calls(NUMBER, early=True)
            rings = [await lab.mobile.rang(number=number) for number in (ANNA, BEN)]
            desk = await lab.desk.rang(within=45)  # two rounds of fifteen words, or five of tones, and ten seconds
            ended = [await ring.ended(within=4) for ring in rings]
            assert -0.5 < desk.begun_at - max(ended) < 1
            assert max(ended) - call.begun_at < 40
            assert 9 < await call.answered(within=12) - desk.begun_at < 12
            assert names(await overheard(tap, call)) == ["nobody"]
