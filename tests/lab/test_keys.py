"""The keys of a mobile that is asked: 1 and 2 count at every moment, the others at none."""

from __future__ import annotations

import random
import statistics
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.forwarding import ANNA, forwarding
from tests.lab.lab import Lab
from tests.lab.listening import Span, names
from tests.lab.pressing import Press, Pressed, pressed
from tests.lab.sounding import sounds
from tests.lab.wiretap import Wiretap

pytestmark = pytest.mark.campaign  # thirty calls at once, each key by the tenth of a second
WORD = 0.1  # seconds
LEAD, ROUNDS, AFTER = 0.5, 2 * 15 * WORD, 10.0
"""Before the first word, the words, and after the last: the caller's number has eleven digits."""
END = LEAD + ROUNDS + AFTER
SOON, AT_WORST = 0.5, 1.5
"""Seconds from the key, which itself lasts a tenth, to the caller's answer; at worst where other labs run beside."""


def _moments(count: int, until: float, seed: int = 1) -> list[float]:
    """Over the whole time, each somewhere in its part of it; the first a moment after the answer."""
    chance, part = random.Random(seed), until / count
    return [0.2, *(max(0.2, (at + chance.random()) * part) for at in range(count - 1))]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def all_pressed(standing_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Pressed]]:
    presses = [Press("1", at) for at in (*_moments(10, LEAD + ROUNDS), *_moments(14, END - 0.2))]
    presses += [Press("2", at) for at in _moments(8, END - 0.2)]
    presses += [Press("", 0.0), Press("3574*9#680ABCD3574*9#680", 0.3)]
    yield await _all(standing_lab, tmp_path_factory.mktemp("keys"), presses)


async def _all(lab: Lab, home: Path, presses: list[Press]) -> list[Pressed]:
    await lab.calm()
    lab.desk.only_rings()
    async with forwarding(lab, home, people=(ANNA,), max_calls=0, total_seconds=60):
        with sounds(lab.office, seconds=WORD), Wiretap(lab.mobile) as tap:
            return await pressed(lab, tap, presses, within=END + 1.5)


async def test_a_1_counts_from_the_first_instant_until_ten_seconds_after_the_last_word(
    all_pressed: list[Pressed],
) -> None:
    ones = [each for each in all_pressed if each.press.keys == "1"]
    assert [each for each in ones if each.taken is None or each.ended] == []
    taken = [each.taken for each in ones if each.taken]
    assert statistics.median(taken) < SOON
    assert max(taken) < AT_WORST


async def test_a_2_refuses_at_every_moment(all_pressed: list[Pressed]) -> None:
    twos = [each for each in all_pressed if each.press.keys == "2"]
    assert [each for each in twos if each.taken is not None] == []
    for each in twos:
        assert each.ended and each.ended - each.press.at < AT_WORST + WORD
        assert names(each.heard)[-1] == "refused"


async def test_other_keys_change_nothing(all_pressed: list[Pressed]) -> None:
    [silent, restless] = [each for each in all_pressed if each.press.keys not in ("1", "2")]
    assert silent.ended and restless.ended
    assert abs(silent.ended - restless.ended) < 0.7
    once, twice = _rounds(silent.heard), _rounds(restless.heard)
    assert [len(words) for words in (*once, *twice)] == [15] * 4


async def test_ten_seconds_after_the_last_word_it_is_over(all_pressed: list[Pressed]) -> None:
    [silent] = [each for each in all_pressed if not each.press.keys]
    spans = silent.heard
    assert silent.ended
    assert AFTER - 0.2 < silent.ended - spans[-1].ends < AFTER + 1
    assert silent.taken is None


def _rounds(spans: list[Span]) -> list[list[str]]:
    """What was said, each time from "call from" on."""
    rounds: list[list[str]] = []
    for name in names(spans):
        rounds += [[]] if name == "call-from" else []
        rounds[-1].append(name)
    return rounds


@pytest.mark.timeout(600)
async def test_no_key_of_four_hundred_is_lost(lab: Lab, tmp_path: Path) -> None:
    taken: list[float] = []
    for turn in range(10):
        presses = [Press("1", at) for at in _moments(40, END - 0.2, seed=turn)]
        told = await _all(lab, tmp_path / str(turn), presses)
        assert [each for each in told if each.taken is None or each.ended] == []
        taken += [each.taken for each in told if each.taken is not None]
    report("keys pressed at any moment", keys=len(taken), median_s=statistics.median(taken), worst_s=max(taken))
    assert statistics.quantiles(taken, n=20)[-1] < SOON
    assert max(taken) < AT_WORST
