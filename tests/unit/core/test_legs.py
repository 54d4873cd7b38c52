"""Which silent legs are known, what their silence asks for, and when each is moved on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.core import legs
from router.core.evidence import NO_CONTACT, REACHABLE, Evidence
from router.core.health import Health, State
from router.core.legs import Leg, Legs
from router.core.signals import CallFailed, LegBegan, LegEnded, LegMoved, LegSpoke
from router.core.site import WatchKind
from router.core.trunk import Trunk
from tests.unit.core.offices import site, trunk_site

CHANNEL = "PJSIP/telekom-00000001"
SITE = site()
WELL = Trunk(SITE.trunk("telekom"), evidence=Evidence(REACHABLE), health=Health(State.UP), probed_at=6.0)


def began(channel: str = CHANNEL, dialled: str = "+4930777@telekom", trunk: str = "telekom") -> LegBegan:
    return LegBegan(channel, trunk, dialled, "1.1")


def one_leg(at: float = 10.0) -> Legs:
    return legs.heard({}, began(), SITE, at)


def failing(count: int, since: float) -> Trunk:
    evidence = replace(WELL.evidence, unanswered=count, first_unanswered=since)
    return replace(WELL, evidence=evidence, health=Health(State.FAILING))


def test_a_leg_is_kept_until_it_speaks_or_ends() -> None:
    assert one_leg() == {CHANNEL: Leg(CHANNEL, "telekom", "1.1", 10.0)}
    assert legs.heard(one_leg(), LegSpoke(CHANNEL), SITE, 11) == {}
    assert legs.heard(one_leg(), LegEnded(CHANNEL), SITE, 11) == {}


def test_a_second_end_and_a_leg_never_heard_of_change_nothing() -> None:
    for said in (LegSpoke("PJSIP/telekom-00000002"), LegEnded("PJSIP/telekom-00000002"), began(trunk="nobody")):
        assert legs.heard(one_leg(), said, SITE, 11) == one_leg()


def test_legs_whose_end_got_lost_are_forgotten() -> None:
    many: Legs = one_leg()
    for n in range(legs.MOST + 50):
        many = legs.heard(many, began(f"PJSIP/telekom-{n:08x}"), SITE, 20.0 + n / 100)
    assert len(many) == legs.MOST
    assert CHANNEL not in many
    assert len(legs.heard(many, began(), SITE, 20 + 3.5 + legs.LONGEST)) == 1
    assert legs.waiting(one_leg(), 10 + legs.LONGEST) == {}


@pytest.mark.parametrize(
    "dialled",
    ["112@telekom", "telekom/sip:112@10.0.0.1:5060", "telekom/sips:110@[2001:db8::1]:5061", "telekom/112",
     "112;phone-context=x@telekom", "telekom/sip:112", "", "@telekom", "telekom/"],
)  # fmt: skip
def test_a_leg_that_is_or_could_be_to_an_emergency_number_is_moved_only_when_the_dialplan_s_time_is_over(
    dialled: str,
) -> None:
    [leg] = legs.heard({}, began(dialled=dialled), SITE, 10).values()
    due = 22.5 if "sip" in dialled else 14.5  # on an Asterisk that leaves silent legs, it did half a second ago
    for trunk in (WELL, failing(5, since=8.5), replace(WELL, health=Health(State.DOWN, since=10.4))):
        assert legs.move_at(leg, trunk) == due


@pytest.mark.parametrize(
    "dialled",
    ["+4930112@telekom", "1120@telekom", "0112@telekom", "telekom/sip:030110@10.0.0.112", "49@112",
     "telekom/sip:1@112"],
)  # fmt: skip
def test_a_number_that_only_looks_a_little_like_one_is_known(dialled: str) -> None:
    [leg] = legs.heard({}, began(dialled=dialled), SITE, 1).values()
    assert leg.limit is None


def test_an_emergency_number_is_known_in_the_form_in_which_its_trunk_sends_it() -> None:
    behind = replace(trunk_site("telekom"), dial="PJSIP/0{number}@telekom")
    assert legs.may_be_emergency("0112@telekom", behind, ("110", "112"))
    assert not legs.may_be_emergency("01120@telekom", behind, ("110", "112"))


def test_after_a_second_of_silence_a_probe_is_due_at_once() -> None:
    [silent] = legs.waiting(one_leg(), 10).values()
    assert legs.probe_at(silent, WELL) == 11.0


def test_while_it_lasts_a_probe_follows_the_other_twice_a_second() -> None:
    [silent] = legs.waiting(one_leg(), 10).values()
    assert legs.probe_at(silent, replace(WELL, probed_at=11.0)) == pytest.approx(11.45)


def test_no_probe_is_asked_for_while_one_is_under_way_or_where_there_is_none_to_be_had() -> None:
    [silent] = legs.waiting(one_leg(), 10).values()
    iax = replace(WELL, site=trunk_site("telekom", WatchKind.IAX2))
    bare = replace(WELL, evidence=Evidence(NO_CONTACT))
    down = replace(WELL, health=Health(State.DOWN))
    for trunk in (replace(WELL, probe_due=None), iax, bare, down):
        assert legs.probe_at(silent, trunk) is None
    assert legs.probe_at([], WELL) is None


@pytest.mark.parametrize(
    ("trunk", "due"),
    [
        (WELL, 22.5),  # the dialplan's own time, for an Asterisk that cannot keep it
        (failing(2, since=5.0), 22.5),
        (failing(4, since=11.0), 13.0),  # probed because of this leg
        (failing(5, since=8.5), 11.0),  # the probes knew before
        (replace(WELL, health=Health(State.DOWN, since=10.4)), 11.0),  # the verdict falls soon after it began
        (replace(WELL, health=Health(State.DOWN, since=14.0)), 14.0),
        (replace(WELL, health=Health(State.DOWN, since=3.0)), 12.5),  # sent into it as a last resort
        (replace(WELL, health=Health(State.RECOVERING, since=3.0)), 22.5),
    ],
)
def test_when_a_leg_that_began_at_10_is_moved_on(trunk: Trunk, due: float) -> None:
    assert legs.move_at(one_leg()[CHANNEL], trunk) == due


def test_a_leg_that_was_moved_on_waits_for_no_sign_of_life_and_its_failure_is_excused_once() -> None:
    gone = legs.moved(one_leg(), one_leg().values())
    assert legs.waiting(gone, 11) == {}
    ended = legs.heard(gone, LegEnded(CHANNEL), SITE, 12)
    for other in (CallFailed("telekom", "503", "1.2"), CallFailed("gsm", "503", "1.1"), CallFailed("telekom", "503")):
        assert legs.excused(ended, other) is None
    assert legs.excused(ended, CallFailed("telekom", "silence", "1.1")) == {}
    assert legs.excused(one_leg(), CallFailed("telekom", "silence", "1.1")) is None


def test_a_leg_that_stays_is_left_alone_from_then_on() -> None:
    asked = legs.moved(one_leg(), one_leg().values())
    assert legs.heard(asked, LegMoved(CHANNEL, "telekom", 3.0, done=False), SITE, 13) == {}
    assert legs.heard(asked, LegMoved(CHANNEL, "telekom", 3.0, done=True), SITE, 13) == asked
    assert legs.heard({}, LegMoved(CHANNEL, "telekom", 3.0, done=False), SITE, 13) == {}
