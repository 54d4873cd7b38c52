"""The link against a fake Asterisk: it reads what Asterisk has before it is ready, and anew when need be."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from router.ami.link import LinkState
from tests.contract.fake_ami import FakeAmi
from tests.contract.running_link import QUICK, RunningLink


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as pbx:
        yield pbx


async def test_ready_comes_after_fullybooted_and_after_the_reading(pbx: FakeAmi) -> None:
    pbx.booted = False
    order: list[str] = []
    async with RunningLink(pbx.port, deadlines=replace(QUICK, booted_grace=60)) as running:

        async def sync() -> None:
            order.append("sync")
            await running.link.act("Ping")

        running.sync = sync  # type: ignore[method-assign]
        running.on_event = lambda message: order.append(message["Event"])
        await running.until(lambda: running.link.state is LinkState.SYNCING)
        pbx.event("Registry")
        pbx.event("FullyBooted")
        await running.ready()
        assert order == ["Registry", "FullyBooted", "sync"]


async def test_each_connection_waits_for_its_own_fullybooted(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port, deadlines=replace(QUICK, booted_grace=60)) as running:
        await running.ready()
        pbx.booted = False
        pbx.session.cut()
        await running.lost()
        await running.until(lambda: running.link.state is LinkState.SYNCING)
        await running.link.act("Ping")
        assert (running.link.state, running.syncs) == (LinkState.SYNCING, 1)
        pbx.event("FullyBooted")
        await running.ready()


async def test_an_account_that_never_sees_fullybooted_is_read_after_a_grace(pbx: FakeAmi) -> None:
    pbx.booted = False
    async with RunningLink(pbx.port) as running:
        await running.ready()
        assert running.syncs == 1
        pbx.event("FullyBooted")
        await running.until(lambda: running.syncs == 2)


@pytest.mark.parametrize("event", ["FullyBooted", "Reload"])
async def test_a_reload_or_boot_makes_the_link_read_again_and_stay_ready(pbx: FakeAmi, event: str) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        pbx.event(event)
        await running.until(lambda: running.syncs == 2)
        assert running.told[-1][0] is LinkState.READY


async def test_a_reload_during_the_reading_makes_it_happen_once_more_before_ready(pbx: FakeAmi) -> None:
    readings: list[int] = []
    async with RunningLink(pbx.port) as running:

        async def sync() -> None:
            if running.syncs == 1:
                pbx.event("Reload")
                await running.link.act("Ping")

        def told(state: LinkState, reason: str) -> None:
            if state is LinkState.READY:
                readings.append(running.syncs)

        running.sync = sync  # type: ignore[method-assign]
        running.link._on_state = told
        await running.until(lambda: running.syncs == 2)
        await running.link.act("Ping")
        assert readings == [2]


async def test_a_reading_that_fails_costs_the_connection_and_is_tried_anew(
    pbx: FakeAmi, caplog: pytest.LogCaptureFixture
) -> None:
    async with RunningLink(pbx.port, deadlines=replace(QUICK, sync=0.2)) as running:

        async def sync() -> None:
            match running.syncs:
                case 1:
                    await running.link.act("NoSuch")
                case 2:
                    raise LookupError("a fault of ours")
                case 3:
                    await asyncio.Event().wait()

        running.sync = sync  # type: ignore[method-assign]
        await running.ready()
        assert len(pbx.sessions) == 4
        reasons = [reason for state, reason in running.told if state is LinkState.DOWN]
        assert reasons[0].startswith("could not read what Asterisk has: Asterisk refused NoSuch")
        assert reasons[1:] == ["fault in the router: LookupError", "could not read what Asterisk has within 0.2 s"]
        assert "a fault of ours" in caplog.text


async def test_a_listener_of_states_that_raises_stops_nothing(pbx: FakeAmi, caplog: pytest.LogCaptureFixture) -> None:
    async with RunningLink(pbx.port) as running:

        def stumbles(state: LinkState, reason: str) -> None:
            raise LookupError("a fault of the listener")

        running.link._on_state = stumbles
        await pbx.until(lambda: pbx.logins)
        await running.until(lambda: running.link.state is LinkState.READY or running.syncs)
        assert (await running.link.act("Ping"))["Ping"] == "Pong"
        assert "a fault of the listener" in caplog.text


async def test_version_is_that_of_the_greeting_while_connected(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port) as running:
        assert running.link.version is None
        await running.ready()
        assert running.link.version == "11.0.0"
    assert running.link.version is None
