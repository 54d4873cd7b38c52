"""What proves that a number can be reached: a call to it by its own trunk, and a route that the PBX confirms."""

from __future__ import annotations

import pytest

from router.core.decision import Reachable
from router.core.directions import inbound, outbound
from router.core.orders import Mode
from tests.unit.core.offices import GSM_NUMBER, NUMBER
from tests.unit.core.play import Play


def at_peace() -> Play:
    return Play().connect().run(10)


@pytest.mark.campaign
def test_a_call_proves_the_number_that_was_dialled_for_a_day():
    play = at_peace().call_goes_through("telekom", inbound=True, number=NUMBER)
    assert (play.reachable(NUMBER), play.reachable(GSM_NUMBER)) == ("yes", "unproven")
    assert play.sentence() == "Calls to +4930123456 ring in the office."
    assert play.run(23 * 3600).reachable() == "yes"
    assert play.run(3600 + 60).reachable() == "unproven"
    assert "has not been proven since" in play.sentence()


def test_what_was_proven_before_an_outage_is_not_proven_after_it():
    play = at_peace().call_goes_through("telekom", inbound=True, number=NUMBER)
    play.call_goes_through("telekom", inbound=False)
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    assert play.reachable() == "no"
    play.pbx.trunks["telekom"].silent = False
    play.run(600)
    telekom = play.office.trunks["telekom"]
    assert (play.state(), play.reachable()) == ("up", "unproven")
    assert "has not been proven since" in play.sentence()
    assert {inbound(telekom, True, play.wall).state, outbound(telekom, True, play.wall).state} == {Reachable.UNPROVEN}
    play.call_goes_through("telekom", inbound=True, number=NUMBER)
    assert play.reachable() == "yes"


def test_a_dip_that_is_no_outage_leaves_the_proof():
    play = at_peace().call_goes_through("telekom", inbound=True, number=NUMBER)
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.state() == "failing", within=10)
    play.pbx.trunks["telekom"].silent = False
    play.run(30)
    assert (play.state(), play.reachable()) == ("up", "yes")


@pytest.mark.parametrize("number", [None, "", GSM_NUMBER, "+4940999999", "*", "x" * 1000, "${NUMBER}"])
def test_a_call_over_the_trunk_to_anything_else_proves_nothing_of_the_number(number):
    play = at_peace().call_goes_through("telekom", inbound=True, number=number)
    assert {play.reachable(NUMBER), play.reachable(GSM_NUMBER)} == {"unproven"}
    assert play.office.arrivals == {}
    assert play.office.trunks["telekom"].last_inbound_call == play.wall


def test_a_call_that_came_by_another_trunk_does_not_prove_that_the_own_one_delivers():
    play = at_peace().call_goes_through("gsm", inbound=True, number=NUMBER)
    assert play.reachable() == "unproven"
    assert "has not been proven yet" in play.sentence()


def test_a_call_that_goes_out_proves_no_way_in():
    assert at_peace().call_goes_through("telekom", inbound=False, number=NUMBER).reachable() == "unproven"


def test_while_the_pbx_answers_wrongly_nothing_is_said_to_be_reachable_not_even_while_it_is_tried_again():
    play = at_peace().call_goes_through("telekom", inbound=True, number=NUMBER)
    play.pbx.answers_wrongly = True
    play.order(Mode.OFFICE).run(0.1)
    seen = set()
    for _ in range(500):
        play.run(0.01)
        seen.add((play.reachable(), play.sentence()))
    assert len(play.plans_since(play.now - 5)) > 1, "it was tried again meanwhile"
    assert seen == {("unproven", "anna wants calls to +4930123456 in the office; the PBX does not confirm it.")}
    play.pbx.answers_wrongly = False
    play.run(5)
    assert (play.reachable(), play.office.route.verified) == ("yes", True)


def test_the_milliseconds_of_the_first_switch_are_no_doubt():
    play = Play().connect()
    assert play.office.route.under_way
    assert "does not confirm" not in play.sentence()
