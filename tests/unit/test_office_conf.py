"""failover_office.conf: every number of a large office is found, and nothing is cut."""

from __future__ import annotations

import pytest

from router.core.site import NumberSite, Person, Site, TrunkSite, WatchKind
from router.office_conf import LONGEST_VALUE, office_conf, office_values


def site(numbers: tuple[NumberSite, ...], prefix: str = "", trunks: int = 1) -> Site:
    ways = tuple(
        TrunkSite(f"trunk{n}", f"Trunk {n}", WatchKind.PJSIP, f"trunk{n}", f"PJSIP/{{number}}@trunk{n}")
        for n in range(trunks)
    )
    return Site("muster", "Muster", "DE", ways, numbers, (Person("Anna", ("+4917112345678",)),), outside_prefix=prefix)


def number(text: str, *arrives_as: str) -> NumberSite:
    return NumberSite(text, "trunk0", "office-phones,{did},1", arrives_as=arrives_as, people=("Anna",))


def test_a_block_of_hundreds_of_numbers_keeps_every_line_short() -> None:
    block = tuple(number(f"+4930123{n:04d}") for n in range(500))
    lines = office_conf(site(block)).splitlines()
    assert max(map(len, lines)) < 200
    for n in range(500):
        assert f"FAILOVER_CALLS_0301230{n:03d}=+49301230{n:03d}=trunk0=office-phones&~&1" in lines


def test_emergency_numbers_are_known_with_and_without_the_outside_prefix() -> None:
    values = office_values(site((number("+4930123456"),), prefix="0"))
    assert values["FAILOVER_EMERGENCY_112"] == values["FAILOVER_EMERGENCY_0112"] == "112"


def test_what_is_unknown_counts_as_the_first_number() -> None:
    values = office_values(site((number("+4930123456"), number("+4930999999"))))
    assert values["FAILOVER_CALLS"] == values["FAILOVER_CALLS_4930123456"]


def test_two_numbers_that_would_arrive_alike_are_refused() -> None:
    with pytest.raises(ValueError, match="cannot be told"):
        office_conf(site((number("+4930123456", "a.b"), number("+4930999999", "ab"))))


def test_a_value_that_asterisk_would_cut_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        office_conf(site((number("+4930123456"),), trunks=LONGEST_VALUE // 7))
