"""Plays of an outage: what the carrier does, and when the routes move."""

from __future__ import annotations

import pytest

from router.core import evidence as seen
from router.core.effects import Kind
from router.core.evidence import NO_CONTACT, UNREACHABLE, Evidence
from router.core.registration import Timing
from router.core.signals import ContactSaid
from router.core.site import Policy, WatchKind, Way
from tests.unit.core.offices import GSM_NUMBER, NUMBER, site, trunk_site
from tests.unit.core.play import Play
from tests.unit.core.sim_pbx import NO_ANSWER

CALM = 20.0
"""Seconds after which an office has settled: every trunk probed, the first plan verified."""


def an_office_at_peace(**about: object) -> Play:
    play = Play(site(**about)) if about else Play()  # type: ignore[arg-type]
    play.connect().run(CALM)
    assert {trunk.health.state.value for trunk in play.office.trunks.values()} <= {"up", "unknown"}
    assert play.office.route.verified
    return play


def test_an_office_at_peace_writes_its_table_once_and_rings_the_office():
    play = an_office_at_peace()
    assert len(play.plans) == 1
    assert play.way(NUMBER) is play.way(GSM_NUMBER) is Way.OFFICE


@pytest.mark.parametrize("phase", [index * 0.25 for index in range(24)])
def test_a_carrier_that_falls_silent_is_left_between_3_and_8_6_seconds_later(phase):
    play = an_office_at_peace().run(phase)
    cut = play.now
    play.pbx.trunks["telekom"].silent = True
    took = play.run_until(lambda: any("mobile|" in p.entries[NUMBER] for p in play.plans_since(cut)), within=8.6)
    sent = next(at for at, name in play.probes if name == "telekom" and at >= cut)
    assert play.now - sent >= 3.0
    assert took >= 3.0
    play.run(0.1)
    assert play.way(NUMBER) is Way.MOBILE
    assert play.way(GSM_NUMBER) is Way.OFFICE  # the flip rule
    assert play.told(Kind.SWITCH, since=cut) == ["Routes switched and verified."]


@pytest.mark.parametrize("trunk", ["telekom", "gsm"])
@pytest.mark.parametrize("lost", [1, 2])
def test_one_or_two_lost_options_switch_nothing(trunk, lost):
    play = an_office_at_peace()
    before = play.now
    play.pbx.trunks[trunk].loses = lost
    play.run(60)
    assert play.plans_since(before) == []
    assert play.state(trunk) == "up"


@pytest.mark.parametrize("trunk", ["telekom", "gsm"])
def test_a_single_lost_probe_is_no_line_of_the_journal_and_two_in_a_row_are(trunk):
    label = trunk.capitalize()
    play = an_office_at_peace()
    before = play.now
    for _ in range(20):
        play.pbx.trunks[trunk].loses = 1
        assert play.run_until(lambda: play.state(trunk) == "failing", within=6)
        play.run(10)
    assert play.told(Kind.TRANSITION, since=before) == []
    play.pbx.trunks[trunk].loses = 2
    play.run(10)
    assert play.told(Kind.TRANSITION, since=before) == [
        f"{label} looks bad: 2 probes in a row went unanswered.", f"A short dip of {label}, over before the fall time.",
    ]  # fmt: skip


def test_an_outage_is_told_from_its_second_lost_probe_on():
    play = an_office_at_peace()
    before = play.now
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.state() == "down", within=9)
    looks_bad, down = [line for line in play.lines if line[0] >= before and line[1].kind is Kind.TRANSITION]
    assert str(looks_bad[1].text) == "Telekom looks bad: 2 probes in a row went unanswered."
    assert looks_bad[1].data == {"from": "up", "to": "failing", "cause": ""}
    assert str(down[1].text) == "Telekom is down: 5 probes in a row went unanswered."
    lost = [told for _, told, answered in play.answers["telekom"] if not answered]
    assert looks_bad[0] == lost[1]


def test_a_hint_of_asterisks_own_is_no_line_and_any_other_word_is_told_at_once():
    play = an_office_at_peace()
    before = play.now
    play.say(ContactSaid("telekom", UNREACHABLE))
    assert play.state() == "failing"
    assert play.run(10).told(Kind.TRANSITION, since=before) == []
    play.say(ContactSaid("telekom", "Removed"))
    play.say(ContactSaid("telekom", NO_CONTACT))
    assert play.told(Kind.TRANSITION, since=before) == [
        "Telekom looks bad: it is not connected to the PBX (no contact)."
    ]


def test_what_ends_a_kept_back_dip_otherwise_than_well_is_told():
    play = an_office_at_peace()
    before = play.now
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.state() == "failing", within=6)
    play.call_fails("telekom", times=3)
    assert play.told(Kind.TRANSITION, since=before) == [
        "Calls over Telekom fail: 3 calls in a row failed, the last with 503."
    ]
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.state() == "failing", within=6)
    play.lose_ami()
    assert "Lost sight of Telekom while it looked bad; counting afresh." in play.told(Kind.TRANSITION)


def test_a_silent_trunk_is_asked_again_at_once_and_its_fallback_with_it():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.state() == "failing", within=6)
    failing = play.now
    play.run(0.01)
    assert [name for at, name in play.probes if at >= failing - 0.02] == ["telekom", "gsm"]


def test_a_trunk_that_is_down_is_asked_at_the_calm_pace():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    since = play.now
    play.run(60)
    assert len([name for at, name in play.probes if at >= since and name == "telekom"]) in (12, 13)


def test_after_the_rise_time_all_is_as_before():
    play = an_office_at_peace()
    before = play.pbx.plans[play.pbx.written[-1]]
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    play.pbx.trunks["telekom"].silent = False
    back = play.now
    play.run_until(lambda: play.state() == "recovering", within=6)
    assert play.way() is Way.MOBILE
    play.run_until(lambda: play.way() is Way.OFFICE, within=130)
    assert play.now - back >= 120
    assert play.pbx.plans[play.pbx.written[-1]] == before


def test_both_trunks_dead_at_once_switch_nothing_and_it_is_said():
    play = an_office_at_peace()
    cut = play.now
    play.pbx.trunks["telekom"].silent = play.pbx.trunks["gsm"].silent = True
    play.run(60)
    assert play.state("telekom") == play.state("gsm") == "down"
    rows = [plan.entries[NUMBER].split("|")[0] for plan in play.plans_since(cut)]
    assert set(rows) == {"office"}
    assert "no other trunk is left to forward over" in play.sentence()


def test_the_switch_waits_for_a_fallback_that_only_dips():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.state() == "failing", within=6)
    play.pbx.trunks["gsm"].loses = 2
    play.run_until(lambda: play.way() is Way.MOBILE, within=9)
    assert play.state("gsm") == "up"


def test_a_fallback_that_dips_during_the_outage_moves_nothing():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    since = play.now
    play.pbx.trunks["gsm"].loses = 2
    play.run(60)
    assert play.plans_since(since) == []
    assert play.way() is Way.MOBILE


def test_a_fallback_that_dies_during_the_outage_hands_the_calls_to_the_office():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    play.pbx.trunks["gsm"].silent = True
    play.run(30)
    assert play.way() is Way.OFFICE


def test_the_same_registry_ten_times_is_said_once():
    play = an_office_at_peace()
    before = play.now
    for _ in range(10):
        play.registers("telekom")
        play.run(0.5)
    assert play.plans_since(before) == []
    assert play.told(since=before) == []


def an_office_that_registers_each_minute() -> Play:
    play = Play()
    play.pbx.trunks["telekom"].timing = Timing(expiration=70)
    play.connect().registers("telekom")
    return play.run(130)


@pytest.mark.parametrize(
    ("answer", "first", "then"),
    [
        (403, "the carrier refuses our registration.", "the carrier refuses our registration for good (403 or 404: "),
        (503, "the carrier refuses our registration.", "the carrier refuses our registration for now (503 or the like"),
        (NO_ANSWER, "the carrier does not answer our registration.", "the carrier does not answer our registration."),
    ],
)
def test_a_refusal_for_good_is_told_from_one_for_now_and_from_silence(answer, first, then):
    play = an_office_that_registers_each_minute()
    play.pbx.trunks["telekom"].refuses = answer
    play.run_until(lambda: play.state() == "down", within=100)
    assert play.why() == first
    assert play.way() is Way.MOBILE
    play.run(110)
    assert play.why().startswith(then)
    assert play.way() is Way.MOBILE


def test_a_router_that_started_after_the_refusal_does_not_guess_its_reason():
    play = Play()
    play.pbx.trunks["telekom"].registration = "Rejected"
    play.connect().run(10)
    assert play.why() == "our registration was refused or not answered."


def test_answered_options_do_not_bring_back_a_trunk_that_lost_its_registration():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].refuses = 403
    play.registers("telekom")
    play.run(600)
    assert play.state() == "down"
    play.pbx.trunks["telekom"].refuses = None
    play.registers("telekom")
    play.run(10)
    assert play.state() == "recovering"
    play.run(121)
    assert play.way() is Way.OFFICE


def test_the_third_failed_call_in_a_row_brings_a_trunk_down_whose_options_are_fine():
    play = an_office_at_peace().call_fails("telekom", times=2)
    assert play.state() == "up"
    play.call_goes_through("telekom").call_fails("telekom", times=2)
    assert play.state() == "up"
    play.call_fails("telekom").run(0.1)
    assert play.way() is Way.MOBILE
    assert "Calls over Telekom fail: 3 calls in a row failed, the last with 503." in play.told(Kind.TRANSITION)
    assert "whether +4930123456 can be reached is not proven" in play.sentence()


def test_who_redials_a_barred_number_brings_no_trunk_down_but_three_barred_numbers_do():
    play = Play().connect().run(10).call_fails("telekom", "403", times=5, to="+49900111222")
    assert play.state("telekom") == "up"
    play.call_fails("telekom", "403", to="+49900333").call_fails("telekom", "403", to="+49900444")
    assert play.state("telekom") == "down"


def test_two_barred_numbers_dialled_in_turn_bring_no_trunk_down_and_a_third_does():
    play = Play().connect().run(10)
    for _ in range(5):
        play.call_fails("telekom", "403", to="+49900111").call_fails("telekom", "403", to="+49900222").run(20)
    assert play.state("telekom") == "up"
    play.lose_ami().run(5).connect().run(10)
    play.call_fails("telekom", "403", to="+49900111")
    assert play.state("telekom") == "up"
    play.call_fails("telekom", "403", to="+49900333")
    assert play.state("telekom") == "down"


def test_a_refusal_by_the_number_called_and_a_fault_of_the_trunk_on_the_way_to_it_are_two():
    play = Play().connect().run(10).call_fails("telekom", "403", to="+4930777")
    assert play.call_fails("telekom", "503", to="+4930777").state("telekom") == "up"
    assert play.call_fails("telekom", "503", to="+4930777").state("telekom") == "down"


def test_a_good_call_and_a_verdict_begin_the_run_anew():
    play = Play().connect().run(10)
    for _ in range(3):
        play.call_fails("telekom", "403", to="+49900111").call_fails("telekom", "403", to="+49900222")
        play.call_goes_through("telekom").run(1)
    assert play.state("telekom") == "up"
    for last in range(3):
        play.call_fails("telekom", "403", to=f"+4990011{last}")
    assert play.state("telekom") == "down", "the first of them was refused before the good call, too"
    play.run(60).call_fails("telekom", "403", to="+49900110").run(119)
    assert play.state("telekom") == "down", "counted once more, from its last failure on"
    play.call_fails("telekom", "403", times=5, to="+49900110").run(2)
    assert play.state("telekom") == "up", "whoever goes on redialling it holds nothing down"


def test_of_one_run_sixteen_numbers_are_remembered():
    evidence = Evidence()
    for number in range(40):
        evidence = seen.call_failed(evidence, "403", 1.0, f"+49900{number}")
    assert evidence.refused == tuple(f"+49900{number}" for number in range(24, 40))


def test_calls_that_asterisk_kept_back_from_an_unreachable_contact_leave_the_verdict_to_the_probes():
    play = Play().connect().run(10)
    play.say(ContactSaid("telekom", UNREACHABLE))
    assert play.call_fails("telekom", "none", times=5).state("telekom") == "failing"
    assert play.run(2).state("telekom") == "up"
    assert play.call_fails("telekom", "none", times=3).state("telekom") == "down"


def test_calls_to_one_number_that_the_carrier_cannot_serve_bring_its_trunk_down():
    for code in ("503", "silence", "408"):
        assert Play().connect().run(10).call_fails("telekom", code, times=3, to="+4930777").state("telekom") == "down"


def test_after_failed_calls_the_rise_time_counts_from_the_last_one_and_the_next_call_is_the_trial():
    play = an_office_at_peace().call_fails("telekom", times=3).run(60)
    assert play.state() == "down"
    play.call_fails("telekom").run(119)  # tried as the last resort: the rise time counts anew
    assert play.way() is Way.MOBILE
    play.run(2)
    assert play.way() is Way.OFFICE
    play.call_fails("telekom").run(0.1)
    assert play.way() is Way.MOBILE
    play.run(235)  # a relapse: twice the rise time
    assert play.way() is Way.MOBILE
    play.run(10)
    assert play.way() is Way.OFFICE


def test_after_failed_calls_silence_starts_the_rise_time_anew():
    play = an_office_at_peace().call_fails("telekom", times=3).run(60)
    play.pbx.trunks["telekom"].silent = True
    play.run(100)
    play.pbx.trunks["telekom"].silent = False
    play.run(119)
    assert play.way() is Way.MOBILE
    play.run(10)
    assert play.way() is Way.OFFICE


def test_a_trial_call_that_goes_through_ends_the_suspicion():
    play = an_office_at_peace().call_fails("telekom", times=3).run(130)
    assert play.state() == "up"
    play.call_goes_through("telekom").call_fails("telekom", times=2)
    assert play.state() == "up"


def test_calls_that_fail_over_a_trunk_already_down_do_not_hold_it_down():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(30).call_fails("telekom", times=5)
    play.pbx.trunks["telekom"].silent = False
    play.run(130)
    assert play.state() == "up"
    play.call_fails("telekom", times=2)
    assert play.state() == "up"


def test_a_trunk_nobody_watches_comes_back_for_a_trial_after_the_rise_time():
    trunks = (trunk_site("telekom"), trunk_site("modem", WatchKind.NONE))
    play = an_office_at_peace(trunks=trunks).call_fails("modem", times=3).run(0.1)
    assert play.way(GSM_NUMBER) is Way.MOBILE
    play.run(119)
    assert play.way(GSM_NUMBER) is Way.MOBILE
    play.run(10)
    assert play.way(GSM_NUMBER) is Way.OFFICE
    play.call_fails("modem").run(0.1)
    assert play.way(GSM_NUMBER) is Way.MOBILE


def test_each_relapse_doubles_the_rise_time():
    play = an_office_at_peace(policy=Policy(switches_per_hour=100))
    waits = []
    for _ in range(3):
        play.pbx.trunks["telekom"].silent = True
        play.run(30)
        play.pbx.trunks["telekom"].silent = False
        waits.append(play.run_until(lambda: play.way() is Way.OFFICE, within=2000, step=0.5))
    assert waits == [pytest.approx(rise + 2.5, abs=2.6) for rise in (120, 240, 480)]


def test_the_way_back_waits_for_the_switches_of_an_hour_but_no_failover_does():
    play = an_office_at_peace(policy=Policy(rise=10, rise_most=10))
    for _ in range(2):
        play.pbx.trunks["telekom"].silent = True
        play.run(30)
        play.pbx.trunks["telekom"].silent = False
        play.run(30)
    assert play.way() is Way.OFFICE
    play.pbx.trunks["telekom"].silent = True
    play.run(9)
    assert play.way() is Way.MOBILE  # the fifth switch within the hour
    play.pbx.trunks["telekom"].silent = False
    play.run(600)
    assert play.way() is Way.MOBILE
    play.run(3600)
    assert play.way() is Way.OFFICE
