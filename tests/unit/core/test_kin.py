"""Which far ends count as one carrier's."""

from __future__ import annotations

import pytest

from router.core.kin import family, network_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.11", "203.0.113.250"),
        ("2001:db8:1:2::1", "2001:db8:1:ffff::9"),
        ("sip1.carrier.test", "Registrar.Carrier.Test."),
        ("carrier.de", "sip.carrier.de"),
        ("a.carrier.co.uk", "b.carrier.co.uk"),
    ],
)
def test_neighbours_and_servers_of_one_domain_are_one_family(one: str, other: str) -> None:
    assert family(one) == family(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("203.0.113.11", "203.0.112.11"),
        ("2001:db8:1::1", "2001:db8:2::1"),
        ("sip.carrier.test", "sip.other.test"),
        ("one.co.uk", "other.co.uk"),
        ("203.0.113.11", "sip.carrier.test"),
    ],
)
def test_strangers_are_none(one: str, other: str) -> None:
    assert family(one) != family(other)


@pytest.mark.parametrize("host", ["", "pbx", "127.0.0.2", "::1", "co.uk"])
def test_of_some_nothing_is_known(host: str) -> None:
    assert family(host) == ""


def test_what_is_no_address_is_in_no_network() -> None:
    assert [network_of(host) for host in ("", "sip.carrier.test", "fe80::1%eth0")] == ["", "", "fe80::/48"]
