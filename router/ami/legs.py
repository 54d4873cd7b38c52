"""What AMI says of the legs of calls: who began one, which one speaks, which one is over."""

from __future__ import annotations

from router.ami.translate import Names, forged
from router.ami.wire import Message
from router.core.signals import LegBegan, LegEnded, LegSpoke

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


def is_leg(channel: str, trunk: str, names: Names) -> bool:
    """Whether this is the name of one channel over that trunk, and nothing that Hangup takes for a pattern."""
    return names.trunk_of(channel) == trunk and channel.rpartition("-")[2].isalnum()
