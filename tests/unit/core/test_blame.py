"""The table of blame, row by row; and that our own trouble is never the carrier's."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.core import blame as table
from router.core import held
from router.core.blame import CARRIER, ROWS, Blame, Whose, blame_for
from router.core.evidence import NO_CONTACT, NOT_QUALIFIED, REACHABLE, UNREACHABLE, Evidence
from router.core.exhibits import exhibits
from router.core.facts import Facts, facts_of, far_of
from router.core.health import Cause, Health, State
from router.core.own_word import began
from router.core.peer import Host
from router.core.registration import Refusal, Registration
from router.core.signals import At
from router.core.site import Policy, WatchKind
from router.core.surroundings import Ending, Exit, Look, Lookup, Reach, Standing
from router.core.trunk import Trunk
from tests.unit.core import around
from tests.unit.core.around import (
    DEAD,
    FINE,
    GATEWAY,
    NOT_ASKED,
    NOW,
    WALL,
    answering,
    control,
    disconnected,
    failing_calls,
    gateway,
    listener,
    look,
    name,
    named,
    refused,
    silent,
    trunk,
    web,
)
from tests.unit.core.offices import MORNING, NUMBER, trunk_site

GSM = trunk("Gsm", "192.168.1.50")
SIPGATE = trunk("Sipgate", "198.51.100.7")
NAMED = named(silent())
LOST = name(Ending.SILENT)
CARD = replace(trunk("Card"), site=trunk_site("card", WatchKind.DEVICE), peer=None, evidence=Evidence("NOT_INUSE"))
IAX = replace(
    trunk("Iax", "203.0.113.44"), site=trunk_site("iax", WatchKind.IAX2), evidence=Evidence("OK", contact_since=10.0)
)


def held_for(word: str, known: Trunk = CARD) -> Trunk:
    evidence = replace(known.evidence, contact=word, contact_since=around.BEGAN)
    return replace(known, evidence=evidence, health=Health(State.DOWN, since=around.BEGAN + 3, cause=Cause.PROBE))


def unregistered() -> Trunk:
    """For long, though nobody refused anything; only just, for the table of states."""
    evidence = replace(trunk().evidence, register=Registration("Unregistered", since=around.BEGAN - 30))
    return replace(trunk(), evidence=evidence, health=Health(State.FAILING, since=around.BEGAN))


def facts(
    known: Trunk, *others: Trunk, found: Look | None = FINE, numbers: tuple[str, ...] = (),
    standings: Mapping[str, Standing] | None = None,
) -> Facts:  # fmt: skip
    """Whatever is asked was well before, unless `standings` say else."""
    far = far_of([known, *others], found)
    return facts_of(
        known, far, found, NOW, policy=Policy(), standings=well(found) if standings is None else standings,
        numbers=numbers,
    )  # fmt: skip


def well(found: Look | None) -> dict[str, Standing]:
    asked = [*(reach.target for reach in found.targets), *(lookup.name for lookup in found.names)] if found else []
    return dict.fromkeys(asked, Standing(good=True))


def laid(known: Trunk, *others: Trunk, found: Look | None = FINE, numbers: tuple[str, ...] = ()) -> Blame:
    blame = blame_for(facts(known, *others, found=found, numbers=numbers))
    assert blame is not None
    return blame


def says(known: Trunk, *others: Trunk, found: Look | None = FINE, numbers: tuple[str, ...] = ()) -> tuple[Whose, str]:
    blame = laid(known, *others, found=found, numbers=numbers)
    return blame.whose, str(blame.text)


TURNS = (
    # found, the trunk, others: whose, a piece of the sentence
    (FINE, silent(), (), Whose.CARRIER_SILENT, "Telekom does not answer, though our internet works"),
    (look(web(Ending.SILENT), listener()), silent(), (), Whose.CARRIER_SILENT, "though our internet works"),
    (DEAD, silent(), (answering(),), Whose.CARRIER_SILENT, "though our internet works"),
    (NOT_ASKED, silent(), (answering(),), Whose.CARRIER_SILENT, "though our internet works"),
    (FINE, disconnected(), (), Whose.CARRIER_SILENT, "does not answer"),
    (None, silent(), (), Whose.UNKNOWN, "not known yet"),
    (NOT_ASKED, silent(), (), Whose.UNPROVEN, "nothing else on the internet is asked"),
    (NOT_ASKED, failing_calls("silence", answers=False), (), Whose.UNPROVEN, "nothing else on the internet is asked"),
    # our own network
    (look(web(Ending.SILENT), exits=(gateway(Ending.SILENT, link=False),)), silent(), (), Whose.OWN_NETWORK,
     "network card eth0 has no link"),
    (look(web(Ending.UNREACHABLE), exits=(gateway(Ending.UNREACHABLE),)), silent(), (), Whose.OWN_NETWORK, GATEWAY),
    (look(exits=(gateway(Ending.UNREACHABLE),)), silent(GSM), (), Whose.OWN_NETWORK, GATEWAY),
    (look(exits=(), unrouted=("203.0.113.11",)), silent(), (), Whose.OWN_NETWORK, "no way to Telekom"),
    (look(exits=(), unlinked=("eth1",), unrouted=("203.0.113.11",)), silent(), (), Whose.OWN_NETWORK,
     "network card eth1 has no link"),
    (look(exits=()), silent(), (), Whose.UNPROVEN, "nothing else"),  # the carrier's own line has a route of its own
    (look(exits=()), NAMED, (), Whose.OWN_NETWORK, "no way to Telekom"),
    # our own internet
    (DEAD, silent(), (), Whose.OWN_INTERNET, "or our internet router: https://example.net and tcp:192.0.2.53:443"),
    (look(web(Ending.SILENT), listener(Ending.SILENT)), silent(), (), Whose.OWN_INTERNET, GATEWAY),
    (DEAD, silent(), (silent(SIPGATE),), Whose.OWN_INTERNET, "is dead, and Sipgate and Telekom go over it"),
    (look(web(Ending.TLS, why="self-signed certificate"), listener(Ending.SILENT)), silent(), (), Whose.OWN_INTERNET,
     "something answers in place of"),
    (look(web(Ending.UNREACHABLE)), silent(), (), Whose.OWN_INTERNET, "cannot be reached"),
    (look(web(Ending.SILENT)), failing_calls("503", trunk("Fritz", GATEWAY)), (), Whose.OWN_INTERNET, GATEWAY),
    # whoever refuses, or answers something else, has answered: our internet works
    (look(listener(Ending.REFUSED)), silent(), (), Whose.CARRIER_SILENT, "though our internet works"),
    (look(web(Ending.BROKEN), listener(Ending.SILENT)), silent(), (), Whose.CARRIER_SILENT, "our internet works"),
    (DEAD, refused(Refusal.FOR_GOOD, answers=False), (), Whose.OWN_INTERNET, "cannot be reached"),
    (DEAD, failing_calls("503", answers=False), (), Whose.OWN_INTERNET, "cannot be reached"),
    # names
    (look(web(Ending.NAME), names=(control(Ending.SILENT), LOST)), NAMED, (), Whose.OWN_NAMES, "no name can be looked"),
    (look(names=(LOST, name(Ending.SILENT, "sip.other.test"))), NAMED, (), Whose.OWN_NAMES, "no name can be looked up"),
    (look(listener(), web(Ending.NAME), names=(control(Ending.SILENT), LOST)), NAMED, (), Whose.OWN_NAMES,
     "sip.carrier.test cannot be looked up, nor can any other name. The internet itself works."),
    (look(web(remembered=True), names=(control(Ending.SERVER_FAILED), name(Ending.SERVER_FAILED))), NAMED, (),
     Whose.OWN_NAMES, "The internet itself works"),
    (look(web(), names=(control(seconds=2.2), name(seconds=2.5))), NAMED, (), Whose.OWN_NAMES, "takes 2.5 s"),
    (look(web(), names=(control(), LOST)), NAMED, (), Whose.CARRIER_NAMES, "while other names can"),
    (look(web(), names=(control(), name(Ending.NO_SUCH_NAME))), NAMED, (), Whose.CARRIER_NAMES, "other names can"),
    (look(web(), names=(control(), name(Ending.NO_ADDRESS))), NAMED, (), Whose.CARRIER_NAMES, "while other names can"),
    (look(listener(), names=(name(Ending.NO_SUCH_NAME),)), NAMED, (), Whose.CARRIER_NAMES, "does not exist"),
    (look(web(), names=(control(), name(seconds=2.5))), NAMED, (), Whose.CARRIER_NAMES, "takes 2.5 s"),
    (look(listener(), names=(LOST,)), NAMED, (), Whose.UNPROVEN, "or our own"),
    (look(names=(LOST,)), NAMED, (), Whose.UNPROVEN, "or our own"),
    (look(listener(), names=(name(seconds=2.5),)), NAMED, (), Whose.UNPROVEN, "takes 2.5 s"),
    (look(web(), names=(control(), name())), NAMED, (), Whose.CARRIER_SILENT, "though our internet works"),
    (look(web(), names=(control(), name(Ending.SILENT, "sbc.lan"))), named(silent(), "sbc.lan"), (), Whose.OWN_NAMES,
     "sbc.lan, a name of our own network, cannot be looked up"),
    # a device of our own
    (look(web(), names=(control(), name(Ending.NO_SUCH_NAME, "gsm-gateway"))), named(silent(), "gsm-gateway"), (),
     Whose.DEVICE, "It is at gsm-gateway, in a private network"),
    (FINE, silent(GSM), (), Whose.DEVICE, "192.168.1.50"),
    (DEAD, silent(GSM), (), Whose.DEVICE, "192.168.1.50"),
    (NOT_ASKED, silent(GSM), (), Whose.DEVICE, "192.168.1.50"),
    (FINE, failing_calls("503", GSM), (), Whose.DEVICE, "private network: the device itself is the trouble, or what"),
    (DEAD, failing_calls("503", GSM), (), Whose.DEVICE, "answers, and is in trouble all the same"),
    (FINE, failing_calls("503", trunk("Fritz", GATEWAY)), (), Whose.DEVICE, "the device itself is the trouble"),
    (FINE, silent(trunk("Vpn", "10.20.30.40")), (), Whose.DEVICE, "or the carrier, if that network is the carrier's"),
    (look(web(), exits=None), silent(GSM), (), Whose.DEVICE, "or the carrier, if that network is the carrier's"),
    (FINE, failing_calls("503", trunk("Vpn", "10.20.30.40")), (), Whose.DEVICE, "or the carrier, if that network"),
    (None, held_for("UNAVAILABLE"), (), Whose.DEVICE, "Asterisk holds Card, a device of our own, for unavailable"),
    (DEAD, held_for("UNAVAILABLE"), (), Whose.DEVICE, "its cable, its SIM or its power"),
    (look(exits=(gateway(Ending.UNREACHABLE),)), held_for("UNAVAILABLE"), (), Whose.DEVICE, "its SIM or its power"),
    (FINE, failing_calls("none", CARD), (), Whose.DEVICE, "Calls over Card, a device of our own, fail"),
    # a peer of another kind, which Asterisk alone probes
    (FINE, held_for("UNREACHABLE", IAX), (), Whose.CARRIER_SILENT, "Iax does not answer, though our internet works"),
    (NOT_ASKED, held_for("UNREACHABLE", IAX), (), Whose.UNPROVEN, "nothing else on the internet is asked"),
    (DEAD, held_for("UNREACHABLE", IAX), (), Whose.OWN_INTERNET, "cannot be reached"),
    (FINE, held_for("LAGGED", IAX), (), Whose.CARRIER_SILENT, "answers Asterisk's probes too late, though"),
    (look(web(seconds=1.2)), held_for("LAGGED", IAX), (), Whose.UNPROVEN, "the carrier or our own line is slow"),
    (NOT_ASKED, held_for("LAGGED", IAX), (), Whose.UNPROVEN, "the carrier or our own line is slow"),
    (DEAD, held_for("LAGGED", IAX), (), Whose.OWN_INTERNET, "cannot be reached"),
    (NOT_ASKED, refused(Refusal.UNANSWERED, IAX, answers=False), (), Whose.CARRIER_SILENT, "but not our registration"),
    # the carrier's own word
    (NOT_ASKED, refused(Refusal.FOR_GOOD), (), Whose.CARRIER_REFUSES, "for good (403 or 404"),
    (FINE, refused(Refusal.FOR_NOW), (), Whose.CARRIER_REFUSES, "Telekom refuses our registration."),
    (NOT_ASKED, refused(Refusal.AT_ONCE), (), Whose.CARRIER_REFUSES, "Telekom refuses our registration."),
    (NOT_ASKED, refused(Refusal.UNCLEAR), (), Whose.CARRIER_REFUSES, "does not let us register"),
    (NOT_ASKED, refused(Refusal.UNANSWERED), (), Whose.CARRIER_SILENT, "but not our registration"),
    (NOT_ASKED, refused(Refusal.UNANSWERED, answers=False), (), Whose.UNPROVEN, "nothing else on the internet"),
    (FINE, refused(Refusal.UNANSWERED, answers=False), (), Whose.CARRIER_SILENT, "though our internet works"),
    (NOT_ASKED, refused(Refusal.FOR_GOOD, answers=False), (), Whose.CARRIER_REFUSES, "for good (403 or 404"),
    (NOT_ASKED, silent(refused(Refusal.AT_ONCE, answers=False)), (), Whose.UNPROVEN, "Telekom does not answer. Whe"),
    (NOT_ASKED, silent(refused(Refusal.FOR_NOW, answers=False)), (), Whose.UNPROVEN, "Telekom does not answer. Whe"),
    (FINE, silent(refused(Refusal.AT_ONCE, answers=False)), (), Whose.CARRIER_REFUSES, "or no connection is taken"),
    (FINE, refused(Refusal.UNCLEAR, answers=False), (), Whose.CARRIER_SILENT, "is refused or not answered, though our"),
    (NOT_ASKED, refused(Refusal.UNCLEAR, answers=False), (), Whose.UNPROVEN, "Whose fault that is is not proven"),
    (FINE, unregistered(), (), Whose.UNPROVEN, "answers our probes, but we are not registered there"),
    (FINE, failing_calls("none"), (), Whose.UNPROVEN, "Calls over Telekom could not even be sent"),
    (FINE, failing_calls("none", answers=False), (), Whose.UNPROVEN, "Calls over Telekom could not even be sent"),
    (FINE, failing_calls("full"), (), Whose.UNPROVEN, "Calls over Telekom fail. Whether the carrier or our own side"),
    (FINE, failing_calls(""), (), Whose.UNPROVEN, "Calls over Telekom fail. Whether the carrier or our own side"),
    (FINE, failing_calls("none", IAX), (), Whose.UNPROVEN, "Calls over Iax fail. Whether the carrier or our own side"),
    (NOT_ASKED, failing_calls("503"), (), Whose.CARRIER_CALLS, "end with 503, though it is registered"),
    (FINE, failing_calls("silence"), (), Whose.CARRIER_CALLS, "get no answer"),
    # one common cause
    (FINE, silent(), (silent(SIPGATE, around.BEGAN + 4),), Whose.COMMON, "though the internet works: one common cause"),
    (NOT_ASKED, silent(), (silent(SIPGATE, around.BEGAN - 4),), Whose.COMMON, "most likely our own line"),
    (FINE, silent(), (silent(SIPGATE, around.BEGAN - 60),), Whose.CARRIER_SILENT, "though our internet works"),
    (FINE, silent(), (silent(trunk("Twin")),), Whose.CARRIER_SILENT, "though our internet works"),  # the same server
    (FINE, silent(), (silent(trunk("Second", "203.0.113.12")),), Whose.CARRIER_SILENT, "though our internet works"),
    (NOT_ASKED, silent(), (silent(trunk("Second", "203.0.113.12")),), Whose.UNPROVEN, "nothing else on the internet"),
    (FINE, silent(), (silent(trunk("Second", "203.0.113.12")), silent(SIPGATE)), Whose.COMMON,
     "Second, Sipgate and Telekom fell silent"),
    (FINE, silent(), (silent(GSM),), Whose.CARRIER_SILENT, "though our internet works"),
    (FINE, silent(), (silent(SIPGATE), answering("Third", "203.0.113.99")), Whose.CARRIER_SILENT, "internet works"),
)  # fmt: skip


@pytest.mark.parametrize(("found", "known", "others", "whose", "piece"), TURNS)
def test_whose_fault_it_is(
    found: Look | None, known: Trunk, others: tuple[Trunk, ...], whose: Whose, piece: str
) -> None:
    got, text = says(known, *others, found=found)
    assert (got, piece in text) == (whose, True), text


def test_the_evidence_claims_no_answer_of_a_registrar_where_nothing_was_heard() -> None:
    mute, heard = silent(refused(Refusal.AT_ONCE, answers=False)), refused(Refusal.AT_ONCE)
    told = [[str(piece.text) for piece in exhibits(facts(known), At(NOW, WALL))] for known in (mute, heard)]
    assert [sum("its answers came at once" in text for text in texts) for texts in told] == [0, 1]
    assert any(text.endswith(": refused, or without a connection.") for text in told[0])


def test_one_number_only() -> None:
    whose, text = says(trunk(), numbers=(NUMBER,))
    assert (whose, text) == (
        Whose.ONE_NUMBER, f"One number alone: calls in the name of {NUMBER} fail over Telekom, while others go through."
    )  # fmt: skip


def test_a_number_that_fails_while_the_internet_is_dead_is_no_carriers_fault() -> None:
    dead = replace(DEAD, began=NOW - 2)
    assert says(trunk(), found=dead, numbers=(NUMBER,))[0] is Whose.OWN_INTERNET


def test_every_row_of_the_table_has_its_turn() -> None:
    """So that no row is dead; the first that holds is the one that counts."""
    turns = [facts(known, *others, found=found) for found, known, others, _, _ in TURNS]
    silently = failing_calls("503", replace(trunk(), evidence=Evidence(contact=NOT_QUALIFIED)), answers=False)
    turns += [facts(trunk(), numbers=(NUMBER,)), facts(silently, found=NOT_ASKED)]
    turns += [facts(silent(), *others, found=DEAD, standings={}) for others in ((), (silent(SIPGATE),))]
    used = {next(place for place, row in enumerate(ROWS) if row.holds(turn)) for turn in turns}
    missed = [ROWS[place].because for place in range(len(ROWS)) if place not in used]
    assert missed == []


def test_who_is_in_no_trouble_is_nobodys_fault() -> None:
    assert blame_for(facts(trunk())) is None
    assert blame_for(facts(replace(silent(), health=Health(State.RECOVERING)))) is None


def test_a_look_that_began_before_the_trouble_blames_nobody() -> None:
    early = replace(FINE, began=around.BEGAN - 0.01)
    assert says(silent(), found=early)[0] is Whose.UNKNOWN
    assert says(silent(), found=replace(DEAD, began=around.BEGAN - 0.01))[0] is Whose.UNKNOWN


def test_an_old_look_blames_nobody() -> None:
    known = silent(since=NOW - 100)
    assert says(known, found=replace(FINE, began=NOW - 31))[0] is Whose.UNKNOWN
    assert says(known, found=replace(FINE, began=NOW - 29))[0] is Whose.CARRIER_SILENT


def test_an_answer_from_before_the_look_does_not_prove_that_the_internet_works() -> None:
    """Dead targets are refuted only by who has answered since they were asked."""
    early = answering()
    early = replace(early, evidence=replace(early.evidence, answered=around.LOOKED - 0.1))
    assert says(silent(), early, found=DEAD)[0] is Whose.OWN_INTERNET


endings = st.sampled_from(Ending)
answered = (Ending.OK, Ending.REFUSED, Ending.BROKEN)
dead = st.sampled_from([ending for ending in Ending if ending not in answered])
codes = st.sampled_from(["", "503", "403", "silence", "none", "full", "x" * 30])
registers = st.builds(
    Registration,
    status=st.sampled_from([None, "Registered", "Unregistered", "Rejected", "Stopped"]),
    since=st.floats(0, NOW),
    refusal=st.sampled_from(Refusal),
)
evidences = st.builds(
    Evidence,
    contact=st.sampled_from([None, REACHABLE, UNREACHABLE, NO_CONTACT, NOT_QUALIFIED, *held.WORDS]),
    contact_since=st.floats(0, NOW),
    register=registers,
    answered=st.none() | st.floats(0, NOW),
    unanswered=st.integers(0, 9),
    first_unanswered=st.floats(0, NOW),
    last_failed_call=st.none() | st.floats(0, NOW),
    last_code=codes,
)
healths = st.builds(
    Health, state=st.sampled_from(State), since=st.floats(0, NOW), cause=st.none() | st.sampled_from(Cause)
)
hosts = st.none() | st.builds(
    Host,
    st.sampled_from(
        ["203.0.113.11", "192.168.1.50", GATEWAY, "10.20.30.40", "127.0.8.2", "sip.carrier.test", "2001:db8::1"]
    ),
    st.booleans(),
)
trunks = st.builds(
    lambda watch, evidence, health, peer, registrar: replace(
        trunk(), site=trunk_site("telekom", watch), evidence=evidence, health=health, peer=peer, registrar=registrar
    ),
    st.sampled_from(WatchKind), evidences, healths, hosts, hosts,
)  # fmt: skip
lookups = st.builds(
    Lookup,
    name=st.sampled_from(["sip.carrier.test", "example.net", "b.test"]),
    ending=endings,
    seconds=st.floats(0, 4),
    at=st.just(MORNING),
    servers=st.just("192.168.1.1"),
    addresses=st.lists(st.sampled_from(["203.0.113.11", "10.0.0.1"]), max_size=2).map(tuple),
)
exits = st.builds(
    Exit, st.just("eth0"), st.just(GATEWAY), endings, st.floats(0, 2), st.just(MORNING), st.none() | st.booleans()
)


def looks(target: st.SearchStrategy[Ending], least: int) -> st.SearchStrategy[Look]:
    reach = st.builds(Reach, st.just(around.WEB), target, st.floats(0, 3), st.just(MORNING), status=st.just(0))
    return st.builds(
        Look,
        began=st.floats(NOW - 40, NOW),
        at=st.just(MORNING),
        exits=st.none() | st.lists(exits, max_size=2).map(tuple),
        targets=st.lists(reach, min_size=least, max_size=2).map(tuple),
        names=st.lists(lookups, max_size=3).map(tuple),
        unlinked=st.sampled_from([(), ("eth0",)]),
        unrouted=st.sampled_from([(), ("203.0.113.11",)]),
    )


@settings(max_examples=300, deadline=None)
@given(
    known=trunks, others=st.lists(trunks, max_size=2), found=looks(dead, 1), numbers=st.sampled_from([(), (NUMBER,)])
)
def test_our_own_dead_internet_is_never_the_carriers_fault(
    known: Trunk, others: list[Trunk], found: Look, numbers: tuple[str, ...]
) -> None:
    """Dead: every target that the office chose failed, and no trunk has answered since they were asked.

    A trunk that has answered since its own trouble began (since its calls were refused, say) speaks for itself.
    """
    others = [replace(other, site=replace(other.site, name=f"other{place}")) for place, other in enumerate(others)]
    made = facts(known, *others, found=found, numbers=numbers)
    answered = [(known, began(known) if made.troubled else found.began), *((other, found.began) for other in others)]
    if not any((one.evidence.answered or 0.0) > since for one, since in answered):
        blame = blame_for(made)
        assert blame is None or blame.whose not in CARRIER or (made.look is None and not made.troubled)


@settings(max_examples=150, deadline=None)
@given(
    known=trunks, others=st.lists(trunks, max_size=2), found=st.none() | looks(endings, 0),
    numbers=st.sampled_from([(), (NUMBER,)]),
)  # fmt: skip
def test_whatever_is_found_there_is_a_sentence_and_its_evidence(
    known: Trunk, others: list[Trunk], found: Look | None, numbers: tuple[str, ...]
) -> None:
    made = facts(known, *others, found=found, numbers=numbers)
    blame = blame_for(made)
    assert (blame is None) == (not made.troubled and not numbers)
    if blame is not None:
        assert "{" not in str(blame.text)
        for piece in exhibits(made, At(NOW, WALL)):
            assert "{" not in str(piece.text)
            assert piece.at <= WALL


def test_the_words_for_programs_are_settled() -> None:
    assert [whose.value for whose in Whose] == [
        "pbx", "own_network", "own_names", "own_internet", "common", "device", "phones", "carrier_names",
        "carrier_refuses", "carrier_calls", "carrier_silent", "one_number", "fallback", "unproven", "unknown",
    ]  # fmt: skip


def test_evidence_a_lawyer_could_read() -> None:
    known, found = silent(), look(web(), listener(), names=(control(),))
    pieces = exhibits(facts(known, answering(), found=found), At(NOW, WALL))
    assert [str(piece.text) for piece in pieces] == [
        "Telekom at 203.0.113.11 has left every probe (SIP OPTIONS) unanswered since 08:00:00 UTC: 6 in a row.",
        "Our registration with Telekom at 203.0.113.11 stands since 07:58:30 UTC.",
        "https://example.net at 192.0.2.80 answered with HTTP 204 after 40 ms.",
        "tcp:192.0.2.53:443 at 192.0.2.53 took our connection after 20 ms.",
        "Asked from 192.168.1.10, by eth0: our internet router 192.168.1.1 answered after 1 ms.",
        "example.net was looked up at 192.168.1.1 in 20 ms: 203.0.113.11.",
        "Sipgate at 198.51.100.7 answered a probe.",
    ]
    assert all(dataclasses.is_dataclass(piece) for piece in pieces)
    assert not table.OWN & CARRIER
