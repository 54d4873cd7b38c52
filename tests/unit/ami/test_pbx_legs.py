"""The hands and silent legs: what is heard of them, and that exactly one channel is ended, or none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from router.ami.link import Account
from router.ami.pbx import Pbx
from router.core.effects import MoveOn
from router.core.signals import CallWentThrough, Connected, Input, LegBegan, LegEnded, LegMoved, LegSpoke
from tests.contract.fake_ami import FakeAmi, Headers, Session, empty_list, silence
from tests.contract.running_link import QUICK
from tests.lab.polled import polled
from tests.unit.core.offices import site

CHANNEL = "PJSIP/telekom-0000000c"
MOVE = MoveOn(CHANNEL, "telekom", 3.0)
STAYS = LegMoved(CHANNEL, "telekom", 3.0, done=False)
DONE = LegMoved(CHANNEL, "telekom", 3.0, done=True)


@dataclass
class Hands:
    """The hands on a fake Asterisk, where `variables` are those of the leg's channel."""

    ami: FakeAmi
    pbx: Pbx
    said: list[Input]
    variables: dict[str, str] = field(default_factory=lambda: {"CHANNEL(state)": "Down", "HANGUPCAUSE_KEYS()": ""})
    hung_up: list[tuple[str, str]] = field(default_factory=list)

    def on_getvar(self, session: Session, action: Headers) -> None:
        if action["channel"] != CHANNEL:
            return session.refuse(action, "No such channel")
        name = action["variable"]
        return session.reply(action, ("Variable", name), ("Value", self.variables.get(name, "")))

    def on_hangup(self, session: Session, action: Headers) -> None:
        self.hung_up.append((action["channel"], action["cause"]))
        session.reply(action, ("Message", "Channel Hungup"))

    async def does(self, effect: MoveOn) -> LegMoved:
        self.pbx.perform(effect)
        return await self.hears(LegMoved)

    async def hears(self, kind: type) -> LegMoved:
        [*_, last] = await polled(str(kind), lambda: [said for said in self.said if isinstance(said, kind)], within=5)
        return last


@pytest.fixture
async def hands() -> AsyncIterator[Hands]:
    async with FakeAmi() as ami:
        said: list[Input] = []
        pbx = Pbx(Account("127.0.0.1", ami.port, "failover", ami.secret), site(), "router-1", said.append, QUICK)
        hands = Hands(ami, pbx, said)
        ami.answers |= {
            "CoreSettings": lambda session, action: session.reply(action, ("AsteriskVersion", "22.10.1")),
            "Filter": lambda session, action: session.reply(action, ("Message", "Success")),
            "PJSIPShowRegistrationsOutbound": empty_list("OutboundRegistrationDetailComplete"),
            "PJSIPShowEndpoint": empty_list("EndpointDetailComplete"),
            "Getvar": hands.on_getvar,
            "Hangup": hands.on_hangup,
        }
        running = asyncio.create_task(pbx.run())
        try:
            await hands.hears(Connected)
            yield hands
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_leg_is_followed_from_its_begin_to_its_end(hands: Hands) -> None:
    del hands.said[:]
    dial = {"Channel": "PJSIP/20-1", "Context": "failover-dial", "Uniqueid": "1.1", "DestChannel": CHANNEL}
    hands.ami.event("DialBegin", **dial, DialString="+4930777@telekom")
    hands.ami.event("DialState", **dial, DialStatus="RINGING")
    hands.ami.event("DialEnd", **dial, DialStatus="ANSWER")
    hands.ami.event("Hangup", Channel=CHANNEL, Uniqueid="1.2", Cause=16)
    await polled("all is heard", lambda: len(hands.said) == 6, within=5)
    through = CallWentThrough("telekom", inbound=False)
    assert hands.said == [
        LegBegan(CHANNEL, "telekom", "+4930777@telekom", "1.1"),
        LegSpoke(CHANNEL), through, LegEnded(CHANNEL), through, LegEnded(CHANNEL),
    ]  # fmt: skip


async def test_a_silent_leg_is_ended_with_the_cause_that_sends_the_call_on(hands: Hands) -> None:
    assert await hands.does(MOVE) == DONE
    assert hands.hung_up == [(CHANNEL, "38")]


async def test_100_trying_is_no_sign_of_life(hands: Hands) -> None:
    hands.variables |= {"HANGUPCAUSE_KEYS()": CHANNEL, f"HANGUPCAUSE({CHANNEL},tech)": "SIP 100 Trying"}
    assert await hands.does(MOVE) == DONE


@pytest.mark.parametrize("code", [180, 181, 182, 183])
async def test_a_leg_that_got_an_18x_stays_though_no_event_told_of_it(hands: Hands, code: int) -> None:
    hands.variables |= {"HANGUPCAUSE_KEYS()": f"x,{CHANNEL}", f"HANGUPCAUSE({CHANNEL},tech)": f"SIP {code} Queued"}
    assert await hands.does(MOVE) == STAYS
    assert hands.hung_up == []


@pytest.mark.parametrize("state", ["Ringing", "Up"])
async def test_a_leg_that_rings_or_is_answered_by_now_stays(hands: Hands, state: str) -> None:
    hands.variables["CHANNEL(state)"] = state
    assert await hands.does(MOVE) == STAYS
    assert hands.hung_up == []


@pytest.mark.parametrize(
    "effect",
    [MoveOn("PJSIP/gsm-00000001", "telekom", 3.0), MoveOn("/^PJSIP/.*$/", "telekom", 3.0),
     MoveOn("PJSIP/telekom-.*", "telekom", 3.0), MoveOn("PJSIP/20-00000001", "telekom", 3.0)],
)  # fmt: skip
async def test_nothing_but_one_channel_of_that_trunk_is_ever_ended(hands: Hands, effect: MoveOn) -> None:
    assert not (await hands.does(effect)).done
    assert "Getvar" not in hands.ami.names()
    assert hands.hung_up == []


async def test_a_leg_that_is_gone_is_not_ended(hands: Hands) -> None:
    gone = MoveOn("PJSIP/telekom-0000000d", "telekom", 3.0)
    assert not (await hands.does(gone)).done
    assert hands.hung_up == []


@pytest.mark.parametrize("action", ["Getvar", "Hangup"])
async def test_an_asterisk_that_does_not_answer_is_told_of_too(hands: Hands, action: str) -> None:
    hands.ami.answers[action] = silence
    assert await hands.does(MOVE) == STAYS
