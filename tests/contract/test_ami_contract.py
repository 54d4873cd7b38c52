"""What the link may count on from an Asterisk: the same promises, kept by the fake and by a real Asterisk 22."""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Protocol

import pytest

from router.ami.link import AmiDown, AmiError, AmiRefused, LinkState, Message
from tests.contract.fake_ami import FakeAmi
from tests.contract.running_link import QUICK, RunningLink
from tests.lab import chroot
from tests.lab.asterisk import Asterisk

USERNAME, SECRET = "failover", "s3cret"
DEADLINES = replace(QUICK, connect=1.0, login=1.0, action=1.0, ping_every=0.2, ping=0.3, backoff_most=0.2)
FAMILY = "contract"


class Target(Protocol):
    """An Asterisk to be held to the promises."""

    host: str
    port: int

    def freeze(self) -> None: ...
    def thaw(self) -> None: ...
    async def restart(self) -> None: ...
    def reload_module(self) -> None: ...


@dataclass
class Fake:
    pbx: FakeAmi
    host: str = "127.0.0.1"

    def __post_init__(self) -> None:
        self.port = self.pbx.port
        self.freeze, self.thaw = self.pbx.freeze, self.pbx.thaw

    async def restart(self) -> None:
        await self.pbx.vanish()
        await self.pbx.listen()

    def reload_module(self) -> None:
        self.pbx.event("Reload", Module="pbx_config.so", Status=0)


class Real(Asterisk):
    """A real one without trunks or phones, with the account of DESIGN.md 5."""

    host, port = "127.0.137.1", 5038

    def __init__(self) -> None:
        super().__init__("ami-contract", self.host, "/lab/ami-contract", 28000)

    def files(self) -> dict[str, str]:
        files = super().files()
        rights = "read = system,call,user\nwrite = system,reporting,call,originate,user\n"
        return files | {
            "manager.conf": f"{files['manager.conf']}\n[{USERNAME}]\nsecret = {SECRET}\n{rights}",
            "extensions.conf": "[default]\nexten => 1,1,NoOp()\n",
            "pjsip.conf": f"[transport]\ntype = transport\nprotocol = udp\nbind = {self.host}:5060\n",
        }

    def reload_module(self) -> None:
        self.cli("module reload pbx_config.so")


@pytest.fixture(scope="module", params=["fake", pytest.param("asterisk", marks=pytest.mark.lab)])
async def asterisk(request: pytest.FixtureRequest) -> AsyncIterator[Target]:
    if request.param == "fake":
        async with FakeAmi(secret=SECRET) as pbx:
            yield Fake(pbx)
        return
    if os.geteuid() != 0 and os.environ.get("CI") != "true":
        pytest.skip("NOT PROVEN HERE: the AMI contract on a real Asterisk needs root")
    await asyncio.to_thread(chroot.ready)
    real = Real()
    real.prepare()
    real.start()
    try:
        await real.booted()
        yield real
    finally:
        await asyncio.to_thread(real.stop)


@pytest.fixture
async def running(asterisk: Target) -> AsyncIterator[RunningLink]:
    async with RunningLink(asterisk.port, asterisk.host, deadlines=DEADLINES) as running:
        yield await running.ready()


class Raw:
    """A bare connection: for what the link would never send."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, lines: str) -> str:
        self.writer.write(lines.encode())
        return await self.message()

    async def message(self) -> str:
        async with asyncio.timeout(5):
            return (await self.reader.readuntil(b"\r\n\r\n")).decode()


@contextlib.asynccontextmanager
async def bare(asterisk: Target) -> AsyncIterator[Raw]:
    reader, writer = await asyncio.open_connection(asterisk.host, asterisk.port)
    try:
        assert (await reader.readline()).startswith(b"Asterisk Call Manager/")
        yield Raw(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


LOGIN = f"Action: Login\r\nUsername: {USERNAME}\r\nSecret: {SECRET}\r\n\r\n"


async def test_it_greets_with_its_version_and_says_that_it_has_booted(running: RunningLink) -> None:
    assert [part.isdigit() for part in (running.link.version or "").split(".")] == [True] * 3
    assert len(running.named("FullyBooted")) == 1
    assert (await running.link.act("Ping"))["Ping"] == "Pong"


async def test_a_wrong_secret_is_refused_in_words_and_the_connection_closed(asterisk: Target) -> None:
    async with RunningLink(asterisk.port, asterisk.host, secret="wrong", deadlines=DEADLINES) as running:
        await running.until(lambda: running.link.state is LinkState.REFUSED)
        assert running.link.reason == "login refused by Asterisk: Authentication failed"
    async with bare(asterisk) as raw:
        refused = await raw.say(f"Action: Login\r\nUsername: {USERNAME}\r\nSecret: wrong\r\n\r\n")
        assert "Response: Error" in refused
        async with asyncio.timeout(5):
            assert await raw.reader.read() == b""


async def test_without_a_login_nothing_is_allowed(asterisk: Target) -> None:
    async with bare(asterisk) as raw:
        answer = await raw.say(f"Action: DBPut\r\nActionID: 1\r\nFamily: {FAMILY}\r\nKey: k\r\nVal: v\r\n\r\n")
        assert "Response: Error" in answer
        assert "Permission denied" in answer


HARD = [
    "",
    "7",
    'say "hi", ${EXTEN} & $[1+1]) | ; \\ %20',
    "Müller & Söhne 日本",
    "x" * 200,
    "a: b: c",
    "--END COMMAND--",
]


@pytest.mark.parametrize("value", HARD)
async def test_what_is_put_into_astdb_is_read_back_letter_by_letter(running: RunningLink, value: str) -> None:
    put = await running.link.act("DBPut", Family=FAMILY, Key="hard", Val=value)
    assert put["Message"] == "Updated database successfully"
    [read] = await running.link.collect("DBGet", Family=FAMILY, Key="hard")
    assert (read["Event"], read["Family"], read["Key"], read.get("Val")) == ("DBGetResponse", FAMILY, "hard", value)
    assert (await running.link.act("DBDel", Family=FAMILY, Key="hard"))["Message"] == "Key deleted successfully"


async def test_what_is_not_in_astdb_is_refused(running: RunningLink) -> None:
    with pytest.raises(AmiRefused) as refused:
        await running.link.collect("DBGet", Family=FAMILY, Key="no")
    assert refused.value.message == "Database entry not found"
    with pytest.raises(AmiRefused) as refused:
        await running.link.act("DBDel", Family=FAMILY, Key="no")
    assert refused.value.message == "Database entry could not be deleted"


async def test_a_tree_of_astdb_is_listed_with_whole_keys_and_values_and_nothing_beside_it(running: RunningLink) -> None:
    rows = {"calls/1": "x" * 900, "calls/17": "a|b|c", "calls/next": "17"}
    for key, value in {**rows, "callsign": "no", "other/calls/3": "no"}.items():
        await running.link.act("DBPut", Family=FAMILY, Key=key, Val=value)
    listed = await running.link.collect("DBGetTree", Family=FAMILY, Key="calls")
    assert {item["Key"]: item["Val"] for item in listed} == {f"/{FAMILY}/{key}": value for key, value in rows.items()}
    assert await running.link.collect("DBGetTree", Family=FAMILY, Key="none") == []


async def test_a_value_as_long_as_the_row_of_a_call_is_read_back_whole(running: RunningLink) -> None:
    await running.link.act("DBPut", Family=FAMILY, Key="long", Val="x" * 900)
    [read] = await running.link.collect("DBGet", Family=FAMILY, Key="long")
    assert read["Val"] == "x" * 900


async def test_a_batch_written_in_one_go_is_done_in_its_order(running: RunningLink) -> None:
    keys = [f"k{n}" for n in range(20)]
    put = [("DBPut", {"Family": FAMILY, "Key": key, "Val": f"{key}-old"}) for key in keys]
    again = [("DBPut", {"Family": FAMILY, "Key": key, "Val": f"{key}-new"}) for key in keys]
    began = time.perf_counter()
    answers = await running.link.act_all([*put, ("DBDel", {"Family": FAMILY, "Key": "no"}), *again])
    took = time.perf_counter() - began
    print(f"\n{len(answers)} actions in {took * 1000:.1f} ms")
    assert [isinstance(answer, AmiError) for answer in answers] == [False] * 20 + [True] + [False] * 20
    lists = await running.link.collect_all([("DBGet", {"Family": FAMILY, "Key": key}) for key in keys])
    read = [items[0]["Val"] if isinstance(items, list) else items for items in lists]
    assert read == [f"{key}-new" for key in keys]


async def test_an_empty_list_is_complete_too(running: RunningLink) -> None:
    assert await running.link.collect("CoreShowChannels") == []


async def test_an_unknown_action_is_refused_and_nothing_else_happens(running: RunningLink) -> None:
    with pytest.raises(AmiRefused, match="Invalid/unknown command"):
        await running.link.act("NoSuchAction")
    assert (await running.link.act("Ping"))["Ping"] == "Pong"


async def test_events_come_in_the_order_in_which_they_happened(running: RunningLink) -> None:
    events = [("UserEvent", {"UserEvent": "Contract", "Serial": str(n)}) for n in range(100)]
    assert all(isinstance(answer, Message) for answer in await running.link.act_all(events))
    await running.until(lambda: len(running.named("UserEvent")) == 100)
    assert [event["Serial"] for event in running.named("UserEvent")] == [str(n) for n in range(100)]


async def test_the_longest_line_the_link_sends_arrives_whole(running: RunningLink) -> None:
    longest = "ü" + "x" * (1022 - len("Note: ") - 2)
    await running.link.act("UserEvent", UserEvent="Longest", Note=longest)
    await running.until(lambda: running.named("UserEvent"))
    assert running.named("UserEvent")[0]["Note"] == longest


async def test_a_longer_line_would_be_refused(asterisk: Target) -> None:
    async with bare(asterisk) as raw:
        await raw.say(LOGIN)
        answer = await raw.say(f"Action: UserEvent\r\nUserEvent: Long\r\nNote: {'x' * 1100}\r\nActionID: long\r\n\r\n")
        while "Event: FullyBooted" in answer:
            answer = await raw.message()
        assert "Response: Error" in answer


async def test_a_bare_line_feed_ends_a_line_which_is_why_the_link_refuses_it(asterisk: Target) -> None:
    async with bare(asterisk) as raw:
        await raw.say(LOGIN)
        answer = await raw.say("Action: Ping\nActionID: bare\n\n")
        while "Event: " in answer:
            answer = await raw.message()
        assert "ActionID: bare" in answer
        assert "Ping: Pong" in answer


async def test_a_module_that_is_reloaded_makes_the_link_read_again(asterisk: Target, running: RunningLink) -> None:
    """The command `dialplan reload` is no such case: Asterisk says nothing about it on AMI."""
    asterisk.reload_module()
    await running.until(lambda: running.syncs == 2)
    assert running.named("Reload")


async def test_a_frozen_asterisk_is_found_by_the_heartbeat_and_gets_nothing_twice(
    asterisk: Target, running: RunningLink
) -> None:
    await running.link.act("DBPut", Family=FAMILY, Key="frozen", Val="before")
    lost = asyncio.create_task(running.lost())
    asterisk.freeze()
    try:
        put = asyncio.create_task(running.link.act("DBPut", deadline=60, Family=FAMILY, Key="frozen", Val="stale"))
        assert await lost == "no answer to the heartbeat for 0.3 s"
        with pytest.raises(AmiDown):
            await put
    finally:
        asterisk.thaw()
    await running.ready()
    assert running.link.sent["DBPut"] == 2


async def test_after_a_restart_the_link_is_ready_again_within_five_seconds_and_replays_nothing(
    asterisk: Target, running: RunningLink
) -> None:
    await running.link.act("DBPut", Family=FAMILY, Key="restart", Val="1")
    lost = asyncio.create_task(running.lost())
    await asterisk.restart()
    back = time.monotonic()
    assert await lost
    await running.ready()
    assert time.monotonic() - back < 5
    await running.link.act("DBDel", Family=FAMILY, Key="restart")
    with pytest.raises(AmiRefused):  # a replayed DBPut would have brought it back
        await running.link.collect("DBGet", Family=FAMILY, Key="restart")
    assert running.link.sent["DBPut"] == 1
