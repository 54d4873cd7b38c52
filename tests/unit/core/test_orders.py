"""Staff's word: which one holds, how it is kept, how a desk phone says it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from router.core import orders
from router.core.orders import Mode, Override

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ONE, OTHER = "+4930123456", "+491701234567"


def word(mode: Mode, number: str | None = None, minute: int = 0, **rest: object) -> Override:
    return Override(mode, NOW + timedelta(minutes=minute), "anna", number=number, **rest)  # type: ignore[arg-type]


def test_the_last_word_on_the_same_number_holds():
    heard = orders.heard((word(Mode.OFFICE),), word(Mode.MOBILE, minute=1))
    assert [w.mode for w in heard] == [Mode.MOBILE]


def test_words_on_different_numbers_stand_side_by_side():
    heard = orders.heard(orders.heard((), word(Mode.OFFICE)), word(Mode.MOBILE, ONE))
    assert orders.in_force(heard, ONE, NOW).mode is Mode.MOBILE
    assert orders.in_force(heard, OTHER, NOW).mode is Mode.OFFICE


def test_auto_for_all_clears_everything_and_is_itself_kept():
    heard = orders.heard((word(Mode.OFFICE), word(Mode.MOBILE, ONE)), word(Mode.AUTO, minute=1))
    assert [w.mode for w in heard] == [Mode.AUTO]
    assert orders.in_force(heard, ONE, NOW) is None
    assert orders.general(heard, NOW).mode is Mode.AUTO


def test_auto_for_one_number_exempts_it_from_the_general_word():
    heard = orders.heard((word(Mode.OFFICE), word(Mode.MOBILE, ONE)), word(Mode.AUTO, ONE, minute=1))
    assert orders.in_force(heard, ONE, NOW) is None
    assert orders.own(heard, ONE, NOW).mode is Mode.AUTO
    assert orders.in_force(heard, OTHER, NOW).mode is Mode.OFFICE


def test_a_later_word_for_all_counts_for_numbers_given_back_before_but_not_for_those_with_an_order():
    heard = orders.heard((), word(Mode.AUTO, ONE))
    heard = orders.heard(heard, word(Mode.OFFICE, OTHER))
    assert orders.own(heard, ONE, NOW) is None
    heard = orders.heard(heard, word(Mode.MOBILE, minute=1))
    assert orders.in_force(heard, ONE, NOW).mode is Mode.MOBILE
    assert orders.in_force(heard, OTHER, NOW).mode is Mode.OFFICE


def test_a_word_holds_until_its_end_and_not_at_it():
    until = NOW + timedelta(hours=1)
    held = (word(Mode.MOBILE, until=until),)
    assert orders.in_force(held, ONE, until - timedelta(seconds=1)) is not None
    assert orders.in_force(held, ONE, until) is None
    assert orders.ended(held, until) == ((), held)


def test_what_is_kept_comes_back_as_it_was():
    kept = (
        word(Mode.MOBILE, ONE, until=NOW + timedelta(days=2), reason='Umzug "heute", \\ | & ${x} \r\n 🙂'),
        word(Mode.AUTO, via="cli"),
    )
    text = orders.to_json(kept)
    assert orders.from_json(text) == kept
    assert "\n" not in text
    assert "\r" not in text
    assert text.isascii()


@pytest.mark.parametrize(
    "text", ["", "x", "{}", "[1]", "[[]]", '[["auto"]]', "null", '[["off","x","y","z",null,null,1]]']
)
def test_what_is_no_list_of_orders_is_refused(text):
    if text == "{}":
        assert orders.from_json(text) == ()
        return
    with pytest.raises(ValueError, match=r".+"):
        orders.from_json(text)


def test_of_two_memories_the_one_with_the_last_word_counts():
    old, new = (word(Mode.OFFICE), word(Mode.MOBILE, ONE, minute=1)), (word(Mode.AUTO, minute=2),)
    assert orders.newest(old, new) == orders.newest(new, old) == new
    assert orders.newest((), old) == orders.newest(old, ()) == old
    assert orders.newest((), ()) == ()


DIALLED = int(NOW.timestamp()) - 600


@pytest.mark.parametrize(
    ("text", "mode", "number", "since"),
    [
        (f"mobile@{DIALLED}", Mode.MOBILE, None, NOW - timedelta(minutes=10)),
        (f"office,{ONE}@{DIALLED}", Mode.OFFICE, ONE, NOW - timedelta(minutes=10)),
        (f"auto@{DIALLED + 7200}", Mode.AUTO, None, NOW),
        ("mobile", Mode.MOBILE, None, NOW),
        ("mobile@", Mode.MOBILE, None, NOW),
        ("mobile@soon", Mode.MOBILE, None, NOW),
        ("mobile@" + "9" * 30, Mode.MOBILE, None, NOW),
        ("mobile@²", Mode.MOBILE, None, NOW),
        (f"mobile@{DIALLED}.250", Mode.MOBILE, None, NOW - timedelta(minutes=10) + timedelta(milliseconds=250)),
        (f"mobile@{DIALLED}.25", Mode.MOBILE, None, NOW),
        (f"mobile@{DIALLED}\n", Mode.MOBILE, None, NOW),
    ],
)
def test_a_desk_phones_order_counts_from_when_it_was_dialled(text, mode, number, since):
    heard = orders.from_desk_phone(text, NOW)
    assert (heard.mode, heard.number, heard.since) == (mode, number, since)


@pytest.mark.parametrize("text", ["", "@1", "mobil@1", "MOBILE@1", "${x}@1", ",+49@1"])
def test_what_is_no_order_is_none(text):
    assert orders.from_desk_phone(text, NOW) is None


def test_an_order_is_outdated_by_a_later_word_on_the_same_numbers_only():
    later = NOW + timedelta(minutes=5)
    assert orders.outdated((word(Mode.OFFICE, minute=1),), word(Mode.MOBILE), later)
    assert orders.outdated((word(Mode.AUTO, minute=1),), word(Mode.MOBILE, ONE), later)
    assert not orders.outdated((word(Mode.OFFICE, minute=1),), word(Mode.MOBILE, ONE), later)
    assert not orders.outdated((word(Mode.OFFICE),), word(Mode.MOBILE, minute=1), later)


def test_a_desk_phone_tells_whole_seconds_so_its_order_wins_over_others_of_the_same_second():
    page = replace(word(Mode.OFFICE), since=NOW + timedelta(milliseconds=400))
    dialled = orders.from_desk_phone(f"mobile@{int(NOW.timestamp())}", NOW + timedelta(milliseconds=900))
    assert not orders.outdated((page,), dialled, NOW + timedelta(milliseconds=900))
    last = orders.last_of_its_moment((page,), dialled)
    assert orders.newest((page,), (last,)) == orders.newest((last,), (page,)) == (last,)
    assert orders.held_as((last,), dialled) == last
    assert orders.held_as((page,), dialled) is None


def test_a_word_from_the_future_outdates_nothing():
    assert not orders.outdated((word(Mode.OFFICE, minute=60),), word(Mode.MOBILE), NOW)


def test_a_desk_phone_that_tells_milliseconds_does_not_outdo_a_later_word_of_the_same_second():
    page = replace(word(Mode.OFFICE), since=NOW + timedelta(milliseconds=400))
    later = NOW + timedelta(milliseconds=900)
    second = int(NOW.timestamp())
    assert orders.outdated((page,), orders.from_desk_phone(f"mobile@{second}.399", later), later)
    assert not orders.outdated((page,), orders.from_desk_phone(f"mobile@{second}.400", later), later)
    assert not orders.outdated((page,), orders.from_desk_phone(f"mobile@{second}.401", later), later)


def test_a_desk_phones_order_that_is_taken_up_late_undoes_nothing_that_was_said_after_it():
    kept = orders.heard((), word(Mode.AUTO, ONE, minute=2))
    late = orders.in_time(kept, word(Mode.MOBILE, minute=1), NOW + timedelta(minutes=5))
    assert orders.in_force(late, ONE, NOW) is None
    assert orders.in_force(late, OTHER, NOW).mode is Mode.MOBILE
    kept = orders.heard((), word(Mode.MOBILE, ONE, minute=2))
    late = orders.in_time(kept, word(Mode.AUTO, minute=1), NOW + timedelta(minutes=5))
    assert orders.in_force(late, ONE, NOW).mode is Mode.MOBILE


words = st.lists(
    st.builds(word, st.sampled_from(Mode), st.sampled_from([None, ONE, OTHER]), minute=st.just(0)), max_size=9
).map(lambda said: [replace(one, since=NOW + timedelta(minutes=n)) for n, one in enumerate(said)])


@given(said=words, phones=st.sets(st.integers(0, 8)))
def test_in_whatever_order_words_are_heard_the_last_one_said_holds(said, phones):
    """The words at `phones` are of desk phones, and heard when all others have been.

    One thing is not remembered: that a number or all were given back, once something newer has been said for all.
    """
    late = [one for n, one in enumerate(said) if n in phones]
    heard_first = [one for one in said if one not in late]
    given_back = [n for n, one in enumerate(heard_first) if one.mode is Mode.AUTO]
    assume(not given_back or all(one.number for one in heard_first[given_back[0] + 1 :]))
    in_order: orders.Overrides = ()
    for one in said:
        in_order = orders.heard(in_order, one)
    now = NOW + timedelta(hours=1)
    heard: orders.Overrides = ()
    for one in [one for one in said if one not in late] + late:
        heard = orders.in_time(heard, one, now)
    for number in (ONE, OTHER):
        assert orders.in_force(heard, number, now) == orders.in_force(in_order, number, now)


def test_what_stood_there_before_is_not_dialled_anew_and_each_counts_once():
    assert orders.dialled_since("mobile@1.000&auto@2.000", ()) == ["mobile@1.000", "auto@2.000"]
    assert orders.dialled_since("mobile@1.000&auto@2.000", ["mobile@1.000"]) == ["auto@2.000"]
    assert orders.dialled_since("auto@2&mobile@1&auto@2", ["x"]) == ["auto@2", "mobile@1"]
    assert orders.dialled_since("mobile@1", ["mobile@1"]) == []


@given(text=st.text(alphabet=st.sampled_from("amobileutofc,@&+.=:0123456789²\0\n\\\"'$(){}|\u2028é"), max_size=60))
def test_a_hostile_text_is_no_order_or_one_of_the_past(text):
    for one in orders.dialled_since(text, ()):
        said = orders.from_desk_phone(one, NOW)
        if said is not None:
            assert said.since <= NOW
            assert (said.by, said.via, said.until) == (orders.DESK_PHONE, "phone", None)
            assert one.startswith(said.mode.value)
            kept = orders.in_time((), orders.last_of_its_moment((), said), NOW)
            assert orders.held_as(kept, said) == kept[0]
            assert orders.from_json(orders.to_json(kept)) == kept
