"""Outbound calls in simulated time: one leg after the other, as our dialplan on a real Asterisk dials them.

Seen there: a contact held for Unreachable gets no INVITE, and nothing is said of a leg; a lost INVITE is repeated
(RFC 3261, timer A); a silent leg ends after its patience, or after 32 s (timer B), and the dialplan tells how it ended.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from router.core import evidence as seen
from router.core.signals import CallFailed, CallWentThrough, Input, LegBegan, LegEnded, LegSpoke
from tests.unit.core.sim_pbx import TIMER_F, SimPbx

REPEATED = (0.0, 0.5, 1.5, 3.5, 7.5, 15.5)
"""Seconds after which an INVITE is sent again until it is answered."""
UNTIL_ANSWERED = 2.0


@dataclass
class SimLeg:
    channel: str
    trunk: str
    heard: bool = False
    over: bool = False


@dataclass(eq=False)
class SimCall:
    """`tried`: the trunks, in order. `rings`: the one by which it rings; None with `lost`: by none."""

    caller: str
    number: str
    order: list[tuple[str, float]]
    legs: list[SimLeg] = field(default_factory=list)
    rings: str | None = None
    lost: bool = False

    @property
    def tried(self) -> list[str]:
        return [leg.trunk for leg in self.legs]


class SimCalls:
    """`say` takes what Asterisk tells of calls, `later` lets something happen after so many seconds."""

    def __init__(
        self, pbx: SimPbx, say: Callable[[Input], None], later: Callable[[float, Callable[[], object]], None]
    ) -> None:
        self._pbx, self._say, self._later = pbx, say, later
        self._serial = count(1)
        self.legs: dict[str, tuple[SimCall, SimLeg]] = {}

    def dial(self, number: str, now: float) -> SimCall:
        """By the table's order; an emergency number by all trunks in theirs, 4 s each and then 12 s each."""
        order = self._pbx.outbound(now)
        if number in self._pbx.site.emergency:
            order = [(trunk.name, wait) for wait in (4.0, 12.0) for trunk in self._pbx.site.trunks]
        call = SimCall(f"call-{next(self._serial)}", number, order)
        self._next(call)
        return call

    def hang_up(self, channel: str, trunk: str) -> bool:
        """As the hands do it: that leg alone, and only while nothing is heard of it. Whether it was ended."""
        assert channel.startswith(f"PJSIP/{trunk}-")
        call, leg = self.legs[channel]
        if leg.heard or leg.over:
            return False
        self._ends(call, leg)
        return True

    def _next(self, call: SimCall) -> None:
        while len(call.legs) < len(call.order):
            trunk, patience = call.order[len(call.legs)]
            leg = SimLeg(f"PJSIP/{trunk}-{next(self._serial):08x}", trunk)
            call.legs.append(leg)
            if self._pbx.trunks[trunk].contact != seen.UNREACHABLE:
                return self._begins(call, leg, patience)
            leg.over = True
            self._says_how_it_ended(call, leg, "none")
        call.lost = True
        return None

    def _begins(self, call: SimCall, leg: SimLeg, patience: float) -> None:
        self.legs[leg.channel] = (call, leg)
        self._say(LegBegan(leg.channel, leg.trunk, f"{call.number}@{leg.trunk}", call.caller))
        reached: list[bool] = []

        def sent() -> None:
            trunk = self._pbx.trunks[leg.trunk]
            if not (reached or leg.over or trunk.silent):
                reached.append(True)
                self._later(trunk.delay, lambda: self._rings(call, leg))

        for wait in REPEATED:
            self._later(wait, sent)
        self._later(patience if self._pbx.leaves_silent_legs else TIMER_F, lambda: self._ends(call, leg))

    def _rings(self, call: SimCall, leg: SimLeg) -> None:
        if leg.over or self._pbx.trunks[leg.trunk].silent:
            return
        leg.heard, call.rings = True, leg.trunk
        self._say(LegSpoke(leg.channel))
        self._say(CallWentThrough(leg.trunk, inbound=False))
        self._later(UNTIL_ANSWERED, lambda: self._answers(leg))

    def _answers(self, leg: SimLeg) -> None:
        self._say(LegEnded(leg.channel))
        self._say(CallWentThrough(leg.trunk, inbound=False))

    def _ends(self, call: SimCall, leg: SimLeg) -> None:
        if leg.over or leg.heard:
            return
        leg.over = True
        self._say(LegEnded(leg.channel))
        self._says_how_it_ended(call, leg, "silence")
        self._next(call)

    def _says_how_it_ended(self, call: SimCall, leg: SimLeg, word: str) -> None:
        if call.number not in self._pbx.site.emergency:
            own = (site.number for site in self._pbx.site.numbers if site.trunk == leg.trunk)  # what an extension shows
            self._say(CallFailed(leg.trunk, word, call.caller, next(own, ""), call.number))
