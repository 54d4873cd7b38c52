"""Each direction of a trunk, and each number: never more is said than is proven."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from router.core.directions import inbound, outbound, standing
from tests.unit.core.offices import NUMBER, site
from tests.unit.core.play import Play
from tests.unit.core.sim_pbx import NO_ANSWER
from tests.unit.core.test_react_one_number import SECOND, office, one_dies


def said(play: Play, name: str = "telekom") -> dict[str, str]:
    trunk, connected = play.office.trunks[name], play.connected
    return {
        "in": inbound(trunk, connected, play.wall).state.value,
        "out": outbound(trunk, connected, play.wall).state.value,
    }


def texts(play: Play, name: str = "telekom") -> tuple[str, str]:
    trunk = play.office.trunks[name]
    return str(inbound(trunk, True, play.wall).text), str(outbound(trunk, True, play.wall).text)


def peace() -> Play:
    """Calls have gone both ways."""
    play = Play(site()).connect().run(10)
    return play.call_goes_through("telekom").call_goes_through("telekom", inbound=True, number=NUMBER).run(10)


def test_answered_probes_prove_no_call():
    play = Play(site()).connect().run(60)
    assert said(play) == {"in": "unproven", "out": "unproven"}
    assert texts(play) == ("no call has come in yet.", "no call has gone out yet.")


def test_a_call_proves_its_own_direction_for_a_day():
    play = Play(site()).connect().run(10).call_goes_through("telekom", inbound=True, number=NUMBER)
    assert said(play) == {"in": "yes", "out": "unproven"}
    play.call_goes_through("telekom")
    assert said(play) == {"in": "yes", "out": "yes"}
    play.wall_ahead += timedelta(hours=25)
    assert said(play) == {"in": "unproven", "out": "unproven"}


def test_all_silent_neither_direction_works():
    play = peace()
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.state() == "failing", within=6)
    assert said(play) == {"in": "unproven", "out": "unproven"}
    play.run(20)
    assert said(play) == {"in": "no", "out": "no"}
    assert said(play, "gsm") == {"in": "unproven", "out": "unproven"}


@pytest.mark.parametrize("answer", [403, 503, NO_ANSWER])
def test_a_refused_registration_with_answered_probes_stops_calls_in_and_leaves_calls_out_unproven(answer):
    play = peace()
    play.pbx.trunks["telekom"].refuses = answer
    play.registers("telekom")
    play.run(60)
    assert said(play) == {"in": "no", "out": "unproven"}
    play.pbx.trunks["telekom"].silent = True
    play.run(20)
    assert said(play) == {"in": "no", "out": "no"}
    unheard = replace(play.office.trunks["telekom"].evidence, unanswered=0)  # Asterisk's own probes tell it as well
    assert outbound(replace(play.office.trunks["telekom"], evidence=unheard), True, play.wall).state.value == "no"


def test_failed_calls_stop_calls_out_and_calls_in_are_as_proven_by_those_that_came_since():
    play = peace().call_fails("telekom", times=3).run(1)
    assert said(play) == {"in": "unproven", "out": "no"}
    assert texts(play)[1] == "calls out fail."
    play.call_goes_through("telekom", inbound=True, number=NUMBER)
    assert said(play) == {"in": "yes", "out": "no"}
    play.run(121)
    assert play.state() == "up"
    assert said(play) == {"in": "yes", "out": "unproven"}
    play.call_goes_through("telekom")
    assert said(play) == {"in": "yes", "out": "yes"}


def test_one_failed_call_proves_nothing_either_way():
    play = peace().call_fails("telekom").run(0.1)
    assert said(play) == {"in": "yes", "out": "unproven"}
    assert texts(play)[1] == "the last call out failed with 503."


def test_a_call_that_gets_through_a_trunk_held_for_dead_is_no_proof_but_told():
    play = peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(20)
    play.call_goes_through("telekom", inbound=True, number=NUMBER).call_goes_through("telekom")
    assert said(play) == {"in": "unproven", "out": "unproven"}
    assert "all the same" in texts(play)[0]


def test_what_has_only_just_come_back_is_unproven():
    play = peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(20)
    play.pbx.trunks["telekom"].silent = False
    play.run(20)
    assert play.state() == "recovering"
    assert said(play) == {"in": "unproven", "out": "unproven"}


def test_out_of_sight_nothing_is_proven():
    assert said(peace().lose_ami()) == {"in": "unproven", "out": "unproven"}


def test_since_is_the_last_call_that_proves_it_or_when_the_trunk_became_as_it_is():
    play = peace()
    trunk = play.office.trunks["telekom"]
    assert inbound(trunk, True, play.wall).since == trunk.last_inbound_call
    play.pbx.trunks["telekom"].silent = True
    play.run(20)
    trunk = play.office.trunks["telekom"]
    assert inbound(trunk, True, play.wall).since == trunk.since


def test_a_number_stands_as_its_trunk_does_unless_it_fails_alone():
    play = one_dies(office())
    assert standing(NUMBER, play.office).state == "up"
    dead = standing(SECOND, play.office)
    assert dead.state == "down"
    assert str(dead.text) == "3 calls in a row in its name failed, the last with 403, while others went through."
    play.run(121)
    assert str(standing(SECOND, play.office).text) == "its next call decides."
    play.pbx.trunks["telekom"].silent = True
    play.run(20)
    assert {standing(n, play.office).state for n in (NUMBER, SECOND)} == {"down"}
    assert standing(SECOND, play.office).text == play.office.trunks["telekom"].why


def test_a_number_of_which_nothing_was_heard_stands_as_its_trunk_does():
    play = Play(site()).connect().run(60)
    stands = standing(NUMBER, play.office)
    trunk = play.office.trunks["telekom"]
    assert (stands.state, stands.text, stands.since) == (trunk.health.state, trunk.why, trunk.since)
    assert replace(play.office, numbers={}).alone == frozenset()
