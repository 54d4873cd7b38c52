"""Plays of silent legs: calls that were dialled just before their trunk died, and calls that are only slow."""

from __future__ import annotations

import pytest

from router.core.effects import Kind
from router.core.health import State
from router.core.signals import LegBegan
from router.core.site import Policy
from tests.unit.core.offices import NUMBER, site, trunk_site
from tests.unit.core.play import Play
from tests.unit.core.sim_calls import SimCall
from tests.unit.core.test_react_outage import an_office_at_peace

CALM, HURRIED = 5.0, 0.45


def probes(play: Play, name: str, since: float) -> list[float]:
    return [at for at, trunk in play.probes if trunk == name and at >= since - 1e-9]


def just_probed() -> Play:
    """An office at peace; the next probe of telekom by its own pace is 5 s away."""
    play = an_office_at_peace()
    seen = len(play.probes)
    play.run_until(lambda: "telekom" in [name for _, name in play.probes[seen:]], within=6, step=0.001)
    return play.run(0.05)


def cut_under(play: Play, call: SimCall, number: int = 1) -> None:
    """The trunk dies just after the INVITE."""
    assert call.tried == ["telekom"]
    assert len(play.office.legs) == number
    play.pbx.trunks["telekom"].silent = True


def test_a_leg_silent_for_a_second_has_its_trunk_probed_and_is_moved_on_two_seconds_later() -> None:
    play = just_probed()
    call, dialled = play.dials(), play.now
    cut_under(play, call)
    took = play.run_until(lambda: call.rings == "gsm", within=4)
    asked = probes(play, "telekom", dialled)
    assert asked[:4] == pytest.approx([dialled + 1.0 + n * HURRIED for n in range(4)])
    [(moved, effect)] = play.moves
    assert (effect.channel, effect.trunk) == (call.legs[0].channel, "telekom")
    assert moved == pytest.approx(dialled + 3.0)
    assert took < 3.2


def test_what_is_said_of_it() -> None:
    play = just_probed()
    cut_under(play, play.dials())
    play.run(3.1)
    assert play.told(Kind.CALL) == [
        "A call over Telekom met nothing but silence for 3.0 s and was moved on to the next trunk: "
        "4 probes in a row went unanswered."
    ]


def test_a_slow_carrier_is_probed_meanwhile_and_never_left() -> None:
    play = just_probed()
    play.pbx.trunks["telekom"].delay = 8.0
    call, dialled = play.dials(), play.now
    play.run(8.2)
    assert call.rings == "telekom"
    assert play.moves == []
    assert len(probes(play, "telekom", dialled)) == pytest.approx(7 / HURRIED, abs=2)
    assert play.state() == "up"
    assert play.told(since=dialled) == []


def test_when_no_leg_is_silent_any_more_the_pace_is_calm_again() -> None:
    play = just_probed()
    play.pbx.trunks["telekom"].delay = 4.0
    play.dials()
    play.run(4.2)
    rung = play.now
    play.run(40)
    assert len(probes(play, "telekom", rung)) == 40 / CALM


def test_many_silent_legs_cause_one_probe_at_a_time() -> None:
    play = just_probed()
    play.pbx.trunks["telekom"].delay = 8.0
    begun = play.now
    for _ in range(40):
        play.dials()
        play.run(0.05)
    play.run(8.1 - 2.0)
    assert len(probes(play, "telekom", begun)) <= 7.1 / HURRIED + 1
    assert play.moves == []


def test_a_leg_that_rang_is_not_moved_when_the_trunk_dies_afterwards() -> None:
    play = just_probed()
    call = play.dials()
    play.run(0.2)
    assert call.rings == "telekom"
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    assert play.state() == "down"
    assert play.moves == []


@pytest.mark.parametrize("number", ["112", "110"])
def test_an_emergency_leg_is_left_to_the_dialplan(number: str) -> None:
    play = just_probed()
    play.pbx.trunks["telekom"].silent = True
    call = play.dials(number)
    took = play.run_until(lambda: call.rings == "gsm", within=5)
    assert took == pytest.approx(4.1, abs=0.1)
    assert play.moves == []


def test_every_silent_leg_is_moved_on_when_the_verdict_falls() -> None:
    play = just_probed()
    calls = [play.dials() for _ in range(5)]
    cut_under(play, calls[0], 5)
    play.run(1.1)
    play.call_fails("telekom", times=3).run(0.3)  # other calls, which were refused
    assert play.state() == "down"
    assert [call.rings for call in calls] == ["gsm"] * 5
    assert len(play.moves) == 5


def test_a_leg_that_began_just_before_the_verdict_gets_its_second() -> None:
    play = just_probed()
    cut_under(play, play.dials())
    play.run(0.1).call_fails("telekom", times=3)
    play.run(0.8)
    assert play.moves == []
    play.run(0.2)
    assert len(play.moves) == 1


def test_the_failure_of_a_leg_that_we_ended_is_no_failed_call() -> None:
    """Else a dip of two seconds with three calls in it would bring the trunk down for minutes."""
    play = just_probed()
    calls = [play.dials() for _ in range(6)]
    cut_under(play, calls[0], 6)
    play.run_until(lambda: len(play.moves) == 6, within=4)
    play.pbx.trunks["telekom"].silent = False
    play.run(1)
    assert [call.rings for call in calls] == ["gsm"] * 6
    assert play.state() == "up"
    assert play.office.trunks["telekom"].evidence.failed_calls == 0
    assert play.office.legs == {}


def test_an_asterisk_that_leaves_no_leg_by_itself_is_helped_all_the_same() -> None:
    play = just_probed()
    play.pbx.leaves_silent_legs = False
    call = play.dials()
    cut_under(play, call)
    assert play.run_until(lambda: call.rings == "gsm", within=4) < 3.2


def test_a_leg_sent_into_a_trunk_that_is_down_is_left_by_the_dialplan_first() -> None:
    play = an_office_at_peace().call_fails("gsm", times=3).run(1)
    play.pbx.trunks["telekom"].contact = "Unreachable"  # in Asterisk's eyes only
    play.pbx.trunks["gsm"].delay = 60.0
    call, dialled = play.dials(), play.now
    assert call.tried == ["telekom", "gsm"]
    play.run(3)
    assert call.lost
    assert play.moves == []
    play.pbx.leaves_silent_legs = False
    play.pbx.trunks["telekom"].contact = "Unreachable"
    play.dials()
    play.run(2.6)
    assert [at for at, _ in play.moves] == pytest.approx([dialled + 3 + 2.5])


def test_nothing_is_moved_where_no_other_trunk_looks_better() -> None:
    """SIP repeats a lost INVITE: after a dip of three seconds the call still gets through."""
    play = Play(site(trunks=(trunk_site("telekom"),)))
    play.connect().run(22.5)
    call = play.dials()
    play.pbx.trunks["telekom"].silent = True
    play.run(3.2)
    play.pbx.trunks["telekom"].silent = False
    play.run(0.5)
    assert play.moves == []
    assert call.rings == "telekom"


def test_a_router_that_only_reads_moves_no_call() -> None:
    first = an_office_at_peace()
    second = Play(first.site, first.pbx, writer="router-2")
    second.now = first.now
    second.connect().run(1)
    second.dials()
    second.pbx.trunks["telekom"].silent = True
    second.run(6)
    assert second.moves == []


def test_without_sight_of_the_pbx_all_legs_are_forgotten() -> None:
    play = just_probed()
    cut_under(play, play.dials())
    play.lose_ami().run(0.5)
    assert play.office.legs == {}
    play.say(LegBegan("PJSIP/telekom-0000ffff", "telekom", "030@telekom", "9"))
    assert play.office.legs == {}
    play.connect().run(10)
    assert play.moves == []


def test_what_rang_unheard_while_the_pbx_was_listed_anew_is_not_moved() -> None:
    play = just_probed()
    cut_under(play, play.dials())
    play.connect()  # a reload: still connected
    assert play.office.legs == {}


def test_a_dead_trunk_whose_fall_time_is_long_is_left_all_the_same_and_keeps_its_verdict() -> None:
    play = an_office_at_peace(policy=Policy(fall=10)).run(1)
    call, dialled = play.dials(), play.now
    cut_under(play, call)
    assert play.run_until(lambda: call.rings == "gsm", within=6) < 3.5
    assert play.state() == "failing"
    fell = play.run_until(lambda: play.state() == "down", within=12)
    assert play.now - dialled >= 10, fell


def outs(play: Play, since: float) -> list[str]:
    return [plan.entries["out"] for plan in play.plans_since(since)]


def test_after_three_unanswered_probes_the_dialplan_is_to_leave_the_trunk_sooner() -> None:
    play = just_probed()
    cut = play.now
    play.pbx.trunks["telekom"].silent = True
    play.run(20)
    assert outs(play, cut) == ["telekom:2&gsm:12", "gsm:12&telekom:2"]
    assert play.told(Kind.SWITCH, since=cut) == ["Routes switched and verified."]
    assert play.told(Kind.PBX, since=cut) == []


def test_a_fallback_is_left_sooner_too_and_that_is_no_switch_either() -> None:
    play = just_probed()
    cut, since = play.now, play.office.route.since
    play.pbx.trunks["gsm"].loses = 4
    play.run(12)
    rows = [plan.entries[NUMBER].rpartition("|")[2] for plan in play.plans_since(cut)]
    assert rows == ["gsm:2&telekom:12", "gsm:12&telekom:12"]
    assert play.told(Kind.SWITCH, since=cut) == play.told(Kind.PBX, since=cut) == []
    assert play.office.route.since == since


def test_a_trunk_silent_by_fits_and_starts_has_the_table_written_twice_a_minute_at_most_and_tells_no_switch() -> None:
    play = just_probed()
    cut, since = play.now, play.office.route.since
    for _ in range(30):
        play.pbx.trunks["telekom"].loses = 4
        play.run(10)
    assert play.state() == "up"
    written = outs(play, cut)
    assert set(written) == {"telekom:2&gsm:12", "telekom:12&gsm:12"}
    assert len(written) <= 2 * 300 / 60
    assert written[-1] == "telekom:12&gsm:12"
    assert play.told(Kind.SWITCH, since=cut) == play.told(Kind.PBX, since=cut) == []
    assert play.office.route.since == since
    assert str(play.office.route.why) == "The PBX was asked and answers as it should."


def test_a_patience_that_could_not_be_verified_is_told_as_ever() -> None:
    play = just_probed()
    play.pbx.answers_wrongly = True
    play.pbx.trunks["telekom"].loses = 4
    cut = play.now
    play.run_until(lambda: bool(play.told(Kind.SWITCH, since=cut)), within=8)
    play.pbx.answers_wrongly = False
    play.run(5)
    assert play.told(Kind.PBX, since=cut)[-1] == (
        "The routes in the PBX stand as they should: read back and asked for."
    )


def test_a_trunk_that_comes_back_gets_its_time_again_with_the_route() -> None:
    play = just_probed()
    play.pbx.trunks["telekom"].silent = True
    play.run(20)
    play.pbx.trunks["telekom"].silent = False
    back = play.now
    play.run_until(lambda: play.office.trunks["telekom"].health.state is State.UP, within=140)
    play.run(1)
    assert outs(play, back) == ["telekom:12&gsm:12"]
