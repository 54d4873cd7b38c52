"""IAX2 peers, devices and phones as AMI tells of them; what a real Asterisk said is in tests/recordings."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from router.ami.translate import Names
from router.ami.unprobed import ask, device_states, filters, iax2_sights, is_news, said
from router.ami.wire import MAX_LINE_BYTES, Message
from router.core.evidence import Sight
from router.core.peer import Host
from router.core.registration import Timing
from router.core.signals import ContactSaid, PhoneSaid
from router.core.site import Site, TrunkSite, WatchKind
from tests.contract.fake_ami import FakeAmi, Headers, Session
from tests.contract.running_link import RunningLink
from tests.unit.core.offices import site, trunk_site

NEVER = Timing(float("inf"), float("inf"), float("inf"))
IAX = trunk_site("zweit", WatchKind.IAX2)
DEVICE = replace(trunk_site("bell", WatchKind.DEVICE), peer="Custom:bell.1+2")


def office(phones: tuple[str, ...] = ("PJSIP/20", "PJSIP/21")) -> Site:
    return site(trunks=(trunk_site("telekom"), IAX, DEVICE), phones=phones)


NAMES = Names.of(office())


def peer_status(peer: str, status: str) -> Message:
    return Message({"Event": "PeerStatus", "ChannelType": "IAX2", "Peer": peer, "PeerStatus": status})


def device(name: str, state: str) -> Message:
    return Message({"Event": "DeviceStateChange", "Device": name, "State": state})


@pytest.mark.parametrize(
    ("status", "word"),
    [("Reachable", "OK"), ("Lagged", "LAGGED"), ("Unreachable", "UNREACHABLE"), ("Unregistered", "NoContact")],
)
def test_a_peers_event_speaks_of_its_trunk(status: str, word: str) -> None:
    assert said(peer_status("IAX2/zweit", status), NAMES) == ContactSaid("zweit", word)


@pytest.mark.parametrize(
    "message",
    [
        peer_status("IAX2/other", "Unreachable"),
        peer_status("PJSIP/telekom", "Unreachable"),
        peer_status("IAX2/zweit", "Registered"),
        peer_status("IAX2/zweit", "x" * 5000),
        device("PJSIP/22", "UNAVAILABLE"),
        device("IAX2/zweit", "UNAVAILABLE"),
        device("Local/1@x", "INUSE"),
        Message({"Event": "DeviceStateChange", "Device": ("Local/1", "PJSIP/20"), "State": "UNAVAILABLE"}),
        Message({"Event": "DeviceStateChange"}),
        Message({"Event": "PeerStatus"}),
        Message({}),
    ],
)
def test_what_is_not_watched_says_nothing(message: Message) -> None:
    assert said(message, NAMES) is None


def test_a_devices_event_speaks_of_a_phone_or_of_a_trunk() -> None:
    assert said(device("PJSIP/20", "UNAVAILABLE"), NAMES) == PhoneSaid("PJSIP/20", "UNAVAILABLE")
    assert said(device("Custom:bell.1+2", "INUSE"), NAMES) == ContactSaid("bell", "INUSE")


def test_news_of_an_iax2_registration_wants_a_listing_where_a_trunk_speaks_it() -> None:
    news = Message({"Event": "Registry", "ChannelType": "IAX2", "Status": "Rejected"})
    assert is_news(news, NAMES)
    assert not is_news(news, Names.of(site()))
    assert not is_news(Message({"Event": "Registry", "ChannelType": "PJSIP"}), NAMES)


def entry(status: str, address: str = "192.0.2.1", name: str = "zweit", user: str = "office") -> Message:
    return Message({
        "Event": "PeerEntry", "ObjectName": name, "ObjectUsername": user, "IPaddress": address, "Port": "4569",
        "Status": status,
    })  # fmt: skip


def registry(
    state: str, perceived: str = "198.51.100.1:4569", user: str = "office", host: str = "192.0.2.1"
) -> Message:
    return Message({
        "Event": "RegistryEntry", "Host": f"{host}:4569", "Username": user, "Perceived": perceived, "State": state,
    })  # fmt: skip


def looked_at(peers: list[Message], registrations: list[Message], *trunks: TrunkSite) -> Sight:
    return iax2_sights(peers, registrations, trunks or (IAX,))["zweit"]


@pytest.mark.parametrize(
    ("status", "address", "contact", "rtt_us"),
    [
        ("OK (12 ms)", "192.0.2.1", "OK", 12000),
        ("LAGGED (2102 ms)", "192.0.2.1", "LAGGED", 2102000),
        ("UNREACHABLE", "192.0.2.1", "UNREACHABLE", None),
        ("UNKNOWN", "192.0.2.1", "Unknown", None),
        ("UNKNOWN", "(null)", "NoContact", None),
        ("Unmonitored", "192.0.2.1", "Unmonitored", None),
        ("Unmonitored", "(null)", "NoContact", None),
        ("OK (99999999999999999 ms)", "192.0.2.1", "Unknown", None),
        ("something new", "192.0.2.1", "Unknown", None),
        ("", "", "NoContact", None),
    ],
)
def test_a_peers_listing(status: str, address: str, contact: str, rtt_us: int | None) -> None:
    peer = None if contact == "NoContact" else Host(address, port=True)
    assert looked_at([entry(status, address)], []) == Sight(contact=contact, rtt_us=rtt_us, peer=peer)


def test_where_a_peer_is_must_be_an_address() -> None:
    assert looked_at([entry("OK (1 ms)", "evil.test")], []).peer is None


def test_a_peer_that_is_not_listed_is_none() -> None:
    assert looked_at([entry("OK (1 ms)", name="other")], []) == Sight(contact="INVALID")
    assert looked_at([], []) == Sight(contact="INVALID")


@pytest.mark.parametrize(
    ("state", "perceived", "registration"),
    [
        ("Registered", "198.51.100.1:4569", "Registered"),
        ("Request Sent", "198.51.100.1:4569", "Registered"),
        ("Auth. Sent", "198.51.100.1:4569", "Registered"),
        ("Request Sent", "<Unregistered>", "Unregistered"),
        ("Unregistered", "<Unregistered>", "Unregistered"),
        ("Timeout", "<Unregistered>", "Timeout"),
        ("Rejected", "198.51.100.1:4569", "Refused"),
    ],
)
def test_while_a_registration_is_renewed_the_last_one_counts(state: str, perceived: str, registration: str) -> None:
    sight = looked_at([entry("OK (1 ms)")], [registry(state, perceived)])
    assert sight == Sight("OK", 1000, registration, NEVER, Host("192.0.2.1", port=True))


def test_of_several_registrations_to_one_host_the_peers_own_counts_or_none() -> None:
    two = [registry("Registered", user="a"), registry("Timeout", user="office")]
    assert looked_at([entry("OK (1 ms)")], two).registration == "Timeout"
    assert looked_at([entry("OK (1 ms)", user="b")], two).registration is None
    assert looked_at([entry("OK (1 ms)", user="b")], two[:1]).registration == "Registered"
    assert looked_at([entry("OK (1 ms)")], [registry("Registered", host="192.0.2.9")]).registration is None


def passes(text: str, wanted: list[str]) -> bool:
    """As Asterisk compares (POSIX, extended); Python has no [:cntrl:]."""
    return any(re.search(one.replace("[:cntrl:]", "\\x00-\\x1f"), text, re.DOTALL) for one in wanted)


def test_of_thousands_of_devices_only_those_watched_pass() -> None:
    wanted = filters(office())
    event = "Event: DeviceStateChange\r\nPrivilege: call,all\r\nSystemName: x\r\nDevice: {}\r\nState: INUSE\r\n\r\n"
    peer = (
        "Event: PeerStatus\r\nPrivilege: system,all\r\nChannelType: IAX2\r\nPeer: {}\r\nPeerStatus: Reachable\r\n\r\n"
    )
    for name in ("PJSIP/20", "PJSIP/21", "Custom:bell.1+2"):
        assert passes(event.format(name), wanted)
    for name in ("PJSIP/2", "PJSIP/200", "XPJSIP/20", "Custom:bellX1+2", "Custom:bell.112", "Local/PJSIP/20"):
        assert not passes(event.format(name), wanted)
    assert passes(peer.format("IAX2/zweit"), wanted)
    assert not passes(peer.format("IAX2/zweiter"), wanted)
    assert not passes(peer.format("PJSIP/telekom"), wanted)
    assert filters(site()) == []


def test_however_many_phones_there_are_no_line_is_too_long() -> None:
    many = tuple(f"PJSIP/phone-{'x' * 40}-{number}" for number in range(500))
    wanted = filters(office(many))
    assert max(len(f"Filter: {one}") for one in wanted) < MAX_LINE_BYTES
    event = "Event: DeviceStateChange\r\nPrivilege: call,all\r\nDevice: {}\r\nState: INUSE\r\n\r\n"
    assert all(passes(event.format(phone), wanted) for phone in many)


async def test_states_are_asked_for_one_by_one_and_what_is_refused_is_left_out() -> None:
    def on_getvar(session: Session, action: Headers) -> None:
        if action["variable"] == "DEVICE_STATE(PJSIP/21)":
            return session.refuse(action, "No such variable")
        return session.reply(action, ("Variable", action["variable"]), ("Value", "NOT_INUSE"))

    async with FakeAmi() as pbx, RunningLink(pbx.port) as running:
        pbx.answers["Getvar"] = on_getvar
        await running.ready()
        assert await device_states(running.link, ("PJSIP/20", "PJSIP/21")) == {"PJSIP/20": "NOT_INUSE"}
        assert await device_states(running.link, ()) == {}


async def test_only_pjsip_phones_are_made_to_be_probed_and_a_refusal_does_no_harm() -> None:
    probed: list[str] = []

    def on_qualify(session: Session, action: Headers) -> None:
        probed.append(action["endpoint"])
        session.refuse(action, "No contacts")

    async with FakeAmi() as pbx, RunningLink(pbx.port) as running:
        pbx.answers["PJSIPQualify"] = on_qualify
        await running.ready()
        await ask(running.link, ("PJSIP/20", "SCCP/21", "PJSIP/22"))
    assert probed == ["20", "22"]
