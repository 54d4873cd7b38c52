"""A call dialled into a trunk that has just died rings by the next one within seconds; one that is only slow stays."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.campaign import report
from tests.lab.board import Sighting
from tests.lab.call import Call
from tests.lab.lab import MOBILE, Lab
from tests.lab.office import PRODUCT_DIALPLAN
from tests.lab.router import NUMBER, Router, trunk
from tests.lab.running import route_writes, running, state

OUTSIDE, OUTSIDE_E164 = "030777", "+4930777"
SOON = 6.0
"""Seconds within which a call that met silence rings elsewhere."""
PATIENCE = "^${FILTER(0-9,${ARG3})}"


@pytest_asyncio.fixture(loop_scope="session")
async def usual(lab: Lab, tmp_path: Path) -> AsyncIterator[Router]:
    """The product with the policy that it has by default."""
    async with running(lab, tmp_path) as product:
        yield product


async def test_a_call_dialled_into_a_trunk_that_has_just_died_rings_by_the_next_one(lab: Lab, usual: Router) -> None:
    await _probed(lab, usual)
    with lab.telekom.silent():
        call = lab.desk.dials(OUTSIDE)
        await _rings_by_the_next(lab, call)
        await call.answered()
    assert _moved(usual) == _legs(lab, "telekom")
    line = [entry for entry in await _journal(usual) if entry["kind"] == "call"]
    assert len(line) == 1
    assert "moved on to the next trunk" in line[0]["text"]


@pytest.mark.campaign
async def test_a_call_that_got_100_trying_before_its_trunk_died_rings_by_the_next_one(lab: Lab, usual: Router) -> None:
    with lab.telekom.answers_invites_late(5):
        await _probed(lab, usual)
        call = lab.desk.dials(OUTSIDE)
        await lab.telekom.rang(number=OUTSIDE_E164)
        await asyncio.sleep(0.2)
        with lab.telekom.silent():
            await _rings_by_the_next(lab, call)
    assert _moved(usual) == _legs(lab, "telekom")


async def test_twenty_calls_at_once_are_all_moved_on_and_the_trunk_is_judged_by_its_probes(
    lab: Lab, usual: Router
) -> None:
    await _probed(lab, usual)
    with lab.telekom.silent():
        calls = [lab.desk.dials(f"03077{n:02d}") for n in range(20)]
        took = [await call.ringing(within=SOON) - call.begun_at for call in calls]
        print(f"\nring after {min(took):.2f} to {max(took):.2f} s")
        assert "probes in a row went unanswered" in trunk(await usual.status(), "telekom")["why"]
    assert sorted(_moved(usual)) == sorted(_legs(lab, "telekom"))
    assert len(_moved(usual)) == 20
    assert not lab.gsm.invites()
    assert "calls in a row failed" not in usual.log()


async def test_a_forwarded_call_is_moved_on_to_the_next_fallback(lab: Lab, usual: Router) -> None:
    assert (await usual.override("mobile")).status_code == 200
    await _probed(lab, usual, "gsm")
    with lab.gsm.silent():
        call = lab.telekom.calls(NUMBER)
        ring = await lab.mobile.rang(within=SOON, since=call.begun_at)
        print(f"\nrings after {ring.begun_at - call.begun_at:.2f} s")
        assert lab.zweit.invites(Number=MOBILE)
        assert call.ended_at is None
    assert _moved(usual) == _legs(lab, "gsm")


async def test_without_the_dialplans_own_patience_as_on_asterisk_16_it_is_moved_on_all_the_same(
    lab: Lab, usual: Router
) -> None:
    text = PRODUCT_DIALPLAN.read_text()
    assert text.count(PATIENCE) == 1
    lab.office.install_dialplan((lab.office.etc / "failover_office.conf").read_text(), text.replace(PATIENCE, ""))
    await _probed(lab, usual)
    with lab.telekom.silent():
        call = lab.desk.dials(OUTSIDE)
        await _rings_by_the_next(lab, call)
    assert _moved(usual) == _legs(lab, "telekom")


@pytest.mark.campaign
async def test_a_carrier_that_needs_eight_seconds_to_ringing_is_probed_meanwhile_and_gets_them(
    lab: Lab, usual: Router
) -> None:
    await _probed(lab, usual)
    with lab.telekom.answers_invites_late(8):
        call = lab.desk.dials(OUTSIDE)
        took = await call.ringing(within=9) - call.begun_at
        probes = _probes(lab, call.begun_at)
        print(f"\nrings after {took:.2f} s, {len(probes)} probes meanwhile")
        assert any(probe - call.begun_at == pytest.approx(1.0, abs=0.3) for probe in probes)
        assert len(probes) >= 14  # in seven seconds
        rung = time.monotonic()
        await asyncio.sleep(7)
        assert len(_probes(lab, rung)) <= 2  # the calm pace
    assert lab.telekom.calls_here(number=OUTSIDE_E164)
    assert not lab.zweit.invites()
    assert _moved(usual) == []
    assert state(await usual.status(), "telekom") == "up"
    assert not route_writes(usual, call.begun_at)


@pytest.mark.campaign
@pytest.mark.parametrize("sign", [180, 182, 183])
async def test_a_leg_that_gave_a_sign_of_life_is_not_moved_when_its_trunk_dies_afterwards(
    lab: Lab, usual: Router, sign: int
) -> None:
    """180 Ringing; 182 Queued, of which AMI says nothing; 183 Session Progress."""
    await _probed(lab, usual)
    with lab.telekom.answers_invites_with(sign):
        call = lab.desk.dials(OUTSIDE)
        await lab.telekom.invited(Number=OUTSIDE_E164)
        await asyncio.sleep(0.3)
        with lab.telekom.leaves_options_unanswered():
            await usual.wait_for(lambda s: state(s, "telekom") == "down")
            await asyncio.sleep(1.5)
            assert call.ended_at is None
            assert not lab.zweit.invites()
            assert _moved(usual) == []
    assert not [entry for entry in await _journal(usual) if entry["kind"] == "call"]


async def test_an_emergency_call_is_left_to_the_dialplan_while_the_call_beside_it_is_moved_on(
    lab: Lab, usual: Router
) -> None:
    await _probed(lab, usual)
    with lab.telekom.silent():
        emergency, other = lab.desk.dials("112"), lab.desk.dials(OUTSIDE)
        took = [await call.ringing(within=SOON) - call.begun_at for call in (emergency, other)]
        print(f"\n112 rings after {took[0]:.2f} s, the other call after {took[1]:.2f} s")
        await lab.zweit.rang(within=1, number="112")
        assert 4.0 <= took[0] < 5.0
    assert _moved(usual) == _legs(lab, "telekom", f"{OUTSIDE_E164}@telekom")


QUICK_BACK = {"rise_seconds": 2, "rise_max_seconds": 2, "max_switches_per_hour": 100}


@pytest.mark.campaign
@pytest.mark.timeout(400)
async def test_a_hundred_calls_at_random_moments_across_five_cuts_of_the_carrier(lab: Lab, tmp_path: Path) -> None:
    """Twenty around each cut, from four seconds before it to eight after. None is lost, and each rings soon."""
    seed = random.randrange(10**6)
    dice = random.Random(seed)
    calls: list[Call] = []
    async with running(lab, tmp_path, **QUICK_BACK) as router:
        for cut in range(5):
            await router.wait_for(lambda s: s["route"]["outbound"][0] == "telekom" and s["route"]["verified"], 30)
            await asyncio.sleep(dice.uniform(0, 5))
            begun = time.monotonic()
            moments = sorted(dice.uniform(-4, 8) for _ in range(20))
            dialling = asyncio.create_task(_dial(lab, [begun + 4 + moment for moment in moments], f"03055{cut}"))
            await asyncio.sleep(4)
            with lab.telekom.silent():
                mine = await dialling
                await asyncio.sleep(3)
            for call in mine:
                await call.answered(within=40)
                call.hangup()
            calls += mine
        moved, told = _moved(router), router.log().count("moved on to the next trunk")
    took = sorted((call.ringing_at or call.answered_at or 0) - call.begun_at for call in calls)
    met = sum(seconds > 1 for seconds in took)
    report(
        "100 outbound calls across five cuts", seed=seed, answered=len(took), met_silence=met, moved_by_ami=len(moved),
        median_s=round(took[50], 2), slowest_s=round(took[-1], 2), slowest_ten_s=[round(s, 2) for s in took[-10:]],
    )  # fmt: skip
    assert len(took) == 100
    assert took[-1] < SOON
    assert told == len(moved)


@pytest.mark.campaign
@pytest.mark.timeout(400)
async def test_a_hundred_calls_over_a_slow_carrier_while_five_percent_of_the_probes_are_lost(
    lab: Lab, usual: Router
) -> None:
    """None is moved by mistake. Asterisk itself sends a call elsewhere while it holds the contact for Unreachable."""
    seed = random.randrange(10**6)
    dice = random.Random(seed)
    await usual.ready()
    with lab.telekom.answers_invites_late(8), lab.telekom.loses_share_of_options(0.05, seed) as lost:
        begun = time.monotonic()
        calls = await _dial(lab, sorted(begun + dice.uniform(0, 60) for _ in range(100)), "03066")
        for call in calls:
            await call.answered(within=20)
            call.hangup()
        probes = len(_probes(lab, begun))
    slow = [call for call in calls if lab.telekom.calls_here(number=f"+49{call.number[1:]}")]
    took = sorted((call.ringing_at or call.answered_at or 0) - call.begun_at for call in slow)
    report(
        "100 calls over a slow carrier, 5 % of probes lost", seed=seed, probes=probes, lost=len(lost.hit),
        rang_there=len(slow), not_sent_there_by_asterisk=100 - len(slow), moved=len(_moved(usual)),
        patience_writes=len([w for w in route_writes(usual, begun) if w["Key"].endswith("/out")]),
        median_s=round(took[len(took) // 2], 2), slowest_s=round(took[-1], 2),
    )  # fmt: skip
    assert _moved(usual) == []
    assert {call.number for call in slow} == {f"0{leg['DialString'][3:].partition('@')[0]}" for leg in _begun(lab)}
    assert len(slow) >= 98
    assert state(await usual.status(), "telekom") != "down"
    assert len(lost.hit) >= 3


async def _rings_by_the_next(lab: Lab, call: Call) -> None:
    took = await call.ringing(within=SOON) - call.begun_at
    print(f"\nrings after {took:.2f} s")
    await lab.zweit.rang(within=1, number=OUTSIDE_E164)


async def _probed(lab: Lab, router: Router, name: str = "telekom") -> None:
    """Until just after an answered probe of a trunk, when the next one by its own pace is furthest away."""
    await router.ready()
    begun = time.monotonic()
    [carrier] = [carrier for carrier in lab.carriers if carrier.name == name]
    await carrier.board.wait("OPTIONS", within=8, since=begun)
    await asyncio.sleep(0.1)


def _probes(lab: Lab, since: float) -> list[float]:
    """When the office probed telekom. That carrier asks for a password, and gets each OPTIONS a second time."""
    calls: dict[str, float] = {}
    for seen in lab.telekom.board.all("OPTIONS", since=since):
        calls.setdefault(seen["CallID"], seen.at)
    return sorted(calls.values())


async def _dial(lab: Lab, moments: list[float], prefix: str) -> list[Call]:
    """A call at each of those moments, to a number of its own."""
    calls = []
    for n, moment in enumerate(moments):
        await asyncio.sleep(moment - time.monotonic())
        calls.append(lab.desk.dials(f"{prefix}{n:02d}"))
    return calls


def _moved(router: Router) -> list[str]:
    """The channels that the router hung up, by what reached Asterisk, each with the cause that sends a call on."""
    actions = router.ami.actions("Hangup")
    assert {action["Cause"] for action in actions} <= {"38"}
    return [action["Channel"] for action in actions]


def _begun(lab: Lab, name: str = "telekom") -> list[Sighting]:
    """The legs that the office began over a trunk."""
    return [leg for leg in lab.office.board.all("DialBegin") if leg["DestChannel"].startswith(f"PJSIP/{name}-")]


def _legs(lab: Lab, name: str, dialled: str = "") -> list[str]:
    return [leg["DestChannel"] for leg in _begun(lab, name) if dialled in ("", leg["DialString"])]


async def _journal(router: Router) -> list[dict[str, str]]:
    lines: list[dict[str, str]] = (await router.request("GET", "log")).json()["lines"]
    return lines
