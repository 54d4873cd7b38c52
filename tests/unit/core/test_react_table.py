"""Plays of the route table: who writes it, what is read back, how long it is vouched for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from router.core.effects import Kind
from router.core.orders import Mode
from router.core.sentence import say
from router.core.signals import Applied, Connected, Surveyed, Tick
from router.core.site import Way
from tests.unit.core.offices import GSM_NUMBER, NUMBER
from tests.unit.core.play import Play
from tests.unit.core.test_react_outage import an_office_at_peace
from tests.unit.core.test_react_pbx import in_an_outage


def test_the_lease_is_renewed_every_15_seconds_and_lapses_with_the_router():
    play = an_office_at_peace()
    for _ in range(100):
        play.run(1)
        assert 40 <= float(play.pbx.heads["lease"]) - play.epoch <= 60
    play.lose_ami().run(61)
    assert float(play.pbx.heads["lease"]) < play.epoch


def test_no_lease_is_renewed_for_a_plan_that_could_not_be_written():
    play = an_office_at_peace()
    play.pbx.refuses_writes = True
    play.call_fails("telekom", times=3).run(20)
    assert play.state() == "down"
    assert not any(survey.renew for at, survey in play.surveys if at > play.now - 19)
    assert not play.office.route.verified
    play.pbx.refuses_writes = False
    play.run(3)
    assert play.office.route.verified
    assert play.way() is Way.MOBILE


def test_a_deleted_table_is_written_anew_at_the_next_survey():
    play = in_an_outage()
    play.pbx.wipe()
    took = play.run_until(lambda: play.office.route.verified and bool(play.pbx.heads), within=5.1)
    assert took <= 5.1
    assert play.way() is Way.MOBILE
    assert "The route table was changed or deleted by someone else; it is written anew." in play.told(Kind.PBX)


@pytest.mark.parametrize("key", ["current", "writer", "version"])
def test_a_head_of_the_table_that_was_taken_away_is_written_anew(key):
    play = in_an_outage()
    del play.pbx.heads[key]
    play.run(5.1)
    assert key in play.pbx.heads
    assert play.way() is Way.MOBILE


def test_a_row_that_someone_changed_is_put_right():
    play = in_an_outage()
    play.pbx.plans[play.pbx.written[-1]][NUMBER] = "office||||gsm"
    play.run(5.1)
    assert play.way() is Way.MOBILE


def test_a_plan_that_cannot_be_verified_is_tried_again_and_said_once():
    play = an_office_at_peace()
    play.pbx.answers_wrongly = True
    cut = play.now
    play.call_fails("telekom", times=3).run(30)
    assert not play.office.route.verified
    assert len(play.plans_since(cut)) > 5
    assert len(play.told(Kind.SWITCH, since=cut)) == 1
    play.pbx.answers_wrongly = False
    play.run(2.1)
    assert play.office.route.verified


def test_the_result_of_an_old_plan_is_ignored():
    play = an_office_at_peace()
    before = play.office
    play.say(Applied(before.route.plan.id - 1, False, False, say("Too late.")))
    assert play.office.route == before.route


def test_a_plan_whose_failure_is_told_after_the_loss_of_ami_wakes_nobody_again_and_again():
    play = an_office_at_peace().order(Mode.MOBILE).lose_ami()
    play.say(Applied(play.plans[-1][1].id, False, False, say("No connection.")))
    play.run(10)
    assert play.say(Tick())[-1].mono > play.now
    play.connect().run(0.1)
    assert play.way() is Way.MOBILE


def test_a_second_router_only_reads_and_takes_over_once_the_lease_has_lapsed():
    first = in_an_outage()
    first.order(Mode.OFFICE, number=GSM_NUMBER).run(1)
    second = Play(first.site, first.pbx, writer="router-2")
    second.now = first.now
    second.connect().run(30)
    assert second.plans == []
    assert "Another router (router-1) writes the routes of this PBX; this one only reads." in second.told(Kind.PBX)
    assert not any(survey.renew for _, survey in second.surveys)
    elsewhere = "Where calls to +4930123456 go, another router decides."
    assert second.sentence() == f"Whoever dials +4930123456 cannot reach us right now. {elsewhere}"
    second.order(Mode.OFFICE, ticket="t")
    assert not second.replies["t"].verified
    assert "this one only reads" in str(second.replies["t"].why)
    second.run(40)
    assert second.pbx.heads["writer"] == "router-2"
    assert second.way() is Way.MOBILE
    assert [word.number for word in second.office.overrides] == [GSM_NUMBER]  # staff's word outlives the first router
    ids = second.pbx.written
    assert ids == sorted(set(ids))


def test_a_router_that_only_reads_takes_over_what_staff_told_the_other_one_meanwhile():
    first = an_office_at_peace()
    second = Play(first.site, first.pbx, writer="router-2")
    second.now = first.now
    second.connect()
    first.order(Mode.MOBILE, number=GSM_NUMBER).run(1)
    second.run(100)
    assert second.pbx.heads["writer"] == "router-2"
    assert second.way(GSM_NUMBER) is Way.MOBILE
    assert [word.number for word in second.memory] == [GSM_NUMBER]


def test_what_was_read_of_an_earlier_plan_says_nothing_of_this_one():
    play = in_an_outage()
    earlier = play.pbx.written[-2]
    stale = replace(play.pbx.table(play.epoch, earlier), current=earlier)
    play.say(Surveyed({}, stale, earlier))
    assert play.plans[-1][1].id == play.pbx.written[-1]
    assert play.office.route.verified


def test_the_same_router_is_the_writer_again_at_once():
    play = in_an_outage()
    restarted = play.now
    play.restart_router().run(0.1)
    assert play.office.route.verified
    assert play.pbx.written[-1] == play.plans_since(restarted)[0].id


def test_a_lease_from_a_clock_that_was_set_back_counts_as_lapsed():
    play = Play(writer="router-2")
    play.pbx.heads = {"writer": "router-1", "lease": str(int(play.epoch) + 7200), "current": "7", "version": "1"}
    play.connect().run(1)
    assert play.pbx.heads["writer"] == "router-2"
    assert play.plans[0][1].id == 8


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_jump_of_the_wall_clock_moves_no_automatic_route(hours):
    play = in_an_outage()
    before = play.now
    play.wall_ahead = timedelta(hours=hours)
    play.run(11)  # the first survey sees that the lease is lost, the second has it renewed
    assert 45 <= float(play.pbx.heads["lease"]) - play.epoch <= 60
    play.run(60)
    assert play.way() is Way.MOBILE
    assert play.plans_since(before) == []


def test_a_survey_asks_for_the_plan_in_force():
    play = in_an_outage()
    _, last = play.surveys[-1]
    assert last.current == play.pbx.written[-1]


def test_orders_of_a_dead_database_come_back_from_the_table():
    play = an_office_at_peace().order(Mode.MOBILE, reason="Umzug").run(1)
    play.restart_router(database=False).run(1)
    assert play.way() is Way.MOBILE
    assert [word.reason for word in play.office.overrides] == ["Umzug"]


def test_a_connect_to_an_empty_pbx_writes_the_whole_table():
    play = Play()
    play.connected = True
    play.say(Connected("22.10.1", {}, play.pbx.table(play.epoch)))
    assert play.plans[0][1].id == 1
    assert set(play.plans[0][1].entries) == {NUMBER, GSM_NUMBER, "out", "orders"}
