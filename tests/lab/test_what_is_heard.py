"""What the mobile hears when it answers, word by word, whichever sound files are there or not."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from router.prompts import voice
from tests.lab.call import Call
from tests.lab.forwarding import ANNA, VOICEMAIL, forwarding
from tests.lab.lab import Lab
from tests.lab.listening import ASKING, Span, gaps, likeness, names, overheard
from tests.lab.router import NUMBER
from tests.lab.sounding import sine, sounds
from tests.lab.wiretap import Wiretap
from tests.setup import debian

CALLER, FOREIGNER = "+491602345789", "+436701234567"
SHORT = 0.1  # seconds of a word
OWN = 1010  # Hz of an own recording
ASKED = [str(hz) for hz in ASKING]


def _said(number: str) -> list[str]:
    digits = ["plus" if digit == "+" else f"digit-{digit}" for digit in number]
    return ["call-from", *digits, "for", "office", "press-1"]


SAID = _said("01602345789")
Laid = dict[str, Any]
"""Arguments of `sounds`."""
VARIANTS: dict[str, tuple[str, list[Laid], list[str]]] = {
    "German words": ("de", [{"language": "de"}], SAID),
    "an English office": ("en", [{"language": "en"}], SAID),
    "only English words": ("de", [{"language": "en"}], SAID),
    "no German nine": ("de", [{"language": "de", "without": ["digit-9"]}, {"names": ["digit-9"]}], SAID),
    "no seven": ("de", [{"language": "de", "without": ["digit-7"]}], [word for word in SAID if word != "digit-7"]),
    "no press-1": ("de", [{"language": "de", "without": ["press-1"]}], [*SAID[:-1], *ASKED]),
    "the first recordings": ("de", [{"language": "de", "names": ["office", "press-1"]}], ["office", "press-1"]),
}
RARE = ("no press-1", "only English words", "an English office", "no German nine", "no seven", "the first recordings")
WITH_SOX = pytest.mark.skipif(bool(debian.missing(voice.NEEDED)), reason="needs espeak-ng and sox")


@pytest.mark.parametrize("there", [pytest.param(v, marks=[pytest.mark.campaign] * (v in RARE)) for v in VARIANTS])
async def test_the_mobile_hears_what_there_is(lab: Lab, tap: Wiretap, tmp_path: Path, there: str) -> None:
    language, laid, expected = VARIANTS[there]
    async with forwarding(lab, tmp_path, people=(ANNA,), office={"language": language}):
        with contextlib.ExitStack() as files:
            for arguments in laid:
                files.enter_context(sounds(lab.office, seconds=SHORT, **arguments))
            spans = await _heard_within(lab, tap, 4.6 if ASKED[0] in expected else 2.6)
    assert names(spans)[: len(expected) + 1] == [*expected, expected[0]]
    assert 0.4 < spans[0].begins < 1.5
    words = [word for word in expected if word not in ASKED]
    assert max(gaps(spans[: len(words)])) < 0.15


async def test_without_any_words_a_tone_asks_every_two_seconds(lab: Lab, tap: Wiretap, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,)):
        spans = await _heard_within(lab, tap, 3.8)
    assert names(spans) == ASKED * 2
    assert [round(span.begins - spans[0].begins) for span in spans if span.name == ASKED[0]] == [0, 2]


@WITH_SOX
async def test_own_recordings_in_other_formats_are_heard(lab: Lab, tap: Wiretap, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,)):
        with sounds(lab.office, seconds=SHORT, without=["office", "press-1"]) as folder:
            sine(tmp_path / "own.wav", OWN, 0.3)
            for kind, own in {"gsm": "office.gsm", "al": "press-1.alaw"}.items():
                sox = "sox", str(tmp_path / "own.wav"), "-t", kind, str(folder / own)
                assert await (await asyncio.create_subprocess_exec(*sox)).wait() == 0
            spans = await _heard_within(lab, tap, 2.8, also=(OWN,))
    assert names(spans)[: len(SAID)] == [*SAID[:-2], str(OWN), "call-from"]
    assert 0.5 < spans[len(SAID) - 2].seconds < 0.8  # the two are one tone


@pytest.mark.campaign
async def test_a_caller_is_named_as_the_office_would_write_him(lab: Lab, tap: Wiretap, tmp_path: Path) -> None:
    """From this country as it is dialled, from abroad with plus; and one who withholds his number is called so."""
    withheld = ["unknown-caller", "for", "office", "press-1"]
    async with forwarding(lab, tmp_path, people=(ANNA,)):
        with sounds(lab.office, seconds=SHORT):
            both = await asyncio.gather(*(_heard_within(lab, tap, 2.6, caller) for caller in (CALLER, FOREIGNER)))
            unknown = await _heard_within(lab, tap, 1.6, "anonymous")
    for spans, expected in zip((*both, unknown), (SAID, _said(FOREIGNER), withheld), strict=True):
        assert names(spans)[: len(expected)] == expected


@pytest.mark.campaign
async def test_where_nobody_is_asked_the_mobile_hears_the_caller_at_once(
    lab: Lab, tap: Wiretap, tmp_path: Path
) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,), confirm=False):
        with sounds(lab.office):
            spans = await _heard_within(lab, tap, 1.0, also=(lab.telekom.tone,))
    assert {span.hz for span in spans} == {lab.telekom.tone}
    assert spans[0].begins < 1


@WITH_SOX
@pytest.mark.campaign
async def test_the_words_of_failover_prompts_are_what_is_heard(lab: Lab, tap: Wiretap, tmp_path: Path) -> None:
    async with forwarding(lab, tmp_path, people=(ANNA,), office={"language": "de"}) as router:
        done = await router.command("prompts", "--into", str(lab.office.sounds), "--language", "de")
        assert done.returncode == 0, done.stderr
        words = [lab.office.sounds / f"de/failover/{word}.wav" for word in _said("0307")[:-1]]
        seconds = sum(voice.measured(word).seconds for word in words)
        ring = await _listens(lab, seconds + 1, "+49307")
        alike = likeness(words, tap.sound(ring).samples)
    assert min(alike) > 0.8
    assert 3 < seconds < 6


async def _heard_within(
    lab: Lab, tap: Wiretap, seconds: float, caller: str = CALLER, also: tuple[int, ...] = ()
) -> list[Span]:
    return await overheard(tap, await _listens(lab, seconds, caller), also)


async def _listens(lab: Lab, seconds: float, caller: str) -> Call:
    """Anna's mobile, which has answered and listened for so long."""
    lab.mobile.answers(presses=VOICEMAIL)
    call = lab.telekom.calls(NUMBER, caller=caller)
    ring = await lab.mobile.rang(since=call.begun_at, caller=caller)
    await ring.answered()
    await asyncio.sleep(seconds)
    call.hangup()
    await ring.ended(within=2)
    return ring
