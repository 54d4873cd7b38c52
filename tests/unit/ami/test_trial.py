"""The test ring on a fake Asterisk: what is sent, and what is made of its answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.ami.link import AmiError, AmiRefused
from router.ami.trial import TrialRing
from router.ami.wire import Message
from router.check import dialplan_hints
from router.core.effects import RingOnce
from router.core.signals import Input, RangOut

RING = RingOnce("ab12", "+4917112345678")


class Link:
    """`act` alone; `answers` by action, an error raised."""

    def __init__(self, exists: str = "1", error: AmiError | None = None) -> None:
        self.exists, self.error = exists, error
        self.sent: list[tuple[str, dict[str, object]]] = []

    async def act(self, action: str, **fields: object) -> Message:
        self.sent.append((action, fields))
        if self.error is not None and action == "Originate":
            raise self.error
        return Message({"Response": "Success", "Value": self.exists})


async def begun(link: Link) -> list[Input]:
    said: list[Input] = []
    await TrialRing(link, said.append).ring(RING)  # type: ignore[arg-type]
    return said


async def test_a_call_of_our_own_enters_the_test_ring_of_the_dialplan() -> None:
    link = Link()
    assert await begun(link) == []
    [(_, asked), (action, fields)] = link.sent
    assert asked["Variable"] == "DIALPLAN_EXISTS(failover-ring,+4917112345678,1)"
    assert (action, fields["Channel"]) == ("Originate", "Local/+4917112345678@failover-ring/n")
    assert "FAILOVER_TRIAL=ab12" in fields["Variable"]  # type: ignore[operator]
    assert "TRIAL_OVER" not in str(fields["Variable"])


async def test_the_trunks_that_forwarded_calls_leave_by_are_named() -> None:
    link = Link()
    await TrialRing(link, lambda said: None).ring(replace(RING, over="gsm:12&telekom:2"))  # type: ignore[arg-type]
    assert "FAILOVER_TRIAL_OVER=gsm:12&telekom:2" in link.sent[-1][1]["Variable"]  # type: ignore[operator]


async def test_a_dialplan_that_is_older_is_named_and_nothing_is_dialled() -> None:
    link = Link(exists="0")
    [said] = await begun(link)
    assert isinstance(said, RangOut)
    assert "knows no test ring" in str(said.why)
    assert [action for action, _ in link.sent] == ["Getvar"]


async def test_a_pbx_that_refuses_is_told() -> None:
    [said] = await begun(Link(error=AmiRefused("Originate", "Permission denied")))
    assert isinstance(said, RangOut)
    assert said.ticket == "ab12"
    assert "did not take it" in str(said.why)


@pytest.mark.parametrize(
    ("fields", "heard"),
    [
        ({"Trial": "ab12", "Ended": "answer"}, [RangOut("ab12", "answer")]),
        ({"Trial": "ab12", "Ended": "x" * 90}, [RangOut("ab12", "x" * 20)]),
        ({}, [RangOut("", "")]),
        ({"Trial": "ab12", "Ended": ["busy", "answer"]}, []),
    ],
)
def test_what_the_dialplan_tells_is_handed_on(fields: dict[str, str], heard: list[RangOut]) -> None:
    said: list[Input] = []
    TrialRing(Link(), said.append).heard(Message({"Event": "UserEvent", "UserEvent": "FailoverRung", **fields}))  # type: ignore[arg-type]
    assert said == heard


async def test_failover_check_hints_at_an_older_dialplan() -> None:
    assert await dialplan_hints(Link()) == ()  # type: ignore[arg-type]
    (hint,) = await dialplan_hints(Link(exists="0"))  # type: ignore[arg-type]
    assert "no test ring" in hint
