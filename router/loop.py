"""One inbox, one writer: takes an input, asks the core, performs the effects, keeps the one timer."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar, assert_never

import structlog

from router.core.effects import (
    ApplyPlan,
    ClearCall,
    ClearOrder,
    Effect,
    KeepCall,
    LookAround,
    MoveOn,
    Probe,
    Record,
    Remember,
    Reply,
    Reregister,
    RingOnce,
    RingTold,
    SetLamp,
    Survey,
    WakeAt,
)
from router.core.office import Office
from router.core.orders import Override
from router.core.react import react
from router.core.rung import Rung, RungHow
from router.core.sentence import say
from router.core.signals import At, CallKept, Input, LegBegan, LegEnded, LegMoved, LegSpoke, Ordered, RingWanted, Tick
from router.ports import Fate, Hands, Journal

log = structlog.get_logger(__name__)

PATIENCE_WITH_AN_ORDER = 3.0
PATIENCE_WITH_A_TEST_RING = 60.0
"""More than the core has, which always answers: for a loop that has ended meanwhile."""
T = TypeVar("T")
_UNSEEN = (Tick, LegBegan, LegSpoke, LegEnded, LegMoved)
"""Inputs that change nothing a person would see, unless something is done about them."""


def _answer(waiting: dict[str, asyncio.Future[T]], ticket: str, answer: T) -> None:
    """To whoever still waits."""
    future = waiting.pop(ticket, None)
    if future is not None and not future.done():
        future.set_result(answer)


class Loop:
    """Holds the office, and is the only one to change it. `post` may be called from the event loop's thread only."""

    def __init__(
        self, office: Office, journal: Journal, wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        watching: Callable[[Input, At], None] = lambda said, at: None,
    ) -> None:  # fmt: skip
        """`watching` sees every input that was taken; it must not block."""
        self._office = office
        self._journal = journal
        self._wall = wall
        self._watching = watching
        self._inbox: asyncio.Queue[Input] = asyncio.Queue()
        self._hands: Hands | None = None
        self._eyes: Hands | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._fates: dict[str, asyncio.Future[Fate]] = {}
        self._rungs: dict[str, asyncio.Future[Rung]] = {}
        self._changed = asyncio.Event()
        self._closed = False

    @property
    def office(self) -> Office:
        return self._office

    def post(self, said: Input) -> None:
        """Put an input into the inbox."""
        self._inbox.put_nowait(said)

    async def run(self, hands: Hands, eyes: Hands | None = None) -> None:
        """Until cancelled. An input that the core cannot take is logged and left out; the next one is taken.

        `eyes` perform LookAround, `hands` what is done on the PBX.
        """
        self._hands, self._eyes = hands, eyes
        try:
            while True:
                self._take(await self._inbox.get())
        finally:
            self.close()

    def close(self) -> None:
        """Ends every stream of changes; waiting orders are left to what they were told last."""
        self._closed = True
        self._tell()
        if self._timer is not None:
            self._timer.cancel()

    def _take(self, said: Input) -> None:
        at = At(asyncio.get_running_loop().time(), self._wall())
        try:
            self._office, effects = react(self._office, said, at)
        except Exception:
            log.exception("an input could not be taken", input=type(said).__name__)
            self._wake_at(at.mono + 1.0)
            return
        self._show(said, at)
        for effect in effects:
            self._perform(effect, at)
        if not isinstance(said, _UNSEEN) or len(effects) > 1:  # time alone may have changed a state too
            self._tell()

    def _show(self, said: Input, at: At) -> None:
        """Who only watches must not hold up what is done."""
        try:
            self._watching(said, at)
        except Exception:
            log.exception("an input could not be watched", input=type(said).__name__)

    def _perform(self, effect: Effect, at: At) -> None:
        match effect:
            case WakeAt():
                self._wake_at(effect.mono)
            case Record():
                self._journal.note(at.wall, effect)
                log.info(str(effect.text), kind=effect.kind.value)
            case Remember():
                self._journal.remember(effect.overrides)
            case KeepCall():
                self._journal.keep(effect.call, partial(self.post, CallKept(effect.call.id, effect.slot)))
            case Reply():
                _answer(self._fates, effect.ticket, Fate(effect.verified, effect.why))
            case RingTold():
                _answer(self._rungs, effect.ticket, effect.rung)
            case (
                ApplyPlan() | Probe() | Survey() | Reregister() | ClearOrder() | SetLamp() | ClearCall() | MoveOn()
                | RingOnce()
            ):  # fmt: skip
                if self._hands is not None:
                    self._hands.perform(effect)
            case LookAround():
                if self._eyes is not None:
                    self._eyes.perform(effect)
            case _:
                assert_never(effect)

    def _wake_at(self, mono: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_at(mono, self.post, Tick())

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def order(self, override: Override, origin: str = "") -> Fate:
        """Give staff's word to the core and wait for the verified switch, three seconds at most."""
        ticket = secrets.token_hex(8)
        fate: asyncio.Future[Fate] = asyncio.get_running_loop().create_future()
        self._fates[ticket] = fate
        self.post(Ordered(override, ticket, origin))
        try:
            async with asyncio.timeout(PATIENCE_WITH_AN_ORDER):
                return await fate
        except TimeoutError:
            return Fate(False, say("Stored. The PBX has not confirmed it yet."))
        finally:
            self._fates.pop(ticket, None)

    async def ring(self, number: str) -> Rung:
        """Ring `number` (E.164) once for a test; lasts as long as that does, 50 seconds at most. Raises nothing."""
        ticket = secrets.token_hex(8)
        rung: asyncio.Future[Rung] = asyncio.get_running_loop().create_future()
        self._rungs[ticket] = rung
        self.post(RingWanted(number, ticket))
        try:
            async with asyncio.timeout(PATIENCE_WITH_A_TEST_RING):
                return await rung
        except TimeoutError:
            return Rung(RungHow.FAILED, say("The router did not say what became of the test ring."))
        finally:
            self._rungs.pop(ticket, None)

    async def changes(self) -> AsyncIterator[Office]:
        """The office now and after each input; a slow reader misses some, never the latest."""
        while not self._closed:
            changed = self._changed
            yield self._office
            await changed.wait()
