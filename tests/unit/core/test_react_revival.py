"""A registration that Asterisk has given up is revived, at a pace that carriers bear."""

from __future__ import annotations

import itertools

import pytest

from router.core.effects import Kind
from router.core.registration import Timing
from router.core.site import Policy
from tests.unit.core.offices import site
from tests.unit.core.play import PUT_OFF, Play
from tests.unit.core.sim_pbx import NO_ANSWER

FOR_EVER = "the carrier refuses our registration for good (403 or 404: barred, or a wrong password), and Asterisk has "


def refused(code: int | None, timing: Timing | None = None, before: float = 130.0) -> Play:
    """An office whose carrier refuses the telekom's registration from now on, and has just refused it once."""
    play = Play()
    trunk = play.pbx.trunks["telekom"]
    trunk.timing = timing or Timing(expiration=70)
    play.connect().registers("telekom")
    play.run(before)
    trunk.refuses = code
    play.run_until(lambda: trunk.registration == "Rejected", within=100)
    return play


def gaps(play: Play, since: float = 0.0) -> list[float]:
    asked = [at for at, _ in play.revivals if at >= since]
    return [later - at for at, later in itertools.pairwise(asked)]


@pytest.mark.parametrize("withdrawn_after", [0, 1, 20, 44, 46, 50, 55, 56, 100, 500, 850])
def test_a_403_given_up_is_back_within_a_minute_of_its_withdrawal(withdrawn_after):
    play = refused(403).run(withdrawn_after)
    trunk = play.pbx.trunks["telekom"]
    trunk.refuses = None
    took = play.run_until(lambda: trunk.registration == "Registered", within=60)
    assert took <= 45 + PUT_OFF + 1


def test_attempts_keep_their_distance_and_grow_rare():
    play = refused(403).run(3 * 3600)
    quarter = [at for at, _ in play.revivals if at < play.revivals[0][0] + 900]
    assert 15 <= len(quarter) <= 22
    assert min(gaps(play)) >= 30
    assert len(play.revivals) < 55
    assert max(gaps(play)) <= 1800 + PUT_OFF
    assert len({round(gap, 3) for gap in gaps(play)[:10]}) > 5, "chance is in it"


def test_after_a_first_asking_it_is_known_that_asterisk_has_given_up():
    play = refused(403).run(60)
    assert play.why().startswith(FOR_EVER)
    play.run(300)
    assert play.why().startswith(FOR_EVER)


def test_what_asterisk_tries_by_itself_is_left_to_it_after_one_question():
    play = refused(503).run(600)
    assert len(play.revivals) == 1
    assert play.why().startswith("the carrier refuses our registration for now")


@pytest.mark.parametrize(
    ("code", "timing"), [(403, Timing(70, 60, 30)), (NO_ANSWER, None), (403, Timing(70, 60, 300, 300))]
)
def test_nothing_is_asked_for_while_asterisk_tries_by_itself(code, timing):
    play = refused(code, timing).run(900)
    assert play.revivals == []


def test_a_registration_is_never_asked_for_while_it_is_registered():
    play = Play().connect().run(2000)
    assert play.revivals == []


def test_the_journal_tells_the_first_attempt_and_the_success_and_nothing_in_between():
    play = refused(403)
    since = play.now
    play.run(400)
    told = [line for line in play.told(Kind.PBX, since) if "Telekom" in line]
    assert len(told) == 1
    assert told[0].startswith("Telekom is not registered, and Asterisk may have given up")
    play.pbx.trunks["telekom"].refuses = None
    play.run(60)
    told = [line for line in play.told(Kind.PBX, since) if "Telekom" in line][1:]
    assert told == [f"Telekom is registered again. The router had asked for it {len(play.revivals)} times."]
    play.run(600)
    assert len([line for line in play.told(Kind.PBX, since) if "Telekom" in line]) == 2


def test_a_router_that_only_reads_asks_for_nothing():
    play = refused(403)
    play.pbx.heads |= {"writer": "router-2", "lease": str(int(play.epoch) + 60)}
    for _ in range(20):
        play.run(20)
        play.pbx.heads["lease"] = str(int(play.epoch) + 60)
    assert play.revivals == []


def test_lost_ami_neither_hurries_nor_forgets_the_pace():
    play = refused(403).run(3600)
    before = play.now
    for _ in range(6):
        play.lose_ami().run(5)
        play.connect().run(300)
    assert len([at for at, _ in play.revivals if at >= before]) <= 6


SELDOM = Policy(probe=60)
EXPIRED = "our registration has expired, and was not renewed."


def renewed(expiration: float, grants: float | None = None) -> Play:
    """An office whose registration was renewed twice, under our eyes; it probes seldom, for hours are played here."""
    play = Play(site(policy=SELDOM))
    trunk = play.pbx.trunks["telekom"]
    trunk.timing, trunk.grants = Timing(expiration=expiration), grants
    play.connect().registers("telekom")
    return play.run(2 * trunk.renewed_after + 1)


@pytest.mark.parametrize(("expiration", "grants", "lasts"), [
    (70, None, 3600), (3600, None, 3600), (7200, None, 7200), (7200, 1800, 7200), (70, 1800, 3600), (70, 9000, 9000),
])  # fmt: skip
def test_a_registration_that_is_not_renewed_has_expired_when_no_registrar_could_have_granted_more(
    expiration, grants, lasts
):
    play = renewed(expiration, grants)
    play.pbx.trunks["telekom"].registrations += 1  # Asterisk forgets to renew it
    play.run(lasts - 1)
    assert play.state() == "up"
    play.run(20)
    assert (play.state(), play.why(), play.revivals) == ("down", EXPIRED, [])


@pytest.mark.parametrize(("before", "then"), [(None, 600), (None, 3600), (600, 60), (600, 3600)])
def test_a_registrar_that_begins_to_grant_longer_than_was_asked_for_takes_no_trunk_down(before, then):
    play = renewed(60, before)
    trunk = play.pbx.trunks["telekom"]
    trunk.grants = then
    for _ in range(60):
        play.run(120)
        assert (play.state(), play.why()) == ("up", "registered, and probes are answered.")
    assert len(play.plans) == 1


def test_one_that_always_grants_longer_is_never_expired_though_the_router_starts_in_the_middle():
    play = Play(site(policy=SELDOM))
    trunk = play.pbx.trunks["telekom"]
    trunk.timing, trunk.grants = Timing(expiration=60), 9000
    play.connect().run(10)
    play.registers("telekom")
    for _ in range(190):
        play.run(100)
        assert play.state() == "up"


def test_renewals_of_which_only_one_was_seen_tell_of_no_expiry():
    play = Play(site(policy=SELDOM))
    play.pbx.trunks["telekom"].timing = Timing(expiration=70)
    play.connect().registers("telekom")
    play.run(1)
    play.pbx.trunks["telekom"].registrations += 1
    play.run(10_000)
    assert play.state() == "up"


def test_a_carrier_that_no_longer_refuses_for_good_is_left_to_asterisk_again():
    play = refused(403).run(200)
    assert play.why().startswith(FOR_EVER)
    play.pbx.trunks["telekom"].refuses = 503
    since = play.now
    play.run(900)
    assert len([at for at, _ in play.revivals if at >= since]) <= 1
    assert play.why().startswith("the carrier refuses our registration for now")


def test_into_silence_nothing_is_asked_early():
    play = Play()
    trunk = play.pbx.trunks["telekom"]
    trunk.registration, trunk.silent, trunk.contact = "Rejected", True, "Unreachable"
    play.connect().run(100)
    assert play.revivals == []
