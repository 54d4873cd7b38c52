"""The link against a fake Asterisk: whatever arrives, it is handed over whole, in order, and kills nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from router.ami.link import AmiError, AmiRefused, AmiUnsendable, Message
from tests.contract.fake_ami import FakeAmi, Headers, Session, text
from tests.contract.running_link import QUICK, RunningLink


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as pbx:
        yield pbx


# ---- what arrives ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "strange",
    [
        b"Event: UserEvent\r\nEvent: FullyBooted\r\n\r\n",
        b"Event: A\r\nActionID: 1\r\nActionID: 2\r\n\r\n",
        b"Response: Success\r\nActionID: of-nobody\r\nMessage: Originate successfully queued\r\n\r\n",
        b"Response: Follows\r\n\r\n",
        b"Response: Fail\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
        b"no header at all\r\n\r\n",
        b": \r\n\r\n",
        b"Event: \xff\xfe\r\n\r\n",
        b"Event: \r\n\r\n",
        b"Event: Shutdown\r\nShutdown: Cleanly\r\n\r\n",
        b"Event: Content\r\nContent: a\r\nContent: b\r\n\r\n",
        b"Result: %zz\r\nEvent: X\r\nmanager: 1\r\n_store: 2\r\n\r\n",
    ],
)
async def test_no_message_however_strange_ends_the_connection(pbx: FakeAmi, strange: bytes) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        pbx.session.send(strange)
        pbx.event("Registry", Status="Registered")
        await running.until(lambda: running.named("Registry"))
        assert (await running.link.act("Ping"))["Ping"] == "Pong"
        assert len(pbx.sessions) == 1


async def test_a_second_event_header_does_not_make_another_event_of_it(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        pbx.session.send(b"Event: UserEvent\r\nUserEvent: x\r\nEvent: Reload\r\n\r\n")
        await running.until(lambda: running.named("UserEvent"))
        await running.link.act("Ping")
        assert running.syncs == 1


async def test_every_header_arrives_as_it_was_sent_the_last_and_empty_one_too(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        headers = {"Event": "UserEvent", "Content": "a: b", "Result": "1", "Same": "1", "Empty": ""}
        pbx.session.send(text(*headers.items()))
        await running.until(lambda: running.named("UserEvent"))
        assert dict(running.named("UserEvent")[0]) == headers


async def test_a_consumer_that_raises_loses_no_connection_and_no_later_event(
    pbx: FakeAmi, caplog: pytest.LogCaptureFixture
) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()

        def stumbles(message: Message) -> None:
            running.events.append(message)
            if message["Serial"] == "1":
                raise LookupError("a fault of the consumer")

        running.on_event = stumbles
        pbx.session.send(b"".join(text(("Event", "Registry"), ("Serial", n)) for n in (1, 2, 3)))
        await running.until(lambda: len(running.named("Registry")) == 3)
        assert len(pbx.sessions) == 1
        assert "a fault of the consumer" in caplog.text


async def test_successfully_queued_without_async_is_an_answer_like_any_other(pbx: FakeAmi) -> None:
    pbx.answers["Originate"] = lambda session, action: session.reply(
        action, ("Message", "Originate successfully queued")
    )
    async with RunningLink(pbx.port) as running:
        await running.ready()
        answer = await running.link.act("Originate", Channel="Local/1@failover-inbound")
        assert answer["Message"] == "Originate successfully queued"


@pytest.mark.parametrize("words", ["Added interface to queue", "Result will follow", "x successfully queued"])
async def test_the_wording_of_an_answer_never_makes_a_list_of_it(pbx: FakeAmi, words: str) -> None:
    pbx.answers["QueueAdd"] = lambda session, action: session.reply(action, ("Message", words))
    async with RunningLink(pbx.port) as running:
        await running.ready()
        assert (await running.link.act("QueueAdd"))["Message"] == words
        assert await running.link.collect("QueueAdd") == []


async def test_text_cut_anywhere_by_tcp_arrives_whole(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        for byte in text(("Event", "NewCallerid"), ("CallerIDName", "Müller & Söhne 日本 \U0001f4de")):
            pbx.session.send(bytes([byte]))
            await asyncio.sleep(0)
        await running.until(lambda: running.named("NewCallerid"))
        assert running.named("NewCallerid")[0]["CallerIDName"] == "Müller & Söhne 日本 \U0001f4de"


async def test_a_message_without_end_costs_the_connection_not_the_memory(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        lost = asyncio.create_task(running.lost())
        pbx.session.send(b"Event: Endless\r\n" + b"x: " + b"y" * (3 << 20))
        assert "more than 1048576 bytes" in await lost
        await running.ready()


async def test_the_items_of_a_list_are_collected_and_events_between_them_stay_events(pbx: FakeAmi) -> None:
    def listing(session: Session, action: Headers) -> None:
        session.start_list(action)
        for n in range(3):
            session.item(action, "EndpointDetail", ("Name", f"trunk{n}"))
            pbx.event("Registry", Serial=n)
        session.complete(action, "EndpointDetailComplete", 3)

    pbx.answers["PJSIPShowEndpoint"] = listing
    async with RunningLink(pbx.port) as running:
        await running.ready()
        items = await running.link.collect("PJSIPShowEndpoint", Endpoint="trunk")
        assert [item["Name"] for item in items] == ["trunk0", "trunk1", "trunk2"]
        assert [event["Serial"] for event in running.named("Registry")] == ["0", "1", "2"]
        assert running.named("EndpointDetail") == running.named("EndpointDetailComplete") == []


async def test_a_list_that_asterisk_breaks_off_is_no_list(pbx: FakeAmi) -> None:
    def listing(session: Session, action: Headers) -> None:
        session.start_list(action)
        session.item(action, "EndpointDetail", ("Name", "trunk"))
        session.item(action, "EndpointDetailComplete", ("EventList", "cancelled"))

    pbx.answers["PJSIPShowEndpoint"] = listing
    async with RunningLink(pbx.port) as running:
        await running.ready()
        with pytest.raises(AmiRefused, match="broken off"):
            await running.link.collect("PJSIPShowEndpoint", Endpoint="trunk")


async def test_an_event_that_bears_the_id_of_a_plain_action_reaches_the_consumer(pbx: FakeAmi) -> None:
    def originate(session: Session, action: Headers) -> None:
        session.item(action, "OriginateResponse", ("Reason", 4))
        session.reply(action)

    pbx.answers["Originate"] = originate
    async with RunningLink(pbx.port) as running:
        await running.ready()
        assert (await running.link.act("Originate"))["Response"] == "Success"
        assert running.named("OriginateResponse")[0]["Reason"] == "4"


async def test_events_reach_the_consumer_in_order_and_at_a_pace(
    pbx: FakeAmi, record_property: Callable[[str, object], None]
) -> None:
    count = 20_000
    async with RunningLink(pbx.port, deadlines=replace(QUICK, ping=5)) as running:
        await running.ready()
        one = [("Privilege", "call,all"), *((f"Header{n}", "a value of some length") for n in range(18))]
        flood = b"".join(text(("Event", "DialState"), ("Serial", n), *one) for n in range(count))
        began = time.perf_counter()
        pbx.session.send(flood)
        await running.until(lambda: len(running.events) > count, within=30)
        pace = count / (time.perf_counter() - began)
        print(f"\n{pace:,.0f} events/s of 21 headers each")
        record_property("events_per_second", round(pace))
        assert [event["Serial"] for event in running.named("DialState")] == [str(n) for n in range(count)]
        assert pace > 2_000


# ---- what is sent ----------------------------------------------------------------------------------------------------


async def test_a_batch_goes_out_in_one_write_and_is_answered_in_its_order(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port, deadlines=replace(QUICK, ping_every=60)) as running:
        await running.ready()
        pbx.session.segments.clear()
        put = [("DBPut", {"Family": "failover", "Key": f"k{n}", "Val": str(n)}) for n in range(10)]
        answers = await running.link.act_all([*put, ("NoSuch", {}), ("Ping", {})])
        assert len(pbx.session.segments) == 1
        assert pbx.session.segments[0].count(b"\r\n\r\n") == 12
        *puts, refused, ping = answers
        assert all(not isinstance(answer, AmiError) for answer in puts)
        assert isinstance(refused, AmiRefused)
        assert isinstance(ping, Message)
        assert ping["Ping"] == "Pong"
        read = await running.link.collect_all(
            [("DBGet", {"Family": "failover", "Key": key}) for key in ("k3", "none", "k9")]
        )
        assert [items if isinstance(items, AmiError) else items[0]["Val"] for items in read] == ["3", read[1], "9"]
        assert isinstance(read[1], AmiRefused)
        assert await running.link.act_all([]) == []


@pytest.mark.parametrize(
    "evil", ["1\r\n\r\nAction: DBDel\r\nFamily: x\r\nKey: y\r\n\r\n", "1\n\nAction: DBDel\n\n", "\0"]
)
async def test_nothing_of_a_batch_is_sent_when_one_value_could_be_an_action(pbx: FakeAmi, evil: str) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        with pytest.raises(AmiUnsendable):
            await running.link.act_all([("DBPut", {"Family": "a", "Key": "b"}), ("DBPut", {"Val": evil})])
        with pytest.raises(AmiUnsendable):
            await running.link.collect("DBGet", **{f"Key: {evil}": "x"})
        await running.link.act("Ping")
        assert pbx.names() == []
        assert running.link.sent.get("DBPut", 0) == 0


async def test_a_repeated_header_is_sent_as_often_as_it_has_values(pbx: FakeAmi) -> None:
    async with RunningLink(pbx.port) as running:
        await running.ready()
        with pytest.raises(AmiRefused):
            await running.link.act("NoSuch", Variable=["a=1", "b=2"])
        assert b"Variable: a=1\r\nVariable: b=2\r\n" in pbx.session.segments[-1]
