"""The whole office as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from router.core import held
from router.core.blame import Held
from router.core.budget import Budget
from router.core.decision import Decision, View, decide
from router.core.facts import Troubles
from router.core.health import Verdict
from router.core.legs import Legs
from router.core.on_duty import Duty
from router.core.one_number import OneNumber
from router.core.orders import Override, Overrides
from router.core.plan import Plan
from router.core.rest import Rests
from router.core.sentence import Sentence, say
from router.core.site import Site
from router.core.surroundings import Surroundings
from router.core.trunk import Trunk

UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Pbx:
    """Whether Asterisk is in sight. `since`: of the last change; `seen_at`: last time it was in sight, None never."""

    connected: bool = False
    refused: bool = False
    version: str | None = None
    why: Sentence = field(default_factory=lambda: say("Not connected to Asterisk yet."))
    since: datetime | None = None
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """The plan last handed out and what became of it.

    `under_way`: its result is awaited. `proven`: the entries as they were last verified. `in_force`: the entries that
    AstDB holds as far as we know. `retry_at`: monotonic seconds. `doubted`: the last plan of which the result is known
    could not be verified; it stays so while the next one is under way.
    """

    plan: Plan | None = None
    under_way: bool = False
    stored: bool = False
    verified: bool = False
    proven: Mapping[str, str] = field(default_factory=dict)
    in_force: Mapping[str, str] = field(default_factory=dict)
    why: Sentence = field(default_factory=lambda: say("The PBX has not been asked yet."))
    since: datetime | None = None
    retry_at: float | None = None
    doubted: bool = False
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Phone:
    """An office phone. `state`: of its device, in Asterisk's words; None: not known.

    `since` and `changed`: when it was last found reachable or not, as wall time and in monotonic seconds. `met`: it was
    reachable at some time since the PBX came into sight.
    """

    state: str | None = None
    since: datetime | None = None
    changed: float = 0.0
    met: bool = False

    @property
    def unheard_of(self) -> bool:
        """Asterisk knows no such device."""
        return self.state == held.INVALID

    @property
    def reachable(self) -> bool | None:
        """None: not known, or a word that we do not know."""
        if held.says(self.state, Verdict.GOOD):
            return True
        return False if self.state in (UNAVAILABLE, held.INVALID) else None


@dataclass(frozen=True, slots=True)
class Behind:
    """Whether none of a number's office phones has been reachable for so long that its calls leave.

    `returned`: when they came back within the hour before they left last, in monotonic seconds.
    """

    away: bool = False
    since: datetime | None = None
    returned: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialled:
    """One order of a desk phone: as it stands in the table, and as it was taken up; None where nothing came of it."""

    text: str
    word: Override | None


@dataclass(frozen=True, slots=True)
class Trial:
    """The test ring under way. `until`: monotonic seconds at which nothing is expected of the PBX any more."""

    ticket: str
    number: str
    until: float


@dataclass(frozen=True, slots=True)
class Office:
    """`writer` is our own instance id, `other_writer` that of a router which holds the table: then this one only reads.

    `survey_due` and `lease_renewed` are monotonic seconds; `survey_due` None while a survey is under way.
    `waiting`: tickets of orders whose plan is not verified yet. `arrivals`: when a call to a number last came by the
    trunk that is the number's own. `dialled`: what desk phones asked for, as it was last found in the table; `lowered`:
    what of it was taken out since. `lamp`: whether the desk phones' lamp is lit, as it was last read or told. `legs`:
    those that have shown no sign of life yet. `numbers`: by their own calls, those of which any has been seen.
    `phones`: the office phones by device; `behind`: how they stand, by published number. `around`: what the last look
    around found. `troubles`: what is wrong though no trunk is. `blames`: by trunk, whose fault its trouble is.
    `duty`: who is on duty; `site` names those as the people of the numbers.
    `trial`: the test ring under way; `trials`: when those of the last hour were begun, in monotonic seconds.
    `basis`: what the decisions rest on, None where they are to be made anew; `table`: the entries as they should be,
    and `written` what they were made from. `rests`: the trunks as they were last judged.
    """

    site: Site
    writer: str
    trunks: Mapping[str, Trunk]
    overrides: Overrides = ()
    decisions: tuple[Decision, ...] = ()
    pbx: Pbx = field(default_factory=Pbx)
    route: Route = field(default_factory=Route)
    next_plan: int = 1
    other_writer: str | None = None
    restored: bool = False
    connected_at: float = 0.0
    survey_due: float | None = None
    lease_renewed: float = 0.0
    waiting: tuple[str, ...] = ()
    dialled: tuple[Dialled, ...] = ()
    lowered: frozenset[str] = frozenset()
    lamp: bool | None = None
    budget: Budget = field(default_factory=Budget)
    arrivals: Mapping[str, datetime] = field(default_factory=dict)
    legs: Legs = field(default_factory=dict)
    numbers: Mapping[str, OneNumber] = field(default_factory=dict)
    phones: Mapping[str, Phone] = field(default_factory=dict)
    behind: Mapping[str, Behind] = field(default_factory=dict)
    around: Surroundings = field(default_factory=Surroundings)
    troubles: Troubles = field(default_factory=Troubles)
    blames: Mapping[str, Held] = field(default_factory=dict)
    duty: Duty = field(default_factory=Duty)
    trial: Trial | None = None
    trials: tuple[float, ...] = ()
    basis: tuple[object, ...] | None = field(default=None, compare=False)
    written: tuple[object, ...] | None = field(default=None, compare=False)
    table: Mapping[str, str] = field(default_factory=dict, compare=False)
    rests: Rests = field(default_factory=dict, compare=False)

    @property
    def alone(self) -> frozenset[str]:
        """The published numbers that fail alone."""
        return frozenset(number for number, known in self.numbers.items() if known.alone)

    @property
    def view(self) -> View:
        if self.pbx.connected:
            if self.other_writer:
                return View.READ_ONLY
            return View.UNVERIFIED if self.route.doubted else View.CLEAR
        return View.LOST if self.pbx.seen_at else View.NEVER


def opened(site: Site, writer: str, wall: datetime) -> Office:
    """An office before the first word from anywhere."""
    trunks = {trunk.name: Trunk(trunk, since=wall) for trunk in site.trunks}
    phones = {device: Phone(since=wall) for device in site.phones}
    return Office(site, writer, trunks, decisions=decide(site, trunks, (), wall, view=View.NEVER), phones=phones)
