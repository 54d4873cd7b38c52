"""The link against a fake Asterisk: how it logs in, comes back, and stops."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from router.ami.link import Account, AmiDown, AmiLink, Deadlines, LinkState
from tests.contract.fake_ami import FakeAmi, silence
from tests.contract.running_link import QUICK, RunningLink

NEVER = 60.0
PUT = {"Family": "failover", "Key": "plan", "Val": "7"}


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as pbx:
        yield pbx


# ---- login -----------------------------------------------------------------------------------------------------------


async def test_a_refused_login_is_a_state_of_its_own_and_is_tried_rarely(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port, secret="wrong") as running:
        await running.until(lambda: running.link.state is LinkState.REFUSED)
        assert running.told[-1] == (LinkState.REFUSED, "login refused by Asterisk: Authentication failed")
        with pytest.raises(AmiDown, match="login refused by Asterisk"):
            await running.link.act("DBPut", **PUT)
        await pbx.until(lambda: len(pbx.logins) == 3)
        assert all(later - earlier >= QUICK.refused for earlier, later in pairwise(pbx.logins))
        assert [state for state, _ in running.told] == [LinkState.CONNECTING, LinkState.REFUSED]
        pbx.secret = "wrong"  # the admin mends it
        await running.ready()


async def test_an_asterisk_that_vanishes_meanwhile_does_not_make_the_next_login_come_sooner(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port, secret="wrong") as running:
        await running.until(lambda: running.link.state is LinkState.REFUSED)
        await pbx.vanish()
        await running.until(lambda: running.told[-1] == (LinkState.DOWN, "connection refused"))
        await pbx.listen()
        await pbx.until(lambda: len(pbx.logins) == 2)
        assert pbx.logins[1] - pbx.logins[0] >= QUICK.refused


def test_by_default_a_refused_login_is_tried_once_a_minute_at_most() -> None:
    link = AmiLink(
        Account("127.0.0.1", 1, "u", "s"),
        on_event=lambda message: None,
        on_state=lambda state, reason: None,
        on_sync=lambda: asyncio.sleep(0),
        rng=lambda: 0.0,
    )
    assert all(link._pause(LinkState.REFUSED, failures) >= 60 for failures in range(100))


# ---- reconnecting ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_pauses_grow_from_a_quarter_second_to_two_and_are_spread(chance: float) -> None:
    link = AmiLink(
        Account("127.0.0.1", 1, "u", "s"),
        on_event=lambda message: None,
        on_state=lambda state, reason: None,
        on_sync=lambda: asyncio.sleep(0),
        rng=lambda: chance,
    )
    pauses = [link._pause(LinkState.DOWN, failures) for failures in range(2000)]
    spread = (1 + chance) / 2
    assert pauses[:5] == pytest.approx([0.25 * spread, 0.5 * spread, 1 * spread, 2 * spread, 2 * spread])
    assert pauses[-1] <= 2.0


async def test_a_port_that_refuses_is_not_hammered(pbx: FakeAmi) -> None:
    pbx.greeting = b"SSH-2.0-OpenSSH_9.2\r\n"
    async with RunningLink(pbx.port, deadlines=Deadlines()) as running:
        await asyncio.sleep(1.5)  # the time in which attempts are counted
        assert 2 <= len(pbx.sessions) <= 6
        assert running.told[-1] == (LinkState.DOWN, "what answers there is not Asterisk's manager interface")
        assert len(running.told) == 2  # the same trouble is told once


async def test_connections_that_die_young_are_not_hammered_either(pbx: FakeAmi) -> None:
    pbx.answers["CoreStatus"] = lambda session, action: session.cut()

    async with RunningLink(pbx.port, deadlines=Deadlines()) as running:
        running.sync = lambda: running.link.act("CoreStatus")  # type: ignore[method-assign,assignment,return-value]
        await asyncio.sleep(1.5)  # the time in which attempts are counted
        assert 2 <= len(pbx.logins) <= 6


async def test_a_stopped_link_leaves_no_task_no_socket_and_no_later_connection(pbx: FakeAmi) -> None:
    loop = asyncio.get_running_loop()
    tasks, sockets = asyncio.all_tasks(), _sockets()
    async with RunningLink(pbx.port) as running:
        await running.ready()
        pbx.answers["DBPut"] = silence
        put = asyncio.create_task(running.link.act("DBPut", deadline=NEVER, **PUT))
        await pbx.until(lambda: pbx.names() == ["DBPut"])
    assert running.task.cancelled()
    assert running.told[-1] == (LinkState.DOWN, "stopped")
    with pytest.raises(AmiDown):
        await put
    await asyncio.wait_for(pbx.session.gone.wait(), 1)
    assert asyncio.all_tasks() == tasks
    assert _sockets() == sockets
    assert not [timer for timer in loop._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
    await asyncio.sleep(0.2)  # many back-offs
    assert len(pbx.sessions) == 1


@pytest.mark.parametrize("moment", ["greeting", "login", "boot", "sync", "pause"])
async def test_a_link_can_be_stopped_at_any_moment(pbx: FakeAmi, moment: str) -> None:
    syncing = asyncio.Event()

    async def endless() -> None:
        syncing.set()
        await asyncio.Event().wait()

    match moment:
        case "greeting":
            pbx.greeting = b""
        case "login":
            pbx.answers["Login"] = silence
        case "boot":
            pbx.booted = False
        case "pause":
            await pbx.vanish()
    tasks, sockets = asyncio.all_tasks(), _sockets()
    async with RunningLink(pbx.port, deadlines=Deadlines(*[NEVER] * 10)) as running:
        running.sync = endless  # type: ignore[method-assign]
        match moment:
            case "greeting":
                await pbx.until(lambda: pbx.sessions)
            case "login":
                await pbx.until(lambda: pbx.received)
            case "boot":
                await running.until(lambda: running.link.state is LinkState.SYNCING)
            case "sync":
                await syncing.wait()
            case "pause":
                await running.down()
        await asyncio.wait_for(running.stop(), 1)
        for session in pbx.sessions:
            await asyncio.wait_for(session.gone.wait(), 1)
        assert asyncio.all_tasks() == tasks
        assert _sockets() == sockets


async def test_a_stop_in_the_moment_of_a_loss_is_not_swallowed(pbx: FakeAmi) -> None:
    for _ in range(20):
        async with RunningLink(pbx.port) as running:
            await running.ready()
            pbx.session.cut()
            for _ in range(3):
                await asyncio.sleep(0)
            await asyncio.wait_for(running.stop(), 1)
            assert running.task.cancelled()


def _sockets() -> int:
    gc.collect()
    return sum(path.is_socket() for path in Path("/proc/self/fd").iterdir())


async def test_dead_peers_are_also_known_to_the_kernel(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        connection = running.link._connection
        assert connection is not None
        assert connection._transport is not None
        sock = connection._transport.get_extra_info("socket")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 10
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
