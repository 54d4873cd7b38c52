"""The hands and a probe: what is sent to a trunk that has contacts, and what to one that has none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from router.ami.link import Account
from router.ami.pbx import Pbx
from router.core.effects import Probe
from router.core.evidence import NO_CONTACT, REACHABLE, Sight
from router.core.signals import Connected, Input, Probed
from tests.contract.fake_ami import FakeAmi, Headers, Session, empty_list
from tests.contract.running_link import QUICK
from tests.lab.polled import polled
from tests.unit.core.offices import site


@dataclass
class Endpoint:
    """A fake Asterisk's endpoint: the state of each contact with its round trip in microseconds, as a probe finds."""

    pbx: Pbx
    said: list[Input]
    contacts: list[tuple[str, int]] = field(default_factory=list)
    qualified: int = 0

    def on_show(self, session: Session, action: Headers) -> None:
        session.start_list(action)
        session.item(action, "EndpointDetail", ("ObjectName", action["endpoint"]), ("Aors", "telekom"))
        for status, rtt in self.contacts:
            session.item(action, "ContactStatusDetail", ("Status", status), ("RoundtripUsec", str(rtt)))
        session.complete(action, "EndpointDetailComplete", 1 + len(self.contacts))

    def on_qualify(self, session: Session, action: Headers) -> None:
        self.qualified += 1
        self.contacts = [(status, rtt + (status == REACHABLE)) for status, rtt in self.contacts]
        session.reply(action, ("Message", "Endpoint found, will qualify"))

    async def probed(self, patience: float) -> Probed:
        self.pbx.perform(Probe("telekom", patience))
        await polled("probed", lambda: [one for one in self.said if isinstance(one, Probed)], within=5)
        return next(one for one in self.said if isinstance(one, Probed))


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with FakeAmi() as ami:
        said: list[Input] = []
        pbx = Pbx(Account("127.0.0.1", ami.port, "failover", ami.secret), site(), "router-1", said.append, QUICK)
        endpoint = Endpoint(pbx, said)
        ami.answers |= {
            "CoreSettings": lambda session, action: session.reply(action, ("AsteriskVersion", "22.10.1")),
            "Filter": lambda session, action: session.reply(action, ("Message", "Success")),
            "PJSIPShowRegistrationsOutbound": empty_list("OutboundRegistrationDetailComplete"),
            "PJSIPShowEndpoint": endpoint.on_show,
            "PJSIPQualify": endpoint.on_qualify,
        }
        running = asyncio.create_task(pbx.run())
        try:
            await polled("connected", lambda: [s for s in said if isinstance(s, Connected)], within=5)
            yield endpoint
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_without_a_contact_it_is_listed_and_nothing_is_waited_for(endpoint: Endpoint) -> None:
    found = await endpoint.probed(patience=600)
    assert (found.answered, found.sight, endpoint.qualified) == (False, Sight(NO_CONTACT), 0)


async def test_of_two_contacts_the_one_that_answers_counts(endpoint: Endpoint) -> None:
    endpoint.contacts = [("Unreachable", 0), (REACHABLE, 900)]
    found = await endpoint.probed(patience=600)
    assert (found.answered, found.sight, endpoint.qualified) == (True, Sight(REACHABLE, 901), 1)
