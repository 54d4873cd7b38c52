"""The pace of probing: calm while all is well; at once after a missed probe or suspicious call; then six in a fall."""

from __future__ import annotations

import pytest

from router.core import signals
from router.core.evidence import NO_CONTACT, REACHABLE, REMOVED
from router.core.site import Policy
from tests.unit.core.offices import site, trunk_site
from tests.unit.core.play import Play

FALLS, PACES = (1, 3, 10), (2, 3, 5)


def office(fall: float, probe: float) -> Play:
    return Play(site(policy=Policy(fall=fall, probe=probe))).connect().run(30.1)


def sent(play: Play, since: float = 0.0, until: float = float("inf")) -> list[float]:
    return [at for at, name in play.probes if name == "telekom" and since <= at < until]


@pytest.mark.parametrize("fall", FALLS)
@pytest.mark.parametrize("probe", PACES)
def test_while_all_is_well_a_trunk_is_probed_at_the_calm_pace(fall, probe):
    play = office(fall, probe).run(300)
    pauses = [later - at for at, later in zip(sent(play, 10), sent(play, 10)[1:], strict=False)]
    assert pauses == pytest.approx([probe] * len(pauses))


@pytest.mark.parametrize("fall", FALLS)
@pytest.mark.parametrize("probe", PACES)
@pytest.mark.parametrize("phase", [0.0, 0.3, 0.7])
def test_six_probes_meet_silence_within_the_fall_time_which_counts_from_the_first_of_them(fall, probe, phase):
    play = office(fall, probe).run(probe * phase)
    play.pbx.trunks["telekom"].silent = True
    cut = play.now
    play.run_until(lambda: play.state() == "down", within=probe + fall + 0.1)
    first = sent(play, cut)[0]
    assert play.now - first == pytest.approx(fall, abs=0.02)
    assert len(sent(play, cut, first + fall - 1e-6)) == 6
    assert all(not answered for at, _, answered in play.answers["telekom"] if at >= cut)


@pytest.mark.parametrize("fall", FALLS)
def test_once_it_is_down_the_pace_is_calm_again(fall):
    play = office(fall, 5)
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.state() == "down", within=20)
    since = play.now + 1
    assert len(sent(play.run(101), since, since + 100)) in (20, 21)


def test_a_suspicious_call_has_the_trunk_probed_at_once():
    play = office(3, 5)
    play.run_until(lambda: bool(sent(play, play.now - 0.1)), within=6)
    play.run(1)
    before = play.now
    play.call_fails("telekom").run(0.05)
    assert len(sent(play, before)) == 1


def test_one_lost_probe_is_followed_by_one_at_once_and_then_calm_returns():
    play = office(3, 5)
    play.pbx.trunks["telekom"].loses = 1
    cut = play.now
    play.run(20)
    first, second, third = sent(play, cut)[:3]
    assert second - first == pytest.approx(0.5)
    assert 3.75 <= third - second <= 5.0001
    assert play.state() == "up"


def test_trunks_that_were_once_probed_together_do_not_stay_together():
    names = [f"t{n}" for n in range(20)]
    play = Play(site(tuple(trunk_site(name) for name in names))).connect().run(30)
    play.pbx.trunks["t0"].loses = 1
    play.run(20)
    together = play.probes[-1][0]
    assert most_within(play, 0.25, 30.0, together) == 20, "one that looks bad has all the others asked"
    play.run(6)
    assert most_within(play, 0.25, together + 1, play.now) <= 6, "they part at the next pace"
    play.run(80)
    assert most_within(play, 0.25, play.now - 20, play.now) <= 2


def most_within(play: Play, window: float, since: float, until: float) -> int:
    asked = [at for at, _ in play.probes if since <= at <= until]
    return max(sum(at <= other < at + window for other in asked) for at in asked)


def test_one_of_two_contacts_that_goes_takes_no_trunk_down_and_has_it_listed_at_once():
    play = Play().connect().run(7.2)
    asked = len(play.probes)
    play.say(signals.ContactSaid("telekom", REMOVED))
    assert [name for _, name in play.probes[asked:]] == ["telekom"]
    play.run(600)
    assert (play.state(), len(play.plans)) == ("up", 1)
    assert [line for line in play.told() if "Telekom" in line] == ["Telekom answers."]


def test_the_last_contact_that_goes_is_found_gone_at_once():
    play = Play().connect().run(7.2)
    play.pbx.trunks["telekom"].contact = NO_CONTACT
    gone = play.now
    play.say(signals.ContactSaid("telekom", REMOVED))
    play.run_until(lambda: play.state() == "down", within=play.site.policy.fall + 0.5)
    assert play.why() == "it is not connected to the PBX (no contact)."
    asked = [at for at, name in play.probes if name == "telekom" and at > gone]
    play.run(100)
    again = [at for at, name in play.probes if name == "telekom" and at > gone][len(asked) :]
    assert len(again) == pytest.approx(100 / play.site.policy.probe, abs=1), "the calm pace"


@pytest.mark.parametrize("never", [NO_CONTACT, None])
def test_a_contact_that_comes_back_unheard_is_found_within_one_pace(never):
    play = Play()
    trunk = play.pbx.trunks["telekom"]
    trunk.contact = never
    trunk.registers = False
    play.connect().run(60)
    trunk.contact = REACHABLE
    play.run_until(lambda: play.office.trunks["telekom"].evidence.contact == REACHABLE, within=play.site.policy.probe)
    play.run_until(lambda: play.state() == "up", within=play.site.policy.rise + 10)
