"""What Asterisk tells of what the router does not probe: IAX2 peers, devices of any other kind, office phones.

Words as Asterisk 16 and 22 send them (tests/recordings). An IAX2 peer's state comes as `OK (1 ms)` in a listing and as
`Reachable` in an event; a registration is `Request Sent` while it is renewed, and for as long as nobody answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from router.ami.link import AmiLink
from router.ami.translate import Names
from router.ami.wire import AmiError, AmiRefused, Message
from router.core import evidence as seen
from router.core.evidence import Sight
from router.core.held import INVALID
from router.core.peer import Host, address_in
from router.core.registration import REFUSED, REGISTERED, UNREGISTERED, Timing
from router.core.signals import ContactSaid, PhoneSaid
from router.core.site import Site, TrunkSite, WatchKind

_NEVER = float("inf")
_SAYS = {
    "Reachable": "OK", "Lagged": "LAGGED", "Unreachable": "UNREACHABLE", "Unregistered": seen.NO_CONTACT,
}  # fmt: skip
_STATUS = re.compile(r"(OK|LAGGED|UNREACHABLE|UNKNOWN|Unmonitored)(?: \(([0-9]{1,9}) ms\))?")
_PENDING = ("Request Sent", "Auth. Sent")
_LONGEST_FILTER = 800
"""Bytes; a line of AMI holds 1022."""


def filters(site: Site) -> list[str]:
    """Of these kinds Asterisk raises thousands a second on a busy PBX: only what is watched may pass."""
    peers = [f"IAX2/{trunk.peer}" for trunk in site.trunks if trunk.watch is WatchKind.IAX2]
    devices = [trunk.peer for trunk in site.trunks if trunk.watch is WatchKind.DEVICE]
    wanted = [("PeerStatus", "Peer", peers), ("DeviceStateChange", "Device", [*devices, *site.phones])]
    return [
        f"^Event: {event}[[:cntrl:]].*[[:cntrl:]]{header}: ({'|'.join(some)})[[:cntrl:]]"
        for event, header, names in wanted
        for some in _short([re.sub(r"([.+])", r"[\1]", name) for name in names])
    ]


def _short(names: Iterable[str]) -> Iterator[list[str]]:
    """In parts, none of them too long for one filter."""
    part: list[str] = []
    for name in names:
        if part and len("|".join([*part, name])) > _LONGEST_FILTER:
            yield part
            part = []
        part.append(name)
    if part:
        yield part


def said(message: Message, names: Names) -> ContactSaid | PhoneSaid | None:
    """What an event says of a peer, a device or a phone; None where it says nothing of ours."""
    match message.get("Event"):
        case "PeerStatus":
            trunk = names.iax2.get(message.get("Peer", ""))
            word = _SAYS.get(message.get("PeerStatus", ""))
            return ContactSaid(trunk, word) if trunk and word else None
        case "DeviceStateChange":
            device, state = message.get("Device", ""), message.get("State", "")
            if device in names.phones:
                return PhoneSaid(device, state)
            trunk = names.devices.get(device)
            return ContactSaid(trunk, state) if trunk else None
    return None


def is_news(message: Message, names: Names) -> bool:
    """Whether an IAX2 registration has changed: which one, and how, only a listing tells."""
    return bool(names.iax2) and message.get("Event") == "Registry" and message.get("ChannelType") == "IAX2"


async def sights(link: AmiLink, site: Site) -> dict[str, Sight]:
    """Every trunk that is no PJSIP trunk and is watched at all. Raises AmiError."""
    found: dict[str, Sight] = {}
    iax2 = [trunk for trunk in site.trunks if trunk.watch is WatchKind.IAX2]
    if iax2:
        found |= iax2_sights(await _listed(link, "IAXpeerlist"), await _listed(link, "IAXregistry"), iax2)
    devices = {trunk.peer: trunk.name for trunk in site.trunks if trunk.watch is WatchKind.DEVICE}
    states = await device_states(link, devices)
    return found | {devices[device]: Sight(contact=state) for device, state in states.items()}


async def _listed(link: AmiLink, action: str) -> list[Message]:
    """Nothing where Asterisk has no chan_iax2."""
    try:
        return await link.collect(action)
    except AmiRefused:
        return []


def iax2_sights(
    peers: Iterable[Message], registrations: Iterable[Message], trunks: Iterable[TrunkSite]
) -> dict[str, Sight]:
    """From IAXpeerlist and IAXregistry. A peer that is not listed is none that Asterisk knows."""
    entries = {item.get("ObjectName", ""): item for item in peers if item.get("Event") == "PeerEntry"}
    registered = [item for item in registrations if item.get("Event") == "RegistryEntry"]
    found = {}
    for trunk in trunks:
        entry = entries.get(trunk.peer)
        sight = Sight(contact=INVALID) if entry is None else _peer(entry)
        mine = None if entry is None else _registration(entry, registered)
        if mine is not None:
            # It is tried again for ever, every 50 s: nothing of it is ever given up.
            sight = replace(sight, registration=_state(mine), timing=Timing(_NEVER, _NEVER, _NEVER))
        found[trunk.name] = sight
    return found


def _peer(entry: Message) -> Sight:
    status = _STATUS.fullmatch(entry.get("Status", ""))
    word, ms = (status[1], status[2]) if status else ("", None)
    if not entry.get("IPaddress", "")[:1].isalnum():
        return Sight(contact=seen.NO_CONTACT)
    word = {"UNKNOWN": "Unknown", "": "Unknown"}.get(word, word)
    address = entry.get("IPaddress", "")
    peer = Host(address.lower(), port=True) if address_in(address) else None
    return Sight(contact=word, rtt_us=int(ms) * 1000 if ms else None, peer=peer)


def _registration(entry: Message, registrations: list[Message]) -> Message | None:
    """The one to the peer's address; of several, the one under the peer's user name."""
    host = f"{entry.get('IPaddress', '')}:{entry.get('Port', '')}"
    there = [item for item in registrations if item.get("Host") == host]
    same = [item for item in there if item.get("Username") in (entry.get("ObjectUsername"), entry.get("ObjectName"))]
    return next(iter(same or (there if len(there) == 1 else [])), None)


def _state(registration: Message) -> str:
    """While a request is under way: whether the registrar has us by the last one."""
    state = registration.get("State", "")
    if state not in _PENDING:
        return REFUSED if state == "Rejected" else state
    return REGISTERED if registration.get("Perceived", "")[:1].isalnum() else UNREGISTERED


async def device_states(link: AmiLink, devices: Iterable[str]) -> dict[str, str]:
    """By device, in Asterisk's words; one that cannot be asked for is left out. Raises AmiError when nothing was sent.

    Asked for one by one: a listing would have every device of the PBX in it.
    """
    devices = tuple(devices)
    if not devices:
        return {}
    answers = await link.act_all([("Getvar", {"Variable": f"DEVICE_STATE({device})"}) for device in devices])
    known = zip(devices, answers, strict=True)
    return {device: answer["Value"] for device, answer in known
            if not isinstance(answer, AmiError) and answer.get("Value")}  # fmt: skip


async def ask(link: AmiLink, phones: Iterable[str]) -> None:
    """Asterisk shall probe these phones now; those that are not PJSIP it probes by itself alone. Raises nothing."""
    endpoints = [phone.partition("/")[2] for phone in phones if phone.startswith("PJSIP/")]
    if endpoints:
        try:
            await link.act_all([("PJSIPQualify", {"Endpoint": endpoint}) for endpoint in endpoints])
        except AmiError:
            return
