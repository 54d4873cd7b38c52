"""The answer times of the last hour: which probes count, how many are kept, and that nobody is held up by it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from router.answers import SLOT, HeardAnswers
from router.core.evidence import NO_CONTACT, NOT_QUALIFIED, REACHABLE, UNREACHABLE, Sight
from router.core.signals import At, Connected, Input, Probed, Surveyed, Table
from router.loop import Loop
from router.ports import Answer
from tests.unit.panel.fakes import well

NOON = datetime(2025, 11, 22, 12, 0, tzinfo=UTC)


def hearing() -> HeardAnswers:
    return HeardAnswers(["telekom", "gsm"], NOON)


def probed(seconds: float, ms: float | None, contact: str = REACHABLE) -> tuple[Input, At]:
    """A probe sent so many seconds after noon, its word a second later."""
    sight = Sight(contact, None if ms is None else int(ms * 1000))
    at = At(1000 + seconds + 1, NOON + timedelta(seconds=seconds + 1))
    return Probed("telekom", 1000 + seconds, ms is not None, sight), at


def test_a_probe_stands_at_the_moment_it_was_sent_with_its_answer_time_or_none() -> None:
    heard = hearing()
    heard.heard(*probed(0, 21.4))
    heard.heard(*probed(5, None, UNREACHABLE))
    assert heard.last_hour("telekom", NOON + timedelta(minutes=1)) == [
        Answer(NOON, 21.4), Answer(NOON + timedelta(seconds=5), None)
    ]  # fmt: skip
    assert heard.last_hour("gsm", NOON + timedelta(minutes=1)) == []
    assert heard.last_hour("never heard of", NOON) == []


@pytest.mark.parametrize("contact", [NO_CONTACT, NOT_QUALIFIED, None])
def test_what_nobody_could_have_answered_is_no_unanswered_probe(contact: str | None) -> None:
    heard = hearing()
    heard.heard(Probed("telekom", 1000.0, False, Sight(contact)), At(1001.0, NOON))
    heard.heard(Probed("telekom", 1000.0, False, None), At(1001.0, NOON))
    assert heard.last_hour("telekom", NOON + timedelta(minutes=1)) == []


def test_of_a_trunk_that_asterisk_probes_by_itself_the_listing_counts() -> None:
    heard = hearing()
    heard.heard(Surveyed({"gsm": Sight("OK", 9000)}, None, None), At(1, NOON))
    heard.heard(Surveyed({"gsm": Sight("UNREACHABLE")}, None, None), At(9, NOON + timedelta(seconds=8)))
    heard.heard(Surveyed({"gsm": Sight("Unmonitored")}, None, None), At(17, NOON + timedelta(seconds=16)))
    assert [answer.ms for answer in heard.last_hour("gsm", NOON + timedelta(minutes=1))] == [9.0, None]


def test_of_several_probes_within_one_slot_the_worst_is_kept() -> None:
    heard = hearing()
    for seconds, ms in ((0, 20.0), (1, 90.0), (2, 30.0)):
        heard.heard(*probed(seconds, ms))
    assert [answer.ms for answer in heard.last_hour("telekom", NOON + timedelta(minutes=1))] == [90.0]
    heard.heard(*probed(3, None))
    heard.heard(*probed(4, 10.0))
    assert [answer.ms for answer in heard.last_hour("telekom", NOON + timedelta(minutes=1))] == [None]


MOMENTS = st.integers(0, 89_999).map(lambda tenths: tenths / 10 + 0.05)
"""Between the edges of slots: which side of one a moment falls on is a matter of rounding."""


@example([(5400.55, None), (8999.95, 1.0)])
@given(st.lists(st.tuples(MOMENTS, st.one_of(st.none(), st.floats(0.01, 4000))), max_size=60))
def test_the_last_hour_and_no_more_is_kept_in_order(probes: list[tuple[float, float | None]]) -> None:
    heard = hearing()
    for seconds, ms in sorted(probes, key=lambda probe: probe[0]):
        heard.heard(*probed(seconds, ms))
    now = NOON + timedelta(seconds=9000)
    kept = heard.last_hour("telekom", now)
    assert [answer.at for answer in kept] == sorted(answer.at for answer in kept)
    assert all(now - timedelta(hours=1) < answer.at <= now for answer in kept)
    slots = {int(seconds // SLOT) for seconds, _ in probes if seconds > 9000 - 3600 + 0.001}
    assert len(kept) in (len(slots), len(slots) + 1)


def test_a_day_of_probes_of_a_hundred_trunks_takes_no_more_room_than_an_hour() -> None:
    heard = HeardAnswers((f"t{n}" for n in range(100)), NOON)
    for n in range(100):
        for second in range(0, 7200, 5):
            at = At(float(second), NOON + timedelta(seconds=second))
            heard.heard(Probed(f"t{n}", float(second), True, Sight(REACHABLE, 1000)), at)
    assert len(heard.last_hour("t99", NOON + timedelta(seconds=7199))) == 3600 // SLOT
    kept = [part for ring in heard._rings.values() for part in (ring._at, ring._took)]
    assert sum(part.itemsize * len(part) for part in kept) < 2_000_000


async def test_a_watcher_that_breaks_holds_up_nothing() -> None:
    class Deaf:
        trouble = None

        def note(self, at: object, record: object) -> None: ...
        def remember(self, overrides: object) -> None: ...

    def broken(said: Input, at: At) -> None:
        seen.append(said)
        raise RuntimeError("no")

    seen: list[Input] = []
    loop = Loop(well(), Deaf(), watching=broken)  # type: ignore[arg-type]
    running = asyncio.create_task(loop.run(Hands()))  # type: ignore[arg-type]
    try:
        loop.post(Connected("22.99", {}, Table(now=NOON.timestamp())))
        async with asyncio.timeout(5):
            async for office in loop.changes():
                if office.pbx.version == "22.99":
                    break
        assert [type(said) for said in seen] == [Connected]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


class Hands:
    def perform(self, effect: object) -> None: ...
