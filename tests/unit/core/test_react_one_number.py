"""One published number that fails alone, while calls in the name of others go through over the same trunk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.core.effects import Kind
from router.core.orders import Mode
from router.core.site import NumberSite, Site, Way
from router.core.trunk import with_reached
from tests.unit.core.offices import GSM_NUMBER, NUMBER, site
from tests.unit.core.play import Play

SECOND, THIRD = "+4930123457", "+4930123458"
CUSTOMERS = tuple(f"+49307770{index}" for index in range(10))


def of_three(when_down: Way = Way.MOBILE) -> Site:
    """Three numbers on the telekom, one on the gateway."""
    plain = site(when_down=when_down)
    first = plain.numbers[0]
    more = [NumberSite(n, "telekom", first.calls, when_down, people=first.people) for n in (SECOND, THIRD)]
    return replace(plain, numbers=(*plain.numbers, *more))


def office(when_down: Way = Way.MOBILE) -> Play:
    return Play(of_three(when_down)).connect().run(30)


def one_dies(play: Play, code: str = "403") -> Play:
    """Three calls in the name of the second number fail, and those of the others go through in between; the first of
    them to the same customer."""
    customer, *more = CUSTOMERS[:3]
    play.call_fails("telekom", code, number=SECOND, to=customer)
    play.call_goes_through("telekom", number=NUMBER, to=customer)
    play.call_fails("telekom", code, number=SECOND, to=more[0]).call_goes_through("telekom", number=THIRD)
    return play.call_fails("telekom", code, number=SECOND, to=more[1]).run(0.1)


def ways(play: Play) -> dict[str, Way]:
    return {number: play.way(number) for number in (NUMBER, SECOND, THIRD, GSM_NUMBER)}


ALL_IN_THE_OFFICE = dict.fromkeys((NUMBER, SECOND, THIRD, GSM_NUMBER), Way.OFFICE)


def test_one_of_three_numbers_dies_and_that_number_only_is_treated_as_down():
    play = one_dies(office())
    assert ways(play) == ALL_IN_THE_OFFICE | {SECOND: Way.MOBILE}
    assert play.state("telekom") == "up"
    assert play.reachable(SECOND) == "unproven"
    assert play.sentence(SECOND) == (
        "Calls in the name of +4930123457 fail, while Telekom carries others; whether it can be reached is not proven. "
        "Calls that arrive go to Anna's mobile over Gsm."
    )
    told = [line for line in play.told(Kind.TRANSITION) if "in the name" in line]
    assert told == [
        "Calls in the name of +4930123457 fail, while Telekom carries others: "
        "3 calls in a row in its name failed, the last with 403, while others went through."
    ]


def refused_in_turn(play: Play, numbers: tuple[str, ...], code: str = "403") -> Play:
    """In the name of the second number, while calls of another one to others go through."""
    for to in numbers:
        play.call_fails("telekom", code, number=SECOND, to=to)
        play.call_goes_through("telekom", number=NUMBER, to="+4989555").run(20)
    return play


def test_three_barred_numbers_called_in_its_name_do_not_condemn_it():
    play = refused_in_turn(office(), CUSTOMERS[:5])
    assert ways(play) == ALL_IN_THE_OFFICE
    assert play.state("telekom") == "up"


def test_six_numbers_that_refuse_it_one_after_the_other_do():
    play = refused_in_turn(office(), CUSTOMERS[:6])
    assert ways(play) == ALL_IN_THE_OFFICE | {SECOND: Way.MOBILE}
    assert str(play.office.numbers[SECOND].why).startswith("6 calls in a row in its name failed")


@pytest.mark.parametrize("number", [NUMBER, SECOND, None])
def test_where_one_of_them_was_reached_before_in_whoevers_name_it_takes_three(number):
    play = office().call_goes_through("telekom", number=number, to=CUSTOMERS[1]).run(600)
    assert ways(refused_in_turn(play, CUSTOMERS[:2])) == ALL_IN_THE_OFFICE
    refused_in_turn(play, CUSTOMERS[2:3])
    assert ways(play) == ALL_IN_THE_OFFICE | {SECOND: Way.MOBILE}


def test_a_number_reached_over_another_trunk_may_be_barred_on_its_own():
    play = office()
    for to in CUSTOMERS:
        play.call_goes_through("gsm", number=NUMBER, to=to)
    assert ways(refused_in_turn(play, CUSTOMERS[:3])) == ALL_IN_THE_OFFICE


def test_two_barred_numbers_redialled_in_turn_do_not_condemn_it():
    assert ways(refused_in_turn(office(), CUSTOMERS[:2] * 9)) == ALL_IN_THE_OFFICE


def test_what_is_no_refusal_condemns_it_at_the_third_call_also_to_one_number():
    play = refused_in_turn(office(), CUSTOMERS[:1] * 3, "503")
    assert ways(play) == ALL_IN_THE_OFFICE | {SECOND: Way.MOBILE}


def test_a_verdict_on_it_leaves_the_trunk_nothing_of_its_refusals():
    play = office()
    play.call_fails("telekom", "403", number=SECOND, to=CUSTOMERS[0])
    play.call_goes_through("telekom", number=NUMBER, to=CUSTOMERS[0])
    play.call_fails("telekom", "403", number=SECOND, to=CUSTOMERS[1])
    play.call_fails("telekom", "403", number=SECOND, to=CUSTOMERS[2])
    assert play.office.alone == {SECOND}
    for to in CUSTOMERS[1:4]:
        assert play.state("telekom") == "up"
        play.call_fails("telekom", "403", number=THIRD, to=to)
    assert play.state("telekom") == "down"


def test_two_hundred_numbers_are_remembered_as_reached_those_called_last():
    reached: tuple[str, ...] = ()
    for to in (*range(300), 150):
        reached = with_reached(reached, f"+49{to}")
    assert reached == (*(f"+49{to}" for to in range(100, 300) if to != 150), "+49150")
    assert with_reached(reached, "") == reached


def test_it_is_never_forwarded_over_its_own_trunk():
    play = one_dies(office())
    decision = next(d for d in play.office.decisions if d.number == SECOND)
    assert decision.over == ("gsm",)
    assert next(d for d in play.office.decisions if d.number == NUMBER).over == ("gsm", "telekom")


def test_three_failures_without_a_good_call_in_between_are_the_trunks():
    play = office().call_goes_through("telekom", number=NUMBER)
    play.call_fails("telekom", times=3, number=SECOND).run(0.1)
    assert play.state("telekom") == "down"
    assert play.office.alone == frozenset()


def test_where_all_fail_it_is_the_trunk():
    play = office()
    for number in (NUMBER, SECOND, THIRD):
        play.call_fails("telekom", number=number)
    play.run(0.1)
    assert play.state("telekom") == "down"
    play.run(200)
    assert play.office.alone == frozenset()


def test_two_failures_are_none_and_a_good_call_in_its_name_begins_the_count_anew():
    play = office()
    for _ in range(5):
        play.call_fails("telekom", number=SECOND).call_goes_through("telekom", number=NUMBER)
        play.call_fails("telekom", number=SECOND).call_goes_through("telekom", number=SECOND)
    assert ways(play.run(1)) == ALL_IN_THE_OFFICE


def test_a_call_that_came_in_for_it_by_its_own_trunk_begins_the_count_anew_and_one_by_another_trunk_does_not():
    play = office()
    for trunk, falls in (("telekom", False), ("gsm", True)):
        play.call_fails("telekom", times=2, number=SECOND).call_goes_through("telekom", number=NUMBER)
        play.call_goes_through(trunk, inbound=True, number=SECOND).call_fails("telekom", number=SECOND).run(0.1)
        assert (play.way(SECOND) is Way.MOBILE) == falls
        play.call_goes_through("telekom", number=SECOND)


def test_a_call_that_came_in_for_another_number_does_not_prove_that_calls_go_out():
    play = office()
    play.call_fails("telekom", times=2, number=SECOND).call_goes_through("telekom", inbound=True, number=NUMBER)
    play.call_fails("telekom", number=SECOND).run(0.1)
    assert play.state("telekom") == "down"
    assert play.office.alone == frozenset()


def test_its_failures_over_another_trunk_prove_nothing_of_it():
    play = office()
    for _ in range(5):
        play.call_fails("gsm", number=SECOND).call_goes_through("gsm", number=NUMBER)
    assert ways(play.run(1)) == ALL_IN_THE_OFFICE


def test_calls_without_a_name_of_ours_prove_that_the_trunk_carries_others():
    play = office()
    for _ in range(3):
        play.call_fails("telekom", number=SECOND).call_goes_through("telekom")
    assert play.run(0.1).way(SECOND) is Way.MOBILE


def test_once_it_is_known_its_failures_are_not_held_against_the_trunk():
    play = one_dies(office())
    play.call_fails("telekom", "403", times=10, number=SECOND).run(0.1)
    assert play.state("telekom") == "up"
    play.call_fails("telekom", times=3, number=THIRD).run(0.1)
    assert play.state("telekom") == "down"


def test_it_comes_back_after_the_rise_time_from_its_last_failure_and_the_next_call_decides():
    play = one_dies(office()).run(60)
    play.call_fails("telekom", "403", number=SECOND).run(119)
    assert play.way(SECOND) is Way.MOBILE
    play.run(2)
    assert ways(play) == ALL_IN_THE_OFFICE
    play.call_fails("telekom", "403", number=SECOND).run(0.1)
    assert ways(play) == ALL_IN_THE_OFFICE | {SECOND: Way.MOBILE}
    play.run(235)  # a relapse: twice the rise time
    assert play.way(SECOND) is Way.MOBILE
    assert play.run(10).way(SECOND) is Way.OFFICE


@pytest.mark.parametrize("inbound", [False, True])
def test_a_good_call_meanwhile_saves_it_the_trial(inbound):
    play = one_dies(office()).call_goes_through("telekom", inbound=inbound, number=SECOND).run(121)
    assert play.way(SECOND) is Way.OFFICE
    play.call_fails("telekom", number=SECOND).run(1)
    assert play.way(SECOND) is Way.OFFICE


def test_a_good_call_after_its_return_ends_the_trial():
    play = one_dies(office()).run(125)
    assert str(play.office.numbers[SECOND].why) == "its next call decides."
    play.call_goes_through("telekom", number=SECOND)
    assert str(play.office.numbers[SECOND].why) == "calls in its name, or to it, go through."
    play.call_fails("telekom", number=SECOND).run(1)
    assert play.way(SECOND) is Way.OFFICE


def test_it_follows_when_down_and_staffs_word_wins():
    play = one_dies(office(Way.OFFICE_THEN_MOBILE))
    assert play.way(SECOND) is Way.OFFICE_THEN_MOBILE
    play.order(Mode.OFFICE, SECOND).run(1)
    assert play.way(SECOND) is Way.OFFICE
    play = one_dies(office(Way.OFFICE))
    assert play.way(SECOND) is Way.OFFICE
    assert play.sentence(SECOND) == (
        "Calls in the name of +4930123457 fail, while Telekom carries others. "
        "Whoever dials it and gets through rings the office."
    )


def test_while_its_trunk_is_down_the_trunk_explains_it():
    play = one_dies(office())
    play.pbx.trunks["telekom"].silent = True
    play.run(20)
    assert play.reachable(SECOND) == "no"
    assert "cannot reach us" in play.sentence(SECOND)


def test_a_restarted_router_still_knows_it():
    play = one_dies(office())
    play.restart_router().run(10)
    assert ways(play) == ALL_IN_THE_OFFICE | {SECOND: Way.MOBILE}
    assert ways(play.run(120)) == ALL_IN_THE_OFFICE


def test_out_of_sight_nothing_moves():
    play = one_dies(office()).lose_ami().run(600)
    assert play.office.alone == {SECOND}
    play.connect().run(5)
    assert ways(play) == ALL_IN_THE_OFFICE


def test_a_name_that_is_none_of_ours_is_no_ones():
    play = office()
    for _ in range(5):
        play.call_fails("telekom", number="+49301").call_goes_through("telekom", number=NUMBER)
    assert ways(play.run(1)) == ALL_IN_THE_OFFICE
    assert set(play.office.numbers) == {NUMBER}


def test_what_the_trunk_explained_is_not_held_against_the_number_later():
    play = office().call_fails("telekom", times=3, number=SECOND).run(125)
    assert play.state("telekom") == "up"
    play.call_goes_through("telekom", number=NUMBER).run(1)
    assert ways(play) == ALL_IN_THE_OFFICE


def test_the_trunk_is_given_back_what_one_number_alone_had_cost_it():
    play = office().call_fails("telekom", number=SECOND).call_goes_through("telekom", number=NUMBER)
    play.call_fails("telekom", times=2, number=SECOND)
    assert play.office.alone == {SECOND}
    play.call_fails("telekom", number=THIRD).run(1)
    assert play.state("telekom") == "up"


@pytest.mark.parametrize("inbound", [False, True])
def test_only_calls_that_went_out_since_its_first_failure_are_those_of_others(inbound):
    play = office()
    for _ in range(2):
        play.call_fails("telekom", number=SECOND).call_goes_through("telekom", number=NUMBER)
    play.call_fails("telekom", number=THIRD).call_fails("telekom", number=SECOND)
    assert play.office.alone == {SECOND}
    if inbound:
        play.call_goes_through("telekom", inbound=True, number=NUMBER)
    play.call_fails("telekom", times=2, number=THIRD)
    assert play.office.alone == {SECOND}
    assert play.state("telekom") == "up"
    play.call_fails("telekom", number=THIRD).run(0.1)
    assert play.state("telekom") == "down"
