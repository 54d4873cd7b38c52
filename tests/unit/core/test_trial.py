"""The test ring: which number may be rung, one at a time, and what is told of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.core.call_told import ENDS
from router.core.effects import RingOnce, RingTold
from router.core.health import State
from router.core.rung import RungHow
from router.core.sentence import say
from router.core.signals import Disconnected, RangOut, RingWanted
from router.core.trial import LONGEST, barred, rung
from tests.unit.core.offices import GSM_NUMBER, MOBILE, NUMBER, site
from tests.unit.core.play import Play

EMERGENCY = replace(site(), emergency=("110", "112", "116117"))


@pytest.fixture
def play() -> Play:
    play = Play()
    play.connect()
    play.run(1)
    return play


def told(play: Play, number: str = MOBILE, ticket: str = "t1") -> list[RingTold | RingOnce]:
    return [effect for effect in play.say(RingWanted(number, ticket)) if isinstance(effect, RingTold | RingOnce)]


@pytest.mark.parametrize(
    "number",
    ["112", "+112", "0112", "+49112", "+490112", "116117", "+49116117", "+490116117", "0116117", "+116117"],
)
def test_an_emergency_number_is_never_rung_however_it_is_written(number: str) -> None:
    assert "emergency" in str(barred(EMERGENCY, number))


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("", "no whole telephone number"),
        ("01711234567", "no whole telephone number"),
        ("+49171", "no whole telephone number"),
        ("+49171123456712345", "no whole telephone number"),
        ("+49171 1234567", "no whole telephone number"),
        ("+491711234567\nx", "no whole telephone number"),
        ("+49171١٢٣٤٥٦٧", "no whole telephone number"),
        ("+491711234567&Local/112@x", "no whole telephone number"),
        (NUMBER, "one of our own numbers"),
        (GSM_NUMBER, "one of our own numbers"),
        ("+436701234567", "allowed are numbers with +49"),
    ],
)
def test_what_may_not_be_rung_is_refused_with_a_reason(number: str, why: str) -> None:
    assert why in str(barred(site(), number))


def test_a_mobile_within_the_prefixes_may_be_rung() -> None:
    assert barred(EMERGENCY, MOBILE) is None


def test_it_is_asked_of_the_pbx_and_its_word_is_the_answer(play: Play) -> None:
    assert told(play) == [RingOnce("t1", MOBILE)]
    effects = play.say(RangOut("t1", "answer"))
    [answer] = [effect for effect in effects if isinstance(effect, RingTold)]
    assert (answer.ticket, answer.rung.how, answer.rung.confirmed) == ("t1", RungHow.PRESSED, True)
    assert play.office.trial is None


def test_a_second_one_is_refused_while_one_is_under_way(play: Play) -> None:
    told(play)
    [answer] = told(play, ticket="t2")
    assert isinstance(answer, RingTold)
    assert (answer.ticket, answer.rung.how) == ("t2", RungHow.NOT_RUNG)
    play.say(RangOut("t1", "busy"))
    assert told(play, ticket="t3") == [RingOnce("t3", MOBILE)]


def test_a_barred_number_is_not_even_asked_of_the_pbx(play: Play) -> None:
    [answer] = told(play, "+49112")
    assert isinstance(answer, RingTold)
    assert answer.rung.how is RungHow.NOT_RUNG
    assert play.office.trial is None


def test_a_pbx_that_is_out_of_sight_rings_nobody_and_tells_nothing_any_more(play: Play) -> None:
    told(play)
    effects = play.say(Disconnected(say("gone.")))
    [answer] = [effect for effect in effects if isinstance(effect, RingTold)]
    assert (answer.ticket, answer.rung.how) == ("t1", RungHow.FAILED)
    [refused] = told(play, ticket="t2")
    assert isinstance(refused, RingTold)
    assert refused.rung.how is RungHow.NOT_RUNG


def test_a_pbx_that_says_nothing_is_given_up_by_time_alone(play: Play) -> None:
    told(play)
    play.run(LONGEST - 1)
    assert play.office.trial is not None
    play.run(2)
    assert play.office.trial is None


def test_a_late_or_a_forged_word_counts_nothing(play: Play) -> None:
    assert not [effect for effect in play.say(RangOut("t0", "answer")) if isinstance(effect, RingTold)]
    told(play)
    assert not [effect for effect in play.say(RangOut("", "answer")) if isinstance(effect, RingTold)]
    assert play.office.trial is not None


@pytest.mark.parametrize("end", [*ENDS, "barred", "486r", "599", "", "x" * 20])
def test_every_end_has_a_sentence_and_only_a_1_confirms(end: str) -> None:
    found = rung(end)
    assert str(found.why)
    assert "{" not in str(found.why)
    assert found.confirmed == (end == "answer")


@pytest.mark.parametrize(
    ("end", "how"),
    [
        ("unconfirmed", RungHow.NOT_PRESSED), ("refused", RungHow.BUSY), ("486", RungHow.BUSY), ("603", RungHow.BUSY),
        ("noanswer", RungHow.NO_ANSWER), ("480", RungHow.NO_ANSWER), ("time", RungHow.NO_ANSWER),
        ("503", RungHow.FAILED), ("none", RungHow.FAILED), ("full", RungHow.FAILED), ("barred", RungHow.FAILED),
        ("yield", RungHow.FAILED),
    ],
)  # fmt: skip
def test_ends_are_told_by_their_kind(end: str, how: RungHow) -> None:
    assert rung(end).how is how


def test_twenty_an_hour_are_enough(play: Play) -> None:
    for serial in range(20):
        assert isinstance(told(play, ticket=f"t{serial}")[0], RingOnce)
        play.say(RangOut(f"t{serial}", "unconfirmed"))
        play.run(60)
    [answer] = told(play, ticket="more")
    assert isinstance(answer, RingTold)
    assert answer.rung.how is RungHow.NOT_RUNG
    assert "20 test rings within an hour" in str(answer.rung.why)
    play.run(2400)
    assert isinstance(told(play, ticket="later")[0], RingOnce)


def test_it_goes_over_the_trunks_by_which_the_office_forwards_those_that_are_down_last() -> None:
    play = Play(site(fallbacks=("telekom", "gsm")))
    play.connect()
    play.run(1)
    assert told(play) == [RingOnce("t1", MOBILE, "telekom:12&gsm:12")]
    play.say(RangOut("t1", "busy"))
    trunks = play.office.trunks
    down = replace(trunks["telekom"], health=replace(trunks["telekom"].health, state=State.DOWN))
    play.office = replace(play.office, trunks={**trunks, "telekom": down})
    assert told(play, ticket="t2") == [RingOnce("t2", MOBILE, "gsm:12&telekom:2")]
