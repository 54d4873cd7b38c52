"""What the demo says on the terminal: one line per event, with the time of day and who it is about."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

_started = time.time()


class _Clock:
    zone: tzinfo = UTC


_clock = _Clock()


def keep_time_of(zone: str) -> None:
    """From now on `tell` says the time as the office has it, as its page does. `zone`: an IANA name."""
    _clock.zone = ZoneInfo(zone)


def say(*lines: str) -> None:
    print(*lines, sep="\n", flush=True)  # noqa: T201 - the one place where the demo prints


def tell(who: str, what: str) -> None:
    say(f"{datetime.now(_clock.zone):%H:%M:%S}  {who:<22} {what}")


def block(*lines: str) -> None:
    """Lines that must not be missed."""
    rule = "-" * max(len(line) for line in lines)
    say("", rule, *lines, rule, "")


def seconds_since_make() -> float:
    """Since `make demo` was entered, set-up included; since the start of this process, where make did not start it."""
    return time.time() - float(os.environ.get("FAILOVER_DEMO_BEGUN") or _started)
