"""Trunks that the router cannot probe: what Asterisk holds of them is all there is, but for their calls."""

from __future__ import annotations

import pytest

from router.core import held
from router.core.health import Verdict
from router.core.registration import Timing
from router.core.signals import ContactSaid
from router.core.site import Policy, WatchKind, Way
from tests.unit.core.offices import NUMBER, site, trunk_site
from tests.unit.core.play import Play

IAX2, DEVICE = WatchKind.IAX2, WatchKind.DEVICE
GOOD = [word for word, (verdict, _) in held.WORDS.items() if verdict is Verdict.GOOD]
BAD = [word for word, (verdict, _) in held.WORDS.items() if verdict is Verdict.BAD]
UNTOLD = [word for word, (verdict, _) in held.WORDS.items() if verdict is Verdict.NOTHING]
READY = {IAX2: "OK", DEVICE: "NOT_INUSE"}


def an_office(kind: WatchKind, word: str | None = None, registers: bool = False, **policy: float) -> Play:
    """Its first number comes in by a trunk of that kind, which Asterisk holds for well, or as `word` says."""
    play = Play(site(trunks=(trunk_site("iax", kind), trunk_site("gsm")), policy=Policy(**policy)))  # type: ignore[arg-type]
    trunk = play.pbx.trunks["iax"]
    trunk.contact, trunk.registers = word or READY[kind], registers
    trunk.timing = Timing(float("inf"), float("inf"), float("inf"))
    play.connect().run(20.0)
    return play


def becomes(play: Play, word: str, noticed: bool = True) -> None:
    play.pbx.trunks["iax"].contact = word
    if noticed:
        play.say(ContactSaid("iax", word))


@pytest.mark.parametrize("kind", [IAX2, DEVICE])
@pytest.mark.parametrize("bad", BAD)
def test_what_asterisk_holds_for_dead_is_down_after_the_fall_time_and_is_never_probed(kind, bad):
    play = an_office(kind)
    assert play.state("iax") == "up"
    becomes(play, bad)
    took = play.run_until(lambda: play.state("iax") == "down", within=3.1)
    assert took >= 3.0
    play.run(0.1)
    assert play.way(NUMBER) is Way.MOBILE
    assert str(held.WORDS[bad][1]) == play.why("iax")
    assert "iax" not in {name for _, name in play.probes}


@pytest.mark.parametrize("bad", BAD)
def test_a_word_that_is_taken_back_before_the_fall_time_is_a_short_dip(bad):
    play = an_office(IAX2)
    becomes(play, bad)
    play.run(2.0)
    becomes(play, "OK")
    play.run(60)
    assert play.state("iax") == "up"
    assert len(play.plans) == 1


@pytest.mark.parametrize("kind", [IAX2, DEVICE])
def test_it_comes_back_after_the_rise_time(kind):
    play = an_office(kind)
    becomes(play, BAD[0])
    play.run(30)
    becomes(play, READY[kind])
    took = play.run_until(lambda: play.state("iax") == "up", within=121)
    assert took >= 120


@pytest.mark.parametrize("bad", BAD)
def test_what_no_event_told_the_next_survey_finds(bad):
    play = an_office(IAX2)
    becomes(play, bad, noticed=False)
    play.run_until(lambda: play.state("iax") == "down", within=7.5)


@pytest.mark.parametrize("word", UNTOLD)
def test_where_asterisk_cannot_tell_only_calls_do_and_the_sentence_says_so(word):
    play = an_office(IAX2, word)
    assert (play.state("iax"), play.why("iax")) == ("unknown", str(held.WORDS[word][1]))
    play.call_fails("iax", times=3)
    assert play.state("iax") == "down"
    play.run(125)
    assert play.state("iax") == "up"  # the next call is the trial


def test_what_asterisk_can_no_more_tell_moves_no_call():
    play = an_office(IAX2)
    becomes(play, held.INVALID)
    play.run(60)
    assert play.state("iax") == "up"
    assert "knows nothing of that name" in play.why("iax")


def test_what_was_dead_and_can_no_more_be_told_comes_back_after_the_rise_time():
    play = an_office(DEVICE)
    becomes(play, "UNAVAILABLE")
    play.run(30)
    becomes(play, "UNKNOWN")
    play.run(121)
    assert play.state("iax") == "up"


def test_a_peer_that_was_not_asked_yet_changes_nothing():
    play = an_office(IAX2)
    becomes(play, "UNREACHABLE")
    play.run(30)
    becomes(play, "Unknown")
    play.run(300)
    assert play.state("iax") == "down"


def test_three_failed_calls_bring_it_down_however_well_asterisk_holds_it():
    play = an_office(IAX2)
    play.call_fails("iax", times=3)
    assert play.state("iax") == "down"
    assert "calls in a row failed" in play.why("iax")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("Timeout", "the carrier does not answer our registration."),
        ("No Authentication", "the carrier refuses our registration."),
        ("Refused", "the carrier refuses our registration."),
    ],
)
def test_a_registration_that_fails_is_told_and_never_called_given_up(status, said):
    play = an_office(IAX2, registers=True)
    play.pbx.trunks["iax"].registration = status
    play.run(10)
    assert (play.state("iax"), play.why("iax")) == ("down", said)
    play.run(3000)  # within the hour for which it was registered last
    assert play.why("iax") == said


def test_registered_and_not_probed_is_good():
    play = an_office(IAX2, held.UNMONITORED, registers=True)
    assert (play.state("iax"), play.why("iax")) == ("up", "registered; Asterisk does not probe it.")


def test_blind_is_not_down_and_the_state_starts_from_the_route_after_a_restart():
    play = an_office(IAX2)
    becomes(play, "UNREACHABLE")
    play.run(30).lose_ami().run(60)
    assert play.state("iax") == "down"
    play.restart_router().run(60)
    assert play.state("iax") == "down"
    assert play.way(NUMBER) is Way.MOBILE


def test_a_table_that_nobody_vouches_for_diverts_no_trunk_that_asterisk_holds_for_well():
    play = an_office(IAX2)
    becomes(play, "UNREACHABLE")
    play.run(30)
    play.connected = False
    play._boot()
    play.run(600)
    play.pbx.trunks["iax"].contact = "OK"
    play.connect().run(1)
    assert play.state("iax") == "up"
