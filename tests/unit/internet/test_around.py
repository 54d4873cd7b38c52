"""A whole look around, with every question on real sockets; and one that finds nothing but silence."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from router.core.effects import LookAround, WakeAt
from router.core.peer import Host
from router.core.signals import Input, LookedAround
from router.core.surroundings import OWN_FILE, Ending, Look
from router.internet import exits as ways
from router.internet.around import Around
from router.internet.deadlines import Deadlines
from router.internet.exits import Exits
from router.internet.hosts import Hosts
from router.internet.names import Names
from tests.unit.internet.listeners import Certificate, WebServer, black_hole, free_port
from tests.unit.internet.name_server import NameServer, fails, nothing

QUICK = Deadlines(name=0.5, connect=0.4, answer=0.6, remember=0.2)
CARRIER = Host("sip.carrier.test")
HOME = "Iface\tDest\tGateway\tFlags\tRef\tUse\tMetric\tMask\neth0\t0\t0100007F\t0003\t0\t0\t0\t0\t0\t0\t0\n"


class Scene:
    """An Around among servers of its own; its gateway is 127.0.0.1, by a network card with a link."""

    def __init__(self, web: WebServer, names: NameServer, certificate: Certificate, tmp_path: Path) -> None:
        self.web, self.names = web, names
        (tmp_path / "route").write_text(HOME)
        self.listener = f"tcp:127.0.0.1:{web.port}"
        self.targets = [f"https://example.test:{web.port}/", self.listener]
        self.options = {
            "names": Names([("127.0.0.1", names.port)]), "exits": Exits(tmp_path, lambda card: 0x43),
            "deadlines": QUICK, "context": certificate.trusted(),
        }  # fmt: skip
        self.inbox: asyncio.Queue[Input] = asyncio.Queue()
        self._around: Around | None = None

    @asynccontextmanager
    async def running(self, *targets: str) -> AsyncIterator[Around]:
        around = Around(targets or self.targets, self.inbox.put_nowait, **self.options)  # type: ignore[arg-type]
        task = asyncio.create_task(around.run())
        try:
            yield around
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def look(self, around: Around, *hosts: Host) -> Look:
        around.perform(LookAround(hosts))
        said = await asyncio.wait_for(self.inbox.get(), 5)
        assert isinstance(said, LookedAround)
        return said.look


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def scene(certificate: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    names = NameServer()
    async with WebServer().running(certificate.server) as web, names.running():
        names.zone = {("example.test", "A"): ["127.0.0.1"], ("sip.carrier.test", "A"): ["127.0.0.1"]}
        monkeypatch.setattr(ways, "PORTS", (free_port(),))
        yield Scene(web, names, certificate, tmp_path)


async def test_all_is_well(scene: Scene) -> None:
    before, mono = datetime.now(UTC), time.monotonic()
    async with scene.running() as around:
        look = await scene.look(around, CARRIER, Host("127.0.0.1", port=True))
    assert mono <= look.began <= time.monotonic()
    assert before <= look.at <= datetime.now(UTC)
    assert [(reach.target, reach.ending, reach.status, reach.remembered) for reach in look.targets] == [
        (f"https://example.test:{scene.web.port}", Ending.OK, 204, False), (scene.listener, Ending.OK, 0, False),
    ]  # fmt: skip
    assert {lookup.name: (lookup.ending, lookup.addresses) for lookup in look.names} == {
        "example.test": (Ending.OK, ("127.0.0.1",)), "sip.carrier.test": (Ending.OK, ("127.0.0.1",)),
    }  # fmt: skip
    assert {lookup.servers for lookup in look.names} == {f"127.0.0.1:{scene.names.port}"}
    assert look.exits is not None
    [exit_] = look.exits
    assert (exit_.card, exit_.gateway, exit_.ending, exit_.link, exit_.source) == (
        "eth0", "127.0.0.1", Ending.OK, True, "127.0.0.1"
    )  # fmt: skip
    assert look.unrouted == ()


async def test_a_dead_name_service_does_not_hide_that_the_internet_works(scene: Scene) -> None:
    """The target is tried where it was last; what was never known cannot be tried."""
    async with scene.running() as around:
        await scene.look(around, CARRIER)
        scene.names.odd[""] = nothing
        look = await scene.look(around, CARRIER)
        assert [(reach.ending, reach.remembered) for reach in look.targets] == [(Ending.OK, True), (Ending.OK, False)]
        assert {lookup.ending for lookup in look.names} == {Ending.SILENT}
    async with scene.running() as unknowing:
        look = await scene.look(unknowing)
        assert [reach.ending for reach in look.targets] == [Ending.NAME, Ending.OK]


async def test_the_carriers_name_service_alone(scene: Scene) -> None:
    scene.names.odd["carrier.test"] = fails("SERVFAIL")
    async with scene.running() as around:
        look = await scene.look(around, CARRIER)
    assert {lookup.name: lookup.ending for lookup in look.names} == {
        "example.test": Ending.OK, "sip.carrier.test": Ending.SERVER_FAILED,
    }  # fmt: skip


async def test_what_this_machine_knows_by_itself_is_asked_of_nobody(scene: Scene, tmp_path: Path) -> None:
    """The gateway in /etc/hosts, and localhost; the name service has never heard of them."""
    (tmp_path / "hosts").write_text("127.0.0.9 gsm-gateway sip.carrier.test\n")
    scene.options["hosts"] = Hosts(tmp_path / "hosts")
    async with scene.running(f"tcp:localhost:{scene.web.port}") as around:
        look = await scene.look(around, Host("gsm-gateway"), CARRIER)
    assert [(reach.ending, reach.address) for reach in look.targets] == [(Ending.OK, "127.0.0.1")]
    assert {lookup.name: (lookup.ending, lookup.addresses, lookup.servers) for lookup in look.names} == {
        "localhost": (Ending.OK, ("127.0.0.1", "::1"), OWN_FILE),
        "gsm-gateway": (Ending.OK, ("127.0.0.9",), OWN_FILE),
        "sip.carrier.test": (Ending.OK, ("127.0.0.9",), OWN_FILE),
    }
    assert scene.names.asked == []


async def test_how_slow_a_name_is(scene: Scene) -> None:
    scene.names.slow["carrier.test"] = 0.3
    async with scene.running() as around:
        look = await scene.look(around, Host("sip.carrier.test", port=True))
    found = look.name("sip.carrier.test")
    assert found is not None
    assert (found.ending, 0.3 <= found.seconds < 0.5) == (Ending.OK, True)


async def test_a_dead_line_takes_no_longer_than_the_deadlines(scene: Scene) -> None:
    """Targets in a black hole, a name service that says nothing: the loop runs on, and the look comes back."""
    with black_hole() as hole:
        targets = (f"https://example.test:{hole}/", f"tcp:127.0.0.1:{hole}")
        async with scene.running(*targets) as around:
            await scene.look(around)
            scene.names.odd[""] = nothing
            begun = time.monotonic()
            looking = asyncio.create_task(scene.look(around, CARRIER))
            longest = 0.0
            while not looking.done():
                before = time.monotonic()
                await asyncio.sleep(0.005)
                longest = max(longest, time.monotonic() - before)
            look = await looking
    assert [reach.ending for reach in look.targets] == [Ending.SILENT, Ending.SILENT]
    assert time.monotonic() - begun < QUICK.remember + QUICK.answer + 0.5
    assert longest < 0.25, f"the loop stood still for {longest:.3f} s"


async def test_one_look_at_a_time(scene: Scene) -> None:
    async with scene.running() as around:
        for _ in range(3):
            around.perform(LookAround())
        await asyncio.wait_for(scene.inbox.get(), 5)
        await asyncio.sleep(0)
        assert scene.inbox.empty()
        assert len(scene.web.requests) == 1


async def test_other_effects_are_none_of_its_business(scene: Scene) -> None:
    async with scene.running() as around:
        around.perform(WakeAt(1.0))
        assert (await scene.look(around)).targets[0].ending is Ending.OK


async def test_nothing_is_asked_where_nothing_lies_beyond_this_machine(scene: Scene, tmp_path: Path) -> None:
    """No target of the office's, and every trunk on loopback: no packet leaves, not even to the gateway."""
    nowhere = Around([], scene.inbox.put_nowait, **scene.options)  # type: ignore[arg-type]
    look = await scene.look(nowhere, Host("127.0.8.2", port=True))
    assert (look.exits, look.targets, look.names) == (None, (), ())
    async with scene.running(scene.listener) as here:
        look = await scene.look(here, Host("::1", port=True))
    assert (look.exits, [reach.ending for reach in look.targets]) == (None, [Ending.OK])
    async with scene.running(f"tcp:localhost:{scene.web.port}") as here:
        assert (await scene.look(here, Host("pbx.localhost"))).exits is None
    (tmp_path / "hosts").write_text("127.0.0.1 gsm\n192.0.2.50 gsm\n")
    scene.options["hosts"] = Hosts(tmp_path / "hosts")
    async with scene.running(scene.listener) as here:
        assert (await scene.look(here, Host("gsm"))).exits is not None
    assert scene.names.asked == []


async def test_a_fault_of_ours_still_ends_the_look(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("a fault")

    async with scene.running() as around:
        monkeypatch.setattr(around._exits, "routes", broken)
        look = await scene.look(around)
    assert (look.exits, look.targets) == (None, ())


async def test_stopped_in_the_middle_it_leaves_nothing_behind(scene: Scene) -> None:
    scene.web.wait = 30.0
    async with scene.running() as around:
        around.perform(LookAround((CARRIER,)))
        await asyncio.wait_for(scene.web.asked.wait(), 5)
        mine = asyncio.all_tasks()
    left = [task for task in mine & asyncio.all_tasks() if "Around" in repr(task) or "_lookup" in repr(task)]
    assert left == []
