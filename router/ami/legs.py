"""What AMI says of the legs of calls: who began one, in whose name, which one speaks, which one is over."""

from __future__ import annotations

from dataclasses import replace

from router.ami.translate import Names, forged
from router.ami.wire import Message
from router.core.signals import CallWentThrough, LegBegan, LegEnded, LegSpoke

_OURS = "failover-"
"""How the contexts of our dialplan begin: only there a leg that is ended is followed by the next trunk."""


def leg(message: Message, names: Names) -> LegBegan | LegSpoke | LegEnded | None:
    """What an event says of one leg over a trunk; None where it says nothing of any."""
    event = message.get("Event", "")
    channel = message.get("Channel" if event == "Hangup" else "DestChannel", "")
    name = names.trunk_of(channel)
    if name is None or forged(message):
        return None
    match event:
        case "DialBegin" if message.get("Context", "").startswith(_OURS):
            return LegBegan(channel, name, message.get("DialString", ""), message.get("Uniqueid", ""))
        case "DialState":
            return LegSpoke(channel)
        case "DialEnd" | "Hangup":
            return LegEnded(channel)
    return None


class Named:
    """In whose name calls go out, and to whom. Our dialplan tells it when a leg begins; what is heard comes later.

    A caller's channel has one leg at a time. Of more than `MOST` callers the oldest are forgotten: their calls then
    have no name.
    """

    MOST = 1000

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, str, str]] = {}

    def told(self, message: Message) -> None:
        """After a FailoverName of the dialplan."""
        caller, number = message.get("Uniqueid", ""), message.get("Number", "")
        self._names.pop(caller, None)
        if caller and number and not forged(message):
            self._names[caller] = (message.get("Trunk", ""), number[:20], message.get("To", "")[:40])
            if len(self._names) > self.MOST:
                del self._names[next(iter(self._names))]

    def add(self, said: CallWentThrough, message: Message) -> CallWentThrough:
        """With the number in whose name the call goes, and the one called, where that is known."""
        trunk, number, to = self._names.get(message.get("Uniqueid", ""), ("", "", ""))
        return said if said.inbound or trunk != said.trunk else replace(said, number=number, to=to)


def is_leg(channel: str, trunk: str, names: Names) -> bool:
    """Whether this is the name of one channel over that trunk, and nothing that Hangup takes for a pattern."""
    return names.trunk_of(channel) == trunk and channel.rpartition("-")[2].isalnum()
