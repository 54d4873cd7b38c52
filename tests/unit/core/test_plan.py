"""The route table as a plan: what is written, what is asked, what is read back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from router.core import plan
from router.core.decision import Decision, decide
from router.core.health import Cause, Health, State
from router.core.orders import Mode, Override, Overrides
from router.core.site import Site, Way
from router.core.trunk import Trunk
from tests.unit.core.offices import GSM_NUMBER, MOBILE, MORNING, NUMBER, site, trunk_site

LINE = 1022
"""Bytes that a line of AMI holds (main/manager.c)."""


def trunks(about: Site, **down: Cause) -> dict[str, Trunk]:
    return {
        t.name: Trunk(t, health=Health(State.DOWN, cause=down[t.name]) if t.name in down else Health(State.UP))
        for t in about.trunks
    }


def written(about: Site, overrides: Overrides = (), **down: Cause) -> dict[str, str]:
    known = trunks(about, **down)
    return plan.entries(about, known, decided(about, known, overrides), overrides)


def decided(about: Site, known: dict[str, Trunk], overrides: Overrides = ()) -> tuple[Decision, ...]:
    return decide(about, known, overrides, MORNING)


def test_a_normal_day():
    assert written(site()) == {
        NUMBER: f"office|||{MOBILE}|gsm:12&telekom:12",
        GSM_NUMBER: f"office|||{MOBILE}|telekom:12&gsm:12",
        "out": "telekom:12&gsm:12",
        "orders": "[]",
    }


def test_an_outage():
    table = written(site(), telekom=Cause.CALLS)
    assert table[NUMBER] == f"mobile|||{MOBILE}|gsm:12"
    assert table["out"] == "gsm:12&telekom:2"
    assert plan.diverted_in(table) == {"telekom": "calls"}


def test_staffs_word_stands_beside_what_the_automatics_say_with_its_end_in_unix_seconds():
    until = MORNING + timedelta(hours=1)
    word = Override(Mode.OFFICE, MORNING, "anna", until=until)
    table = written(site(), (word,), telekom=Cause.PROBE)
    assert table[NUMBER] == f"mobile|office|{int(until.timestamp())}|{MOBILE}|gsm:12"


def test_the_orders_come_back_from_the_table():
    word = Override(Mode.MOBILE, MORNING, "anna", number=NUMBER, reason="Umzug 🙂")
    assert plan.orders_in(written(site(), (word,))) == (word,)


@pytest.mark.parametrize("text", ["", "[", "x", '[["?"]]'])
def test_orders_that_nobody_can_read_are_none(text):
    assert plan.orders_in({"orders": text}) == ()
    assert plan.orders_in({}) == ()


def test_a_table_without_diverted_trunks_holds_none_for_down():
    assert plan.diverted_in({}) == plan.diverted_in({"trunks": ""}) == {}
    assert plan.diverted_in({"trunks": "telekom:,gsm:calls"}) == {"telekom": "", "gsm": "calls"}


@pytest.mark.parametrize("orders", [1, 2, 9, 40])
@pytest.mark.parametrize("reason", ["x" * 300, "🙂" * 300, "ß|&${EVAL}\r\n" * 30])
def test_no_line_of_ami_grows_too_long(reason, orders):
    words = tuple(
        Override(Mode.MOBILE, MORNING, "A" * 60, number=f"+49301234{n:03}", until=MORNING, reason=reason)
        for n in range(orders)
    )
    for key, value in written(site(), words).items():
        assert len(f"Val: {value}\r\n".encode()) <= LINE, key
        assert "\n" not in value
        assert "\r" not in value


def test_a_reason_too_long_for_the_table_costs_the_reason_and_not_the_order():
    word = Override(Mode.MOBILE, MORNING, "anna", reason="🙂" * 300)
    assert plan.orders_in(written(site(), (word,))) == (replace(word, reason=None),)


def test_of_too_many_orders_the_newest_stay_in_the_table():
    words = tuple(
        Override(Mode.MOBILE, MORNING + timedelta(minutes=n), "anna", number=f"+49301234{n:03}") for n in range(40)
    )
    kept = plan.orders_in(written(site(), words))
    assert kept == words[-len(kept) :]
    assert len(kept) > 5


def test_many_trunks_and_numbers_fit_their_lines():
    many = tuple(trunk_site(f"trunk-number-{n:02}") for n in range(30))
    for value in written(site(trunks=many)).values():
        assert len(f"Val: {value}\r\n".encode()) <= LINE


def asked(about: Site, overrides: Overrides = (), **down: Cause) -> set[tuple[str, str, str]]:
    known = trunks(about, **down)
    everything = frozenset(written(about, overrides, **down))
    questions = plan.asks(about, known, decided(about, known, overrides), everything)
    return {(ask.context, ask.extension, ask.expected) for ask in questions}


def test_of_a_hundred_trunks_with_long_names_the_first_ones_fit_and_none_is_cut_in_two():
    names = [f"a-trunk-with-a-long-name-{n:03d}" for n in range(100)]
    about = site(tuple(trunk_site(name) for name in names))
    table = written(about, **dict.fromkeys(names[:60], Cause.PROBE))
    assert all(len(f"Val: {value}") <= LINE for value in table.values())
    tried = [item.partition(":")[0] for item in table["out"].split("&")]
    assert tried == names[60 : 60 + len(tried)]
    assert len(tried) >= 25
    over = [item.partition(":")[0] for item in table[NUMBER].rpartition("|")[2].split("&")]
    assert set(over) < set(names[60:])
    assert set(plan.diverted_in(table).values()) == {"probe"}


def test_the_dialplan_is_asked_for_the_office_in_the_form_in_which_it_answers():
    assert ("failover-inbound", NUMBER, f"Goto office-phones&{NUMBER}&1") in asked(site())


def test_the_dialplan_is_asked_for_the_mobile_over_the_fallback():
    about = site()
    answers = asked(about, telekom=Cause.PROBE)
    assert ("failover-inbound", NUMBER, f"PJSIP/{MOBILE}@gsm") in answers
    assert ("failover-inbound", GSM_NUMBER, f"Goto office-phones&{GSM_NUMBER}&1") in answers


def test_the_dialplan_is_asked_by_which_trunk_an_outbound_call_leaves():
    assert ("failover-outbound", MOBILE, f"PJSIP/{MOBILE}@telekom") in asked(site())
    assert ("failover-outbound", MOBILE, f"PJSIP/{MOBILE}@gsm") in asked(site(), telekom=Cause.PROBE)


def test_only_what_changed_is_asked():
    about = site()
    known = trunks(about)
    questions = plan.asks(about, known, decided(about, known), frozenset({NUMBER}))
    assert [ask.extension for ask in questions] == [NUMBER]
    assert plan.asks(about, known, decided(about, known), frozenset({"orders", "trunks"})) == ()


def test_an_outside_prefix_is_dialled_when_asking():
    about = replace(site(), outside_prefix="0")
    assert any(extension.startswith("0") and extension != "0" for _, extension, _ in asked(about))


@pytest.mark.parametrize(
    ("form", "dialled"), [("e164", "+4917112345678"), ("national", "017112345678"), ("digits", "4917112345678")]
)
def test_a_number_is_dialled_as_its_trunk_wants_it(form, dialled):
    trunk = replace(trunk_site("gsm"), number_format=form, dial="Quectel/q/{number}")
    assert plan.dial_string(site(), trunk, MOBILE) == f"Quectel/q/{dialled}"


def test_with_all_trunks_down_they_are_still_tried_in_their_order():
    assert written(site(), telekom=Cause.PROBE, gsm=Cause.PROBE)["out"] == "telekom:2&gsm:2"


def test_a_mobile_order_without_any_trunk_asks_for_the_office():
    word = Override(Mode.MOBILE, datetime(2026, 3, 2, tzinfo=UTC), "anna")
    answers = asked(site(), (word,), telekom=Cause.PROBE, gsm=Cause.PROBE)
    assert ("failover-inbound", NUMBER, f"Goto office-phones&{NUMBER}&1") in answers


def test_office_first_rings_the_office():
    assert written(site(when_down=Way.OFFICE_THEN_MOBILE), telekom=Cause.PROBE)[NUMBER].startswith(
        "office_then_mobile|"
    )
