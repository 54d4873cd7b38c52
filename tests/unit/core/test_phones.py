"""Plays of desk phones: whose order holds, what the phone is told of it, what the lamp shows."""

from __future__ import annotations

from dataclasses import replace

from router.core.effects import Kind, SetLamp, Spoken
from router.core.orders import Mode
from router.core.site import Forwarding, Way
from tests.unit.core.offices import GSM_NUMBER, NUMBER, site
from tests.unit.core.play import Play
from tests.unit.core.test_react_outage import an_office_at_peace

SOON = 0.1
"""Seconds: a phone looks that often."""


def test_an_order_is_obeyed_at_once_and_confirmed_once_it_is_verified():
    play = an_office_at_peace()
    on = play.presses_28()
    assert play.way(NUMBER) is play.way(GSM_NUMBER) is Way.MOBILE
    assert play.told_phone(on) is None
    play.run(SOON)
    assert play.told_phone(on) == Spoken.ON
    assert "order" not in play.pbx.heads
    assert play.pbx.lamp is True
    off = play.presses_28()
    play.run(SOON)
    assert play.told_phone(off) == Spoken.OFF
    assert play.way(NUMBER) is play.way(GSM_NUMBER) is Way.OFFICE
    assert play.pbx.lamp is False
    assert play.told(Kind.ORDER) == [
        "desk phone set all numbers to the mobile.",
        "desk phone gave all numbers back to the automatics.",
    ]


def test_an_order_for_one_number_leaves_the_other_and_the_lamp_shows_either():
    play = an_office_at_peace()
    one, other = play.presses_28(NUMBER), play.presses_28(GSM_NUMBER)
    play.run(SOON)
    assert (play.told_phone(one), play.told_phone(other)) == (Spoken.ON, Spoken.ON)
    off = play.presses_28(NUMBER)
    play.run(SOON)
    assert play.told_phone(off) == Spoken.OFF
    assert (play.way(NUMBER), play.way(GSM_NUMBER), play.pbx.lamp) == (Way.OFFICE, Way.MOBILE, True)
    play.presses_28(GSM_NUMBER)
    play.run(SOON)
    assert play.pbx.lamp is False


def test_an_order_that_cannot_be_verified_stays_in_the_table_and_is_not_confirmed():
    play = an_office_at_peace()
    play.pbx.answers_wrongly = True
    on = play.presses_28()
    play.run(10)
    assert play.told_phone(on) is None
    assert play.pbx.heads["order"] == on
    assert play.way() is Way.MOBILE
    play.pbx.answers_wrongly = False
    play.run(10)
    assert play.told_phone(on) == Spoken.ON
    assert len(play.told(Kind.ORDER)) == 1


def test_an_order_that_holds_no_more_leaves_the_table_though_nothing_can_be_verified():
    play = an_office_at_peace()
    play.pbx.answers_wrongly = True
    on = play.presses_28()
    play.run(1).order(Mode.OFFICE).run(1)
    assert play.told_phone(on) == Spoken.OVERRULED
    assert play.way() is Way.OFFICE


def test_an_order_that_astdb_has_not_taken_over_stays_there():
    play = an_office_at_peace()
    play.pbx.refuses_writes = True
    on = play.presses_28()
    play.run(5)
    play.order(Mode.OFFICE).run(1)
    assert play.told_phone(on) is None
    play.pbx.refuses_writes = False
    play.run(5)
    assert play.told_phone(on) == Spoken.OVERRULED
    assert play.way() is Way.OFFICE


def test_of_two_opposite_orders_taken_up_together_the_first_is_told_that_it_is_overruled():
    play = an_office_at_peace().lose_ami()
    on, off = play.presses_28(), play.presses_28()
    assert play.way() is Way.OFFICE
    play.connect().run(SOON)
    assert (play.told_phone(on), play.told_phone(off)) == (Spoken.OVERRULED, Spoken.OFF)
    assert len(play.told(Kind.ORDER)) == 2


def test_two_who_ask_for_the_same_are_both_told_that_it_is_so():
    play = an_office_at_peace()
    moment = int(play.epoch)
    said = [f"mobile@{moment}.{millis}" for millis in (100, 101)]
    play.pbx.heads["order"] = "&".join(said)
    play.run(6)
    assert [play.told_phone(order) for order in said] == [Spoken.ON, Spoken.ON]
    said = [f"auto,{NUMBER}@{moment + 1}.100", f"auto@{moment + 1}.101"]
    play.pbx.heads["order"] = "&".join(said)
    play.run(6)
    assert [play.told_phone(order) for order in said] == [Spoken.OFF, Spoken.OFF]


def test_orders_of_the_time_without_a_router_are_all_taken_up_and_verified():
    play = an_office_at_peace().lose_ami()
    said = [play.presses_28(NUMBER), play.presses_28(GSM_NUMBER)]
    assert play.way(NUMBER) is play.way(GSM_NUMBER) is Way.MOBILE
    play.run(600).restart_router().run(SOON)
    assert [play.told_phone(order) for order in said] == [Spoken.ON, Spoken.ON]
    assert play.way(NUMBER) is play.way(GSM_NUMBER) is Way.MOBILE
    assert "order" not in play.pbx.heads


def test_an_order_for_all_does_not_stand_in_the_way_of_a_number_with_an_order_of_its_own():
    """The dialplan obeys it for every number while it is in the table: the question must not be about that."""
    play = an_office_at_peace().order(Mode.OFFICE, number=GSM_NUMBER).run(1).lose_ami()
    on = play.presses_28()
    play.run(60).restart_router().run(1)
    assert play.told_phone(on) == Spoken.ON
    assert play.office.route.verified
    assert (play.way(NUMBER), play.way(GSM_NUMBER)) == (Way.MOBILE, Way.OFFICE)


def test_what_is_dialled_while_another_order_is_taken_out_stays_in():
    play = an_office_at_peace()
    one = play.presses_28(NUMBER)
    play.run_until(lambda: play.office.route.verified and bool(play.office.dialled), within=1, step=0.0005)
    other = play.presses_28(GSM_NUMBER)
    assert play.told_phone(one) is None, "it is just being taken out"
    play.run(0.0021)
    assert play.told_phone(one) == Spoken.ON
    assert play.pbx.heads["order"] == other
    play.run(SOON)
    assert play.told_phone(other) == Spoken.ON


def test_no_phone_is_told_that_calls_go_to_the_mobile_where_they_do_not():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = play.pbx.trunks["gsm"].silent = True
    play.run(30)
    on = play.presses_28()
    play.run(1)
    assert play.told_phone(on) == Spoken.SAVED
    assert play.pbx.lamp is False


def test_no_phone_is_told_that_calls_go_to_the_mobile_once_the_minutes_of_the_day_are_used_up():
    play = Play(replace(site(), forwarding=Forwarding(minutes_per_day=10)))
    play.pbx.heads["spent"] = f"{play.wall:%Y%m%d}:600"
    play.connect().run(6)
    on = play.presses_28()
    play.run(1)
    assert play.told_phone(on) == Spoken.SAVED


def test_a_number_that_the_router_does_not_know_is_called_so():
    play = an_office_at_peace()
    play.pbx.heads["order"] = order = f"mobile,+4940999999@{int(play.epoch)}.001"
    play.run(6)
    assert play.told_phone(order) == Spoken.STRANGE


def test_the_order_of_a_phone_whose_clock_is_ahead_is_confirmed_all_the_same():
    play = an_office_at_peace()
    play.pbx.heads["order"] = order = f"mobile@{int(play.epoch) + 40}.123"
    play.run(6)
    assert play.told_phone(order) == Spoken.ON


def test_the_lamp_follows_the_automatics_without_any_order():
    play = an_office_at_peace()
    assert play.pbx.lamp is False
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.way() is Way.MOBILE, within=15)
    play.run(0.01)
    assert play.pbx.lamp is True
    play.pbx.trunks["telekom"].silent = False
    play.run_until(lambda: play.state() == "up", within=200)
    play.run(0.01)
    assert play.pbx.lamp is False


def test_a_lamp_that_somebody_else_has_set_is_put_right():
    play = an_office_at_peace()
    play.pbx.lamp = True
    play.run(6)
    assert play.pbx.lamp is False


def test_the_lamp_is_set_after_every_connect_and_not_again_while_it_is_right():
    play = an_office_at_peace()
    play.pbx.lamp = None
    said: list[SetLamp] = []
    perform = play._perform
    play._perform = lambda effect: (said.append(effect) if isinstance(effect, SetLamp) else None, perform(effect))[1]
    play.lose_ami().run(1).connect().run(60)
    assert said == [SetLamp(False)]


def test_a_router_that_only_reads_takes_no_order_and_touches_no_lamp():
    play = an_office_at_peace()
    second = Play(play.site, play.pbx, writer="router-2").connect()
    second.now = play.now
    order = play.presses_28()
    second.connect().run(1)
    assert second.told_phone(order) is None
    assert second.told(Kind.ORDER) == []
    play.run(SOON)
    assert play.told_phone(order) == Spoken.ON
