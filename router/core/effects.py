"""What shall be done. The loop hands these to the adapters; each result comes back as an input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from router.core.calls import Call
from router.core.orders import Overrides
from router.core.peer import Host
from router.core.plan import Ask, Plan
from router.core.rung import Rung
from router.core.sentence import Sentence, Value


@dataclass(frozen=True, slots=True)
class ApplyPlan:
    plan: Plan


@dataclass(frozen=True, slots=True)
class Probe:
    """List the trunk's contacts, send each one OPTIONS, and tell after `patience` seconds whether an answer came."""

    trunk: str
    patience: float


@dataclass(frozen=True, slots=True)
class Survey:
    """List what is not probed, and read the table of plan `current`; renew the lease where `renew` says so.

    `asks`: what the dialplan is asked again, since a reload may have brought another one without a word. `phones`: the
    office phones that Asterisk shall probe now.
    """

    current: int | None
    renew: bool
    asks: tuple[Ask, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reregister:
    """Have Asterisk register the trunk anew, unless it is registered by now. Each result comes as RegistrationSaid."""

    trunk: str


class Spoken(StrEnum):
    """What a desk phone is told of its order: the names of prompts."""

    ON = "forwarding-on"
    OFF = "forwarding-off"
    SAVED = "saved"
    OVERRULED = "overruled"
    STRANGE = "no-such-number"


@dataclass(frozen=True, slots=True)
class MoveOn:
    """End the silent leg `channel`, so that its call goes on to the next trunk; not where it speaks by now.

    `silence`: seconds without a sign of life.
    """

    channel: str
    trunk: str
    silence: float


@dataclass(frozen=True, slots=True)
class ClearOrder:
    """Desk phones' orders have been heard: take these out of the table, and tell each phone what became of its own."""

    fates: tuple[tuple[str, Spoken], ...]


@dataclass(frozen=True, slots=True)
class SetLamp:
    """The desk phones' lamp (device state Custom:failover): lit while calls of any number go to the mobiles."""

    lit: bool


@dataclass(frozen=True, slots=True)
class KeepCall:
    """Write the call down. Once that is done, the input CallKept says so with the same `slot`."""

    call: Call
    slot: int | None


@dataclass(frozen=True, slots=True)
class ClearCall:
    """Take the call's row out of AstDB, if that slot still holds the call `id`."""

    id: str
    slot: int


@dataclass(frozen=True, slots=True)
class LookAround:
    """Ask gateway, name service and targets; `hosts` are those of the trunks: to be looked up where they are names."""

    hosts: tuple[Host, ...] = ()


@dataclass(frozen=True, slots=True)
class RingOnce:
    """Ring `number` for a test, over each trunk once at most; what came of it is told by RangOut.

    `over`: the trunks as the table has them; empty: as for outbound calls.
    """

    ticket: str
    number: str
    over: str = ""


@dataclass(frozen=True, slots=True)
class RingTold:
    """What came of a test ring, to whoever waits for it."""

    ticket: str
    rung: Rung


class Kind(StrEnum):
    TRANSITION = "transition"
    DECISION = "decision"
    ORDER = "order"
    SWITCH = "switch"
    PBX = "pbx"
    CALL = "call"
    PHONES = "phones"
    BLAME = "blame"
    DUTY = "duty"
    CALLBACK = "callback"
    OUTAGE = "outage"
    ACCOUNT = "account"
    ROUTER = "router"


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the journal. `data` keeps what a report needs beside the sentence."""

    kind: Kind
    text: Sentence
    trunk: str | None = None
    number: str | None = None
    by: str | None = None
    data: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep the overrides over restarts."""

    overrides: Overrides


@dataclass(frozen=True, slots=True)
class Reply:
    """The fate of an order: verified, or stored for later with the reason."""

    ticket: str
    verified: bool
    why: Sentence


@dataclass(frozen=True, slots=True)
class WakeAt:
    """The next moment (monotonic seconds) at which time alone changes something. Replaces the one before."""

    mono: float


Effect = (
    ApplyPlan | Probe | Survey | Reregister | MoveOn | ClearOrder | SetLamp | KeepCall | ClearCall | LookAround
    | RingOnce | RingTold | Record | Remember | Reply | WakeAt
)  # fmt: skip
