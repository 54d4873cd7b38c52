"""Blame in the course of outages: when to look around, how steadily a blame holds, and its one line in the journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from router.core.blame import Blame, Exhibit, Whose
from router.core.effects import Kind
from router.core.looking import AT_LEAST, CALM, LOST, MOST_HOSTS, TROUBLE
from router.core.office_blame import office_blame
from router.core.peer import Host
from router.core.sentence import Sentence
from router.core.signals import RegistrationSaid
from router.core.site import Site, WatchKind
from router.core.surroundings import Ending, Exit, Look, Lookup, Reach
from router.store.sentences import packed, unpacked
from tests.unit.core.offices import MORNING, NUMBER, site, trunk_site
from tests.unit.core.play import Play

SECOND = "+4930123457"
PHONES = ("PJSIP/20", "PJSIP/21")
TELEKOM, GSM = Host("203.0.113.11", port=True), Host("192.168.1.50", port=True)
SIPGATE = Host("sip.sipgate.test")


class Weather:
    """What looks find: the line, the name service and the office's two targets, each of which can be dead."""

    def __init__(self, play: Play, targets: bool = True) -> None:
        self.play, self.targets = play, targets
        self.line = self.names = True
        play.weather = self.look

    def look(self, began: float) -> Look:
        wall = self.play.wall
        up = Ending.OK if self.line else Ending.SILENT
        targets = (Reach("https://example.net", up, 0.04, wall, 204, "192.0.2.80"),) if self.targets else ()
        asked = ("example.net", SIPGATE.name) if self.targets else ()
        named = Ending.OK if self.names and self.line else Ending.SILENT
        names = tuple(Lookup(name, named, 0.02, wall, "192.168.1.1") for name in asked)
        gateway = Exit("eth0", "192.168.1.1", Ending.OK, 0.001, wall, True, "192.168.1.10")
        return Look(began, wall, (gateway,), targets, names)


def played(targets: bool = True, gsm: Host = GSM, about: Site | None = None) -> tuple[Play, Weather]:
    play = Play(about)
    play.pbx.trunks["telekom"].host, play.pbx.trunks["gsm"].host = TELEKOM, gsm
    weather = Weather(play, targets)
    play.connect().run(30)
    return play, weather


def whose(play: Play, name: str = "telekom") -> str | None:
    held = play.office.blames.get(name)
    return None if held is None else held.blame.whose.value


def blames(play: Play) -> list[str]:
    return play.told(Kind.BLAME)


def test_while_all_is_well_it_looks_once_a_minute_and_blames_nobody() -> None:
    play, _ = played()
    before = len(play.looks)
    play.run(600)
    assert len(play.looks) - before == 600 / CALM
    assert (play.office.blames, blames(play), office_blame(play.office)) == ({}, [], None)


def test_a_dead_carrier_is_blamed_as_soon_as_it_is_down() -> None:
    play, _ = played()
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: play.state() == "down", within=9)
    assert whose(play) == "carrier_silent"
    play.run(300)
    assert blames(play) == ["The carrier: Telekom does not answer, though our internet works."]
    assert whose(play, "gsm") is None


def test_a_dead_line_is_not_the_carriers_fault_for_a_moment() -> None:
    play, weather = played(gsm=SIPGATE)
    weather.line = False
    for trunk in play.pbx.trunks.values():
        trunk.silent = True
    seen = set()
    for _ in range(3000):
        play.run(0.02)
        seen |= {whose(play), whose(play, "gsm")}
    assert seen == {None, "unknown", "own_internet"}
    assert blames(play) == ["Our own internet connection is dead, and Gsm and Telekom go over it."]  # one for both


def test_without_targets_two_trunks_that_fall_silent_together_have_one_cause() -> None:
    play, weather = played(targets=False, gsm=SIPGATE)
    weather.line = False
    play.pbx.trunks["telekom"].silent = play.pbx.trunks["gsm"].silent = True
    play.run(60)
    assert (whose(play), whose(play, "gsm")) == ("common", "common")


def test_without_targets_one_silent_trunk_is_unproven() -> None:
    play, _ = played(targets=False)
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    assert whose(play) == "unproven"


def test_trouble_is_looked_into_at_once_and_then_every_few_seconds() -> None:
    play, _ = played()
    play.run_until(lambda: play.office.around.asked > play.now - 1, within=CALM + 1)
    began = play.now
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: bool(play.office.trunks["telekom"].evidence.unanswered), within=9)
    failed = play.now
    play.run(60)
    since = [at for at, _ in play.looks if at > began]
    assert since[0] - failed <= AT_LEAST
    gaps = [later - earlier for earlier, later in pairwise(since)]
    assert max(gaps) <= TROUBLE + 0.01


def test_a_look_that_never_comes_back_holds_no_other_up() -> None:
    play, _ = played()
    play._look = lambda effect: play.looks.append((play.now, effect))  # type: ignore[method-assign]
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    assert whose(play) == "unknown"
    times = [at for at, _ in play.looks][-3:]
    assert [round(later - earlier, 1) for earlier, later in pairwise(times)] == [LOST, LOST]


def test_a_short_dip_leaves_no_line_and_no_blame() -> None:
    play, _ = played()
    play.pbx.trunks["telekom"].loses = 2
    play.run(60)
    assert play.state() == "up"
    assert (play.office.blames, blames(play)) == ({}, [])


def test_another_blame_needs_two_looks_in_a_row() -> None:
    play, weather = played()
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: whose(play) == "carrier_silent", within=9)
    play.run(20)
    looked = len(play.looks)
    weather.line = False
    play.run_until(lambda: whose(play) == "own_internet", within=30)
    assert len(play.looks) - looked in (2, 3)
    assert len(blames(play)) == 2


def test_one_look_weighed_twice_is_one_look() -> None:
    play, weather = played()
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: whose(play) == "carrier_silent", within=9)
    play.run(20)
    weather.line, looked = False, len(play.looks)
    play.run_until(lambda: len(play.looks) > looked, within=6)
    play.run(2.1)
    play.call_fails("gsm", "503", times=3).run(0.5)  # all is weighed anew
    assert play.office.blames["telekom"].rival is not None
    assert whose(play) == "carrier_silent"


def test_a_second_trouble_is_looked_into_without_waiting_its_turn() -> None:
    play, _ = played()
    play.pbx.trunks["gsm"].silent = True
    play.run(60)
    looked = len(play.looks)
    play.run_until(lambda: len(play.looks) > looked, within=6)
    play.run(0.2)
    play.call_fails("telekom", "503", times=3).run(AT_LEAST)
    assert len(play.looks) == looked + 2


def test_looks_that_differ_each_time_change_nothing() -> None:
    play, weather = played()
    play.pbx.trunks["telekom"].silent = True
    play.run_until(lambda: whose(play) == "carrier_silent", within=9)
    fine, turns = weather.look, [0]

    def changing(began: float) -> Look:
        turns[0] += 1
        weather.line = turns[0] % 2 == 0
        return fine(began)

    play.weather = changing
    play.run(300)
    assert turns[0] > 40
    assert whose(play) == "carrier_silent"
    assert len(blames(play)) == 1


def test_who_works_again_is_nobodys_fault_at_once() -> None:
    play, _ = played()
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    play.pbx.trunks["telekom"].silent = False
    play.run(10)
    assert (play.state(), whose(play)) == ("recovering", None)


def test_calls_that_fail_behind_answered_probes() -> None:
    play, _ = played()
    play.call_fails("telekom", "503", times=3).run(20)
    assert whose(play) == "carrier_calls"
    assert blames(play) == [
        "The carrier: calls over Telekom end with 503, though it is registered and answers our probes."
    ]


def test_the_journal_keeps_the_evidence_with_its_moments() -> None:
    play, _ = played()
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    [line] = [line for _, line in play.lines if line.kind is Kind.BLAME]
    assert (line.trunk, line.data["whose"]) == ("telekom", "carrier_silent")
    kept = unpacked(packed(line.data))
    texts = [str(value) for key, value in kept.items() if isinstance(value, Sentence)]
    assert texts[0].startswith("Telekom at 203.0.113.11 has left every probe (SIP OPTIONS) unanswered since 08:00:3")
    assert texts[0].endswith((": 5 in a row.", ": 6 in a row."))  # not the one of when the look began
    assert "https://example.net at 192.0.2.80 answered with HTTP 204 after 40 ms." in texts
    moments = [value for value in kept.values() if isinstance(value, datetime)]
    assert len(moments) == len(texts)
    assert all(MORNING <= moment <= play.wall for moment in moments)


def test_a_dead_device_of_our_own() -> None:
    play, _ = played()
    play.pbx.trunks["gsm"].silent = True
    play.run(30)
    assert (whose(play, "gsm"), whose(play)) == ("device", None)


def test_a_dead_fallback_is_told_as_one() -> None:
    about = site()
    play, _ = played(about=replace(about, numbers=about.numbers[:1]))
    play.pbx.trunks["gsm"].silent = True
    play.run(30)
    held = office_blame(play.office)
    assert held is not None
    assert held.blame.whose is Whose.FALLBACK
    assert str(held.blame.text).startswith("Only the fallback Gsm is in trouble; calls do not depend on it just now. ")
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    held = office_blame(play.office)
    assert held is not None
    assert held.blame.whose is Whose.CARRIER_SILENT


def test_asterisk_out_of_sight_is_the_pbx_itself() -> None:
    play, _ = played()
    looked = len(play.looks)
    play.lose_ami().run(30)
    held = office_blame(play.office)
    assert held is not None
    assert held.blame.whose is Whose.PBX
    assert [str(piece.text) for piece in held.blame.evidence] == [
        "We do not see the PBX: connection lost", "Asterisk was last in sight.",
    ]  # fmt: skip
    assert held.since == MORNING + timedelta(seconds=30)
    assert len(play.looks) - looked >= 30 / TROUBLE - 1
    play.connect().run(5)
    assert office_blame(play.office) is None


def test_what_was_known_of_a_dead_trunk_stays_while_the_pbx_is_out_of_sight() -> None:
    play, _ = played()
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    play.lose_ami().run(30)
    assert whose(play) == "carrier_silent"
    play.connect().run(30)
    assert whose(play) == "carrier_silent"
    assert len(blames(play)) == 1


def test_before_the_first_word_of_the_pbx_nobody_is_blamed() -> None:
    assert office_blame(Play().run(5).office) is None


def test_a_number_that_fails_alone_is_blamed_on_that_number_and_office_phones_that_are_gone_on_them() -> None:
    play, _ = played(about=with_two_numbers(site(phones=PHONES)))
    play.connect().run(6)
    for last in range(3):
        play.call_fails("telekom", "403", number=SECOND, to=f"+493077{last}")
        play.call_goes_through("telekom", number=NUMBER, to=f"+493077{last}")
    play.run(6)
    assert whose(play) == "one_number"
    assert f"One number alone: calls in the name of {SECOND} fail over Telekom, while others go through." in blames(
        play
    )
    gone = play.wall
    for device in PHONES:
        play.phone(device, "UNAVAILABLE")
    play.run(60)
    held = office_blame(play.office)
    assert held is not None
    assert held.blame.whose is Whose.PHONES
    assert "PJSIP/20, PJSIP/21" in str(held.blame.text)
    assert held.since >= gone


def with_two_numbers(about: Site) -> Site:
    first = about.numbers[0]
    return replace(about, numbers=(*about.numbers, replace(first, number=SECOND, phones=())))


def test_a_hundred_trunks_make_no_endless_look() -> None:
    about = site(trunks=tuple(trunk_site(f"t{n}") for n in range(100)))
    play = Play(about)
    for place, trunk in enumerate(play.pbx.trunks.values()):
        trunk.host = Host(f"sip{place}.test")
    play.pbx.trunks["t99"].silent = True
    play.connect().run(30)
    hosts = play.looks[-1][1].hosts
    assert (len(hosts), hosts[0]) == (MOST_HOSTS, Host("sip99.test"))


def test_a_trunk_that_is_not_watched_is_looked_into_by_its_calls() -> None:
    about = site(trunks=(trunk_site("telekom"), trunk_site("gsm", WatchKind.NONE)))
    play = Play(about)
    Weather(play)
    play.connect().run(5)
    play.call_fails("gsm", "none", times=3).run(20)
    assert play.state("gsm") == "down"
    assert whose(play, "gsm") in ("carrier_silent", "unproven")


@pytest.mark.parametrize("text", ["", "a"])
def test_a_blame_is_its_row_whatever_its_values(text: str) -> None:
    one, other = (Blame(Whose.DEVICE, Sentence(text, (("trunk", label),))) for label in ("a", "b"))
    assert one.row == other.row
    assert one != other
    assert Exhibit(MORNING, one.text) != Exhibit(MORNING, other.text)


def evidence_texts(play: Play, name: str = "telekom") -> list[str]:
    held = play.office.blames[name]
    return [str(piece.text) for piece in held.blame.evidence]


def test_what_was_there_when_the_router_began_to_look_may_be_older_and_the_evidence_says_so() -> None:
    play, _ = played()
    play.pbx.trunks["telekom"].silent = True
    play.run(300)
    assert not any("at least" in text for text in evidence_texts(play) if "probe" in text)
    play.pbx.trunks["telekom"].registration = "Rejected"
    began = play.wall
    play.restart_router().run(60)
    looked = f"since at least {began:%H:%M:%S} UTC (when we began to look)"
    probes, registration = evidence_texts(play)[:2]
    assert probes.startswith(f"Telekom at 203.0.113.11 has left every probe (SIP OPTIONS) unanswered {looked}: ")
    assert registration == (
        f"The registrar of Telekom at 203.0.113.11 has refused our registration or not answered it {looked}."
    )


def test_a_moment_that_was_witnessed_is_told_as_it_was() -> None:
    play, _ = played()
    play.pbx.trunks["telekom"].registration = "Unregistered"
    play.say(RegistrationSaid("telekom", "Unregistered"))
    play.run(60)
    text = next(text for text in evidence_texts(play) if "registered" in text)
    assert text == "We have not been registered with Telekom at 203.0.113.11 since 08:00:30 UTC."
    play.lose_ami().run(100)
    play.connect().run(60)
    text = next(text for text in evidence_texts(play) if "registered" in text)
    assert text.endswith("since at least 08:03:10 UTC (when we began to look).")


def test_a_registration_that_stood_when_we_began_to_look_stands_at_least_since_then() -> None:
    play, _ = played()
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    text = next(text for text in evidence_texts(play) if "registration" in text)
    assert text == (
        "Our registration with Telekom at 203.0.113.11 stands since at least 08:00:00 UTC (when we began to look)."
    )


def test_what_never_answered_has_been_silent_since_we_began_to_look_not_since_the_first_probe() -> None:
    play = Play()
    play.pbx.trunks["gsm"].host, play.pbx.trunks["gsm"].silent = SIPGATE, True
    Weather(play)
    play.connect().run(60)
    assert play.probes[1][0] > 0, "it was not the first to be probed"
    assert "unanswered since at least 08:00:00 UTC (when we began to look): " in evidence_texts(play, "gsm")[0]
