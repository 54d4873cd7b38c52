"""The public holidays of a region, in the office's language."""

from __future__ import annotations

from datetime import date

from router.calendar.holidays import holidays_of


def test_a_region_has_its_own_holidays_with_names_in_the_office_s_language() -> None:
    found = holidays_of("DE-NI", [2026, 2027])
    assert found[date(2026, 10, 31)] == "Reformationstag"
    assert found[date(2027, 12, 25)] == "Erster Weihnachtstag"
    assert date(2026, 11, 1) not in found
    assert holidays_of("DE-NW", [2026])[date(2026, 11, 1)] == "Allerheiligen"
    assert holidays_of("DE-NI", [2026], "en")[date(2026, 12, 25)] == "Christmas Day"


def test_a_country_alone_has_those_of_all_its_parts() -> None:
    assert date(2026, 10, 3) in holidays_of("DE", [2026])
    assert date(2026, 10, 31) not in holidays_of("DE", [2026])


def test_no_region_and_one_that_nobody_knows_have_none() -> None:
    assert holidays_of("", [2026]) == {}
    assert holidays_of("DE-XX", [2026]) == {}
    assert holidays_of("ZZ", [2026]) == {}
