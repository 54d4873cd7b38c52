"""How desk phones' orders are named to the dialplan: nothing in them can be taken for anything else on the way."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from router.ami import desk
from router.ami.wire import check_action

FATE = "forwarding-on"


def test_a_comma_would_end_the_variable_so_it_is_told_as_an_equals_sign():
    assert list(desk.chains([("mobile,+4930123456@17.001", FATE), ("auto@18.002", "forwarding-off")])) == [
        "mobile=+4930123456@17.001:forwarding-on&auto@18.002:forwarding-off"
    ]


def test_there_is_always_one_for_what_is_nonsense_leaves_the_table_too():
    assert list(desk.chains([])) == [""]
    assert list(desk.chains([('"$(..)|\\', "overruled")])) == ["..:overruled"]


def test_many_orders_are_told_in_several_lines():
    fates = [(f"mobile,+49301234{n:03}@1795355115.{n:03}", FATE) for n in range(99)]
    chains = list(desk.chains(fates))
    assert len(chains) > 3
    assert "&".join(chains) == "&".join(f"{order.replace(',', '=')}:{FATE}" for order, _ in fates)
    for chain in chains:
        check_action("Originate", {"Variable": f"FAILOVER_HEARD={chain}"})


@given(orders=st.lists(st.text(max_size=900), max_size=9))
def test_whatever_stands_in_the_table_it_can_be_sent_and_means_nothing_else(orders):
    for chain in desk.chains([(order, FATE) for order in orders]):
        check_action("Originate", {"Variable": f"FAILOVER_HEARD={chain}"})
        for item in chain.split("&") if chain else ():
            assert re.fullmatch(rf"[a-z0-9+@.=]*:{FATE}", item)


def test_the_lamp_is_read_as_it_is_set():
    assert [desk.lit(desk.LIT[lit]) for lit in (True, False)] == [True, False]
    assert desk.lit("RINGING") is desk.lit("") is desk.lit(None) is None
