"""A flood of AMI events: those of a real call, said again and again, each time of new channels; and what it delays."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router, trunk
from tests.lab.running import state

A_SECOND = 5000
AGAIN = {"rise_seconds": 1, "rise_max_seconds": 1, "max_switches_per_hour": 1000}
"""A policy that lets a trunk fall again and again; what makes it fall is as by default."""
_OURS = (b"Event: UserEvent", b"Response:")
_UNIQUE = re.compile(rb"(?m)^(.*(?:Uniqueid|Linkedid|UniqueId): .*?)(\d+)\r$")
_CHANNEL = re.compile(rb"(?m)^(\w*Channel\w*: [^\r]+-)[0-9a-f]{8}((?:;\d)?)\r$")


async def recorded_call(lab: Lab, router: Router) -> list[bytes]:
    """What Asterisk says of one call from a carrier to the desk, with `%d` for what is another's in another call.

    As the router gets it, by its own filter; without what the product's dialplan reports, and without what is no event.
    """
    router.ami.recording = []
    call = lab.zweit.calls(NUMBER)
    await call.answered()
    call.hangup()
    await polled("no channel is left", lambda: not lab.office.channels(), within=5)
    said, router.ami.recording = router.ami.recording, None
    events = [message for message in said if not message.startswith(_OURS) and b"hannel: " in message]
    return [_CHANNEL.sub(rb"\g<1>f%d\2\r", _UNIQUE.sub(rb"\g<1>9%d\r", event)) for event in events]


async def verdict_after(lab: Lab, router: Router, within: float = 15.0) -> float:
    """Seconds from a cut, just after an answered probe, to `down` in the status; then the trunk is back up again."""
    before = trunk(await router.status(), "telekom")["rtt_ms"]
    await router.wait_for(lambda s: trunk(s, "telekom")["rtt_ms"] != before, within=within)
    with lab.telekom.silent():
        cut = time.monotonic()
        await router.wait_for(lambda s: state(s, "telekom") == "down", within=within)
        took = time.monotonic() - cut
    await router.wait_for(lambda s: state(s, "telekom") == "up", within=60)
    return took


async def resident_while(router: Router, seconds: float, every: float = 5.0) -> list[float]:
    """The router's memory in MB, looked at until so many seconds are over."""
    end, seen = time.monotonic() + seconds, []
    while time.monotonic() < end:
        await asyncio.sleep(every)
        seen.append(resident(router.pid))
    return seen


def resident(pid: int) -> float:
    """Its resident memory in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
