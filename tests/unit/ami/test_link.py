"""The link against a fake Asterisk: a loss fails what is pending and repeats nothing, and nothing waits for ever."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from router.ami.link import AmiDeadline, AmiDown, AmiError, AmiRefused, Deadlines, LinkState
from tests.contract.fake_ami import FakeAmi, Headers, Session, silence
from tests.contract.running_link import QUICK, RunningLink

NEVER = 60.0
PUT = {"Family": "failover", "Key": "plan", "Val": "7"}


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as pbx:
        yield pbx


# ---- a loss: everything pending fails, nothing is ever sent again ----------------------------------------------------


async def test_an_action_pending_at_a_loss_fails_at_once_and_is_never_sent_again(pbx: FakeAmi) -> None:
    pbx.answers["DBPut"] = silence
    async with RunningLink(pbx.port) as running:
        await running.ready()
        put = asyncio.create_task(running.link.act("DBPut", deadline=NEVER, **PUT))
        await pbx.until(lambda: pbx.names() == ["DBPut"])
        pbx.session.cut()
        with pytest.raises(AmiDown, match="no answer to DBPut: connection lost"):
            await asyncio.wait_for(put, 1)
        pbx.answers.clear()
        await pbx.until(lambda: len(pbx.logins) == 2)
        await running.ready()
        await running.link.act("Ping")  # whatever was sent before it has arrived
        assert pbx.names() == ["DBPut"]
        assert running.link.sent["DBPut"] == 1


async def test_nothing_is_sent_while_there_is_no_connection_nor_later(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        lost = asyncio.create_task(running.lost())
        await pbx.vanish()
        await lost
        for ask in (running.link.act("DBPut", **PUT), running.link.collect("DBGet", **PUT)):
            with pytest.raises(AmiDown, match="no connection to Asterisk"):
                await ask
        with pytest.raises(AmiDown):
            await running.link.act_all([("DBPut", PUT)])
        await pbx.listen()
        await running.ready()
        await running.link.act("Ping")
        assert pbx.names() == []
        assert running.link.sent.get("DBPut", 0) == 0


async def test_nothing_can_be_sent_before_the_login_is_through(pbx: FakeAmi) -> None:
    pbx.answers["Login"] = silence
    async with RunningLink(pbx.port, deadlines=replace(QUICK, login=NEVER)) as running:
        await pbx.until(lambda: pbx.received)
        with pytest.raises(AmiDown):
            await running.link.act("DBPut", **PUT)
    assert pbx.names() == []


async def test_nothing_is_sent_in_the_moment_between_the_loss_and_its_being_told(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        assert running.link._connection is not None
        running.link._connection.fail("as at a loss")
        assert running.link.state is LinkState.READY
        with pytest.raises(AmiDown, match="as at a loss"):
            await running.link.act("DBPut", **PUT)
        assert running.link.sent.get("DBPut", 0) == 0


async def test_all_pending_of_a_batch_and_of_a_list_fail_at_a_loss(pbx: FakeAmi) -> None:
    pbx.answers["DBPut"] = silence
    pbx.answers["DBGet"] = lambda session, action: session.start_list(action)
    async with RunningLink(pbx.port) as running:
        await running.ready()
        batch = asyncio.create_task(running.link.act_all([("Ping", {}), ("DBPut", PUT)], deadline=NEVER))
        listing = asyncio.create_task(running.link.collect("DBGet", deadline=NEVER, **PUT))
        await pbx.until(lambda: pbx.names() == ["DBPut", "DBGet"])
        pbx.session.transport.close()
        answered, failed = await asyncio.wait_for(batch, 1)
        assert not isinstance(answered, AmiError)
        assert isinstance(failed, AmiDown)
        with pytest.raises(AmiDown, match="Asterisk closed the connection"):
            await asyncio.wait_for(listing, 1)


async def test_the_route_can_be_written_again_soon_after_asterisk_is_back(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port, deadlines=Deadlines()) as running:
        await running.ready()
        lost = asyncio.create_task(running.lost())
        await pbx.vanish()
        await lost
        await asyncio.sleep(1.0)  # the outage itself: the pauses between the attempts grow meanwhile
        await pbx.listen()
        back = time.monotonic()
        await running.ready(within=3)
        await running.link.act("DBPut", **PUT)
        assert time.monotonic() - back < 2.5


# ---- deadlines: nothing waits for ever -------------------------------------------------------------------------------


async def test_an_action_without_an_answer_ends_at_its_deadline_and_a_late_answer_is_nobodys(
    pbx: FakeAmi, caplog: pytest.LogCaptureFixture
) -> None:
    held: list[tuple[Session, Headers]] = []
    pbx.answers["DBPut"] = lambda session, action: held.append((session, action))
    async with RunningLink(pbx.port) as running:
        await running.ready()
        with pytest.raises(AmiDeadline, match=r"no answer to DBPut within 0\.05 s"):
            await running.link.act("DBPut", deadline=0.05, **PUT)
        before = len(running.events)
        held[0][0].reply(held[0][1])
        await running.link.act("Ping")
        assert running.events[before:] == []
        assert caplog.records == []
        assert running.link.state is LinkState.READY


async def test_a_list_cut_short_ends_at_its_deadline_and_its_rest_is_no_event(pbx: FakeAmi) -> None:
    held: list[tuple[Session, Headers]] = []

    def half(session: Session, action: Headers) -> None:
        session.start_list(action)
        session.item(action, "CoreShowChannel", ("Channel", "PJSIP/1"))
        held.append((session, action))

    pbx.answers["CoreShowChannels"] = half
    async with RunningLink(pbx.port) as running:
        await running.ready()
        with pytest.raises(AmiDeadline):
            await running.link.collect("CoreShowChannels", deadline=0.05)
        session, action = held[0]
        session.item(action, "CoreShowChannel", ("Channel", "PJSIP/2"))
        session.complete(action, "CoreShowChannelsComplete", 2)
        await running.link.act("Ping")
        assert [event["Event"] for event in running.events] == ["FullyBooted"]


async def test_an_error_is_the_answer_to_a_list_as_to_any_action(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        with pytest.raises(AmiRefused) as refused:
            await running.link.collect("DBGet", Family="failover", Key="none")
        assert (refused.value.action, refused.value.message) == ("DBGet", "Database entry not found")
        with pytest.raises(AmiRefused, match="Asterisk refused NoSuch: Invalid/unknown command"):
            await running.link.act("NoSuch")


async def test_a_lost_login_answer_ends_at_its_deadline_and_the_login_is_tried_again(pbx: FakeAmi) -> None:
    pbx.answers["Login"] = silence
    async with RunningLink(pbx.port, deadlines=replace(QUICK, login=0.05)) as running:
        await running.until(lambda: (LinkState.DOWN, "no answer to Login within 0.05 s") in running.told)
        pbx.answers.clear()
        await running.ready()


async def test_a_cancelled_caller_leaves_the_link_as_it_was(pbx: FakeAmi) -> None:
    pbx.answers["DBPut"] = silence
    async with RunningLink(pbx.port) as running:
        await running.ready()
        put = asyncio.create_task(running.link.act("DBPut", deadline=NEVER, **PUT))
        await pbx.until(lambda: pbx.names() == ["DBPut"])
        put.cancel()
        with pytest.raises(asyncio.CancelledError):
            await put
        pbx.session.reply(pbx.received[-1])
        assert (await running.link.act("Ping"))["Ping"] == "Pong"


async def test_a_half_open_connection_is_found_by_the_heartbeat_alone(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        half_open = pbx.session
        began = time.monotonic()
        lost = asyncio.create_task(running.lost())
        pbx.freeze()
        assert await lost == "no answer to the heartbeat for 0.2 s"
        assert time.monotonic() - began < QUICK.ping_every + QUICK.ping + 0.2
        pbx.thaw()
        await running.ready()
        assert pbx.session is not half_open


async def test_events_that_flow_do_not_hide_that_pings_go_unanswered(pbx: FakeAmi) -> None:
    pbx.answers["Ping"] = lambda session, action: pbx.event("Registry", Status="Registered")
    async with RunningLink(pbx.port) as running:
        await running.ready()
        assert await running.lost() == "no answer to the heartbeat for 0.2 s"
        assert running.named("Registry")


async def test_a_host_that_accepts_and_says_nothing_costs_one_connect_deadline(pbx: FakeAmi) -> None:
    pbx.freeze()
    async with RunningLink(pbx.port) as running:
        began = time.monotonic()
        await running.until(lambda: (LinkState.DOWN, "no answer within 0.3 s") in running.told)
        assert time.monotonic() - began < 0.6
        pbx.thaw()
        await running.ready()


async def test_a_hiccup_of_two_seconds_costs_at_most_the_connection_and_repeats_nothing(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port, deadlines=Deadlines()) as running:
        await running.ready()
        pbx.freeze()
        put = asyncio.create_task(running.link.act("DBPut", deadline=NEVER, **PUT))
        await asyncio.sleep(2.0)  # the hiccup itself
        pbx.thaw()
        answer = (await asyncio.gather(put, return_exceptions=True))[0]
        await running.ready(within=3)
        await running.link.act("Ping")
        assert pbx.names() == ["DBPut"]
        assert isinstance(answer, AmiDown) or answer["Response"] == "Success"


async def test_a_peer_that_does_not_read_is_given_up_and_memory_stays_bounded(pbx: FakeAmi) -> None:
    batch = [("DBPut", PUT | {"Val": "x" * 1000})] * 1000  # about 1 MB
    async with RunningLink(pbx.port, deadlines=replace(QUICK, ping_every=3.0)) as running:
        await running.ready()
        pbx.freeze()
        lost = asyncio.create_task(running.lost())
        with pytest.raises(AmiDown, match="Asterisk does not read what is sent to it"):
            for _ in range(50):
                await running.link.act_all(batch, deadline=0.001)
        sent = running.link.sent["DBPut"]
        with pytest.raises(AmiDown):
            await running.link.act_all(batch)
        assert running.link.sent["DBPut"] == sent
        assert await lost == "Asterisk does not read what is sent to it"
