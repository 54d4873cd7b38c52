"""What staff change in the duty plan, and what they are told where it cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from router.core import duty_changes as change
from router.core.duty import Absence, Day, Member, Mobile, Plan, Row, Special, Taken
from router.core.duty_changes import NotPlanned
from tests.unit.core.offices import MORNING, NUMBER, site

ANNA, BEN = "+4917112345678", "+4917112345679"
EIGHT, SIX = time(8), time(18)
ROW = Row(Day.MONDAY, EIGHT, SIX, ("Anna", "Ben"))
SPECIAL = Special(date(2026, 12, 24), date(2026, 12, 26), EIGHT, SIX, ("Ben",))
PLAN = Plan(
    (Member("Anna", (Mobile(ANNA),)), Member("Ben", (Mobile(BEN),))), (ROW,), (SPECIAL,),
    Taken("Ben", MORNING, None, "ben"),
)  # fmt: skip


def names(plan: Plan) -> list[str]:
    return [member.name for member in plan.people]


def test_a_person_comes_at_the_end_and_moves_up_and_down():
    plan = change.with_person(PLAN, "  Cem   Öz ")
    assert names(plan) == ["Anna", "Ben", "Cem Öz"]
    plan = change.moved(plan, "cem öz", -1)
    assert names(plan) == ["Anna", "Cem Öz", "Ben"]
    assert names(change.moved(plan, "Anna", -1)) == names(change.moved(plan, "Ben", 1)) == names(plan)


def test_a_new_name_holds_in_the_whole_plan():
    plan = change.renamed(PLAN, "Ben", "BEN")
    assert names(plan) == ["Anna", "BEN"]
    assert (plan.rows[0].who, plan.specials[0].who, plan.taken.name) == (("Anna", "BEN"), ("BEN",), "BEN")


def test_with_a_person_goes_what_named_nobody_else():
    plan = change.without_person(PLAN, "ben")
    assert (names(plan), plan.rows[0].who, plan.specials, plan.taken) == (["Anna"], ("Anna",), (), None)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "The name is empty."), (" ", "The name is empty."), ("x" * 65, "The name may have at most 64 characters."),
        ("anna", "There is somebody called anna already."),
        ("Anna, Ben", "A comma stands between two names; please leave it out."),
        ("a\u202eb", "The name has characters in it that cannot be seen."),
    ],
)  # fmt: skip
def test_a_name_that_will_not_do_is_refused_with_the_reason(name, said):
    with pytest.raises(NotPlanned) as no:
        change.with_person(PLAN, name)
    assert str(no.value) == said


def test_the_last_person_stays_and_whoever_is_unknown_is_said_to_be():
    with pytest.raises(NotPlanned, match="is the only one left"):
        change.without_person(change.without_person(PLAN, "Ben"), "Anna")
    with pytest.raises(NotPlanned, match="nobody called Cem") as no:
        change.absent(PLAN, "Cem", MORNING, None)
    assert no.value.unknown


def test_a_number_is_read_as_people_write_it_and_waits_to_be_confirmed():
    plan = change.with_number(PLAN, site(), "Anna", "0171 / 999 88 77")
    assert plan.people[0].mobiles == (Mobile(ANNA), Mobile("+491719998877", False))
    assert change.confirmed(plan, "+491719998877").people[0].mobiles[1].confirmed
    plan = change.number_moved(plan, "Anna", "+491719998877", -1)
    assert plan.people[0].mobiles[1] == Mobile(ANNA)
    assert change.without_number(plan, "Anna", ANNA, MORNING).people[0].mobiles == (Mobile("+491719998877", False),)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0664 1234567 8901", "too long"), ("+43 664 1234567", "may not be rung: allowed are numbers with +49"),
        (NUMBER, "one of our own numbers"), ("0900 1234567", "“0900 1234567” is no mobile or landline"),
        ("112", "emergency"), (ANNA, "among the numbers of Anna"), ("hello", "has letters"), ("", "is empty"),
    ],
)  # fmt: skip
def test_a_number_that_may_not_be_rung_is_refused_with_the_reason(typed, said):
    with pytest.raises(NotPlanned, match=said.replace("+", r"\+")):
        change.with_number(PLAN, site(), "Ben", typed)


def test_the_last_number_of_who_has_taken_over_stays_until_that_is_over():
    end = MORNING + timedelta(hours=1)
    plan = change.taken_over(
        change.with_number(PLAN, site(), "Anna", "0171 9998877"), site(), Taken("Anna", MORNING, end, "")
    )
    with pytest.raises(NotPlanned, match="Anna has taken over, and without"):
        change.without_number(plan, "Anna", ANNA, MORNING)
    assert change.without_number(plan, "Anna", "+491719998877", MORNING).people[0].mobiles == (Mobile(ANNA),)
    assert not change.without_number(PLAN, "Anna", ANNA, MORNING).people[0].mobiles
    assert change.without_number(plan, "Anna", ANNA, end)
    two = change.confirmed(plan, "+491719998877")
    assert change.without_number(two, "Anna", ANNA, MORNING)


def test_one_person_has_five_numbers_at_most():
    plan = PLAN
    for last in range(4):
        plan = change.with_number(plan, site(), "Anna", f"0171 999887{last}")
    with pytest.raises(NotPlanned, match="may have 5"):
        change.with_number(plan, site(), "Anna", "0171 9998879")


def test_who_takes_over_is_back_and_needs_a_number_that_may_be_rung():
    away = change.absent(PLAN, "Anna", MORNING, None)
    assert away.people[0].absent == Absence(MORNING, None)
    end = MORNING + timedelta(hours=1)
    plan = change.taken_over(away, site(), Taken("anna", MORNING, end, "anna"))
    assert (plan.taken, plan.people[0].absent) == (Taken("Anna", MORNING, end, "anna"), None)
    assert change.released(plan).taken is None
    with pytest.raises(NotPlanned, match="no confirmed number"):
        change.taken_over(change.with_person(PLAN, "Cem"), site(), Taken("Cem", MORNING, None, "cem"))


def test_rows_stand_in_the_order_of_the_week_and_each_once():
    sunday, early = replace(ROW, day=Day.SUNDAY, who=("ben", "BEN")), replace(ROW, begin=time(6))
    plan = change.with_rows(PLAN, (sunday, early, ROW))
    assert plan.rows == (early, ROW, replace(sunday, who=("Ben",)))
    assert change.without_rows(plan, (ROW,)).rows == (early, plan.rows[2])
    with pytest.raises(NotPlanned, match="nobody called Cem"):
        change.with_rows(PLAN, (replace(ROW, who=("Cem",)),))


def test_an_exception_ends_after_its_begin_and_not_in_years():
    nobody = replace(SPECIAL, first=date(2026, 1, 1), last=date(2026, 1, 1), who=())
    plan = change.with_special(PLAN, nobody)
    assert plan.specials == (nobody, SPECIAL)
    assert change.without_special(plan, SPECIAL).specials == (nobody,)
    for last, said in ((date(2026, 12, 23), "before the first"), (date(2027, 12, 23), "may last 92 days")):
        with pytest.raises(NotPlanned, match=said):
            change.with_special(PLAN, replace(SPECIAL, last=last))


def test_an_exception_that_is_over_is_refused_and_those_long_over_make_room():
    past = [replace(SPECIAL, first=date(2026, 1, 1), last=date(2026, 1, 1), begin=time(0, n % 60)) for n in range(100)]
    plan = replace(PLAN, specials=tuple(past))
    with pytest.raises(NotPlanned, match="room for 100 lines"):
        change.with_special(plan, SPECIAL, date(2026, 1, 20))
    assert change.with_special(plan, SPECIAL, date(2026, 12, 1)).specials == (SPECIAL,)
    assert change.with_special(PLAN, replace(SPECIAL, who=()), date(2026, 12, 26)).specials[-1] == SPECIAL
    with pytest.raises(NotPlanned, match="Those days are over"):
        change.with_special(PLAN, SPECIAL, date(2026, 12, 27))


def test_a_number_that_was_taken_away_meanwhile_is_not_said_to_be_confirmed():
    with pytest.raises(NotPlanned, match="taken away during the test ring"):
        change.confirmed(PLAN, "+491719998877")
