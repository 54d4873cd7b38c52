"""AMI messages into signals. The wire's words are those that a real Asterisk sends, not those of its documentation."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from router.ami.wire import Message
from router.core import evidence as seen
from router.core.calls import call_in, slot_in
from router.core.evidence import Sight
from router.core.peer import Host, host_in
from router.core.registration import Timing
from router.core.signals import CallEnded, CallFailed, CallWentThrough, ContactSaid, Input, RegistrationSaid
from router.core.site import Site, TrunkSite, WatchKind

log = logging.getLogger(__name__)

_TECHNOLOGY = {WatchKind.PJSIP: "PJSIP", WatchKind.IAX2: "IAX2"}
_GOES_THROUGH = {"DialState": {"RINGING", "PROGRESS"}, "DialEnd": {"ANSWER"}}
_ONCE = (
    "Event", "UserEvent", "DialStatus", "DestChannel", "From", "Trunk", "To", "Means", "Ended", "Number",
    "Slot", "Call", "Channel", "Uniqueid", "Context", "DialString",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """How Asterisk calls the trunks. `registrations`: (client_uri, server_uri) to trunk, learnt from a listing.

    `iax2` and `devices`: those of these kinds alone. `phones`: the office's phones.
    """

    peers: Mapping[str, str]
    endpoints: Mapping[str, str]
    registrations: Mapping[tuple[str, str], str] = field(default_factory=dict)
    iax2: Mapping[str, str] = field(default_factory=dict)
    devices: Mapping[str, str] = field(default_factory=dict)
    phones: frozenset[str] = frozenset()

    @classmethod
    def of(cls, site: Site) -> Names:
        peers = {f"{_TECHNOLOGY[t.watch]}/{t.peer}": t.name for t in site.trunks if t.watch in _TECHNOLOGY}
        peers |= {t.peer: t.name for t in site.trunks if t.watch is WatchKind.DEVICE}
        return cls(
            peers,
            {t.peer: t.name for t in site.trunks if t.watch is WatchKind.PJSIP},
            iax2={f"IAX2/{t.peer}": t.name for t in site.trunks if t.watch is WatchKind.IAX2},
            devices={t.peer: t.name for t in site.trunks if t.watch is WatchKind.DEVICE},
            phones=frozenset(site.phones),
        )

    def trunk_of(self, channel: str) -> str | None:
        """The trunk of a channel such as PJSIP/telekom-0000002a."""
        return self.peers.get(channel.rpartition("-")[0])


def signal(message: Message, names: Names) -> Input | None:
    """What an event says about a trunk; None where it says nothing that matters here."""
    if forged(message):
        return None
    event = message.get("Event", "")
    if event == "ContactStatus":
        return _contact(message, names)
    if event == "Registry":
        name = names.registrations.get((message.get("Username", ""), message.get("Domain", "")))
        return RegistrationSaid(name, message.get("Status", "")) if name else None
    if event == "UserEvent":
        return _dialplan(message, names)
    if message.get("DialStatus") in _GOES_THROUGH.get(event, ()):
        name = names.trunk_of(message.get("DestChannel", ""))
        return CallWentThrough(name, inbound=False) if name else None
    return None


def forged(message: Message) -> bool:
    """Whether a header stands twice: a caller put a line break into his number, or into the extension he called."""
    return any(len(message.all(name)) > 1 for name in _ONCE)


def _contact(message: Message, names: Names) -> Input | None:
    name = names.endpoints.get(message.get("EndpointName", ""))
    if name is None:
        return None
    return ContactSaid(name, message.get("ContactStatus", ""), _microseconds(message))


def _dialplan(message: Message, names: Names) -> Input | None:
    """What our own dialplan tells by UserEvent."""
    match message.get("UserEvent"):
        case "FailoverLeg" if message.get("Means") == "fault":
            return CallFailed(
                message.get("Trunk", ""), message.get("Ended", "")[:20], message.get("Uniqueid", ""),
                message.get("Number", "")[:20], message.get("To", "")[:40],
            )  # fmt: skip
        case "FailoverInbound":
            name = names.trunk_of(message.get("From", ""))
            return CallWentThrough(name, inbound=True, number=message.get("Number")) if name else None
        case "FailoverCall":
            return _call(message)
    return None


def _call(message: Message) -> Input | None:
    call = call_in(message.get("Call", ""))
    if call is None:
        log.warning("a FailoverCall whose row is no call was left out")
        return None
    return CallEnded(call, slot_in(message.get("Slot", "")))


def _microseconds(message: Message) -> int | None:
    text = message.get("RoundtripUsec", "")
    return int(text) if text.isdecimal() else None


def contact_sight(details: Iterable[Message]) -> Sight:
    """What PJSIPShowEndpoint says of an endpoint's contacts: the best one counts. Without an AOR there is none."""
    details = tuple(details)
    best: Message | None = None
    for item in details:
        if item.get("Event") == "ContactStatusDetail" and (best is None or item.get("Status") == seen.REACHABLE):
            best = item
    if best is not None:
        return Sight(contact=best.get("Status"), rtt_us=_microseconds(best), peer=_host(best, "URI"))
    has_aor = any(item.get("Event") == "EndpointDetail" and item.get("Aors") for item in details)
    return Sight(contact=seen.NO_CONTACT if has_aor else None)


def registrations(
    items: Iterable[Message], trunks: Iterable[TrunkSite]
) -> tuple[dict[str, Sight], dict[tuple[str, str], str]]:
    """From PJSIPShowRegistrationsOutbound: a sight per trunk that registers, and the names that Registry events use.

    A registration belongs to the trunk whose endpoint it names, or bears the name of.
    """
    sights: dict[str, Sight] = {}
    names: dict[tuple[str, str], str] = {}
    for name, item in _registered(items, trunks):
        names[item.get("ClientUri", ""), item.get("ServerUri", "")] = name
        sights[name] = Sight(
            registration=item.get("Status", ""),
            timing=Timing(
                expiration=_seconds(item, "Expiration", 3600),
                retry=_seconds(item, "RetryInterval", 60),
                forbidden=_seconds(item, "ForbiddenRetryInterval", 0),
                fatal=_seconds(item, "FatalRetryInterval", 0),
                delay=_seconds(item, "MaxRandomInitialDelay", 10),
            ),
            registrar=_host(item, "ServerUri"),
        )
    return sights, names


def given_up(items: Iterable[Message], trunk: TrunkSite) -> list[str]:
    """The names of the trunk's registrations that are rejected, from the same listing. Never one that is registered."""
    found = [item for _, item in _registered(items, [trunk])]
    return [item.get("ObjectName", "") for item in found if item.get("Status") == "Rejected" and item.get("ObjectName")]


def _registered(items: Iterable[Message], trunks: Iterable[TrunkSite]) -> Iterator[tuple[str, Message]]:
    """Each registration with the name of its trunk."""
    endpoints = {trunk.peer: trunk.name for trunk in trunks if trunk.watch is WatchKind.PJSIP}
    for item in items:
        name = endpoints.get(item.get("Endpoint", "")) or endpoints.get(item.get("ObjectName", ""))
        if name is not None and item.get("Event") == "OutboundRegistrationDetail":
            yield name, item


def _host(item: Message, uri: str) -> Host | None:
    """Where the requests go: to the outbound proxy, where there is one."""
    return host_in(item.get("OutboundProxy", "")) or host_in(item.get(uri, ""))


def _seconds(item: Message, name: str, otherwise: int) -> float:
    text = item.get(name, "")
    return float(text) if text.isdecimal() else float(otherwise)
