"""Plays of phones that nobody can ring: a dead phone switch, a phone that restarts, an Asterisk just booted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.core import office_phones
from router.core.effects import Kind
from router.core.health import Health, State
from router.core.orders import Mode
from router.core.site import Person, Site, Way
from tests.unit.core.offices import GSM_NUMBER, MOBILE, NUMBER, site, trunk_site
from tests.unit.core.play import Play

PHONES = ("PJSIP/20", "PJSIP/21")
AWAY_SECONDS, BACK_SECONDS, NOT_MET_SECONDS = 30.0, 10.0, 90.0


def an_office_with_phones(about: Site | None = None, **more: object) -> Play:
    play = Play(about or site(phones=PHONES, **more)).connect().run(20.0)  # type: ignore[arg-type]
    assert play.office.route.verified
    assert play.way() is Way.OFFICE
    return play


def switch_off(play: Play, noticed: bool = True) -> float:
    """The phone switch dies; the moment."""
    for device in play.site.phones:
        play.phone(device, "UNAVAILABLE", noticed)
    return play.now


def test_when_no_phone_is_left_calls_go_to_the_mobiles_after_30_s_over_the_numbers_own_healthy_trunk():
    play = an_office_with_phones()
    dead = switch_off(play)
    play.run_until(lambda: play.way() is Way.MOBILE, within=AWAY_SECONDS + 0.1)
    assert play.now - dead >= AWAY_SECONDS
    assert play.way(GSM_NUMBER) is Way.OFFICE
    play.run(1)
    assert play.sentence() == (
        f"None of the office phones behind {NUMBER} can be reached; calls go to Anna's mobile over Telekom."
    )
    assert play.told(Kind.PHONES) == [f"None of the office phones behind {NUMBER} can be reached: PJSIP/20, PJSIP/21."]
    assert play.told(Kind.SWITCH, since=dead) == ["Routes switched and verified."]


def test_one_dead_phone_moves_no_call():
    play = an_office_with_phones()
    play.phone("PJSIP/20", "UNAVAILABLE").run(3600)
    assert play.way() is Way.OFFICE
    assert len(play.plans) == 1


@pytest.mark.parametrize("state", ["NOT_INUSE", "INUSE", "RINGING", "BUSY", "ONHOLD", "RINGINUSE"])
def test_ten_seconds_after_one_phone_is_back_the_calls_come_back(state):
    play = an_office_with_phones()
    switch_off(play)
    play.run(60).phone("PJSIP/21", state)
    back = play.now
    play.run_until(lambda: play.way() is Way.OFFICE, within=BACK_SECONDS + 0.1)
    assert play.now - back >= BACK_SECONDS
    assert play.told(Kind.PHONES)[-1] == f"Office phones behind {NUMBER} can be reached again."


def test_a_phone_that_is_back_for_a_moment_only_brings_nothing_back():
    play = an_office_with_phones()
    switch_off(play)
    play.run(60).phone("PJSIP/21", "NOT_INUSE").run(BACK_SECONDS - 2).phone("PJSIP/21", "UNAVAILABLE").run(300)
    assert play.way() is Way.MOBILE
    assert len(play.plans) == 2


def test_phones_on_a_bad_wire_bring_the_calls_back_later_and_later_and_sooner_after_a_calm_hour():
    play = an_office_with_phones()
    waited = []
    for _ in range(5):
        switch_off(play)
        play.run(60).phone("PJSIP/20", "NOT_INUSE")
        waited.append(round(play.run_until(lambda: play.way() is Way.OFFICE, within=700, step=0.5)))
    assert waited == [10, 20, 40, 80, 160]
    play.run(3700)
    switch_off(play)
    play.run(60).phone("PJSIP/20", "NOT_INUSE")
    assert round(play.run_until(lambda: play.way() is Way.OFFICE, within=700, step=0.5)) == 10


def test_phones_that_restart_for_less_than_half_a_minute_move_no_call():
    play = an_office_with_phones()
    for _ in range(20):
        switch_off(play)
        play.run(AWAY_SECONDS - 1).phone("PJSIP/20", "NOT_INUSE").run(20)
    assert len(play.plans) == 1


def test_what_events_did_not_tell_the_next_survey_finds():
    play = an_office_with_phones()
    switch_off(play, noticed=False)
    play.run(AWAY_SECONDS + 5)
    assert play.way() is Way.MOBILE
    play.phone("PJSIP/20", "NOT_INUSE", noticed=False).run(BACK_SECONDS + 5)
    assert play.way() is Way.OFFICE


def test_after_a_boot_asterisk_gets_a_minute_and_a_half_to_find_its_phones():
    play = Play(site(phones=PHONES))
    play.pbx.phones = dict.fromkeys(PHONES, "UNAVAILABLE")
    play.connect().run(NOT_MET_SECONDS - 5)
    assert play.way() is Way.OFFICE
    play.phone("PJSIP/20", "NOT_INUSE").run(300)
    assert len(play.plans) == 1

    dead = Play(site(phones=PHONES))
    dead.pbx.phones = dict.fromkeys(PHONES, "UNAVAILABLE")
    dead.connect().run(NOT_MET_SECONDS + 1)
    assert dead.way() is Way.MOBILE


def test_losing_sight_of_the_pbx_moves_no_call_and_counting_starts_afresh():
    play = an_office_with_phones()
    switch_off(play)
    play.run(AWAY_SECONDS - 2).lose_ami().run(60)
    assert play.way() is Way.OFFICE
    play.connect().run(NOT_MET_SECONDS - 5)
    assert play.way() is Way.OFFICE
    play.run(6)
    assert play.way() is Way.MOBILE
    play.lose_ami().run(3600)
    assert play.office.decisions[0].auto is Way.MOBILE
    for device in PHONES:
        play.phone(device, "NOT_INUSE")
    play.connect().run(BACK_SECONDS - 1)
    assert play.office.decisions[0].auto is Way.MOBILE
    play.run(2)
    assert play.way() is Way.OFFICE


def test_a_restarted_router_keeps_the_calls_on_the_mobiles_while_no_phone_answers():
    play = an_office_with_phones()
    switch_off(play)
    play.run(60).restart_router().run(300)
    assert {plan.entries[NUMBER].partition("|")[0] for _, plan in play.plans[1:]} == {"mobile"}
    play.phone("PJSIP/20", "NOT_INUSE").run(BACK_SECONDS + 1)
    assert play.way() is Way.OFFICE
    assert "phones" not in play.plans[-1][1].entries


@pytest.mark.parametrize("back", [PHONES, PHONES[:1]])
def test_a_router_that_was_away_for_long_takes_the_phones_for_what_they_are_now(back):
    play = an_office_with_phones()
    switch_off(play)
    play.run(60)
    play.connected = False
    play._boot()
    play.run(600)
    play.pbx.phones |= dict.fromkeys(back, "NOT_INUSE")
    play.connect().run(1)
    assert play.way() is Way.OFFICE


def test_a_name_that_asterisk_has_never_heard_of_proves_nothing():
    play = Play(site(phones=("PJSIP/20", "PJSIP/typo")))
    play.pbx.phones = {"PJSIP/20": "NOT_INUSE", "PJSIP/typo": "INVALID"}
    play.connect().run(300)
    assert play.way() is Way.OFFICE
    play.phone("PJSIP/20", "UNAVAILABLE").run(AWAY_SECONDS + 1)
    assert play.way() is Way.MOBILE

    only = Play(site(phones=("PJSIP/typo",)))
    only.pbx.phones = {"PJSIP/typo": "INVALID"}
    only.connect().run(300)
    assert only.way() is Way.OFFICE
    assert len(only.plans) == 1
    assert all(not survey.phones for _, survey in only.surveys)


def test_a_phone_of_which_asterisk_cannot_tell_may_be_there():
    play = Play(site(phones=("PJSIP/20", "IAX2/30")))
    play.pbx.phones = {"PJSIP/20": "UNAVAILABLE", "IAX2/30": "UNKNOWN"}
    play.connect().run(600)
    assert play.way() is Way.OFFICE


def test_office_then_mobile_skips_phones_that_are_away_and_office_stays_in_the_office():
    first = an_office_with_phones(when_down=Way.OFFICE_THEN_MOBILE)
    switch_off(first)
    assert first.run(60).way() is Way.MOBILE

    never = an_office_with_phones(when_down=Way.OFFICE)
    switch_off(never)
    assert never.run(60).way() is Way.OFFICE
    assert never.sentence() == (
        f"None of the office phones behind {NUMBER} can be reached, and its calls are to stay in the office."
    )
    assert never.reachable() == "no"


def test_without_phones_in_the_settings_nothing_is_said_of_them():
    play = Play(site()).connect().run(300)
    assert play.office.phones == {}
    assert office_phones.to_ask(play.office, play.now) == ()


def test_staffs_word_holds_and_the_sentence_does_not_hide_that_nobody_is_there():
    play = an_office_with_phones()
    play.order(Mode.OFFICE).run(1)
    switch_off(play)
    play.run(60)
    assert play.way() is Way.OFFICE
    assert play.sentence() == (
        f"None of the office phones behind {NUMBER} can be reached. "
        f"By order of anna, calls to {NUMBER} ring in the office."
    )
    play.order(Mode.MOBILE).run(1)
    assert play.sentence() == f"By order of anna, calls to {NUMBER} go to Anna's mobile."


@pytest.mark.parametrize(
    ("people", "gsm", "said"),
    [
        ((), State.UP, "and nobody has a mobile."),
        ((Person("Anna", (MOBILE,)),), State.DOWN, "and no trunk is left to forward over."),
    ],
)
def test_where_nothing_can_be_forwarded_the_sentence_says_why(people, gsm, said):
    about = site(phones=PHONES, fallbacks=("gsm",))
    names = tuple(person.name for person in people)
    numbers = tuple(replace(number, people=names) for number in about.numbers)
    about = replace(about, people=people, numbers=numbers)
    play = Play(about).connect().run(20.0)
    if gsm is State.DOWN:
        play.pbx.trunks["gsm"].silent = True
        play.run(30)
    switch_off(play)
    play.run(60)
    assert play.way() is Way.OFFICE
    assert play.sentence() == f"None of the office phones behind {NUMBER} can be reached, {said}"
    assert play.reachable() == "no"


def test_a_dead_trunk_and_dead_phones_leave_by_another_trunk_and_tell_of_the_trunk():
    play = an_office_with_phones(when_down=Way.OFFICE_THEN_MOBILE)
    switch_off(play)
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    assert play.way() is Way.MOBILE
    assert play.sentence() == (
        f"Whoever dials {NUMBER} cannot reach us right now. "
        "Calls that arrive by another trunk go to Anna's mobile over Gsm."
    )
    play.phone("PJSIP/20", "NOT_INUSE").run(60)
    assert play.way() is Way.OFFICE_THEN_MOBILE


def test_a_trunk_with_a_single_channel_is_the_last_that_a_call_leaves_by():
    gateway = replace(trunk_site("gsm"), channels=1)
    play = an_office_with_phones(site(trunks=(gateway, trunk_site("telekom")), phones=PHONES))
    switch_off(play)
    play.run(60)
    assert play.office.decisions[0].over == ("telekom", "gsm")  # the number is the gateway's own

    wide = replace(trunk_site("gsm"), channels=2)
    play = an_office_with_phones(
        site(trunks=(trunk_site("telekom"), wide), phones=PHONES, fallbacks=("gsm", "telekom"))
    )
    switch_off(play)
    play.run(60)
    assert play.office.decisions[0].over == ("gsm", "telekom")  # as the office has put them


def test_asterisk_is_made_to_probe_the_phones_that_matter_and_no_others():
    play = an_office_with_phones()
    assert all(not survey.phones for _, survey in play.surveys)
    play.phone("PJSIP/20", "UNAVAILABLE")
    gone = play.now
    play.run(10)
    assert {survey.phones for at, survey in play.surveys if at > gone} == {PHONES}
    calm = play.run(120).now
    play.run(60)
    assert {survey.phones for at, survey in play.surveys if at > calm} == {()}
    play.phone("PJSIP/21", "UNAVAILABLE")
    gone = play.now
    play.run(300)
    assert {survey.phones for at, survey in play.surveys if at > gone} == {PHONES}


def test_a_dead_switch_of_hundreds_is_no_flood():
    many = tuple(f"PJSIP/{number}" for number in range(200, 500))
    play = an_office_with_phones(site(phones=many))
    switch_off(play)
    play.run(60)
    assert max(len(survey.phones) for _, survey in play.surveys) == office_phones.MOST_ASKED
    assert play.way() is Way.MOBILE


def test_a_number_without_a_trunk_that_has_spoken_yet_is_not_diverted_over_it():
    play = an_office_with_phones()
    trunks = {name: replace(known, health=Health(State.UNKNOWN)) for name, known in play.office.trunks.items()}
    play.office = replace(play.office, trunks=trunks)
    switch_off(play)
    play.run(60)
    assert play.way() is Way.MOBILE  # unknown is not down
