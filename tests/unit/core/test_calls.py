"""A call is read from its row exactly or not at all, and told in a sentence."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.call_told import ENDS, end_told, leg_told, told
from router.core.calls import LONGEST_ROW, Call, Leg, Outcome, call_in, slot_in
from router.core.site import Person, Way
from tests.unit.core.call_rows import CALLER, NOON, ROW, call, nobody, row
from tests.unit.core.offices import MOBILE, NUMBER, site

DIALPLAN = Path(__file__).parents[3] / "asterisk/extensions_failover.conf"
SITE = site()


def test_the_row_of_a_call_that_was_taken_is_read() -> None:
    assert call_in(row()) == Call(
        id="1772452800.17", number=NUMBER, caller=CALLER, trunk="telekom", way=Way.MOBILE, began=NOON, rang_ms=1500,
        answered_ms=12300, ended=NOON + timedelta(seconds=60), by=MOBILE, legs=(Leg("gsm", MOBILE, "answer"),),
    )  # fmt: skip
    assert call().outcome is Outcome.TAKEN


def test_what_may_be_empty_is_nothing() -> None:
    found = call(caller="", trunk="", way="", rang="", answered="", by="", legs="")
    assert (found.caller, found.trunk, found.way, found.rang_ms, found.answered_ms, found.by) == (None,) * 6
    assert found.legs == ()
    assert found.outcome is Outcome.MISSED


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"by": "office"}, Outcome.TAKEN),
        ({"by": "PJSIP/20"}, Outcome.TAKEN),
        ({"by": ""}, Outcome.MISSED),
        ({"by": "", "end": "nobody"}, Outcome.MISSED),
        ({"by": "office", "end": "nobody"}, Outcome.MISSED),
        ({"by": "", "end": "loop"}, Outcome.REFUSED),
    ],
)
def test_the_outcome(fields: dict[str, str], outcome: Outcome) -> None:
    assert call(**fields).outcome is outcome


def test_every_leg_stands_in_the_order_in_which_it_ended() -> None:
    legs = f"gsm:{MOBILE}:486&zweit:{MOBILE}:480r&sipp:{MOBILE}:408e&gsm:+491715550124:silence&::calls"
    assert call(legs=legs).legs == (
        Leg("gsm", MOBILE, "486"), Leg("zweit", MOBILE, "480r"), Leg("sipp", MOBILE, "408e"),
        Leg("gsm", "+491715550124", "silence"), Leg("", "", "calls"),
    )  # fmt: skip


@pytest.mark.parametrize("length", [255, 900])
def test_of_a_row_that_was_cut_the_last_leg_is_left_out(length: int) -> None:
    whole = row(legs="&".join([f"gsm:{MOBILE}:486"] * 40))
    found = call_in(whole[:length])
    assert found is not None
    assert found.legs == (Leg("gsm", MOBILE, "486"),) * whole[: length + 1].count("&")


@pytest.mark.parametrize(
    "fields",
    [
        {"id": ""}, {"id": "1772452800.17;"}, {"id": "9" * 41}, {"number": ""}, {"number": "030123456"},
        {"number": "+4930123456\n"}, {"caller": "anonymous"}, {"caller": "9" * 31}, {"caller": "<b>"},
        {"trunk": "a b"}, {"trunk": "x" * 41}, {"way": "anywhere"}, {"way": "mobile "}, {"began": ""}, {"began": "-1"},
        {"began": "17724528000001"}, {"began": "１７７２４５２８０００００"}, {"ended": "1772452860"}, {"rang": "soon"},
        {"rang": "1.5"}, {"answered": "1" * 10}, {"by": "${EXTEN}"}, {"by": "x" * 81}, {"end": "gone"},
        {"legs": "gsm"}, {"legs": "gsm:+49:999"}, {"legs": f"gsm:{MOBILE}:486&"}, {"legs": "&"},
        {"legs": f"gsm:{MOBILE}:486\r\nAction: Originate"}, {"legs": "<script>::none"}, {"legs": "a|b"},
    ],
)  # fmt: skip
def test_what_is_not_exactly_a_row_is_no_call(fields: dict[str, str]) -> None:
    assert call_in(row(**fields)) is None


@pytest.mark.parametrize("text", ["", "|" * 11, row() + "|", row()[1:] + "\n", row().replace("|", ";"), "x" * 100_000])
def test_another_number_of_fields_is_no_call(text: str) -> None:
    assert call_in(text) is None


def test_a_row_beyond_all_length_is_no_call() -> None:
    legs = "&".join([f"gsm:{MOBILE}:486"] * 100)
    assert len(row(legs=legs)) > LONGEST_ROW
    assert call_in(row(legs=legs)) is None


@given(st.text())
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert call_in(text) is None


pieces = st.one_of(
    st.text(max_size=20), st.sampled_from(["", "nobody", "loop", "office", NUMBER, "-5", "0", "gsm:+49:486", "9" * 13])
)


@given(st.lists(st.one_of(pieces, st.none()), min_size=12, max_size=12))
def test_any_fields_give_a_call_that_can_be_told_or_none(fields: list[str | None]) -> None:
    """`None` leaves the field as it should be."""
    text = "|".join(good if field is None else field for good, field in zip(ROW.values(), fields, strict=True))
    found = call_in(text)
    if found is not None:
        assert str(told(found, SITE))
        assert all(str(leg_told(leg, SITE)) for leg in found.legs)
        assert found.seconds >= 0
        assert found.rang_ms is None or found.rang_ms >= 0


def test_a_clock_set_back_during_a_call_gives_no_time_below_nought() -> None:
    found = call(ended="1772452790000", rang="-10000", answered="-9000")
    assert (found.seconds, found.rang_ms, found.answered_ms) == (0.0, 0, 0)


@pytest.mark.parametrize(("text", "slot"), [("1", 1), ("500", 500), ("017", 17), ("0", None), ("501", None), ("", None),
    ("-1", None), ("next", None), ("1 ", None), ("\u0661", None), ("9" * 5000, None)])  # fmt: skip
def test_a_slot_is_one_of_five_hundred(text: str, slot: int | None) -> None:
    assert slot_in(text) == slot


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Anna took it on the mobile after 12 s."),
        ({"answered": ""}, "Anna took it on the mobile."),
        ({"by": "+491715550124"}, "+491715550124 took it after 12 s."),
        ({"by": "PJSIP/20"}, "Phone 20 took it after 12 s."),
        ({"by": "PJSIP/20", "answered": ""}, "Phone 20 took it."),
        ({"by": "office", "answered": "900"}, "The office took it after 1 s."),
        ({"by": "office", "answered": ""}, "The office took it."),
        ({"by": "", "end": "nobody"}, "Nobody took it; the caller waited 60 s."),
        ({"by": "", "ended": "1772452808200"}, "The caller hung up after 8 s."),
        ({"by": "", "ended": "1772452801199"}, "The caller hung up after 1 s."),
        ({"by": "", "ended": "1772452800900"}, "The caller hung up at once."),
        ({"by": "", "end": "loop"}, "Refused: our own forwarded call came back."),
    ],
)
def test_what_became_of_a_call_is_one_sentence(fields: dict[str, str], said: str) -> None:
    assert str(told(call(**fields), SITE)) == said


def test_each_of_a_persons_mobiles_is_the_persons() -> None:
    two = replace(SITE, people=(Person("Ben", ("+491715550124", MOBILE)),))
    assert str(told(call(), two)) == "Ben took it on the mobile after 12 s."


@pytest.mark.parametrize(
    ("leg", "said"),
    [
        (Leg("gsm", MOBILE, "486"), "Anna's mobile over Gsm: busy."),
        (Leg("gsm", MOBILE, "480r"), "Anna's mobile over Gsm: it rang, and nobody picked up."),
        (Leg("gsm", MOBILE, "480e"), "Anna's mobile over Gsm: not to be reached: off, or without reception."),
        (Leg("gsm", MOBILE, "403r"), "Anna's mobile over Gsm: somebody declined the call."),
        (Leg("gone", "+491715550124", "silence"), "+491715550124 over gone: the trunk gave no sign of ringing."),
        (Leg("", "", "calls"), "Not forwarded: too many calls were being forwarded at once."),
        (Leg("", "", "minutes"), "Not forwarded: the forwarding minutes of the day were used up."),
    ],
)
def test_what_became_of_a_leg_is_one_sentence(leg: Leg, said: str) -> None:
    assert str(leg_told(leg, SITE)) == said


def test_nobody_is_told_with_what_the_mobile_said() -> None:
    assert [str(leg_told(leg, SITE)) for leg in nobody().legs] == ["Anna's mobile over Gsm: busy."]


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("603r", "somebody declined the call."),
        ("499", "the carrier did not put the call through (code 499)."),
        ("599r", "a fault at the carrier (code 599)."),
        ("699", "the call was not accepted (code 699)."),
        ("302", "it ended otherwise (302)."),
        ("melted", "it ended otherwise (melted)."),
    ],
)
def test_an_end_that_is_not_listed_has_a_sentence_too(end: str, said: str) -> None:
    assert str(end_told(end)) == said


def test_every_end_that_the_dialplan_knows_has_a_sentence_of_its_own() -> None:
    listed = set(re.findall(r"^FAILOVER_ENDS_(\w+)=", DIALPLAN.read_text(), re.MULTILINE))
    assert {end for end in listed if end not in ENDS and end.removesuffix("r") not in ENDS} == set()
