"""Plays of staff's word: it wins, it ends, it outlives everything."""

from __future__ import annotations

from datetime import timedelta

from router.core.effects import Kind, Record
from router.core.orders import Mode, Override
from router.core.react import react
from router.core.signals import At, Ordered
from router.core.site import Way
from tests.unit.core.offices import GSM_NUMBER, NUMBER
from tests.unit.core.play import Play
from tests.unit.core.test_react_outage import an_office_at_peace


def test_an_order_is_in_the_table_and_answered_within_one_round():
    play = an_office_at_peace().order(Mode.MOBILE, ticket="t").run(0.01)
    assert play.way(NUMBER) is play.way(GSM_NUMBER) is Way.MOBILE
    assert play.replies["t"].verified
    assert play.told(Kind.ORDER) == ["anna set all numbers to the mobile."]
    assert play.memory[0].mode is Mode.MOBILE


def test_staffs_word_wins_while_the_automatics_go_on_underneath():
    play = an_office_at_peace().order(Mode.OFFICE)
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    assert play.state() == "down"
    assert play.way() is Way.OFFICE
    assert play.sentence() == (
        "Whoever dials +4930123456 cannot reach us right now. "
        "By order of anna, calls to +4930123456 ring in the office."
    )
    play.order(Mode.AUTO).run(0.1)
    assert play.way() is Way.MOBILE


def test_a_numbers_own_order_wins_over_the_general_one():
    play = an_office_at_peace().order(Mode.MOBILE).order(Mode.OFFICE, number=GSM_NUMBER).run(0.1)
    assert (play.way(NUMBER), play.way(GSM_NUMBER)) == (Way.MOBILE, Way.OFFICE)
    play.order(Mode.AUTO, number=GSM_NUMBER).run(0.1)
    assert (play.way(NUMBER), play.way(GSM_NUMBER)) == (Way.MOBILE, Way.OFFICE)
    play.order(Mode.MOBILE).run(0.1)
    assert play.way(NUMBER) is play.way(GSM_NUMBER) is Way.MOBILE
    play.order(Mode.AUTO).run(0.1)
    assert play.way(NUMBER) is play.way(GSM_NUMBER) is Way.OFFICE


def test_an_order_ends_at_its_time_and_says_so():
    play = an_office_at_peace()
    until = play.wall + timedelta(minutes=2)
    play.order(Mode.MOBILE, until=until).run(119)
    assert play.way() is Way.MOBILE
    play.run(1.1)
    assert play.way() is Way.OFFICE
    assert play.pbx.plans[play.pbx.written[-1]][NUMBER].split("|")[1] == ""
    assert play.told(Kind.ORDER)[-1] == "The order of anna has ended; the automatics decide again."
    assert play.memory == ()


def test_an_order_ends_on_time_though_the_wall_clock_jumped():
    play = an_office_at_peace()
    play.order(Mode.MOBILE, until=play.wall + timedelta(hours=2)).run(10)
    play.wall_ahead = timedelta(hours=3)
    assert play.way() is Way.OFFICE  # the dialplan itself stops obeying it
    play.run(31)
    assert play.told(Kind.ORDER)[-1] == "The order of anna has ended; the automatics decide again."
    assert play.office.overrides == ()


def test_an_order_goes_on_when_the_wall_clock_is_set_back():
    play = an_office_at_peace()
    play.order(Mode.MOBILE, until=play.wall + timedelta(minutes=2)).run(60)
    play.wall_ahead = -timedelta(minutes=5)
    play.run(300)
    assert play.way() is Way.MOBILE
    play.run(62)
    assert play.way() is Way.OFFICE


def test_an_order_survives_the_restart_of_the_router():
    play = an_office_at_peace().order(Mode.MOBILE, reason="Inventur").run(1).restart_router().run(1)
    assert play.way() is Way.MOBILE
    assert play.office.overrides[0].reason == "Inventur"


def test_an_order_while_the_pbx_is_out_of_sight_is_stored_and_follows():
    play = an_office_at_peace().lose_ami().order(Mode.MOBILE, ticket="t")
    assert not play.replies["t"].verified
    assert str(play.replies["t"].why) == "Stored. The PBX is out of sight; it will follow once it is back."
    assert "whether they go there is not known" in play.sentence()
    play.run(5).connect().run(0.1)
    assert play.way() is Way.MOBILE


def test_the_loss_of_ami_answers_an_order_that_was_on_its_way():
    play = an_office_at_peace().order(Mode.MOBILE, ticket="t").lose_ami()
    assert not play.replies["t"].verified


def test_an_order_that_cannot_be_verified_is_answered_so():
    play = an_office_at_peace()
    play.pbx.answers_wrongly = True
    play.order(Mode.MOBILE, ticket="t").run(1)
    assert not play.replies["t"].verified


def test_an_order_for_a_strange_number_or_a_past_end_is_refused():
    play = an_office_at_peace().order(Mode.MOBILE, number="+4940999999", ticket="strange")
    play.order(Mode.MOBILE, until=play.wall - timedelta(seconds=1), ticket="past")
    assert str(play.replies["strange"].why) == "+4940999999 is none of our numbers."
    assert str(play.replies["past"].why) == "That end has already passed."
    assert play.office.overrides == ()


def test_mobile_without_a_trunk_left_rings_the_office_and_says_so():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = play.pbx.trunks["gsm"].silent = True
    play.run(30).order(Mode.MOBILE, ticket="t").run(1)
    assert "no trunk is left to forward over" in play.sentence()
    assert play.office.decisions[0].way is Way.OFFICE


def test_a_desk_phones_order_is_heard_once_and_cleared():
    play = an_office_at_peace()
    play.pbx.heads["order"] = f"mobile@{int(play.epoch)}"
    play.run(6)
    assert play.way() is Way.MOBILE
    assert "order" not in play.pbx.heads
    assert play.told(Kind.ORDER) == ["desk phone set all numbers to the mobile."]


def test_a_desk_phones_order_of_the_time_without_a_router_is_heard_at_the_start():
    play = an_office_at_peace().lose_ami()
    play.run(600)
    play.pbx.heads["order"] = f"mobile,{NUMBER}@{int(play.epoch)}"
    play.run(600).restart_router().run(1)
    assert (play.way(NUMBER), play.way(GSM_NUMBER)) == (Way.MOBILE, Way.OFFICE)


def test_a_desk_phones_order_does_not_outdo_a_later_word():
    play = an_office_at_peace().lose_ami()
    play.pbx.heads["order"] = f"mobile@{int(play.epoch)}"
    play.run(60).order(Mode.OFFICE).run(60).connect().run(1)
    assert play.way() is Way.OFFICE
    assert "order" not in play.pbx.heads


def test_an_order_that_will_not_be_cleared_is_not_heard_again_and_again():
    play = an_office_at_peace()
    text = f"mobile@{int(play.epoch)}"
    for _ in range(5):
        play.pbx.heads["order"] = text
        play.run(5)
    assert len(play.told(Kind.ORDER)) == 1


def test_a_desk_phones_order_wins_over_one_of_the_same_second_from_the_page():
    play = an_office_at_peace()
    play.run(1 - play.now % 1 + 0.3).order(Mode.OFFICE).run(0.1)
    play.pbx.heads["order"] = f"mobile@{int(play.epoch)}"
    play.run(6)
    assert play.way() is Way.MOBILE
    assert play.restart_router().run(1).way() is Way.MOBILE


def test_an_order_of_the_page_is_not_undone_by_one_of_the_same_second_that_was_heard_already():
    play = an_office_at_peace()
    play.run(1 - play.now % 1 + 0.1)
    text = play.pbx.heads["order"] = f"mobile@{int(play.epoch)}"
    play.connect().order(Mode.OFFICE)
    for _ in range(3):
        play.pbx.heads["order"] = text
        play.run(4)
    assert play.way() is Way.OFFICE


def test_a_desk_phones_order_that_is_ignored_stands_in_the_journal_once():
    play = an_office_at_peace().lose_ami()
    text = f"mobile@{int(play.epoch)}"
    play.run(60).order(Mode.OFFICE).run(60)
    play.pbx.heads["order"] = text
    play.connect().run(1)
    for _ in range(3):
        play.pbx.heads["order"] = text
        play.run(4)
    ignored = [line for line in play.told(Kind.ORDER) if "ignored" in line]
    assert ignored == ["An order from a desk phone was ignored: something newer has been said since."]


def test_a_desk_phones_order_for_a_strange_number_stands_in_the_journal():
    play = an_office_at_peace()
    play.pbx.heads["order"] = f"mobile,+4940999999@{int(play.epoch)}"
    play.run(6)
    assert play.told(Kind.ORDER) == ["An order from a desk phone was ignored: +4940999999 is none of our numbers."]


def test_the_same_order_dialled_again_later_is_heard_again():
    play = an_office_at_peace()
    for mode, way in ((Mode.MOBILE, Way.MOBILE), (Mode.OFFICE, Way.OFFICE), (Mode.MOBILE, Way.MOBILE)):
        play.pbx.heads["order"] = f"{mode.value}@{int(play.epoch)}"
        play.run(9)
        assert play.way() is way


def test_gibberish_as_an_order_is_cleared_and_does_nothing():
    for text in ("", "mobil@1", "mobile,+4940999999@1", "@@@", "office,@x", "mobile@99999999999999999999"):
        play = an_office_at_peace()
        play.pbx.heads["order"] = text
        play.run(6)
        assert play.pbx.heads.get("order", "") == ""
        assert play.office.route.verified


def test_two_tickets_for_the_same_order_are_both_answered():
    play = an_office_at_peace().order(Mode.MOBILE, ticket="a").order(Mode.MOBILE, ticket="b").run(1)
    assert play.replies["a"].verified
    assert play.replies["b"].verified


def test_an_order_before_the_first_connect_is_in_the_first_plan():
    play = Play().order(Mode.MOBILE)
    play.connect().run(0.01)
    assert len(play.plans) == 1
    assert play.way() is Way.MOBILE


def test_the_journal_keeps_how_an_order_was_given_and_from_which_address():
    play = an_office_at_peace()
    word = Override(Mode.MOBILE, play.wall, by="anna", via="panel", reason="inventory")
    office, effects = react(play.office, Ordered(word, "t", "192.0.2.7"), At(play.now, play.wall))
    (line,) = [effect for effect in effects if isinstance(effect, Record) and effect.kind is Kind.ORDER]
    assert {name: line.data[name] for name in ("via", "address", "reason")} == {
        "via": "panel", "address": "192.0.2.7", "reason": "inventory"
    }  # fmt: skip
    assert word in office.overrides


def test_the_journal_keeps_from_where_to_where_calls_went_and_whether_the_pbx_was_seen():
    play = an_office_at_peace()
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    play.lose_ami().run(2).connect().run(2)
    turned = [line.data for _, line in play.lines if line.kind is Kind.DECISION and line.number == NUMBER]
    assert (turned[-1]["from"], turned[-1]["way"]) == ("office", "mobile")
    seen = [line.data["sight"] for _, line in play.lines if line.kind is Kind.PBX and "sight" in line.data]
    assert seen == ["seen", "lost", "seen"]
