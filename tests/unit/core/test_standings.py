"""What a dead target, an exit that cannot be asked, or an unknown name is worth as evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from router.core.blame import Whose, blame_for
from router.core.exhibits import exhibits
from router.core.facts import Facts, facts_of, far_of
from router.core.peer import Host, is_own_name
from router.core.signals import At
from router.core.site import Policy
from router.core.standings import VAIN
from router.core.surroundings import Ending, Exit, Look, Standing
from router.core.trunk import Trunk
from tests.unit.core.around import (
    DEAD,
    NOW,
    WALL,
    WEB,
    answering,
    control,
    gateway,
    listener,
    look,
    name,
    named,
    silent,
    web,
)
from tests.unit.core.offices import MORNING
from tests.unit.core.play import Play
from tests.unit.core.test_blaming import Weather, blames, played, whose

EXPOSED = (
    "https://example.net cannot be reached, though trunks to the outside answer: it is no evidence of our internet "
    "until it answers. Is the target right ([internet] probes), does a firewall let it out?"
)
BY_PPP = Exit("ppp0", "", Ending.SILENT, 0.0, MORNING, link=True)
DEAD_HERE = look(web(Ending.SILENT), exits=(gateway(Ending.SILENT),), names=(control(Ending.SILENT),))


def mistyped(play: Play, weather: Weather) -> None:
    """The only target does not answer, and never will; its name is looked up well."""

    def found(began: float) -> Look:
        seen = Weather.look(weather, began)
        dead = tuple(replace(reach, ending=Ending.SILENT) for reach in seen.targets)
        return replace(seen, targets=dead)

    play.weather = found


def from_the_start() -> Play:
    play = Play()
    play.pbx.trunks["telekom"].host, play.pbx.trunks["gsm"].host = Host("203.0.113.11"), Host("192.168.1.50")
    mistyped(play, Weather(play))
    return play.connect().run(30)


def test_a_target_that_never_worked_does_not_turn_a_carriers_outage_into_our_own() -> None:
    play = from_the_start().run(900)
    assert blames(play) == [EXPOSED]
    play.pbx.trunks["telekom"].silent = True
    play.run(120)
    assert whose(play) == "unproven"
    assert blames(play)[1:] == [
        "Telekom does not answer. Whether the carrier or our own internet is the trouble is not proven: "
        "https://example.net cannot be reached, but that did not work before either, as far as is known."
    ]


def test_a_target_that_never_worked_is_told_once_and_stands_as_a_trouble_until_it_answers() -> None:
    play = from_the_start()
    play.run_until(lambda: bool(play.office.troubles.targets), within=VAIN + 120)
    assert play.office.troubles.targets == ("https://example.net",)
    play.run(7200)
    assert blames(play) == [EXPOSED]
    Weather(play)
    play.run(61)
    assert play.office.troubles.targets == ()
    assert play.office.around.standings["https://example.net"] == Standing(good=True)


def test_a_target_that_a_firewall_cuts_off_later_counts_no_more() -> None:
    play, weather = played()
    mistyped(play, weather)
    play.run(VAIN + 180)
    assert blames(play) == [EXPOSED]
    play.pbx.trunks["telekom"].silent = True
    play.run(600)
    assert whose(play) == "unproven"


def test_a_line_that_comes_and_goes_leaves_the_target_its_worth() -> None:
    """It is dead in one look, and trunks answer after it; but not for long."""
    play, weather = played()
    for _ in range(4):
        mistyped(play, weather)
        play.run(100)
        Weather(play)
        play.run(70)
    mistyped(play, weather)
    play.run(70)
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    assert whose(play) == "own_internet"


def test_a_long_outage_of_our_own_stays_our_own() -> None:
    play, weather = played()
    mistyped(play, weather)
    play.run(130)  # two looks find it dead, while the trunk answers
    play.pbx.trunks["telekom"].silent = True
    play.run(VAIN + 120)
    assert whose(play) == "own_internet"
    assert play.office.troubles.targets == ()
    play.pbx.trunks["telekom"].silent = False  # the trunk is back a moment before the target
    play.run(60)
    assert play.office.troubles.targets == ()


def test_a_router_that_starts_in_the_outage_says_that_nothing_is_proven() -> None:
    play, weather = played()
    mistyped(play, weather)
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    assert whose(play) == "own_internet"
    play.restart_router().run(60)
    assert whose(play) == "unproven"
    Weather(play)
    play.run(20)
    assert whose(play) == "carrier_silent"
    mistyped(play, weather)
    play.run(20)
    assert whose(play) == "own_internet"


def test_a_look_that_failed_by_a_fault_of_ours_forgets_no_target() -> None:
    play, weather = played()
    play.weather = lambda began: Look(began, play.wall)
    play.run(70)
    mistyped(play, weather)
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    assert whose(play) == "own_internet"


def judged(known: Trunk, found: Look, standings: Mapping[str, Standing]) -> tuple[Whose, str]:
    made = facts(known, found, standings)
    blame = blame_for(made)
    assert blame is not None
    return blame.whose, str(blame.text)


def facts(known: Trunk, found: Look, standings: Mapping[str, Standing]) -> Facts:
    return facts_of(known, far_of([known], found), found, NOW, policy=Policy(), standings=standings)


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (DEAD, Whose.UNPROVEN),
        (DEAD_HERE, Whose.OWN_INTERNET),
        (replace(DEAD_HERE, exits=(gateway(),)), Whose.UNPROVEN),
        (replace(DEAD_HERE, exits=(BY_PPP,)), Whose.UNPROVEN),
        (replace(DEAD_HERE, exits=None), Whose.UNPROVEN),
        (replace(DEAD_HERE, names=(control(),)), Whose.UNPROVEN),
        (replace(DEAD_HERE, names=()), Whose.UNPROVEN),
    ],
)
def test_targets_that_never_answered_prove_something_only_where_all_else_is_dead_too(found: Look, fault: Whose) -> None:
    assert judged(silent(), found, {})[0] is fault


def test_of_two_targets_the_one_that_worked_is_named() -> None:
    got, text = judged(silent(), look(web(Ending.SILENT), listener(Ending.SILENT)), {WEB: Standing(good=True)})
    assert got is Whose.OWN_INTERNET
    assert "https://example.net cannot be reached" in text
    assert "tcp:" not in text


def test_a_target_that_never_worked_proves_good_as_soon_as_it_answers() -> None:
    assert judged(silent(), look(web()), {})[0] is Whose.CARRIER_SILENT


def test_a_mistyped_target_does_not_make_our_name_service_dead() -> None:
    """Its name does not exist; the carrier's name, well before, is not answered for."""
    names = (control(Ending.NO_SUCH_NAME), name(Ending.SERVER_FAILED))
    got, _ = judged(named(silent()), look(web(Ending.NAME), names=names), {"sip.carrier.test": Standing(good=True)})
    assert got is Whose.UNPROVEN
    known = dict.fromkeys(("sip.carrier.test", "example.net"), Standing(good=True))
    assert judged(named(silent()), look(web(Ending.NAME), names=names), known)[0] is Whose.OWN_NAMES


# --- exits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unlinked", [(), ("eth1",)])
def test_a_way_out_without_a_gateway_is_no_missing_one(unlinked: tuple[str, ...]) -> None:
    known = named(silent())
    found = look(web(Ending.NAME), names=(name(Ending.SILENT), control(Ending.SILENT)), exits=(BY_PPP,))
    got, text = judged(known, replace(found, unlinked=unlinked), {})
    assert (got, "no name can be looked up" in text) == (Whose.OWN_NAMES, True)
    told = [str(piece.text) for piece in exhibits(facts(known, found, {}), At(NOW, WALL))]
    assert "The default route leaves by ppp0: there is no gateway to ask." in told
    assert not any("no default route" in text for text in told)


@pytest.mark.parametrize("link", [True, False, None])
def test_no_verdict_comes_from_an_exit_without_a_gateway(link: bool | None) -> None:
    ppp = replace(BY_PPP, link=link)
    good = {WEB: Standing(good=True)}
    assert judged(silent(), look(web(Ending.SILENT), exits=(ppp,)), good)[0] is Whose.OWN_INTERNET
    dead = gateway(Ending.UNREACHABLE, link=False)
    assert judged(silent(), look(web(Ending.SILENT), exits=(dead, ppp)), good)[0] is Whose.OWN_INTERNET


def test_a_card_without_a_link_is_no_evidence_where_there_is_a_way_out() -> None:
    found = look(web(Ending.SILENT), exits=(gateway(),), unlinked=("eth1",), unrouted=("203.0.113.11",))
    got, text = judged(silent(), found, {WEB: Standing(good=True)})
    assert "eth1" not in text
    assert got is Whose.OWN_NETWORK


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [ending for ending in Ending if ending is not Ending.OK])
@pytest.mark.parametrize("host", ["gsm-gateway", "gateway.fritz.box", "gsm.local"])
def test_a_name_of_our_own_network_is_never_the_carriers(host: str, ending: Ending) -> None:
    found = look(web(), listener(), names=(name(ending, host), control()))
    assert judged(named(silent(), host), found, {host: Standing(good=True)})[0] in (Whose.DEVICE, Whose.OWN_NAMES)


def test_a_device_of_our_own_that_answers_does_not_prove_that_the_internet_works() -> None:
    own, found = named(answering(), "gsm-gateway"), DEAD
    far = far_of([silent(), own], found)
    good = {reach.target: Standing(good=True) for reach in found.targets}
    blame = blame_for(facts_of(silent(), far, found, NOW, policy=Policy(), standings=good))
    assert blame is not None
    assert blame.whose is Whose.OWN_INTERNET


def test_a_name_that_the_pbx_alone_knows_is_no_evidence() -> None:
    """Its trunk answers though our name service has never heard of it; so it does not when the trunk dies."""
    play = Play()
    play.pbx.trunks["telekom"].host = Host("sbc.carrier.example")
    weather = Weather(play)

    def found(began: float) -> Look:
        unknown = name(Ending.NO_SUCH_NAME, "sbc.carrier.example")
        return replace(Weather.look(weather, began), names=(control(), unknown))

    play.weather = found
    play.connect().run(200)
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    assert whose(play) == "carrier_silent"


def test_a_name_that_was_known_and_vanishes_is_the_carriers() -> None:
    play = Play()
    play.pbx.trunks["telekom"].host = Host("sip.carrier.test")
    weather = Weather(play)
    ending = Ending.OK

    def found(began: float) -> Look:
        return replace(Weather.look(weather, began), names=(control(), name(ending)))

    play.weather = found
    play.connect().run(200)
    ending = Ending.NO_SUCH_NAME
    play.run(200)  # Asterisk knows its address for a while yet
    play.pbx.trunks["telekom"].silent = True
    play.run(60)
    assert whose(play) == "carrier_names"


def test_which_names_are_our_own() -> None:
    own = ("gsm-gateway", "pbx.local", "a.b.lan", "gw.home.arpa", "sip.fritz.box")
    others = ("sip.carrier.test", "localhost", "", "192.168.1.1", "::1", "lan.example", "notlan", "fritz.box.example")
    assert [host for host in (*own, *others) if is_own_name(host)] == [*own, "notlan"]
