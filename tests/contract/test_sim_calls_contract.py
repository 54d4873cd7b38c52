"""The simulated calls that the core is played against: what is heard of them is what a real Asterisk with our dialplan
and the router's own hands tell, in the same order."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from router.ami.link import Account
from router.ami.pbx import Pbx
from router.core.effects import MoveOn
from router.core.legs import may_be_emergency
from router.core.signals import CallFailed, CallWentThrough, Connected, Input, LegBegan, LegEnded, LegMoved, LegSpoke
from router.core.site import Site
from router.settings import load
from router.site_of import site_of
from tests.lab.fixtures import lab, standing_lab
from tests.lab.lab import Lab
from tests.lab.polled import polled
from tests.lab.router import NUMBER, Router
from tests.unit.core.sim_calls import SimCalls
from tests.unit.core.sim_pbx import SimPbx

__all__ = ["lab", "standing_lab"]
pytestmark = pytest.mark.lab

OUTSIDE, OUTSIDE_E164 = "030777", "+4930777"
TOLD = (LegBegan, LegSpoke, LegEnded, LegMoved, CallFailed, CallWentThrough)


@dataclass
class Office:
    """What both can do; `said` is what the core would hear."""

    site: Site
    said: list[Input]
    dial: Callable[[str], None]
    perform: Callable[[MoveOn], None]
    silent: Callable[[], AbstractContextManager[None]]
    until: Callable[[Callable[[], object]], Awaitable[object]]
    rest: Callable[[float], Awaitable[object]]

    def heard(self, kind: type) -> list[Input]:
        return [said for said in self.said if isinstance(said, kind)]

    def story(self) -> list[str]:
        """What was heard, a word each: of one leg's several ends and signs only the first, and no word of the hands."""
        trunks = {began.channel: began.trunk for began in self.said if isinstance(began, LegBegan)}
        words = []
        for said in self.said:
            if isinstance(said, TOLD) and not isinstance(said, LegMoved):
                trunk = said.trunk if hasattr(said, "trunk") else trunks.get(said.channel, "?")
                word = f"{type(said).__name__} {trunk}"
                words += [word] if word not in words else []
        return words


@pytest.fixture(params=("fake", "real"))
async def office(request: pytest.FixtureRequest, lab: Lab, tmp_path: Path) -> AsyncIterator[Office]:
    product = Router(lab, tmp_path)
    try:
        await product.wire_office()
        lab.office.wipe_astdb_family()
        settings = load(product.config)
        site, said = site_of(settings), []
        if request.param == "fake":
            yield _simulated(site, said)
            return
        pbx = Pbx(Account(lab.office.address, 5038, "failover", settings.secret()), site, "check", said.append)
        running = asyncio.create_task(pbx.run())
        try:
            await polled("connected", lambda: [word for word in said if isinstance(word, Connected)], within=5)

            async def until(condition: Callable[[], object]) -> object:
                return await polled("it is so", condition, within=5)

            yield Office(
                site, said, lambda number: void(lab.desk.dials(number)), pbx.perform, lab.telekom.silent, until,
                asyncio.sleep,
            )  # fmt: skip
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    finally:
        product.close()


def void(_: object) -> None: ...


@dataclass
class Clock:
    """Simulated time."""

    now: float = 0.0
    _queue: list[tuple[float, int, Callable[[], object]]] = field(default_factory=list)
    _order: count = field(default_factory=count)

    def later(self, seconds: float, happening: Callable[[], object]) -> None:
        heapq.heappush(self._queue, (self.now + seconds, next(self._order), happening))

    def step(self, end: float) -> bool:
        if not self._queue or self._queue[0][0] > end:
            self.now = end
            return False
        self.now, _, happening = heapq.heappop(self._queue)
        happening()
        return True


def _simulated(site: Site, said: list[Input]) -> Office:
    pbx, clock = SimPbx.of(site), Clock()
    calls = SimCalls(pbx, said.append, clock.later)

    def perform(effect: MoveOn) -> None:
        done = calls.hang_up(effect.channel, effect.trunk)
        said.append(LegMoved(effect.channel, effect.trunk, effect.silence, done))

    @contextmanager
    def silent() -> AbstractContextManager[None]:
        pbx.trunks["telekom"].silent = True
        yield
        pbx.trunks["telekom"].silent = False

    async def until(condition: Callable[[], object]) -> object:
        end = clock.now + 5
        while not (found := condition()):
            assert clock.step(end), "it is so"
        return found

    async def rest(seconds: float) -> None:
        end = clock.now + seconds
        while clock.step(end):
            pass

    def dial(number: str) -> None:
        calls.dial(number if number in site.emergency else OUTSIDE_E164, 0)

    return Office(site, said, dial, perform, silent, until, rest)


async def test_a_leg_that_is_moved_on_ends_is_told_as_a_fault_of_the_same_caller_and_the_next_one_rings(
    office: Office,
) -> None:
    with office.silent():
        office.dial(OUTSIDE)
        [leg] = await office.until(lambda: office.heard(LegBegan))
        await office.rest(2.1)  # the dialplan counts whole seconds, and calls it silence from the second one on
        assert isinstance(leg, LegBegan)
        assert leg.dialled == f"{OUTSIDE_E164}@telekom"
        office.perform(MoveOn(leg.channel, "telekom", 2.1))
        await office.until(lambda: len(office.heard(CallWentThrough)) == 2)
    assert office.story() == [
        "LegBegan telekom", "LegEnded telekom", "CallFailed telekom",
        "LegBegan zweit", "LegSpoke zweit", "CallWentThrough zweit", "LegEnded zweit",
    ]  # fmt: skip
    assert office.heard(LegMoved) == [LegMoved(leg.channel, "telekom", 2.1, done=True)]
    assert office.heard(CallFailed) == [CallFailed("telekom", "silence", leg.caller, NUMBER, OUTSIDE_E164)]
    assert leg.caller


async def test_a_leg_that_rings_stays(office: Office) -> None:
    office.dial(OUTSIDE)
    [spoke] = await office.until(lambda: office.heard(LegSpoke))
    assert isinstance(spoke, LegSpoke)
    office.perform(MoveOn(spoke.channel, "telekom", 1.0))
    [moved] = await office.until(lambda: office.heard(LegMoved))
    assert moved == LegMoved(spoke.channel, "telekom", 1.0, done=False)
    await office.until(lambda: len(office.heard(CallWentThrough)) == 2)
    assert office.story() == ["LegBegan telekom", "LegSpoke telekom", "CallWentThrough telekom", "LegEnded telekom"]


async def test_a_leg_to_an_emergency_number_is_known_as_one_and_no_fault_is_told_of_it(office: Office) -> None:
    with office.silent():
        office.dial("112")
        await office.until(lambda: office.heard(LegSpoke))
    assert [story for story in office.story() if "CallFailed" in story] == []
    for leg in office.heard(LegBegan):
        assert isinstance(leg, LegBegan)
        assert may_be_emergency(leg.dialled, office.site.trunk(leg.trunk), office.site.emergency)


@pytest.mark.parametrize("office", ["real"], indirect=True)
async def test_by_explicit_uri_it_is_known_as_one_too(lab: Lab, office: Office) -> None:
    async with lab.office.thinks_unreachable():
        office.dial("112")
        [leg] = await office.until(lambda: office.heard(LegBegan))
        assert isinstance(leg, LegBegan)
        assert leg.dialled.startswith("telekom/sip:112@")
        assert may_be_emergency(leg.dialled, office.site.trunk("telekom"), office.site.emergency)
