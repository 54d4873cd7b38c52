"""What `failover check` says of trunks and phones: listings of a real Asterisk, one setting changed at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import pytest

from router.ami.wire import Message
from router.check_watches import Told, told
from router.core.site import Site, TrunkSite, WatchKind
from tests import recordings
from tests.contract.fake_ami import Answer, FakeAmi, Headers, Session
from tests.contract.running_link import RunningLink
from tests.unit.core.offices import site, trunk_site

MENDED = {"FatalRetryInterval": "60"}
"""What the lab's office leaves at Asterisk's default."""


def recorded(action: int, name: str = "restart.22") -> list[Message]:
    """The items of the recorder's listing number `action`, of its last round."""
    rounds: list[list[Message]] = []
    for one in recordings.heard(name):
        if one.kind == recordings.LISTING and one.message.get("ActionID") == f"listing-{action}":
            if "Response" in one.message:
                rounds.append([])
            elif one.message.get("EventList") != "Complete":
                rounds[-1].append(one.message)
    return rounds[-1]


@dataclass
class Pbx:
    """An Asterisk whose trunk telekom is as recorded, but for `changed` headers."""

    changed: dict[str, str] = field(default_factory=lambda: dict(MENDED))
    states: dict[str, str] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    iax2: str = "iax2-peer-dead.22"

    async def says(self, site: Site) -> Told:
        async with FakeAmi() as ami, RunningLink(ami.port) as running:
            ami.answers["PJSIPShowRegistrationsOutbound"] = self._lists(recorded(0))
            ami.answers["PJSIPShowEndpoint"] = self._endpoint
            ami.answers["IAXpeerlist"] = self._lists(recorded(1, self.iax2))
            ami.answers["IAXregistry"] = self._lists(recorded(2, self.iax2))
            ami.answers["Getvar"] = self._state
            await running.ready()
            return await told(running.link, site, 5)

    def _endpoint(self, session: Session, action: Headers) -> None:
        if action["endpoint"] in self.unknown:
            return session.refuse(action, "Unable to retrieve endpoint")
        return self._lists(recorded(6 if action["endpoint"] == "telekom" else 7))(session, action)

    def _lists(self, items: Iterable[Message]) -> Answer:
        def answer(session: Session, action: Headers) -> None:
            session.start_list(action)
            for item in items:
                headers = {name: self.changed.get(name, item[name]) for name in item}
                left_out = ("Event", "ActionID")
                session.item(action, item["Event"], *(h for h in headers.items() if h[0] not in left_out))
            session.complete(action, "Complete", 0)

        return answer

    def _state(self, session: Session, action: Headers) -> None:
        device = action["variable"].removeprefix("DEVICE_STATE(").removesuffix(")")
        session.reply(action, ("Variable", action["variable"]), ("Value", self.states.get(device, "INVALID")))


def office(*trunks: TrunkSite, phones: tuple[str, ...] = ()) -> Site:
    return site(trunks=trunks or (trunk_site("telekom"),), phones=phones)


async def test_where_all_is_well_only_the_watch_is_told() -> None:
    found = await Pbx({**MENDED, "Qualify2xxOnly": "true"}).says(office())
    assert found == Told(
        ("Trunk telekom: probed by the router every 5 s; its registration and its calls count, too.",)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"FatalRetryInterval": "0"}, "fatal_retry_interval is 0: after a single 404 or the like Asterisk stops"),
        ({"ForbiddenRetryInterval": "0"}, "forbidden_retry_interval is 0: after a single 403 Asterisk stops"),
        ({"MaxRetries": "10"}, "max_retries is 10: after 15 minutes without an answer Asterisk stops"),
        ({"MaxRetries": "100"}, "max_retries is 100: after 153 minutes without an answer"),
        ({"QualifyFrequency": "300"}, "qualify_frequency is 300 s; above 60 s"),
        ({"Status": "NonQualified"}, "qualify is off. Set qualify_frequency to 60 or less in its AOR"),
    ],
)
async def test_each_setting_that_ends_a_watch_is_named_with_its_trunk_and_what_to_do(
    changed: dict[str, str], said: str
) -> None:
    found = await Pbx(MENDED | changed).says(office())
    [line] = [line for line in found.findings if said in line]
    assert line.startswith("Trunk telekom: ")
    assert "Set " in line


async def test_qualify_2xx_only_is_a_hint_and_not_even_that_where_asterisk_has_no_such_setting() -> None:
    found = await Pbx().says(office())
    assert not found.findings
    assert "If the carrier answers OPTIONS with 200, set qualify_2xx_only = yes" in found.hints[0]
    assert not any("Qualify2xxOnly" in item for item in recorded(6, "restart.16"))


async def test_a_trunk_that_does_not_register_has_no_registration_to_lose() -> None:
    gsm = replace(trunk_site("gsm"), peer="gsm")
    found = await Pbx(dict.fromkeys(("FatalRetryInterval", "MaxRetries"), "0")).says(office(gsm))
    assert found.watches == ("Trunk gsm: not probed; it does not register; its calls count, too.",)
    assert not [line for line in found.findings if "retr" in line]


async def test_what_asterisk_does_not_know_is_said() -> None:
    iax, bell = replace(trunk_site("x", WatchKind.IAX2)), replace(trunk_site("b", WatchKind.DEVICE), peer="Foo/1")
    found = await Pbx(unknown=frozenset({"telekom"})).says(office(trunk_site("telekom"), iax, bell))
    assert found.findings == (
        "Asterisk knows no PJSIP endpoint telekom (trunk telekom).",
        "Asterisk knows no IAX2 peer x (trunk x).",
        "Asterisk knows no device Foo/1 (trunk b): is its module loaded?",
    )
    assert found.watches == ()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("UNREACHABLE", "does not answer just now (UNREACHABLE)."),
        ("LAGGED (3000 ms)", "does not answer just now (LAGGED)."),
        ("Unmonitored", "qualify is off. Set qualify = yes and qualifyfreqok = 10000 for iax in iax.conf"),
    ],
)
async def test_an_iax2_trunk(status: str, said: str) -> None:
    found = await Pbx({"Status": status}).says(office(trunk_site("iax", WatchKind.IAX2)))
    assert said in found.findings[0]
    assert found.findings[1:] == ("Trunk iax is not registered just now (Refused).",)  # as it ends in the recording
    assert "qualifyfreqok = 10000" in found.watches[0] + found.findings[0]


@pytest.mark.parametrize(
    ("state", "findings"),
    [
        ("NOT_INUSE", []),
        ("UNAVAILABLE", ["Trunk bell is unavailable just now (UNAVAILABLE)."]),
        ("UNKNOWN", ["Trunk bell: Asterisk cannot tell the state of bell: only failed calls will show a fault."]),
    ],
)
async def test_a_device(state: str, findings: list[str]) -> None:
    found = await Pbx(states={"bell": state}).says(office(trunk_site("bell", WatchKind.DEVICE)))
    assert list(found.findings) == findings
    assert f"tells Asterisk, {state} just now" in found.watches[0]


async def test_phones() -> None:
    states = {"PJSIP/20": "UNAVAILABLE", "PJSIP/21": "NOT_INUSE", "IAX2/22": "UNKNOWN"}
    phones = ("PJSIP/20", "PJSIP/21", "IAX2/22", "PJSIP/typo")
    found = await Pbx(states=states, unknown=frozenset({"typo"})).says(office(phones=phones))
    assert found.watches[1:] == (f"Phones behind +4930123456: {', '.join(phones)}.",)
    assert found.findings == (
        "Phone PJSIP/20 cannot be reached just now.",
        "Asterisk cannot tell whether phone IAX2/22 can be reached: it counts as there, so calls stay.",
        "Asterisk knows no phone PJSIP/typo: it counts neither as there nor as gone.",
    )


@pytest.mark.parametrize(("frequency", "said"), [("0", "qualify is off"), ("90", "qualify_frequency is 90 s")])
async def test_a_phone_that_asterisk_does_not_ask_often_enough(frequency: str, said: str) -> None:
    pbx = Pbx(MENDED | {"QualifyFrequency": frequency}, states={"PJSIP/20": "NOT_INUSE"})
    found = await pbx.says(office(phones=("PJSIP/20",)))
    assert [line for line in found.findings if line.startswith("Phone PJSIP/20: ") and said in line]
