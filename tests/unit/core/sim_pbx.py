"""An Asterisk that exists in simulated time only: trunks that can fail by method, an AstDB, and a dialplan that judges.

It answers what the core asks for as a real one was seen to (FACTS: OPTIONS shows as a changed round trip time, a silent
contact turns Unreachable after qualify_timeout, a REGISTER without an answer takes 32 s to show as Rejected, and 403 is
never tried again).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from router.core import evidence as seen
from router.core.evidence import Sight
from router.core.peer import Host
from router.core.plan import VERSION, Plan
from router.core.registration import BEFORE_EXPIRY, REGISTERED, Timing
from router.core.signals import Table
from router.core.site import Site, Way

QUALIFY_TIMEOUT = 3.0
TIMER_F = 32.0
NO_ANSWER = 0


@dataclass
class SimTrunk:
    """`loses`: so many of the next probes get no answer. `delay`: seconds from an INVITE to ringing.

    `refuses`: the SIP status that REGISTER is answered with; NO_ANSWER: it gets none, though OPTIONS does. `grants`:
    the seconds that a registration is granted; None: those that were asked for.
    """

    silent: bool = False
    loses: int = 0
    refuses: int | None = None
    grants: float | None = None
    rtt: float = 0.01
    delay: float = 0.1
    qualified: bool = True
    registers: bool = True
    contact: str | None = seen.REACHABLE
    registration: str = REGISTERED
    timing: Timing = field(default_factory=Timing)
    registrations: int = 0
    answers: int = 0
    host: Host | None = None

    @property
    def renewed_after(self) -> float:
        """Seconds from one good REGISTER to the next."""
        return (self.grants or self.timing.expiration) - BEFORE_EXPIRY

    def answers_probe(self) -> bool:
        if self.loses:
            self.loses -= 1
            return False
        return not self.silent

    def sight(self, at: float) -> Sight:
        return Sight(
            contact=self.contact,
            rtt_us=int(self.rtt * 1e6) + self.answers % 7 if self.contact == seen.REACHABLE else None,
            registration=self.registration if self.registers else None,
            timing=self.timing if self.registers else None,
            peer=self.host,
        )


@dataclass
class SimPbx:
    """`now` functions take Unix seconds by Asterisk's clock.

    `leaves_silent_legs`: it is no Asterisk 16.
    """

    site: Site
    trunks: dict[str, SimTrunk]
    heads: dict[str, str] = field(default_factory=dict)
    plans: dict[int, dict[str, str]] = field(default_factory=dict)
    refuses_writes: bool = False
    answers_wrongly: bool = False
    leaves_silent_legs: bool = True
    written: list[int] = field(default_factory=list)
    lamp: bool | None = None
    fates: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, site: Site) -> SimPbx:
        return cls(site, {t.name: SimTrunk() for t in site.trunks}, phones=dict.fromkeys(site.phones, "NOT_INUSE"))

    def apply(self, plan: Plan, writer: str, now: float) -> tuple[bool, bool]:
        if self.refuses_writes:
            return False, False
        self.plans[plan.id] = dict(plan.entries)
        self.heads |= {"current": str(plan.id), "writer": writer, "version": VERSION, "lease": str(int(now) + 60)}
        self.written.append(plan.id)
        return True, not self.answers_wrongly

    def table(self, now: float, plan: int | None = None) -> Table:
        current = int(self.heads["current"]) if "current" in self.heads else None
        lease = self.heads.get("lease")
        return Table(
            now=now,
            current=current,
            writer=self.heads.get("writer"),
            lease=float(lease) if lease else None,
            version=self.heads.get("version"),
            order=self.heads.get("order"),
            spent=self.heads.get("spent"),
            lamp=self.lamp,
            entries=dict(self.plans.get(plan or current or 0, {})),
        )

    def renew(self, writer: str, now: float) -> None:
        if self.heads.get("writer") == writer:
            self.heads["lease"] = str(int(now) + 60)

    def wipe(self) -> None:
        self.heads.clear()
        self.plans.clear()

    def outbound(self, now: float) -> list[tuple[str, float]]:
        """The trunks that a call takes, each with its patience; while nobody vouches, all, as in the settings."""
        table = self.table(now)
        order = (table.entries or {}).get("out") if table.version == VERSION and (table.lease or 0) > now else None
        items = order.split("&") if order else [f"{trunk.name}:12" for trunk in self.site.trunks]
        return [(item.partition(":")[0], float(item.partition(":")[2])) for item in items]

    def dials(self, number: str | None, now: float) -> str:
        """*28, or *28 with a number's place, at a desk phone: the order as it stands in the table from now on."""
        word = self._word(number or self.site.numbers[0].number, now)
        what = ("auto" if word == "mobile" else "mobile") + (f",{number}" if number else "")
        millis = int(now * 1000)
        while (order := f"{what}@{millis // 1000}.{millis % 1000:03}") in self._orders():
            millis += 1
        self.heads["order"] = "&".join([*self._orders(), order])
        self.lamp = any(self.way(number.number, now) is not Way.OFFICE for number in self.site.numbers)
        return order

    def take_out(self, fates: Sequence[tuple[str, str]]) -> None:
        """Those orders and no other; what their phones are told is in `fates`."""
        gone = dict(fates)
        left = [order for order in self._orders() if order not in gone]
        self.heads["order"] = "&".join(left)
        if not left:
            del self.heads["order"]
        self.fates |= gone

    def _orders(self) -> list[str]:
        return [order for order in self.heads.get("order", "").split("&") if order]

    def way(self, number: str, now: float, *, asked: bool = False) -> Way:
        """Where the dialplan sends a call: by staff's word, else the router's while it vouches, else its own judgement.

        `asked`: what it answers to the router's question, which is about the plan alone.
        """
        word = self._word(number, now, asked=asked)
        if word:
            return Way(word)
        table = self.table(now)
        row = self._row(number, now)
        if row and table.lease is not None and table.lease > now:
            return Way(row[0])
        own = self.trunks[self.site.number(number).trunk]
        return Way.MOBILE if own.contact == seen.UNREACHABLE else Way.OFFICE

    def _row(self, number: str, now: float) -> list[str]:
        table = self.table(now)
        row = (table.entries or {}).get(number, "").split("|") if table.version == VERSION else []
        return row if len(row) == 5 else []

    def _word(self, number: str, now: float, *, asked: bool = False) -> str:
        """Staff's word; what a desk phone said, and the router has not taken out, is the newest."""
        for order in () if asked else reversed(self._orders()):
            mode, _, whose = order.partition("@")[0].partition(",")
            if whose in ("", number):
                if mode == "auto":
                    return ""
                if mode in ("mobile", "office"):
                    return mode
        row = self._row(number, now)
        if row and row[1] and (not row[2] or int(row[2]) > now):
            return row[1]
        return ""
