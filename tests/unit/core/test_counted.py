"""Forwarded, taken, missed, rescued: what counts as what, and what staff's own word has to do with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from router.core.calls import Call, Leg
from router.core.counted import by_hand, forwarded, rescued
from router.core.effects import KeepCall
from router.core.health import Health, State
from router.core.office import Office, opened
from router.core.orders import Mode, Override
from router.core.react import react
from router.core.signals import At, CallEnded
from tests.unit.core.call_rows import NOON, call, nobody
from tests.unit.core.offices import MOBILE, NUMBER, site


@pytest.mark.parametrize(
    ("told", "tried", "saved"),
    [
        (call(), True, True),
        (call(by="PJSIP/20", legs="", way="office"), False, False),
        (call(by="office", legs=f"gsm:{MOBILE}:486"), True, False),
        (nobody(), True, False),
        (nobody(legs="::calls"), False, False),
        (call(by="", answered="", way="office", legs=""), False, False),
        (call(end="loop", by=""), False, False),
        (call(legs=""), True, True),
        (replace(call(), by_hand=True), True, False),
        (call(way="office_then_mobile"), True, True),
    ],
    ids=[
        "on a mobile", "in the office", "in the office after a mobile", "by nobody", "none was rung", "hung up",
        "a loop", "the legs were cut off", "sent there by hand", "after the office had been rung",
    ],
)  # fmt: skip
def test_what_counts_as_forwarded_and_as_rescued(told: Call, tried: bool, saved: bool) -> None:
    assert (forwarded(told), rescued(told)) == (tried, saved)


def office(*words: Override, state: State = State.UP, minutes: float = 60) -> Office:
    """Its first trunk has been in `state` for so many minutes before noon."""
    made = opened(site(), "us", NOON)
    trunk = replace(made.trunks["telekom"], health=Health(state), since=NOON - timedelta(minutes=minutes))
    return replace(made, overrides=words, trunks={**made.trunks, "telekom": trunk})


def word(mode: Mode = Mode.MOBILE, number: str | None = None, minutes: float = 30) -> Override:
    return Override(mode, NOON - timedelta(minutes=minutes), by="anna", number=number)


@pytest.mark.parametrize(
    ("held", "hand"),
    [
        (office(), False),
        (office(word()), True),
        (office(word(number=NUMBER)), True),
        (office(word(number="+491701234567")), False),
        (office(word(Mode.OFFICE)), False),
        (office(word(minutes=-1)), False),
        (office(word(), word(Mode.AUTO, NUMBER)), False),
        (office(word(), state=State.DOWN), False),
        (office(word(), state=State.DOWN, minutes=-0.5), True),
        (office(word(), state=State.RECOVERING, minutes=-0.5), False),
    ],
    ids=[
        "nobody said anything", "all numbers by hand", "this number by hand", "another by hand", "set to the office",
        "said after the call had come", "this one was given back", "its line was down anyway", "it broke down later",
        "its line had only just come back",
    ],
)  # fmt: skip
def test_calls_are_sent_to_the_mobiles_by_hand_while_the_line_works(held: Office, hand: bool) -> None:
    assert by_hand(call(), held) is hand


def test_a_call_to_a_number_that_is_ours_no_more_is_told_all_the_same() -> None:
    assert not by_hand(call(number="+4940999999"), office())
    assert by_hand(call(number="+4940999999"), office(word()))


def test_it_is_noted_with_the_call_when_it_ends() -> None:
    _, effects = react(office(word()), CallEnded(call(), 17), At(0.0, NOON + timedelta(minutes=1)))
    [kept] = [effect for effect in effects if isinstance(effect, KeepCall)]
    assert kept == KeepCall(replace(call(), by_hand=True), 17)


def test_a_leg_without_a_number_rang_no_mobile() -> None:
    assert not forwarded(replace(nobody(), legs=(Leg("", "", "minutes"),)))
