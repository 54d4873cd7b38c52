"""Where each number's calls go, and what is told of it: no sentence claims more than is proven."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from router.core.decision import Decision, Reachable, View, decide
from router.core.health import DIVERTED, Cause, Health, State
from router.core.orders import Mode, Override, Overrides
from router.core.site import Person, Site, Way
from router.core.trunk import Trunk
from tests.unit.core.offices import GSM_NUMBER, MORNING, NUMBER, site, trunk_site

A_CALL_AGO = MORNING - timedelta(hours=1)
YESTERDAY = MORNING - timedelta(hours=25)


def one(
    state: State = State.UP,
    cause: Cause | None = None,
    gsm: State = State.UP,
    about: Site | None = None,
    words: Overrides = (),
    last_call: datetime | None = None,
    before: tuple[Decision, ...] = (),
    view: View = View.CLEAR,
) -> Decision:
    """What is decided for the number of `telekom`."""
    about = about or site()
    healths = {"telekom": Health(state, cause=cause or (Cause.PROBE if state in DIVERTED else None))}
    known = {t.name: Trunk(t, health=healths.get(t.name, Health(gsm))) for t in about.trunks}
    arrivals = {NUMBER: last_call} if last_call else {}
    return decide(about, known, words, MORNING, before=before, view=view, arrivals=arrivals)[0]


def word(mode: Mode, number: str | None = None, hours: int | None = None) -> tuple[Override, ...]:
    until = None if hours is None else MORNING + timedelta(hours=hours)
    return (Override(mode, MORNING, "Anna", number=number, until=until),)


@pytest.mark.parametrize("state", list(State))
def test_a_number_follows_its_own_trunk(state):
    assert (one(state).way is Way.MOBILE) == (state in DIVERTED)
    assert one(gsm=state).way is Way.OFFICE


def test_the_flip_rule_holds_for_each_number():
    about = site()
    known = {t.name: Trunk(t, health=Health(State.UP)) for t in about.trunks}
    known["gsm"] = replace(known["gsm"], health=Health(State.DOWN, cause=Cause.PROBE))
    ways = {d.number: d.way for d in decide(about, known, (), MORNING)}
    assert ways == {NUMBER: Way.OFFICE, GSM_NUMBER: Way.MOBILE}


@pytest.mark.parametrize("state", sorted(DIVERTED))
def test_a_forwarded_call_never_leaves_by_a_failed_trunk(state):
    assert one(state).over == ("gsm",)
    assert one(State.UP, gsm=state).over == ("telekom",)
    assert one(state, gsm=State.DOWN).over == ()


def test_a_trunk_that_answers_again_serves_only_where_there_is_no_other():
    assert one(State.DOWN, gsm=State.RECOVERING).over == ("gsm",)
    assert one(State.RECOVERING, gsm=State.RECOVERING).over == ("gsm",), "never its own"
    assert one(State.UP, gsm=State.RECOVERING).over == ("telekom",)


def test_its_own_trunk_is_the_last_choice_and_a_dip_changes_no_order():
    assert one().over == ("gsm", "telekom")
    assert one(gsm=State.FAILING).over == ("gsm", "telekom")


def test_the_office_may_name_its_fallbacks():
    about = site(trunks=(trunk_site("telekom"), trunk_site("gsm"), trunk_site("backup")), fallbacks=("backup",))
    assert one(State.DOWN, about=about).over == ("backup",)


def test_without_a_fallback_no_false_switch():
    decision = one(State.DOWN, gsm=State.DOWN)
    assert decision.way is Way.OFFICE
    assert "no other trunk is left to forward over" in str(decision.why)


def test_the_switch_waits_while_every_fallback_looks_bad_but_does_not_turn_back():
    assert one(State.DOWN, gsm=State.FAILING).way is Way.OFFICE
    assert one(State.DOWN, gsm=State.UNKNOWN).way is Way.MOBILE
    assert one(State.DOWN, gsm=State.FAILING, before=(one(State.DOWN),)).way is Way.MOBILE
    assert one(State.DOWN, gsm=State.FAILING, before=(one(State.UP),)).way is Way.OFFICE


def test_one_good_fallback_of_several_is_enough():
    about = site(trunks=(trunk_site("telekom"), trunk_site("gsm"), trunk_site("backup")))
    known = {t.name: Trunk(t, health=Health(State.UP)) for t in about.trunks}
    known["telekom"] = replace(known["telekom"], health=Health(State.DOWN, cause=Cause.PROBE))
    known["gsm"] = replace(known["gsm"], health=Health(State.FAILING))
    assert decide(about, known, (), MORNING)[0].way is Way.MOBILE


@pytest.mark.parametrize("way", list(Way))
def test_when_down_says_where_calls_go(way):
    assert one(State.DOWN, about=site(when_down=way)).way is way


def test_nobody_to_forward_to_rings_the_office():
    nobody = site(people=(Person("Anna", ()),))
    assert one(State.DOWN, about=nobody).way is Way.OFFICE
    assert str(one(State.DOWN, about=nobody).why) == (
        "Telekom is down. Whoever dials +4930123456 and gets through rings the office."
    )
    assert "nobody has one" in str(one(about=nobody, words=word(Mode.MOBILE)).why)


def test_a_mobile_order_of_a_healthy_office_leaves_by_another_trunk_first():
    decision = one(words=word(Mode.MOBILE))
    assert (decision.way, decision.auto, decision.over[0]) == (Way.MOBILE, Way.OFFICE, "gsm")


# Each claim with what proves it, and with what takes the proof away.


def test_calls_ring_in_the_office_is_said_plainly_only_after_a_call_that_did():
    assert str(one(last_call=A_CALL_AGO).why) == "Calls to +4930123456 ring in the office."
    assert one(last_call=A_CALL_AGO).reachable is Reachable.YES
    assert "has not been proven since" in str(one(last_call=YESTERDAY).why)
    assert str(one().why) == "Telekom answers. That calls to +4930123456 arrive has not been proven yet."
    assert one().reachable is one(last_call=YESTERDAY).reachable is Reachable.UNPROVEN


@pytest.mark.parametrize(
    ("state", "said"),
    [(State.UNKNOWN, "Nothing is known of Telekom yet."), (State.FAILING, "Telekom looks bad just now.")],
)
def test_a_trunk_in_doubt_is_not_said_to_answer(state, said):
    decision = one(state, last_call=A_CALL_AGO)
    assert str(decision.why) == f"Calls to +4930123456 ring in the office. {said}"
    assert decision.reachable is Reachable.UNPROVEN


def test_cannot_reach_us_is_said_of_a_silent_trunk():
    decision = one(State.DOWN)
    assert str(decision.why) == (
        "Whoever dials +4930123456 cannot reach us right now. "
        "Calls that arrive by another trunk go to Anna's mobile over Gsm."
    )
    assert decision.reachable is Reachable.NO


@pytest.mark.parametrize("state", sorted(DIVERTED))
def test_cannot_reach_us_is_not_said_where_only_outgoing_calls_failed(state):
    decision = one(state, Cause.CALLS)
    assert "cannot reach us" not in str(decision.why)
    assert "looks good" not in str(decision.why)
    assert "whether +4930123456 can be reached is not proven" in str(decision.why)
    assert decision.reachable is Reachable.UNPROVEN


def test_looks_good_again_is_said_while_it_recovers_and_not_before():
    assert "Telekom looks good again." in str(one(State.RECOVERING).why)
    assert "looks good" not in str(one(State.DOWN).why)
    assert one(State.RECOVERING).reachable is Reachable.UNPROVEN


def test_the_mobile_is_not_claimed_where_the_office_rings():
    for state in sorted(DIVERTED):
        told = str(one(state, about=site(when_down=Way.OFFICE)).why)
        assert "mobile" not in told
        assert "rings the office" in told


def test_where_the_office_rings_first_both_are_said_in_their_order():
    for state in sorted(DIVERTED):
        told = str(one(state, about=site(when_down=Way.OFFICE_THEN_MOBILE)).why)
        assert "ring in the office first and then go to Anna's mobile" in told


def test_everybody_who_is_rung_is_named():
    about = site()
    people = (*about.people, Person("Ben", ("+4917187654321",)))
    about = replace(about, people=people, numbers=tuple(replace(n, people=("Anna", "Ben")) for n in about.numbers))
    assert "the mobiles of Anna and Ben" in str(one(State.DOWN, about=about).why)


def test_with_the_day_s_minutes_used_up_the_office_rings_and_that_is_why():
    about = site()
    known = {t.name: Trunk(t, health=Health(State.DOWN if t.name == "telekom" else State.UP)) for t in about.trunks}
    decision = decide(about, known, (), MORNING, spent=True)[0]
    assert decision.way is Way.OFFICE
    assert "today's minutes for forwarded calls are used up" in str(decision.why)
    assert "no other trunk" not in str(decision.why)


def test_no_trunk_left_is_said_only_where_none_is_left():
    assert "no other trunk is left" in str(one(State.DOWN, gsm=State.DOWN).why)
    assert "no other trunk is left" in str(one(State.DOWN, Cause.CALLS, gsm=State.DOWN).why)
    assert "no other trunk is left" not in str(one(State.DOWN, gsm=State.FAILING).why)
    assert "no trunk is left" in str(one(State.DOWN, gsm=State.DOWN, words=word(Mode.MOBILE)).why)
    assert "no trunk is left" not in str(one(State.DOWN, words=word(Mode.MOBILE)).why)


@pytest.mark.parametrize(
    ("mode", "hours", "said"),
    [
        (Mode.MOBILE, None, "By order of Anna, calls to +4930123456 go to Anna's mobile."),
        (Mode.MOBILE, 1, "By order of Anna, calls to +4930123456 go to Anna's mobile until 09:00 UTC."),
        (Mode.OFFICE, None, "By order of Anna, calls to +4930123456 ring in the office."),
        (Mode.OFFICE, 1, "By order of Anna, calls to +4930123456 ring in the office until 09:00 UTC."),
    ],
)
def test_an_order_is_told_with_its_end(mode, hours, said):
    assert str(one(words=word(mode, hours=hours)).why) == said
    dead = "Whoever dials +4930123456 cannot reach us right now. "
    assert str(one(State.DOWN, words=word(mode, hours=hours)).why) == dead + said


def test_an_order_for_another_number_or_that_has_ended_is_not_told():
    assert one(words=word(Mode.MOBILE, number=GSM_NUMBER)) == one()
    assert one(words=word(Mode.MOBILE, hours=-1)) == one()
    assert one(words=word(Mode.AUTO)) == one()


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("view", [View.LOST, View.NEVER])
@pytest.mark.parametrize("words", [(), word(Mode.MOBILE), word(Mode.OFFICE)])
def test_nothing_is_claimed_while_the_pbx_is_out_of_sight(state, view, words):
    before = (one(state, words=words),) if view is View.LOST else ()
    decision = one(state, last_call=A_CALL_AGO, words=words, view=view, before=before)
    told = str(decision.why)
    assert decision.reachable is Reachable.UNPROVEN
    assert "not known" in told or "When last seen" in told
    assert ("When last seen" in told) == (view is View.LOST and not words)
    assert decision.way is one(state, words=words).way  # blind moves nothing


def test_a_call_to_another_number_of_the_same_trunk_proves_nothing():
    about = site()
    trunks = {t.name: Trunk(t, health=Health(State.UP), last_inbound_call=A_CALL_AGO) for t in about.trunks}
    decisions = decide(about, trunks, (), MORNING, arrivals={GSM_NUMBER: A_CALL_AGO})
    assert [d.reachable for d in decisions] == [Reachable.UNPROVEN, Reachable.YES]
    assert "has not been proven yet" in str(decisions[0].why)


@pytest.mark.parametrize("state", [State.UNKNOWN, State.UP, State.FAILING, State.RECOVERING])
@pytest.mark.parametrize("words", [(), word(Mode.MOBILE), word(Mode.OFFICE), word(Mode.AUTO)])
def test_nothing_is_claimed_that_the_pbx_does_not_confirm(state, words):
    decision = one(state, last_call=A_CALL_AGO, words=words, view=View.UNVERIFIED)
    assert decision.reachable is Reachable.UNPROVEN
    assert str(decision.why).endswith("; the PBX does not confirm it.")
    assert decision.way is one(state, words=words).way


@pytest.mark.parametrize(
    ("state", "words", "said"),
    [
        (State.UP, (), "Calls to +4930123456 should ring in the office"),
        (State.RECOVERING, (), "Calls to +4930123456 should go to Anna's mobile"),
        (State.UP, word(Mode.MOBILE), "Anna wants calls to +4930123456 on the mobile"),
        (State.UP, word(Mode.OFFICE), "Anna wants calls to +4930123456 in the office"),
    ],
)
def test_what_the_pbx_does_not_confirm_is_said_as_what_should_be(state, words, said):
    assert str(one(state, words=words, view=View.UNVERIFIED).why) == f"{said}; the PBX does not confirm it."


def test_a_dead_trunk_is_dead_whatever_the_pbx_confirms():
    decision = one(State.DOWN, view=View.UNVERIFIED)
    assert decision.reachable is Reachable.NO
    assert str(decision.why) == (
        "Whoever dials +4930123456 cannot reach us right now. "
        "Calls to +4930123456 should go to Anna's mobile; the PBX does not confirm it."
    )
