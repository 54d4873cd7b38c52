"""Plays of what befalls the PBX and the router."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from router.core.effects import Kind
from router.core.orders import Mode
from router.core.sentence import say
from router.core.signals import Disconnected, Probed, Remembered, Tick
from router.core.site import Way
from tests.unit.core.offices import NUMBER
from tests.unit.core.play import Play
from tests.unit.core.test_react_outage import an_office_at_peace


def in_an_outage() -> Play:
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    assert play.way() is Way.MOBILE
    return play


def test_a_hiccup_of_ami_moves_nothing_and_calls_nothing_a_switch():
    for play in (an_office_at_peace(), in_an_outage()):
        way, row = play.way(), play.pbx.plans[play.pbx.written[-1]][NUMBER]
        before = play.now
        play.lose_ami().run(2).connect().run(30)
        assert {plan.entries[NUMBER] for plan in play.plans_since(before)} == {row}
        assert play.way() is way
        assert play.told(Kind.SWITCH, since=before) == []
        assert "The routes in the PBX stand as they should: read back and asked for." in play.told(since=before)
        assert play.office.route.verified


def test_blind_is_not_down():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.state() == "failing", within=6)
    blind = play.now
    play.lose_ami().run(3600)
    assert play.state() == "unknown"
    assert play.plans_since(blind) == []
    assert play.probes[-1][0] <= blind
    assert play.sentence().startswith("We do not see the PBX. When last seen, calls to +4930123456 rang in the office.")
    assert play.office.decisions[0].reachable.value == "unproven"


def test_out_of_sight_in_an_outage_the_route_stays():
    play = in_an_outage()
    play.pbx.trunks["telekom"].silent = False
    play.run(30)
    play.lose_ami().run(300)
    assert play.state() == "down"  # recovering counts afresh
    assert play.sentence() == (
        "We do not see the PBX. When last seen, calls to +4930123456 went to Anna's mobile. "
        "If it runs, it routes as before; call your own number to try."
    )
    play.connect().run(60)
    assert play.way() is Way.MOBILE


@pytest.mark.parametrize("taken_back", [True, False])
def test_an_order_that_ends_out_of_sight_is_not_told_as_if_it_had_never_been(taken_back: bool):
    play = an_office_at_peace()
    play.order(Mode.MOBILE, until=None if taken_back else play.wall + timedelta(minutes=10)).run(1)
    assert play.way() is Way.MOBILE
    play.lose_ami().run(5)
    if taken_back:
        play.order(Mode.AUTO)
    play.run(900)
    assert play.sentence() == (
        "We do not see the PBX. When last seen, calls to +4930123456 went to Anna's mobile; "
        "whether it knows what has changed since is not known."
    )
    play.connect().run(5)
    assert play.office.route.verified
    assert "We do not see" not in play.sentence()


def test_what_the_pbx_did_not_confirm_is_not_told_as_what_it_did_last():
    play = an_office_at_peace()
    play.pbx.answers_wrongly = True
    play.order(Mode.OFFICE).run(1).order(Mode.AUTO).run(1)
    assert not play.office.route.verified
    play.lose_ami().run(5)
    assert play.sentence() == "We do not see the PBX. Where calls to +4930123456 go is not known."


def test_before_the_first_word_nothing_is_claimed():
    play = Play()
    assert play.sentence() == "We have not seen the PBX yet. Where calls to +4930123456 go is not known."
    assert play.say(Tick())[-1].mono > play.now


@pytest.mark.parametrize("after", [0.0, 0.7, 2.0, 4.0, 6.1, 8.05, 8.3, 12.0, 40.0])
def test_a_restart_at_any_point_of_an_outage_keeps_the_route(after):
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(after)
    before = play.way()
    play.restart_router()
    for _ in range(25):
        play.run(0.1)
        assert play.way() is before or (before is Way.OFFICE and play.state() == "down")
    play.run(30)
    assert play.way() is Way.MOBILE


@pytest.mark.parametrize("after", [1.0, 30.0, 119.0])
def test_a_restart_while_a_trunk_recovers_does_not_fail_back_at_once(after):
    play = in_an_outage()
    play.pbx.trunks["telekom"].silent = False
    play.run(after).restart_router()
    assert play.state() in ("down", "recovering")
    play.run(119)
    assert play.way() is Way.MOBILE
    play.run(10)
    assert play.way() is Way.OFFICE


def test_a_restart_keeps_what_brought_the_trunk_down():
    play = an_office_at_peace().call_fails("telekom", times=3).run(1)
    play.restart_router().run(130)
    assert play.office.trunks["telekom"].health.trial
    play.call_fails("telekom").run(0.1)
    assert play.way() is Way.MOBILE


def test_a_router_that_was_away_for_days_finds_the_trunk_well_and_diverts_nothing():
    play = in_an_outage()
    play.lose_ami()
    play.pbx.trunks["telekom"].silent = False
    play.pbx.trunks["telekom"].contact = "Reachable"
    play.run(3600)
    assert play.way() is Way.OFFICE  # nobody vouches any more: the dialplan judges by itself
    play.restart_router().run(60)
    assert play.way() is Way.OFFICE


def test_a_probe_of_an_old_connection_says_nothing():
    play = an_office_at_peace()
    sent = play.now
    play.run(0.5).lose_ami().run(1).connect().run(0.5)
    before = play.office.trunks["telekom"]
    play.say(Probed("telekom", sent, False, before.evidence and None))
    assert play.office.trunks["telekom"] == before


def test_what_was_unanswered_before_the_loss_of_ami_is_not_added_to_what_comes_after():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].loses = 2
    play.run_until(lambda: play.office.trunks["telekom"].evidence.unanswered == 2, within=7)
    play.lose_ami().run(20)
    play.pbx.trunks["telekom"].silent = True
    play.connect().run(1.1)
    assert play.state() == "failing"
    assert play.way() is Way.OFFICE


def test_a_reload_lists_anew_and_forgets_no_count():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.state() == "failing", within=6)
    play.run(1).connect()
    assert play.state() == "failing"
    play.run_until(lambda: play.way() is Way.MOBILE, within=4)


def test_a_refused_login_is_a_state_of_its_own():
    play = Play()
    play.say(Disconnected(say("Asterisk refuses our AMI login: user name or secret is wrong."), refused=True))
    play.say(Disconnected(say("Asterisk refuses our AMI login: user name or secret is wrong."), refused=True))
    assert play.office.pbx.refused
    assert len(play.told(Kind.PBX)) == 1


def test_asterisk_restarted_in_the_outage_is_probed_before_its_own_qualify():
    play = in_an_outage()
    play.lose_ami()
    trunk = play.pbx.trunks["telekom"]
    trunk.contact, trunk.registration = "NonQualified", "Unregistered"
    play.run(5).connect().run(4)
    assert play.way() is Way.MOBILE
    assert [name for at, name in play.probes if at >= play.now - 4 and name == "telekom"]


def test_a_trunk_whose_qualify_is_off_is_probed_in_vain_three_times_only():
    play = Play()
    trunk = play.pbx.trunks["telekom"]
    trunk.qualified, trunk.contact = False, "NonQualified"
    play.connect().run(120)
    assert len([name for _, name in play.probes if name == "telekom"]) == 3
    assert play.state() == "up"
    assert play.why() == "registered; Asterisk does not probe it."


def test_unknown_trunks_and_late_words_disturb_nothing():
    play = an_office_at_peace()
    before = play.office
    play.call_fails("nobody")
    assert play.office.trunks == before.trunks
    play.lose_ami().call_fails("telekom", times=9)
    assert play.state() == "up"


def test_a_memory_that_comes_late_does_not_outdo_a_newer_word():
    play = an_office_at_peace().order(Mode.MOBILE).run(1)
    old = play.memory
    play.order(Mode.OFFICE).run(1)
    play.say(Remembered(old))
    assert play.way() is Way.OFFICE
    assert isinstance(play.office, type(replace(play.office)))
