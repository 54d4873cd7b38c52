"""A calm return says until when, and why it takes so long; no number is switched to what is not proven."""

from __future__ import annotations

from router.core.effects import Kind
from router.core.site import Policy, Way
from tests.unit.core.offices import site
from tests.unit.core.play import Play


def office() -> Play:
    return Play(site(policy=Policy(rise=60, switches_per_hour=4))).connect().run(10)


def outage(play: Play, back: bool = True) -> Play:
    """Down, and answering again; with `back` until its calls are back, too."""
    play.pbx.trunks["telekom"].silent = True
    play.run(15)
    play.pbx.trunks["telekom"].silent = False
    play.run_until(lambda: play.state() == "recovering", within=10)
    if back:
        play.run_until(lambda: play.state() == "up", within=4000)
    return play


def test_what_recovers_says_until_when_it_is_watched():
    play = outage(office(), back=False)  # at 08:00:31, say
    assert play.why() == "it is being watched until 08:02 UTC: registered, and probes are answered."
    said = {play.run(1).why() for _ in range(30)}
    assert said == {play.why()}, "told each second, it is the same"


def test_a_relapse_is_told_with_the_longer_time_it_costs():
    play = outage(outage(office()), back=False)
    assert play.why().startswith("it has relapsed within the hour, so it is being watched for 120 s, until 08:0")


def test_after_four_switches_within_the_hour_it_says_that_it_stays_on_the_fallback_and_until_when():
    play = outage(outage(office()))
    since = play.now
    outage(play, back=False)
    first = play.office.trunks["telekom"].health.switches[-4]
    assert play.why().startswith("it has switched 5 times within the hour and stays on the fallback until ")
    told = [line for line in play.told(Kind.TRANSITION, since) if "stays on the fallback" in line]
    assert len(told) == 1
    assert told[0].startswith("Telekom looks good again; it has switched 5 times within the hour")
    play.run(1800)
    assert play.way() is Way.MOBILE
    assert [line for line in play.told(since=since) if "stays on the fallback" in line] == told
    play.run_until(lambda: play.way() is Way.OFFICE, within=4000)
    assert play.now - first >= 3600


def test_where_no_fallback_is_proven_the_switch_waits_and_the_sentence_says_so():
    play = office()
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.state() == "failing", within=6)
    play.run(1)
    play.pbx.trunks["gsm"].silent = True  # after it was asked whether it could help, and had answered
    play.call_fails("gsm").run_until(lambda: play.state() == "down", within=10)
    assert play.state("gsm") == "failing"
    assert play.way() is Way.OFFICE
    assert play.sentence() == (
        "Telekom is down, and Gsm looks bad too: calls do not go there before it is proven to work. "
        "Whoever dials +4930123456 and gets through rings the office."
    )
    play.pbx.trunks["gsm"].silent = False
    play.run_until(lambda: play.way() is Way.MOBILE, within=2)


def test_a_fallback_is_asked_whether_it_could_help_before_a_failed_call_may_bring_the_switch():
    play = office()
    play.run_until(lambda: play.probes[-1] == (play.probes[-1][0], "gsm"), within=6)
    play.run(1)
    before = play.now
    play.call_fails("telekom", times=2).run(0.1)
    assert "gsm" in [name for at, name in play.probes if at >= before]
