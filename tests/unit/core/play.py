"""Plays: what is said to the core and what it does about it, in simulated time.

`Play` does the duty of the loop and of the hands: keeps the one timer, answers probes, surveys and plans from a
`SimPbx`. Whatever is played, it holds the core to its contract: one wake-up, never in the past; no trunk probed twice
at once; plan ids that only grow.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from router.core import evidence as seen
from router.core import signals
from router.core.effects import (
    ApplyPlan,
    ClearOrder,
    Effect,
    Kind,
    LookAround,
    MoveOn,
    Probe,
    Record,
    Remember,
    Reply,
    Reregister,
    SetLamp,
    Spoken,
    Survey,
    WakeAt,
)
from router.core.office import Office, opened
from router.core.orders import Mode, Override, Overrides
from router.core.plan import Plan
from router.core.react import react
from router.core.registration import REGISTERED
from router.core.sentence import say
from router.core.site import Site, WatchKind, Way
from router.core.surroundings import Ending, Look
from tests.unit.core.offices import MORNING, NUMBER, site
from tests.unit.core.sim_calls import SimCall, SimCalls
from tests.unit.core.sim_pbx import NO_ANSWER, QUALIFY_TIMEOUT, TIMER_F, SimPbx

AMI = 0.002
"""Seconds of one round over AMI."""
PUT_OFF = 9.0
"""Seconds by which Asterisk puts off a REGISTER that it was asked for: by chance, up to ten."""


class Play:
    """One router before one PBX. Times are seconds since the curtain rose."""

    doubtful = False
    """Whether each answer is compared with what a core that remembers nothing of its own work would have said."""

    def __init__(self, about: Site | None = None, pbx: SimPbx | None = None, writer: str = "router-1") -> None:
        self.site = about or site()
        self.pbx = pbx or SimPbx.of(self.site)
        self.writer = writer
        self.now = 0.0
        self.wall_ahead = timedelta()
        self.connected = False
        self.memory: Overrides = ()
        self.lines: list[tuple[float, Record]] = []
        self.plans: list[tuple[float, Plan]] = []
        self.probes: list[tuple[float, str]] = []
        self.answers: dict[str, list[tuple[float, float, bool]]] = {}
        self.surveys: list[tuple[float, Survey]] = []
        self.replies: dict[str, Reply] = {}
        self.moves: list[tuple[float, MoveOn]] = []
        self.revivals: list[tuple[float, str]] = []
        self.looks: list[tuple[float, LookAround]] = []
        self.weather: Callable[[float], Look] = lambda began: Look(began, self.wall)
        self.calls = SimCalls(self.pbx, self._hears, lambda wait, what: self.later(wait, what, whoever=True))
        self._last_moment = 0.0
        self._order = count()
        self._queue: list[tuple[float, int, int, Callable[[], object]]] = []
        self._life = 0
        self._boot()
        for name, trunk in self.pbx.trunks.items():
            if trunk.registers and trunk.registration == REGISTERED:
                self.later(trunk.renewed_after, self._next_register(name), whoever=True)

    def _boot(self) -> None:
        self._life += 1
        self.office: Office = opened(self.site, self.writer, self.wall)
        self._timer: float | None = None
        self._probing: dict[str, float] = {}
        self._looking = False
        self._waiting_plan: Plan | None = None
        self._writing = False
        self._last_plan = 0

    @property
    def wall(self) -> datetime:
        return MORNING + timedelta(seconds=self.now) + self.wall_ahead

    @property
    def epoch(self) -> float:
        return self.wall.timestamp()

    # --- the loop ---------------------------------------------------------------------------------------------------

    def say(self, said: signals.Input) -> tuple[Effect, ...]:
        """Give one input to the core and perform what it wants done."""
        before, at = self.office, signals.At(self.now, self.wall)
        self.office, effects = react(before, said, at)
        if self.doubtful:
            self._would_do_the_same(before, said, at, effects)
        wakes = [effect for effect in effects if isinstance(effect, WakeAt)]
        assert len(wakes) == 1, "exactly one wake-up"
        assert wakes[0].mono >= self.now, "never in the past"
        self._timer = wakes[0].mono
        for effect in effects:
            self._perform(effect)
        return effects

    def _would_do_the_same(self, before: Office, said: signals.Input, at: signals.At, did: tuple[Effect, ...]) -> None:
        """What is remembered from one input to the next saves work and nothing else: all is judged and made anew."""
        anew, effects = react(replace(before, basis=None, written=None, rests={}), said, at)
        assert _beside_words(effects) == _beside_words(did)
        assert anew.decisions == self.office.decisions
        assert anew.table == self.office.table
        healths = {name: trunk.health for name, trunk in anew.trunks.items()}
        assert healths == {name: trunk.health for name, trunk in self.office.trunks.items()}

    def run(self, seconds: float) -> Play:
        """Let time pass."""
        end, standing = self.now + seconds, 0
        while True:
            standing = standing + 1 if self.now == self._last_moment else 0
            self._last_moment = self.now
            assert standing < 200, "time must pass: nothing may be done again and again at one moment"
            due = self._queue[0][0] if self._queue else float("inf")
            timer = self._timer if self._timer is not None else float("inf")
            if min(due, timer) > end:
                self.now = end
                return self
            if due <= timer:
                self.now, _, life, happening = heapq.heappop(self._queue)
                if life in (0, self._life):
                    happening()
            else:
                self.now, self._timer = timer, None
                self.say(signals.Tick())

    def run_until(self, true: Callable[[], bool], within: float, step: float = 0.01) -> float:
        """Let time pass until something is true; the seconds that took. Fails when it never came."""
        began = self.now
        while not true():
            assert self.now - began <= within, f"not within {within} s"
            self.run(step)
        return self.now - began

    def later(self, seconds: float, happening: Callable[[], object], whoever: bool = False) -> None:
        """`whoever`: it happens in the PBX, whichever router lives by then."""
        heapq.heappush(self._queue, (self.now + seconds, next(self._order), 0 if whoever else self._life, happening))

    # --- the hands --------------------------------------------------------------------------------------------------

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Probe():
                self._probe(effect)
            case Survey():
                assert self.connected
                self.surveys.append((self.now, effect))
                self.later(AMI, lambda: self._survey(effect))
            case ApplyPlan():
                assert self.connected, "blind moves nothing"
                assert effect.plan.id > max(self._last_plan, int(self.pbx.heads.get("current", 0))), "ids only grow"
                self._last_plan = effect.plan.id
                self.plans.append((self.now, effect.plan))
                self._waiting_plan = effect.plan
                if not self._writing:
                    self._writing = True
                    self.later(AMI, self._write)
            case Reregister():
                assert self.connected, "blind asks for nothing"
                self.revivals.append((self.now, effect.trunk))
                self.later(AMI, lambda: self.registers_anew(effect.trunk), whoever=True)
            case MoveOn():
                assert self.connected, "blind moves nothing"
                self.moves.append((self.now, effect))
                self.later(AMI, lambda: self._move_on(effect), whoever=True)
            case ClearOrder():
                for order in [order for order, spoken in effect.fates if spoken is Spoken.ON]:
                    number = order.partition("@")[0].partition(",")[2]
                    about = [number] if number else [number.number for number in self.site.numbers]
                    ways = {self.pbx.way(each, self.epoch, asked=True) for each in about}
                    assert Way.MOBILE in ways, "a phone is told only what is so"
                self.later(AMI, lambda: self.pbx.take_out(effect.fates), whoever=True)
            case LookAround():
                self._look(effect)
            case SetLamp():
                self.pbx.lamp = effect.lit
            case Record():
                self.lines.append((self.now, effect))
            case Remember():
                self.memory = effect.overrides
            case Reply():
                assert effect.ticket not in self.replies, "an order is answered once"
                self.replies[effect.ticket] = effect
            case _:
                pass

    def _probe(self, effect: Probe) -> None:
        assert effect.trunk not in self._probing, "no trunk is probed twice at once"
        assert self.connected
        name, sent = effect.trunk, self.now
        self.probes.append((sent, name))
        self._probing[name] = sent
        trunk = self.pbx.trunks[name]
        answered = not seen.is_absent(trunk.contact) and trunk.answers_probe()
        wait = min(trunk.rtt, effect.patience) if answered else effect.patience
        if answered and trunk.qualified:
            self.later(trunk.rtt, lambda: self._becomes(name, seen.REACHABLE), whoever=True)
        elif trunk.qualified:
            self.later(QUALIFY_TIMEOUT, lambda: self._times_out(name), whoever=True)
        seen_in_time = answered and trunk.rtt <= effect.patience

        def result() -> None:
            if self._probing.get(name) == sent:
                del self._probing[name]
                trunk.answers += seen_in_time
                self.answers.setdefault(name, []).append((sent, self.now, seen_in_time))
                self.say(signals.Probed(name, sent, seen_in_time and trunk.qualified, trunk.sight(self.now)))

        self.later(wait, result)

    def _look(self, effect: LookAround) -> None:
        """What `weather` says is found; where it is dark, only when patience has ended. One at a time."""
        if self._looking:
            return
        self.looks.append((self.now, effect))
        self._looking = True
        look = self.weather(self.now)
        dark = any(reach.ending is not Ending.OK for reach in look.targets)

        def result() -> None:
            self._looking = False
            self.say(signals.LookedAround(look))

        self.later(2.0 if dark else 0.1, result)

    def _move_on(self, effect: MoveOn) -> None:
        done = self.calls.hang_up(effect.channel, effect.trunk)
        self._hears(signals.LegMoved(effect.channel, effect.trunk, effect.silence, done))

    def _hears(self, said: signals.Input) -> None:
        """What Asterisk says of calls."""
        if self.connected:
            self.say(said)

    def _times_out(self, name: str) -> None:
        if self.pbx.trunks[name].silent:
            self._becomes(name, seen.UNREACHABLE)

    def _becomes(self, name: str, contact: str) -> None:
        trunk = self.pbx.trunks[name]
        if trunk.contact in (contact, seen.NO_CONTACT, None):
            return
        trunk.contact = contact
        if self.connected:
            self.say(signals.ContactSaid(name, contact, trunk.sight(self.now).rtt_us))

    def _survey(self, effect: Survey) -> None:
        if not self.connected:
            return
        unprobed = {trunk.name for trunk in self.site.trunks if trunk.watch is not WatchKind.PJSIP}
        sights = {
            name: trunk.sight(self.now)
            for name, trunk in self.pbx.trunks.items()
            if trunk.registers or name in unprobed
        }
        table = self.pbx.table(self.epoch, effect.current)
        if effect.renew:
            self.pbx.renew(self.writer, self.epoch)
        self.say(signals.Surveyed(sights, table, effect.current, dict(self.pbx.phones)))

    def _write(self) -> None:
        plan, self._waiting_plan = self._waiting_plan, None
        self._writing = False
        if plan is None:
            return
        if not self.connected:
            self.say(
                signals.Applied(plan.id, False, False, say("The PBX did not take it: {error}", error="no connection"))
            )
            return
        stored, verified = self.pbx.apply(plan, self.writer, self.epoch)
        why = None if verified else say("The route table could not be written: AstDB gives back something else.")
        self.say(signals.Applied(plan.id, stored, verified, why, AMI))

    # --- what can happen --------------------------------------------------------------------------------------------

    def connect(self) -> Play:
        """AMI is back: list first, then watch."""
        self.connected = True
        self._probing.clear()
        sights = {name: trunk.sight(self.now) for name, trunk in self.pbx.trunks.items()}
        self.say(signals.Connected("22.10.1", sights, self.pbx.table(self.epoch), dict(self.pbx.phones)))
        return self

    def lose_ami(self) -> Play:
        self.connected = False
        under_way, self._probing = self._probing, {}
        self.say(signals.Disconnected(say("We do not see the PBX: {reason}", reason="connection lost")))
        for name, sent in under_way.items():
            self.say(signals.Probed(name, sent, False, None))
        return self

    def restart_router(self, database: bool = True) -> Play:
        """kill -9 and start again, with the same id; the PBX has noticed nothing."""
        self.connected = False
        self._boot()
        if database:
            self.say(signals.Remembered(self.memory))
        return self.connect()

    def registers(self, name: str) -> None:
        """Asterisk sends REGISTER now; the answer, or its lack, shows as in Asterisk, and so does the next one."""
        trunk = self.pbx.trunks[name]
        trunk.registrations += 1
        this = trunk.registrations
        if trunk.silent or trunk.refuses == NO_ANSWER:
            wait, status, again = TIMER_F, "Rejected", trunk.timing.retry
        elif trunk.refuses is None:
            wait, status, again = trunk.rtt, REGISTERED, trunk.renewed_after
        else:
            forbidden = trunk.refuses < 500
            wait, status, again = trunk.rtt, "Rejected", trunk.timing.forbidden if forbidden else trunk.timing.retry

        self.later(wait, lambda: self._told_of_register(name, this, status, again), whoever=True)

    def registers_anew(self, name: str) -> None:
        """PJSIPRegister, as the hands send it: never where it is registered. It unregisters first (seen on Asterisk
        22): refused for now or unanswered, this puts the REGISTER off; refused for good it does not."""
        trunk = self.pbx.trunks[name]
        if trunk.registration != "Rejected":
            return
        trunk.registrations += 1
        this, tries = trunk.registrations, trunk.timing
        if trunk.silent or trunk.refuses == NO_ANSWER:
            self.later(TIMER_F, lambda: self._told_of_register(name, this, "Rejected", tries.retry), whoever=True)
        elif trunk.refuses is None:
            self.later(trunk.rtt, lambda: self._told_of_register(name, this, "Unregistered", PUT_OFF), whoever=True)
        else:
            again = tries.retry if trunk.refuses >= 500 else tries.forbidden or PUT_OFF
            self.later(trunk.rtt, lambda: self._told_of_register(name, this, "Rejected", again), whoever=True)

    def _told_of_register(self, name: str, this: int, status: str, again: float) -> None:
        trunk = self.pbx.trunks[name]
        if trunk.registrations != this:
            return
        trunk.registration = status
        if again:
            self.later(again, self._next_register(name), whoever=True)
        if self.connected:
            self.say(signals.RegistrationSaid(name, status))

    def _next_register(self, name: str) -> Callable[[], object]:
        this = self.pbx.trunks[name].registrations
        return lambda: self.pbx.trunks[name].registrations == this and self.registers(name)

    def call_fails(self, name: str, code: str = "503", times: int = 1, number: str = "", to: str = "") -> Play:
        for _ in range(times):
            self.say(signals.CallFailed(name, code, number=number, to=to))
        return self

    def call_goes_through(self, name: str, inbound: bool = False, number: str | None = None, to: str = "") -> Play:
        self.say(signals.CallWentThrough(name, inbound, number, to))
        return self

    def dials(self, number: str = "+4930777") -> SimCall:
        """A desk phone calls out."""
        return self.calls.dial(number, self.epoch)

    def phone(self, device: str, state: str, noticed: bool = True) -> Play:
        """Its device state changes; not `noticed`: the event is missed."""
        self.pbx.phones[device] = state
        if self.connected and noticed:
            self.say(signals.PhoneSaid(device, state))
        return self

    def order(
        self, mode: Mode, number: str | None = None, until: datetime | None = None, ticket: str | None = None,
        by: str = "anna", reason: str | None = None,
    ) -> Play:  # fmt: skip
        word = Override(mode, self.wall, by, number=number, until=until, reason=reason)
        self.say(signals.Ordered(word, ticket))
        return self

    def presses_28(self, number: str | None = None) -> str:
        """*28 at a desk phone, or *281, *282 … for a number; the order. A router in sight hears of it at once."""
        order = self.pbx.dials(number, self.epoch)
        if self.connected:
            self.later(AMI, lambda: self._survey(Survey(None, renew=False)))
        return order

    def told_phone(self, order: str) -> str | None:
        """What the phone that dialled it hears; None: nothing yet."""
        return self.pbx.fates.get(order)

    # --- what can be seen -------------------------------------------------------------------------------------------

    def state(self, name: str = "telekom") -> str:
        return self.office.trunks[name].health.state.value

    def why(self, name: str = "telekom") -> str:
        return str(self.office.trunks[name].why)

    def way(self, number: str = NUMBER) -> Way:
        """Where the dialplan sends a call to `number` now."""
        return self.pbx.way(number, self.epoch)

    def sentence(self, number: str = NUMBER) -> str:
        return str(next(d.why for d in self.office.decisions if d.number == number))

    def reachable(self, number: str = NUMBER) -> str:
        return next(d.reachable.value for d in self.office.decisions if d.number == number)

    def told(self, kind: Kind | None = None, since: float = 0.0) -> list[str]:
        return [str(line.text) for at, line in self.lines if at >= since and kind in (None, line.kind)]

    def plans_since(self, moment: float) -> list[Plan]:
        return [plan for at, plan in self.plans if at >= moment]


def _beside_words(effects: tuple[Effect, ...]) -> list[Effect]:
    """The effects; of the journal's lines all but their sentences, which may tell of the second before."""
    nothing = say("")
    return [replace(effect, text=nothing) if isinstance(effect, Record) else effect for effect in effects]
