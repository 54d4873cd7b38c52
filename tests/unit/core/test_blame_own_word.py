"""Blame where a trunk's own word decides: what Asterisk holds of it, how calls end, a registration that runs out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from router.core.blame import Whose
from router.core.call_told import ENDS
from router.core.directions import outbound
from router.core.effects import Kind
from router.core.ended import ended
from router.core.evidence import NOT_SENT
from router.core.office_blame import office_blame
from router.core.registration import Timing
from router.core.sentence import Sentence
from router.core.signals import ContactSaid, RegistrationSaid
from router.core.site import WatchKind
from tests.unit.core.offices import site, trunk_site
from tests.unit.core.play import Play
from tests.unit.core.test_blaming import TELEKOM, Weather, blames, played, whose

WORDS = sorted(word for word in ENDS if not word[0].isdigit())


def beside(kind: WatchKind, word: str) -> Play:
    """An office with one trunk of SIP, and one of that kind, which Asterisk begins to hold for `word`."""
    play = Play(site(trunks=(trunk_site("telekom"), trunk_site("gsm", kind))))
    other = play.pbx.trunks["gsm"]
    play.pbx.trunks["telekom"].host = TELEKOM
    other.contact, other.registers = "OK" if kind is WatchKind.IAX2 else "NOT_INUSE", False
    Weather(play)
    play.connect().run(60)
    other.contact = word
    play.say(ContactSaid("gsm", word))
    return play.run(60)


def evidence(play: Play, name: str = "telekom") -> list[str]:
    return [str(piece.text) for piece in play.office.blames[name].blame.evidence]


def test_a_dead_device_is_our_own_whatever_the_internet_does() -> None:
    play = beside(WatchKind.DEVICE, "UNAVAILABLE")
    assert (whose(play, "gsm"), len(blames(play))) == ("device", 1)
    assert blames(play)[0].startswith("Asterisk holds Gsm, a device of our own, for unavailable: the device itself, ")
    assert evidence(play, "gsm")[0] == "Asterisk has held Gsm (gsm) for UNAVAILABLE since 08:01:00 UTC."


@pytest.mark.parametrize(
    ("word", "blame"),
    [
        ("UNREACHABLE", "The carrier: Gsm does not answer, though our internet works."),
        (
            "LAGGED",
            "The carrier, or the way there: Gsm answers Asterisk's probes too late, though our internet is quick.",
        ),
    ],
)
def test_of_an_iax2_peer_asterisks_own_word_is_the_evidence(word: str, blame: str) -> None:
    play = beside(WatchKind.IAX2, word)
    assert blames(play) == [blame]
    assert evidence(play, "gsm")[0] == f"Asterisk has held Gsm (gsm) for {word} since 08:01:00 UTC."


def test_calls_that_were_never_sent_are_not_the_carriers_fault() -> None:
    play, _ = played()
    play.call_fails("telekom", NOT_SENT, times=3).run(20)
    assert whose(play) == "unproven"
    assert blames(play)[0].startswith("Calls over Telekom could not even be sent: ")
    last = (
        "The last call that failed over Telekom: it could not even be sent: no connection, no contact, or no address."
    )
    assert last in evidence(play)


@pytest.mark.parametrize("code", WORDS)
def test_no_word_of_our_own_stands_among_the_evidence(code: str) -> None:
    play, _ = played()
    play.call_fails("telekom", code).run(0.1)
    told = [str(piece) for piece in sentences(play)]
    play.call_fails("telekom", code, times=2).run(20)
    told += [play.why(), *evidence(play), *blames(play)]
    assert not [text for text in told if f"with {code}" in text]
    assert any(str(Sentence(ENDS[code])) in text or code == NOT_SENT for text in evidence(play))


def sentences(play: Play) -> list[Sentence]:
    return [outbound(trunk, True, play.wall).text for trunk in play.office.trunks.values()]


def test_a_status_is_told_by_its_number_and_what_nobody_knows_as_it_is() -> None:
    texts = ("with {code}.", "thus: {end}")
    assert [str(ended(code, *texts)) for code in ("503", "403r", " 408 ", "silence", "odd", "")] == [
        "with 503.", "with 403r.", "with 408.", "thus: the trunk gave no sign of ringing.",
        "thus: it ended otherwise (odd).", "thus: it ended otherwise ().",
    ]  # fmt: skip


def test_a_trunk_that_is_no_longer_registered_is_never_said_not_to_answer() -> None:
    play, _ = played()
    play.pbx.trunks["telekom"].registration = "Unregistered"
    play.say(RegistrationSaid("telekom", "Unregistered"))
    play.run(90)
    assert play.state() == "down"
    assert blames(play) == [
        "Telekom answers our probes, but we are not registered there, and nothing shows that it was refused. "
        "Whether the carrier or our own PBX is the reason is not proven."
    ]


def test_a_registration_that_ran_out_is_told_so_and_not_as_standing() -> None:
    play, _ = played()
    trunk = play.pbx.trunks["telekom"]
    trunk.timing, trunk.registrations = Timing(expiration=60), trunk.registrations + 1
    for _ in range(2):  # it is renewed once more, and then Asterisk itself is stuck
        play.run(50)
        play.say(RegistrationSaid("telekom", "Registered"))
    play.run_until(lambda: play.state() == "down", within=3600 * 2, step=1)
    play.run(20)
    [line] = blames(play)
    assert line.startswith("Telekom answers our probes, but we are not registered there")
    assert any(" was last renewed at " in text and text.endswith(", and has run out.") for text in evidence(play))
    assert not [text for text in evidence(play) if " stands since " in text]


def test_a_dead_trunk_that_numbers_depend_on_goes_before_the_dead_phones() -> None:
    play, _ = played(about=site(phones=("PJSIP/20",)))
    play.phone("PJSIP/20", "UNAVAILABLE").run(120)
    assert head(play) is Whose.PHONES
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    assert head(play) is Whose.CARRIER_SILENT


def test_the_dead_phones_go_before_a_dip_and_before_a_dead_fallback() -> None:
    about = site(phones=("PJSIP/20",))
    play, _ = played(about=replace(about, numbers=about.numbers[:1]))
    play.phone("PJSIP/20", "UNAVAILABLE").run(120)
    play.pbx.trunks["gsm"].silent = True
    play.run(60)
    assert head(play) is Whose.PHONES
    play.pbx.trunks["telekom"].loses = 2
    play.run_until(lambda: play.state() == "failing", within=9)
    assert head(play) is Whose.PHONES
    assert not [text for text in play.told(Kind.BLAME) if "Telekom" in text]


def head(play: Play) -> Whose | None:
    held = office_blame(play.office)
    return None if held is None else held.blame.whose
