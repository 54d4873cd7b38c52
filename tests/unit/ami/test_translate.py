"""What our own dialplan tells of a call that came in, as its UserEvent arrives; and where trunks lead."""

from __future__ import annotations

import pytest

from router.ami.translate import Names, contact_sight, registrations, signal
from router.ami.wire import Message
from router.core.evidence import REMOVED
from router.core.peer import Host
from router.core.signals import CallWentThrough, ContactSaid
from router.core.site import TrunkSite, WatchKind
from tests.unit.core.offices import NUMBER, site

NAMES = Names.of(site())


def inbound(**headers: str | tuple[str, ...]) -> Message:
    return Message({"Event": "UserEvent", "UserEvent": "FailoverInbound", **headers})


def test_an_inbound_call_names_its_number_and_the_trunk_it_came_by() -> None:
    message = inbound(Number=NUMBER, From="PJSIP/telekom-0000002a")
    assert signal(message, NAMES) == CallWentThrough("telekom", inbound=True, number=NUMBER)


def test_a_call_without_a_number_is_a_call_over_the_trunk_all_the_same() -> None:
    message = inbound(From="PJSIP/gsm-0000002b")
    assert signal(message, NAMES) == CallWentThrough("gsm", inbound=True, number=None)


@pytest.mark.parametrize("twice", [{"Number": ("+4940999999", NUMBER)}, {"From": ("PJSIP/telekom-1", "PJSIP/gsm-1")}])
def test_a_header_that_a_caller_put_in_a_second_time_makes_the_event_void(twice: dict[str, tuple[str, ...]]) -> None:
    once = {"Number": NUMBER, "From": "PJSIP/telekom-0000002a"}
    assert signal(inbound(**once), NAMES) is not None
    assert signal(inbound(**{**once, **twice}), NAMES) is None


def test_a_call_by_no_trunk_of_ours_says_nothing() -> None:
    assert signal(inbound(Number=NUMBER, From="PJSIP/desk-00000001"), NAMES) is None


def test_where_a_trunk_leads_stands_in_its_contact_or_its_proxy() -> None:
    """As Asterisk 22.10.1 answers PJSIPShowEndpoint."""
    seen = {"Event": "ContactStatusDetail", "AOR": "telekom", "URI": "sip:127.0.77.9:5060", "Status": "Reachable"}
    assert contact_sight([Message(seen | {"OutboundProxy": ""})]).peer == Host("127.0.77.9", port=True)
    proxied = Message(seen | {"OutboundProxy": "sip:proxy.test;lr"})
    assert contact_sight([proxied]).peer == Host("proxy.test")
    assert contact_sight([Message(seen | {"URI": "sip:<script>"})]).peer is None


def test_where_a_trunk_registers() -> None:
    item = {"Event": "OutboundRegistrationDetail", "ObjectName": "telekom", "Status": "Registered"}
    item |= {"ClientUri": "sip:me@carrier.test", "ServerUri": "sip:carrier.test"}
    sights, _ = registrations([Message(item)], [TrunkSite("telekom", "T", WatchKind.PJSIP, "telekom", "")])
    assert sights["telekom"].registrar == Host("carrier.test")


def test_a_contact_that_is_removed_is_no_word_about_the_others() -> None:
    """As Asterisk 22.10.1 sends it when a gateway has registered from another port and the old binding goes."""
    message = Message({"Event": "ContactStatus", "EndpointName": "gsm", "AOR": "gsm", "ContactStatus": "Removed"})
    assert signal(message, NAMES) == ContactSaid("gsm", REMOVED)
