"""What the router makes of real outages, as Asterisk 16 and 22 told of them: which signals, and in which order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from router.ami.legs import leg
from router.ami.translate import Names, contact_sight, registrations, signal
from router.ami.unprobed import iax2_sights, is_news, said
from router.ami.wire import Message
from router.core.evidence import Sight
from router.core.peer import Host
from router.core.registration import Timing
from router.core.site import NumberFormat, NumberSite, Person, Site, TrunkSite, WatchKind
from tests import recordings
from tests.recordings import LISTING, NOTE

E164: NumberFormat = "e164"


def trunk(name: str, kind: WatchKind = WatchKind.PJSIP) -> TrunkSite:
    return TrunkSite(name, name.capitalize(), kind, name, f"PJSIP/{{number}}@{name}", E164)


SITE = Site(
    "lab", "Lab", "DE", (trunk("telekom"), trunk("zweit"), trunk("gsm"), trunk("iax", WatchKind.IAX2)),
    (NumberSite("+4930123456", "telekom", "office-phones,{did},1", people=("Anna",), phones=("PJSIP/20",)),),
    (Person("Anna", ("+4917112345678",)),),
)  # fmt: skip


def listed(name: str) -> list[list[Message]]:
    """The answers to each round of listing, by round."""
    rounds: list[list[Message]] = []
    for one in recordings.heard(name):
        if one.kind == LISTING:
            if one.message.get("ActionID") == "listing-0" and one.message.get("Response"):
                rounds.append([])
            rounds[-1].append(one.message)
    return rounds


def answers(listing: list[Message], number: int) -> list[Message]:
    return [message for message in listing if message.get("ActionID") == f"listing-{number}"]


def names(name: str) -> Names:
    """As the router has them after its first listing."""
    known = Names.of(SITE)
    rounds = listed(name)
    _, registered = registrations(answers(rounds[0], 0) if rounds else [], SITE.trunks)
    return Names(known.peers, known.endpoints, registered, known.iax2, known.devices, known.phones)


def told(name: str) -> Iterator[str]:
    """What the router makes of a recording, a word for each signal, in order; notes in capitals."""
    known = names(name)
    for one in recordings.heard(name):
        if one.kind == NOTE:
            yield one.note.upper()
        if one.kind in (LISTING, NOTE):
            continue
        for signalled in (leg(one.message, known), signal(one.message, known), said(one.message, known)):
            if signalled is not None:
                yield _word(signalled)
        if is_news(one.message, known):
            yield "IAX2 registration: survey"


def _word(signalled: object) -> str:
    kind = type(signalled).__name__
    told_of = {
        name: getattr(signalled, name)
        for name in ("trunk", "device", "contact", "registration", "state", "code", "inbound", "number")
        if getattr(signalled, name, None) not in (None, "")
    }
    return " ".join([kind, *(f"{value}" for value in told_of.values())])


def without_notes(name: str) -> list[str]:
    return [word for word in told(name) if not word.isupper()]


@pytest.mark.parametrize("name", recordings.names())
def test_nothing_in_a_recording_raises_and_nothing_of_it_is_unheard_of(name: str) -> None:
    words = list(told(name))
    assert words
    events = {one.message.get("Event") for one in recordings.heard(name) if one.kind == "EVENT"}
    assert events <= {
        "ContactStatus", "Registry", "UserEvent", "DialBegin", "DialState", "DialEnd", "Hangup", "FullyBooted",
        "Reload", "Shutdown", "PeerStatus", "DeviceStateChange",
    }  # fmt: skip


def test_every_situation_is_there_from_both_asterisks() -> None:
    situations = {name.rpartition(".")[0] for name in recordings.names()}
    assert len(situations) >= 7
    assert set(recordings.names()) == {f"{name}.{version}" for name in situations for version in ("16", "22")}


@pytest.mark.parametrize("version", ["16", "22"])
def test_three_refused_calls_are_three_faults_of_telekom_and_the_fourth_goes_through(version: str) -> None:
    trunks = [word for word in told(f"refused-calls.{version}") if not word.startswith(("Phone", "LegEnded"))]
    refused = ["LegBegan telekom", "CallFailed telekom 503", "LegBegan zweit", "LegSpoke"]
    went = ["CallWentThrough zweit False"] * 2  # it rang, and was answered
    fourth = ["LegBegan telekom", "LegSpoke", "CallWentThrough telekom False", "CallWentThrough telekom False"]
    assert trunks[1:] == [*(refused + went) * 3, *fourth]


@pytest.mark.parametrize("version", ["16", "22"])
def test_a_call_in_and_a_call_out_say_that_the_trunk_works_both_ways(version: str) -> None:
    trunks = [word for word in told(f"good-calls.{version}") if word.startswith("Call")]
    through = "CallWentThrough telekom False"
    assert trunks == ["CallWentThrough telekom True +4930123456", "CallEnded", through, through]


def test_a_call_into_silence_is_left_by_22_and_counted() -> None:
    """Asterisk 16 stays on it until the caller gives up, which is nobody's fault."""
    of_calls = ("LegBegan", "LegSpoke", "CallFailed", "CallWentThrough")
    legs = [word for word in told("silent-carrier.22") if word.startswith(of_calls)]
    assert legs[:4] == ["LegBegan telekom", "CallFailed telekom silence", "LegBegan zweit", "LegSpoke"]
    assert [word for word in told("silent-carrier.16") if word.startswith(of_calls)] == ["LegBegan telekom"]


@pytest.mark.parametrize("version", ["16", "22"])
def test_a_silent_carriers_contact_is_said_once_to_be_gone_and_once_to_be_back(version: str) -> None:
    assert [word for word in told(f"silent-carrier.{version}") if word.startswith("Contact")] == [
        "ContactSaid telekom Unreachable",
        "ContactSaid telekom Reachable",
    ]


@pytest.mark.parametrize("version", ["16", "22"])
def test_a_refused_registration(version: str) -> None:
    name = f"refused-registration.{version}"
    assert without_notes(name) == [
        "RegistrationSaid telekom Rejected",
        "RegistrationSaid telekom Unregistered",
        "RegistrationSaid telekom Registered",
    ]
    rounds = [registrations(answers(listing, 0), SITE.trunks)[0]["telekom"] for listing in listed(name)]
    assert [sight.registration for sight in rounds] == ["Registered", "Rejected", "Registered"]
    assert {sight.timing for sight in rounds} == {Timing(expiration=60, retry=60, forbidden=30, delay=0)}


@pytest.mark.parametrize("version", ["16", "22"])
def test_a_phone_that_is_gone_and_back_by_event_and_by_listing(version: str) -> None:
    name = f"phone-gone.{version}"
    assert without_notes(name)[-2:] == ["PhoneSaid PJSIP/20 UNAVAILABLE", "PhoneSaid PJSIP/20 NOT_INUSE"]
    states = [answers(listing, 3)[0]["Value"] for listing in listed(name)]
    assert states == ["NOT_INUSE", "UNAVAILABLE", "NOT_INUSE"]
    assert {answers(listing, 5)[0]["Value"] for listing in listed(name)} == {"INVALID"}
    contacts = [contact_sight(answers(listing, 6)).contact for listing in listed(name)]
    assert contacts == ["Reachable", "Unreachable", "Reachable"]


@pytest.mark.parametrize("version", ["16", "22"])
def test_an_iax2_carrier_that_is_dead_back_and_then_refuses(version: str) -> None:
    name = f"iax2-peer-dead.{version}"
    assert without_notes(name) == [
        "ContactSaid iax UNREACHABLE",
        "ContactSaid iax OK",
        "IAX2 registration: survey",
    ]
    rounds = [iax2_sights(answers(one, 1), answers(one, 2), [SITE.trunk("iax")])["iax"] for one in listed(name)]
    assert [sight.contact for sight in rounds] == ["OK", "UNREACHABLE", "OK", "OK"]
    assert [sight.registration for sight in rounds] == ["Registered", "Registered", "Registered", "Refused"]
    assert rounds[1] == Sight("UNREACHABLE", None, "Registered", rounds[0].timing, rounds[0].peer)
    assert {sight.peer for sight in rounds} == {Host("127.0.10.43", port=True)}


@pytest.mark.parametrize("version", ["16", "22"])
def test_a_restart_loses_the_connection_and_every_trunk_is_heard_of_again(version: str) -> None:
    name = f"restart.{version}"
    words = list(told(name))
    assert words[:3] == ["ASTERISK IS STOPPED AND STARTED", "THE CONNECTION IS LOST", "LOGGED IN"]
    assert sorted(words[3:]) == [
        "ContactSaid gsm Reachable",
        "ContactSaid telekom Reachable",
        "ContactSaid zweit Reachable",
        "RegistrationSaid telekom Registered",
        "RegistrationSaid zweit Registered",
    ]
    assert any(one.message.get("Event") == "FullyBooted" for one in recordings.heard(name))
    before, at_once, later = listed(name)
    assert [contact_sight(answers(one, 6)).contact for one in (before, at_once, later)] == [
        "Reachable",
        "NonQualified",  # until Asterisk has probed it, though qualify is on
        "Reachable",
    ]
    phone = [answers(one, 3)[0]["Value"] for one in (before, at_once, later)]
    assert phone == ["NOT_INUSE", "UNAVAILABLE", "UNAVAILABLE"]  # there all the time; probed only once a minute
