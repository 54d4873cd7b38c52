"""The hands and a registration that was given up: asked for anew only where it is rejected at that very moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from router.ami.link import Account
from router.ami.pbx import Pbx
from router.core.effects import Reregister
from router.core.signals import Connected, Input
from tests.contract.fake_ami import FakeAmi, Headers, Session, empty_list
from tests.contract.running_link import QUICK
from tests.lab.polled import polled
from tests.unit.core.offices import site


@dataclass
class Registrar:
    """A fake Asterisk's outbound registrations: (object, endpoint, status) each."""

    ami: FakeAmi
    pbx: Pbx
    said: list[Input]
    objects: list[tuple[str, str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    listed: int = 0

    def on_list(self, session: Session, action: Headers) -> None:
        self.listed += 1
        session.start_list(action)
        for name, endpoint, status in self.objects:
            told = (("ObjectName", name), ("Endpoint", endpoint), ("Status", status))
            session.item(action, "OutboundRegistrationDetail", *told)
        session.complete(action, "OutboundRegistrationDetailComplete", len(self.objects))

    def on_register(self, session: Session, action: Headers) -> None:
        self.asked.append(action["registration"])
        session.reply(action, ("Message", "Reregistration sent"))

    async def revives(self, trunk: str = "telekom") -> list[str]:
        """The registrations that were asked for anew."""
        before = self.listed
        self.pbx.perform(Reregister(trunk))
        await polled("it was listed", lambda: self.listed > before, within=5)
        await polled("all is done", lambda: not self.pbx._tasks, within=5)
        return self.asked


@pytest.fixture
async def registrar() -> AsyncIterator[Registrar]:
    async with FakeAmi() as ami:
        said: list[Input] = []
        pbx = Pbx(Account("127.0.0.1", ami.port, "failover", ami.secret), site(), "router-1", said.append, QUICK)
        registrar = Registrar(ami, pbx, said)
        ami.answers |= {
            "CoreSettings": lambda session, action: session.reply(action, ("AsteriskVersion", "22.10.1")),
            "Filter": lambda session, action: session.reply(action, ("Message", "Success")),
            "PJSIPShowRegistrationsOutbound": registrar.on_list,
            "PJSIPShowEndpoint": empty_list("EndpointDetailComplete"),
            "PJSIPRegister": registrar.on_register,
        }
        running = asyncio.create_task(pbx.run())
        try:
            await polled("connected", lambda: [s for s in said if isinstance(s, Connected)], within=5)
            yield registrar
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_a_rejected_registration_is_asked_for_by_its_own_name(registrar: Registrar) -> None:
    registrar.objects = [("telekom-reg", "telekom", "Rejected"), ("gsm", "", "Rejected"), ("other", "x", "Rejected")]
    assert await registrar.revives() == ["telekom-reg"]


async def test_one_that_is_named_as_its_endpoint_is_found_too(registrar: Registrar) -> None:
    registrar.objects = [("telekom", "", "Rejected")]
    assert await registrar.revives() == ["telekom"]


@pytest.mark.parametrize("status", ["Registered", "Unregistered", "Stopped", ""])
async def test_what_is_not_rejected_by_now_is_left_alone(registrar: Registrar, status: str) -> None:
    registrar.objects = [("telekom", "", status)]
    assert await registrar.revives() == []


async def test_where_there_is_no_registration_nothing_is_sent(registrar: Registrar) -> None:
    assert await registrar.revives() == []
