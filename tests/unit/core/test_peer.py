"""The far end of a trunk, out of whatever stands where Asterisk says its URI."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core.peer import Host, host_in, is_inside


@pytest.mark.parametrize(
    ("uri", "host"),
    [
        ("sip:127.0.77.9:5060", Host("127.0.77.9", port=True)),
        ("sip:user@[::1]:5070", Host("::1", port=True)),
        ("sip:127.0.77.11:5080;lr", Host("127.0.77.11", port=True)),
        ("sip:tel.Carrier.test.", Host("tel.carrier.test")),
        ("sips:carrier.test;transport=tls", Host("carrier.test")),
        ("<sip:+4930@carrier.test;lr?x=y>", Host("carrier.test")),
        ("sip:a:b@carrier.test", Host("carrier.test")),
        ("SIP:[2001:db8::1]", Host("2001:db8::1")),
        ("sip:_srv.under_score.test", Host("_srv.under_score.test")),
    ],
)
def test_hosts_as_asterisk_writes_them(uri: str, host: Host) -> None:
    assert host_in(uri) == host


@pytest.mark.parametrize(
    "uri",
    ["", "sip:", "tel:+4930", "carrier.test", "sip:[::zz]", "sip:a..b", "sip:" + "a" * 64 + ".test", "sip:<script>",
     "sip:carrier.test:port", "sip:ä.test", "sip:a b", "sip:x@y@", "sip:a\r\nb"],
)  # fmt: skip
def test_what_is_no_host(uri: str) -> None:
    assert host_in(uri) is None


@given(st.text(max_size=200) | st.text("sip:@[].<>;0aä\r\n ", max_size=200))
def test_whatever_stands_there_a_host_is_letters_digits_dots_and_colons(uri: str) -> None:
    host = host_in(uri)
    assert host is None or set(host.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.:_-")


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("192.168.1.50", True), ("10.0.0.1", True), ("172.16.0.1", True), ("169.254.1.1", True), ("fd00::1", True),
        ("fe80::1", True), ("172.32.0.1", False), ("100.64.0.1", False), ("203.0.113.11", False), ("127.0.0.1", False),
        ("::1", False), ("2001:db8::1", False), ("carrier.test", False), ("", False),
    ],
)  # fmt: skip
def test_what_is_in_a_private_network(address: str, inside: bool) -> None:
    assert is_inside(address) is inside
