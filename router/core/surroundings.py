"""What lies around the PBX: the way out, the name service, the internet, as the last looks found them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

SLOW_NAME = 1.5
"""Seconds from which on a name counts as slow to look up: SIP repeats a request after half a second."""


OWN_FILE = "/etc/hosts"
"""In place of name servers: the name is known on this machine, and nobody was asked."""


class Ending(StrEnum):
    """How one question ended."""

    OK = "answered"
    SILENT = "no answer in time"
    REFUSED = "refused"
    UNREACHABLE = "no way there"
    TLS = "answered, but could not prove who it is"
    BROKEN = "answered something else"
    NAME = "its name could not be looked up"
    NO_SUCH_NAME = "no such name"
    NO_ADDRESS = "a name without an address"
    SERVER_FAILED = "the name service failed"
    NO_SERVER = "no name service is set"


@dataclass(frozen=True, slots=True)
class Reach:
    """One target asked. `at`: when that ended. `status`: of HTTP, 0 where none.

    `address`: where it was tried, empty where nowhere. `remembered`: the name could not be looked up, and its last
    known address was tried. `why`: what TLS did not like.
    """

    target: str
    ending: Ending
    seconds: float
    at: datetime
    status: int = 0
    address: str = ""
    remembered: bool = False
    why: str = ""

    @property
    def answered(self) -> bool:
        """Whether something out there answered, be it a refusal. Who cannot prove who it is may sit in our own line."""
        return self.ending in (Ending.OK, Ending.REFUSED, Ending.BROKEN)


@dataclass(frozen=True, slots=True)
class Lookup:
    """One name looked up at `servers`. `addresses`: a few of those found."""

    name: str
    ending: Ending
    seconds: float
    at: datetime
    servers: str = ""
    addresses: tuple[str, ...] = ()

    @property
    def slow(self) -> bool:
        return self.ending is Ending.OK and self.seconds >= SLOW_NAME


@dataclass(frozen=True, slots=True)
class Exit:
    """One default route: the network card, whether it has a link (None: not known), our address and the gateway's.

    `ending`: whether the gateway is there. OK: it answered or refused. UNREACHABLE: the network finds nobody at its
    address. SILENT: neither. A route without a gateway (`gateway` empty: PPP, a tunnel) leaves nobody to ask: SILENT.
    """

    card: str
    gateway: str
    ending: Ending
    seconds: float
    at: datetime
    link: bool | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """One look around. `began`: monotonic seconds. `exits` empty: there is no default route; None: not known.

    `unlinked`: network cards without a link, where there is no default route. `unrouted`: addresses of trunks to which
    this machine knows no way at all.
    """

    began: float
    at: datetime
    exits: tuple[Exit, ...] | None = None
    targets: tuple[Reach, ...] = ()
    names: tuple[Lookup, ...] = ()
    unlinked: tuple[str, ...] = ()
    unrouted: tuple[str, ...] = ()

    def name(self, name: str) -> Lookup | None:
        return next((lookup for lookup in self.names if lookup.name == name), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a target, or a name, has shown since the router started: what it is worth once it is dead.

    `good`: it was well, and nothing has spoken against it since. `vain`: it is dead though the internet works: since
    when, in monotonic seconds. `exposed`: it has been so for too long to count, and that has been told.
    """

    good: bool = False
    vain: float | None = None
    exposed: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`standings`: of targets, by their text, and of names. `asked`: when the last look was asked for, in monotonic
    seconds; `under_way`: it is not back yet.

    `weighed`: from what the blames in force were made; `weigh_at`: not to be weighed again before, in monotonic
    seconds, where only trunks have changed; `stale`: they have.
    """

    look: Look | None = None
    standings: Mapping[str, Standing] = field(default_factory=dict)
    asked: float = field(default=float("-inf"))
    under_way: bool = False
    weighed: tuple[object, ...] | None = None
    weigh_at: float = 0.0
    stale: bool = False
