"""What can come in: signals from the PBX, orders by staff, ticks, and the results of effects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from router.core.calls import Call
from router.core.duty import Plan
from router.core.evidence import Sight
from router.core.orders import Override
from router.core.sentence import Sentence
from router.core.shifts import Shift
from router.core.surroundings import Look


@dataclass(frozen=True, slots=True)
class At:
    """When an input was taken: `mono` monotonic seconds (fall, rise, lease), `wall` aware in UTC (until, journal)."""

    mono: float
    wall: datetime


@dataclass(frozen=True, slots=True)
class Table:
    """What stands in AstDB; times are Unix seconds by Asterisk's clock.

    `entries`: the keys below failover/plan/<current>/. `lamp`: whether the desk phones' lamp is lit, None not known.
    """

    now: float
    current: int | None = None
    writer: str | None = None
    lease: float | None = None
    version: str | None = None
    order: str | None = None
    spent: str | None = None
    lamp: bool | None = None
    entries: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Connected:
    """The PBX was listed and its table read; from now on events are in order.

    `phones`: the office phones' device states in Asterisk's words; one that could not be asked for is not in it.
    """

    version: str
    sights: Mapping[str, Sight]
    table: Table
    phones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Disconnected:
    why: Sentence
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The round that goes with the probes: what is not probed listed anew, the table of plan `asked` read back.

    Of a PJSIP trunk only the registration is listed. `table` None: the PBX gave no answer. `phones` as in Connected.
    """

    sights: Mapping[str, Sight]
    table: Table | None
    asked: int | None
    phones: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Probed:
    """`sent` in monotonic seconds. `sight`: what was seen when patience ended; None: no word from the PBX."""

    trunk: str
    sent: float
    answered: bool
    sight: Sight | None


@dataclass(frozen=True, slots=True)
class ContactSaid:
    trunk: str
    contact: str
    rtt_us: int | None = None


@dataclass(frozen=True, slots=True)
class PhoneSaid:
    """An office phone's device state, in Asterisk's words: NOT_INUSE, INUSE, UNAVAILABLE …"""

    device: str
    state: str


@dataclass(frozen=True, slots=True)
class RegistrationSaid:
    trunk: str
    registration: str


@dataclass(frozen=True, slots=True)
class CallFailed:
    """A call that failed by the trunk's fault, as the dialplan's table of outcomes has it.

    `caller`: the unique id of the channel that wanted to be connected; empty where it is not known. `number`: the
    published number in whose name it went out; empty where that was none. `to`: the number called; empty as well.
    """

    trunk: str
    code: str
    caller: str = ""
    number: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class CallWentThrough:
    """`number`: the published number that an inbound call was for, or in whose name an outbound one went out, as the
    dialplan names it; None where it does not. `to`: the number called by an outbound one; empty where not known."""

    trunk: str
    inbound: bool
    number: str | None = None
    to: str = ""


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A call is over. `slot`: where its row stands in AstDB, None where that was not told."""

    call: Call
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class CallKept:
    """The journal has that call for good."""

    id: str
    slot: int | None = None


@dataclass(frozen=True, slots=True)
class LegBegan:
    """Our dialplan has sent an INVITE or the like over a trunk.

    `dialled`: what Dial() was given, without the technology. `caller`: as in CallFailed.
    """

    channel: str
    trunk: str
    dialled: str
    caller: str = ""


@dataclass(frozen=True, slots=True)
class LegSpoke:
    """It rings, or is heard before an answer."""

    channel: str


@dataclass(frozen=True, slots=True)
class LegEnded:
    """It is answered, or over."""

    channel: str


@dataclass(frozen=True, slots=True)
class LegMoved:
    """What became of MoveOn. `done` False: it stays, since it has spoken or is gone, or since AMI failed."""

    channel: str
    trunk: str
    silence: float
    done: bool


@dataclass(frozen=True, slots=True)
class Ordered:
    """Staff's word. `ticket` is answered by the effect Reply once the order's fate is known.

    `origin`: the network address it came from; empty where there is none, as from a desk phone.
    """

    override: Override
    ticket: str | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Remembered:
    """Overrides as the database has them, read once at the start."""

    overrides: tuple[Override, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a plan. `stored`: it is the current one; `verified`: the dialplan gave the right answers, too."""

    plan: int
    stored: bool
    verified: bool
    why: Sentence | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class LookedAround:
    """What the effect LookAround found."""

    look: Look


@dataclass(frozen=True, slots=True)
class DutySet:
    """The duty plan that holds from now on. `kept`: it stands in the database; else it is what the settings say."""

    plan: Plan
    kept: bool = True


@dataclass(frozen=True, slots=True)
class CalendarRead:
    """What the duty calendar at `source` says, which is the name of its host or file and holds no secret.

    `shifts` in order of their beginning, of the last day and the next weeks; where the source cannot be read, those of
    the last good text; None: there never was one. `trouble`: what is wrong with the source, or with single events;
    None: all is well. `read_at`: when that text was fetched. `failing_since`: since when the source cannot be read;
    None: it can. Moments are aware, in UTC.
    """

    source: str
    shifts: tuple[Shift, ...] | None
    trouble: Sentence | None = None
    read_at: datetime | None = None
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class RingWanted:
    """Somebody wants `number` (E.164) rung for a test. `ticket` is answered by the effect RingTold, exactly once."""

    number: str
    ticket: str


@dataclass(frozen=True, slots=True)
class RangOut:
    """What became of RingOnce. `ended`: how the last leg ended, as the dialplan tells it; `why`: what came before."""

    ticket: str
    ended: str
    why: Sentence | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """Only time has passed."""


Input = (
    Connected | Disconnected | Surveyed | Probed | ContactSaid | RegistrationSaid | PhoneSaid | CallFailed
    | CallWentThrough | CallEnded | CallKept | LegBegan | LegSpoke | LegEnded | LegMoved | Ordered | Remembered
    | Applied | LookedAround | DutySet | CalendarRead | RingWanted | RangOut | Tick
)  # fmt: skip
