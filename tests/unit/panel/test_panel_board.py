"""The page: true sentences in both languages, the three buttons and their fate, hostile names as text, the fence."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from router.core.decision import decide
from router.core.evidence import contact_said
from router.core.health import State
from router.core.office import Office, opened
from router.core.orders import Mode, Override
from router.core.registration import Refusal
from router.core.sentence import say
from router.panel.ends import Hours
from router.panel.rendering import asset
from router.ports import Answer, Role
from tests.unit.panel.browsing import OURS, form_token, log_in, logged_in, visiting
from tests.unit.panel.fakes import (
    NASTY_NAMES,
    NOW,
    FakeBoard,
    FakeDemo,
    House,
    ago,
    blind,
    decided,
    named,
    outage,
    planned,
    site,
    trunk,
    unproven,
    unverified,
    well,
)  # fmt: skip


class Words(HTMLParser):
    """The text of a page, and every tag with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.tags, self._loud = "", [], True
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.text += " " if tag in ("dt", "dd", "p", "li", "h1", "h2") else ""

    def handle_data(self, data: str) -> None:
        self.text += data


async def page(house: House, path: str = "/", **headers: str) -> Words:
    async with logged_in(house, **headers) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return Words(answer.text)


async def pressed(house: House, **fields: str) -> tuple[int, Words]:
    """A button of the form, and the page that follows."""
    async with logged_in(house) as browser:
        sent = {"csrf": await form_token(browser), **fields}
        answer = await browser.post("/override", data=sent, headers=OURS)
        code = answer.status_code
        if code == 303:
            answer = await browser.get(answer.headers["location"])
    return code, Words(answer.text)


RECOVERING = outage()
RECOVERING = decided(
    replace(
        RECOVERING,
        trunks={
            **RECOVERING.trunks,
            "telekom": trunk(
                RECOVERING.site.trunk("telekom"), State.RECOVERING, say("probes are answered."), ago(minutes=1)
            ),
        },
    )
)
SITUATIONS = {
    "recovering": (RECOVERING, "Telekom scheint wieder zu gehen.", "Telekom looks good again."),
    "unverified": (
        unverified(well()),
        "Anrufe an 030 123456 sollten im Büro klingeln; die Telefonanlage bestätigt es nicht.",
        "Calls to 030 123456 should ring in the office; the PBX does not confirm it.",
    ),
    "well": (well(), "Anrufe an 030 123456 klingeln im Büro.", "Calls to 030 123456 ring in the office."),
    "unproven": (
        unproven(),
        "Telekom antwortet.",
        "Telekom answers.",
    ),
    "outage": (
        outage(),
        "Wer 030 123456 wählt, erreicht uns gerade nicht.",
        "Whoever dials 030 123456 cannot reach us right now.",
    ),
    "blind": (
        blind(outage()),
        "Wir sehen die Telefonanlage seit 14:32 nicht. Wenn sie läuft, leitet sie weiter wie zuletzt. "
        "Rufen Sie zur Probe Ihre eigene Nummer an.",
        "We have not seen the PBX since 14:32. If it runs, it routes as before. Call your own number to try.",
    ),
    "refused": (
        blind(well(), refused=True),
        "Die Telefonanlage lehnt unsere Anmeldung ab.",
        "The PBX refuses our login.",
    ),
    "read only": (
        replace(well(), other_writer="router-2"),
        "Ein anderer Router (router-2) steuert diese Telefonanlage; dieser hier liest nur mit.",
        "Another router (router-2) writes the routes of this PBX; this one only reads.",
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_largest_sentence_is_the_true_one(situation: str, language: str) -> None:
    office, german, english = SITUATIONS[situation]
    async with logged_in(House(FakeBoard(office)), **{"accept-language": language}) as browser:
        html = (await browser.get("/")).text
    headline = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    assert headline, html
    assert (german if language == "de" else english) in Words(headline.group(1)).text
    assert len(re.findall("<h1", html)) == 1


async def test_the_worst_number_leads_and_the_others_follow() -> None:
    text = (await page(House(FakeBoard(outage())))).text
    assert text.index("erreicht uns gerade nicht") < text.index("Anrufe an 0171 5550123 klingeln im Büro.")


async def test_a_number_that_nobody_called_lately_follows_the_one_that_is_proven() -> None:
    office = well()
    rare = decided(replace(office, arrivals={**office.arrivals, "+4930123456": ago(days=3)}))
    async with logged_in(House(FakeBoard(rare))) as browser:
        html = (await browser.get("/")).text
    text = Words(html).text
    assert text.index("Anrufe an 0171 5550123 klingeln im Büro.") < text.index(
        "hat sich seit 19. November, 14:50 nicht"
    )
    assert "<title>Erreichbar: 0171 5550123" in html


async def test_what_is_not_proven_is_told_calmly_after_what_is() -> None:
    text = (await page(House(FakeBoard(unproven())))).text
    told = "Ob Anrufe an 030 123456 ankommen, hat sich seit gestern 13:02 nicht gezeigt."
    assert f"Telekom antwortet. {told}" in text


async def test_a_number_that_fails_alone_leads_before_those_that_are_proven() -> None:
    office = well()
    failed = "+491715550123"
    made = decide(office.site, office.trunks, (), NOW, view=office.view, arrivals=office.arrivals, alone=(failed,))
    async with logged_in(House(FakeBoard(replace(office, decisions=made)))) as browser:
        html = (await browser.get("/")).text
    headline = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    assert headline
    assert "0171 5550123" in Words(headline.group(1)).text


async def test_only_a_verified_route_is_called_verified() -> None:
    assert "Die Telefonanlage bestätigt" in (await page(House(FakeBoard(outage())))).text
    text = (await page(House(FakeBoard(unverified(outage()))))).text
    assert "Die Telefonanlage bestätigt: So" not in text
    assert "Die Telefonanlage hat nicht bestätigt, was hier steht." in text
    assert "nicht bestätigt" in text


async def test_nothing_that_the_pbx_does_not_confirm_is_green() -> None:
    async with logged_in(House(FakeBoard(unverified(well())))) as browser:
        html = (await browser.get("/")).text
    cards = html.partition('id="live-numbers"')[2].partition('id="live-checked"')[0]
    assert "good" not in cards
    assert cards.count("sollten im Büro klingeln; die Telefonanlage bestätigt es nicht.") == 2


async def test_a_dead_trunk_leads_where_the_pbx_confirms_nothing_either() -> None:
    text = (await page(House(FakeBoard(unverified(outage()))))).text
    told = "Anrufe an 030 123456 sollten auf die Handys von Anna und Ben gehen"
    assert f"Wer 030 123456 wählt, erreicht uns gerade nicht. {told}" in text


async def test_the_notice_stays_while_an_unverified_route_is_tried_again() -> None:
    office = unverified(well())
    again = decided(replace(office, route=replace(office.route, under_way=True)))
    assert "Die Telefonanlage hat nicht bestätigt, was hier steht." in (await page(House(FakeBoard(again)))).text
    first = decided(replace(again, route=replace(again.route, doubted=False)))
    text = (await page(House(FakeBoard(first)))).text
    assert "hat nicht bestätigt" not in text
    assert "Anrufe an 030 123456 klingeln im Büro." in text


async def test_while_it_recovers_the_good_news_leads_and_where_calls_go_follows() -> None:
    text = (await page(House(FakeBoard(RECOVERING)))).text
    told = "Telekom scheint wieder zu gehen. Bis das sicher ist, gilt: Anrufe an 030 123456 gehen über GSM-Gateway auf"
    assert told in text


@pytest.mark.parametrize("language", ["de", "en"])
async def test_no_button_is_said_to_be_in_force_while_the_pbx_is_out_of_sight(language: str) -> None:
    in_force = {"de": "jetzt: Büro gilt", "en": "now: office in force"}[language]
    assert in_force in (await page(House(FakeBoard(well())), **{"accept-language": language})).text
    assert in_force not in (await page(House(FakeBoard(blind(well()))), **{"accept-language": language})).text


@pytest.mark.parametrize(
    ("by", "german", "english"),
    [
        ("desk phone", "Das Tischtelefon hat umgestellt:", "By order of the desk phone, calls"),
        ("cli", "Die Befehlszeile hat umgestellt:", "By order of the command line, calls"),
        ("anna", "anna hat umgestellt:", "By order of anna, calls"),
    ],
)
async def test_who_gave_an_order_is_named_in_the_readers_language(by: str, german: str, english: str) -> None:
    word = Override(Mode.OFFICE, ago(minutes=5), by)
    house = House(FakeBoard(decided(replace(well(), overrides=(word,)))))
    assert german in (await page(house, **{"accept-language": "de"})).text
    assert english in (await page(house, **{"accept-language": "en"})).text


async def test_who_holds_the_route_is_named_in_the_readers_language() -> None:
    word = Override(Mode.OFFICE, ago(minutes=5), "desk phone")
    house = House(FakeBoard(decided(replace(outage(), overrides=(word,)))))
    text = (await page(house)).text
    assert "durch das Tischtelefon seit 14:45" in text
    assert "erreicht uns gerade nicht. Das Tischtelefon hat umgestellt" in text


async def test_what_staff_set_says_who_until_when_and_why() -> None:
    word = Override(Mode.MOBILE, ago(minutes=5), "Ben", until=NOW + timedelta(hours=20), reason="Werkstatt geschlossen")
    text = (await page(House(FakeBoard(decided(replace(well(), overrides=(word,))))))).text
    assert "Alle Nummern: Handy, bis morgen 10:50" in text
    assert "durch Ben seit 14:45" in text
    assert "Werkstatt geschlossen" in text


async def test_a_number_given_back_to_the_automatics_is_named_beside_the_order_for_all() -> None:
    every, own = Override(Mode.MOBILE, ago(minutes=5), "Ben"), Override(Mode.AUTO, NOW, "Eva", number="+4930123456")
    text = (await page(House(FakeBoard(decided(replace(well(), overrides=(every, own))))))).text
    assert "Alle Nummern: Handy, bis auf Weiteres" in text
    assert "030 123456: Automatik, bis auf Weiteres durch Eva seit 14:50" in text
    alone = (await page(House(FakeBoard(decided(replace(well(), overrides=(own,))))))).text
    assert "Von Hand ist nichts eingestellt." in alone


async def test_a_router_that_only_reads_takes_no_order_by_form_either() -> None:
    house = House(FakeBoard(replace(well(), other_writer="router-2")))
    code, told = await pressed(house, mode="mobile", end="open")
    assert code == 409
    assert "Ein anderer Router (router-2) steuert diese Telefonanlage" in told.text
    assert "Gespeichert" not in told.text
    assert not house.board.heard


async def test_staffs_order_does_not_hide_that_nobody_can_reach_a_number_by_its_dead_trunk() -> None:
    word = Override(Mode.OFFICE, ago(minutes=5), "Ben", reason="wir sind da")
    text = (await page(House(FakeBoard(decided(replace(outage(), overrides=(word,))))))).text
    assert "Wer 030 123456 wählt, erreicht uns gerade nicht. Ben hat umgestellt: Anrufe an 030 123456" in text


async def test_staffs_word_hides_no_dead_trunk() -> None:
    word = Override(Mode.MOBILE, ago(minutes=5), "Ben")
    text = (await page(House(FakeBoard(decided(replace(outage(), overrides=(word,))))))).text
    assert "Wer 030 123456 wählt, erreicht uns gerade nicht. Ben hat umgestellt" in text


async def test_a_button_gives_the_order_and_the_page_tells_its_fate() -> None:
    house = House(FakeBoard(well()))
    code, told = await pressed(house, mode="mobile", end="hour", reason="Inventur")
    assert code == 303
    [heard] = house.board.heard
    assert (heard.mode, heard.number, heard.by, heard.via) == (Mode.MOBILE, None, "anna", "panel")
    assert (heard.until, heard.reason) == (NOW + timedelta(hours=1), "Inventur")
    assert "Alle Nummern auf Handy: umgeschaltet und geprüft. 14:50:07" in told.text


async def test_an_order_that_is_only_stored_says_so() -> None:
    house = House(FakeBoard(well()))
    house.board.verifies = False
    _, told = await pressed(house, mode="office", end="open")
    assert house.board.heard[0].until is None
    assert "Alle Nummern auf Büro: gespeichert, aber noch nicht bestätigt. 14:50:07 Gespeichert. Wir sehen" in told.text


async def test_the_fate_is_told_to_whoever_gave_the_order_and_to_nobody_else() -> None:
    house = House(FakeBoard(well()))
    house.accounts.passwords["ben"] = house.accounts.passwords["anna"]
    async with logged_in(house) as browser, visiting(house) as other:
        await log_in(other, "ben")
        sent = {"csrf": await form_token(browser), "mode": "office", "end": "open"}
        place = (await browser.post("/override", data=sent, headers=OURS)).headers["location"]
        for _ in range(2):
            assert "auf Büro: umgeschaltet und geprüft." in Words((await browser.get(place)).text).text
        assert (await other.get(place)).headers["location"] == "/"
        house.now += timedelta(hours=12, seconds=1)
        assert "umgeschaltet und geprüft." not in Words((await browser.get(place)).text).text


async def test_the_fate_names_the_number_it_is_about_in_the_readers_language() -> None:
    house = House(FakeBoard(well()))
    async with logged_in(house, **{"accept-language": "en"}) as browser:
        sent = {"csrf": await form_token(browser), "mode": "mobile", "end": "open", "number": "+4930123456"}
        place = (await browser.post("/override", data=sent, headers=OURS)).headers["location"]
        assert "030 123456 to Mobile. Switched and verified." in Words((await browser.get(place)).text).text


@pytest.mark.parametrize(
    ("mode", "number", "said", "holds"),
    [
        (Mode.OFFICE, None, "Inzwischen (14:51): Ben hat alle Nummern aufs Büro gestellt.", False),
        (Mode.AUTO, None, "Inzwischen (14:51): Ben hat alle Nummern der Automatik zurückgegeben.", False),
        (Mode.OFFICE, "+4930123456", "Inzwischen (14:51): Ben hat 030 123456 aufs Büro gestellt.", True),
    ],
)
async def test_whoever_gave_an_order_reads_who_spoke_since_and_the_other_whose_word_it_took_the_place_of(
    mode: Mode, number: str | None, said: str, holds: bool
) -> None:
    house = House(FakeBoard(well()))
    house.accounts.passwords["Ben"] = house.accounts.passwords["anna"]
    async with logged_in(house) as anna, visiting(house) as ben:
        await log_in(ben, "Ben")
        sent = {"csrf": await form_token(anna), "mode": "mobile", "end": "open"}
        hers = (await anna.post("/override", data=sent, headers=OURS)).headers["location"]
        house.now += timedelta(minutes=1)
        sent = {"csrf": await form_token(ben), "mode": mode.value, "end": "open", "number": number or ""}
        his = (await ben.post("/override", data=sent, headers=OURS)).headers["location"]
        first, second = Words((await anna.get(hers)).text), Words((await ben.get(his)).text)
    assert said in first.text
    assert ("Alle Nummern auf Handy: umgeschaltet und geprüft." in first.text) is holds
    assert "Bis dahin galt seit 14:50: anna hat alle Nummern aufs Handy gestellt." in second.text


async def test_an_order_whose_end_has_come_is_not_told_as_if_it_held() -> None:
    house = House(FakeBoard(well()))
    async with logged_in(house) as browser:
        sent = {"csrf": await form_token(browser), "mode": "mobile", "end": "hour"}
        place = (await browser.post("/override", data=sent, headers=OURS)).headers["location"]
        house.board.show(decided(replace(house.board.office, overrides=())))
        told = Words((await browser.get(place)).text).text
    assert "Alle Nummern auf Handy. 14:50:07 Diese Umstellung gilt nicht mehr." in told
    assert "umgeschaltet und geprüft" not in told


async def test_an_order_that_was_only_stored_is_told_as_confirmed_once_the_pbx_confirms_it() -> None:
    house = House(FakeBoard(well()))
    house.board.verifies = False
    async with logged_in(house) as browser:
        sent = {"csrf": await form_token(browser), "mode": "mobile", "end": "hour"}
        place = (await browser.post("/override", data=sent, headers=OURS)).headers["location"]
        told = Words((await browser.get(place)).text).text
        assert "Alle Nummern auf Handy: gespeichert, aber noch nicht bestätigt." in told
        office = house.board.office
        house.board.show(decided(replace(office, route=replace(office.route, verified=True))))
        told = Words((await browser.get(place)).text).text
    assert "Alle Nummern auf Handy. Inzwischen hat die Telefonanlage es bestätigt." in told


async def test_an_order_that_cannot_be_followed_is_not_told_as_switched() -> None:
    """Switched and verified is the table then, and by it calls ring in the office."""
    office = well(named(site(), "Anna", "Ben"))
    house = House(FakeBoard(replace(office, site=replace(office.site, fallbacks=()))))
    _, told = await pressed(house, mode="mobile", end="open")
    assert "umgeschaltet und geprüft" not in told.text
    assert "Alle Nummern auf Handy: gespeichert, geht aber gerade nicht. 14:50:07 Anna" not in told.text
    assert "Alle Nummern auf Handy: gespeichert, geht aber gerade nicht. 14:50:07 anna möchte Anrufe an" in told.text
    assert "aber zum Weiterleiten ist keine Leitung mehr da: Sie klingeln im Büro." in told.text
    assert "Handy geht gerade nicht gilt" not in told.text


async def test_an_order_that_one_number_cannot_follow_says_so_of_that_one() -> None:
    office = well(named(site(), "Anna", "Ben"))
    made = replace(office.site, fallbacks=("telekom",))
    fallen = trunk(made.trunks[0], State.DOWN, say("a probe went unanswered."), ago(minutes=5))
    house = House(FakeBoard(decided(replace(office, site=made, trunks={**office.trunks, "telekom": fallen}))))
    house.board.office = replace(house.board.office, site=replace(made, fallbacks=("gsm",)))
    mine = (replace(made.numbers[0], people=()), made.numbers[1])
    house.board.office = replace(house.board.office, site=replace(made, fallbacks=("gsm",), numbers=mine))
    _, told = await pressed(house, mode="mobile", end="open")
    assert "Alle Nummern auf Handy: gespeichert, geht aber gerade nicht für jede Nummer." in told.text
    assert "anna möchte Anrufe an 030 123456 auf dem Handy haben, aber niemand hat Dienst" in told.text


@pytest.mark.parametrize(
    ("office", "said"),
    [
        (well(), "jetzt: Büro gilt"),
        (unverified(well()), "jetzt: Büro nicht bestätigt"),
        (replace(well(), route=replace(well().route, verified=False, under_way=True)), "jetzt: Büro wird geprüft"),
        (replace(well(), other_writer="router-2"), "jetzt: Büro Büro"),
        (blind(well()), "zuletzt: Büro Büro"),
    ],
    ids=["verified", "unverified", "being verified", "read only", "blind"],
)
async def test_a_button_is_in_force_only_once_the_pbx_has_confirmed_it(office: Office, said: str) -> None:
    assert f"Automatik {said}" in (await page(House(FakeBoard(office)))).text


async def test_where_calls_go_is_not_said_beside_a_number_before_the_pbx_confirms_it() -> None:
    assert "über Telekom · Ziel: Büro" in (await page(House(FakeBoard(well())))).text
    doubtful = (await page(House(FakeBoard(unverified(well()))))).text
    assert "über Telekom · Ziel, noch nicht bestätigt: Büro" in doubtful
    for office in (blind(well()), decided(replace(well(), other_writer="router-2"))):
        assert "Ziel" not in (await page(House(FakeBoard(office)))).text


async def test_a_router_that_only_reads_claims_nothing_of_what_the_other_one_decides() -> None:
    text = (await page(House(FakeBoard(decided(replace(outage(), other_writer="router-2")))))).text
    assert "klingeln im Büro." not in text.partition("Leitungen")[0]
    assert "Wohin Anrufe an 0171 5550123 gehen, entscheidet ein anderer Router." in text
    assert "Wer 030 123456 wählt, erreicht uns gerade nicht. Wohin Anrufe an 030 123456 gehen" in text


async def test_what_is_set_by_hand_is_not_said_to_be_judged_by_the_pbx_itself() -> None:
    alone = "entscheidet die Telefonanlage selbst"
    assert alone in (await page(House(FakeBoard(blind(well()))))).text
    word = Override(Mode.OFFICE, ago(minutes=30), "Ben")
    by_hand = decided(replace(well(), overrides=(word,)))
    assert alone not in (await page(House(FakeBoard(blind(by_hand))))).text


async def test_a_journal_that_cannot_be_read_is_not_told_as_an_empty_one() -> None:
    house = House(FakeBoard(well()))
    house.journal.broken = True
    text = (await page(house)).text
    assert "Bisher ist nichts passiert." not in text
    assert "Das Protokoll lässt sich gerade nicht lesen." in text
    house.journal.broken, house.journal.lines = False, []
    assert "Bisher ist nichts passiert." in (await page(house)).text


async def test_calls_that_cannot_be_read_are_not_told_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(FakeBoard(well()))

    async def calls(*_: object, **__: object) -> None:
        raise OSError("database is locked")

    monkeypatch.setattr(house.journal, "calls", calls)
    text = (await page(house)).text
    assert "Es ist noch kein Anruf gekommen." not in text
    assert "Die Anrufe lassen sich gerade nicht lesen." in text


@pytest.mark.parametrize(
    ("path", "sent", "back"),
    [
        ("/override", {"mode": "mobile", "end": "time"}, "/"),
        ("/duty/numbers", {"name": "Anna", "number": "x"}, "/duty"),
    ],
)
async def test_the_language_can_be_changed_on_the_page_of_a_refused_form(
    path: str, sent: dict[str, str], back: str
) -> None:
    async with logged_in(House(FakeBoard(planned(well(named(site(), "Anna", "Ben")))))) as browser:
        answer = await browser.post(path, data={"csrf": await form_token(browser), **sent}, headers=OURS)
        assert answer.status_code == 422
        [there] = re.findall(r'href="(/language/en\?back=[^"]*)"', answer.text)
        assert there.endswith(f"back={back}")
        chosen = await browser.get(there)
        assert (await browser.get(chosen.headers["location"])).status_code == 200


async def test_a_change_of_language_keeps_what_was_searched_for() -> None:
    async with logged_in(House(FakeBoard(well()))) as browser:
        html = (await browser.get("/calls?show=missed&digits=555")).text
        [there] = re.findall(r'href="(/language/en\?back=[^"]*)"', html)
        assert (await browser.get(there)).headers["location"] == "/calls?show=missed&digits=555"


def backs(shown: Words) -> dict[str | None, str | None]:
    """The buttons that give something back, by id, with what they say."""
    buttons = [attributes for tag, attributes in shown.tags if tag == "button"]
    return {one["id"]: one["aria-label"] for one in buttons if (one.get("id") or "").startswith("back-")}


async def test_what_holds_by_hand_is_given_back_with_one_tap() -> None:
    words = (
        Override(Mode.MOBILE, ago(minutes=5), "Ben"),
        Override(Mode.OFFICE, ago(minutes=4), "Ben", number="+4930123456"),
    )
    house = House(FakeBoard(decided(replace(well(), overrides=words))))
    shown = await page(house)
    back = [
        attributes
        for tag, attributes in shown.tags
        if tag == "button" and str(attributes.get("id")).startswith("back-")
    ]
    assert [one["aria-label"] for one in back] == [
        "Alle Nummern: zurück zur Automatik",
        "030 123456: zurück zur Automatik",
    ]
    await pressed(house, mode="auto", number="+4930123456", end="open")
    assert (house.board.heard[0].mode, house.board.heard[0].number) == (Mode.AUTO, "+4930123456")
    shown = await page(house)
    assert [str(a.get("id")) for t, a in shown.tags if t == "button" and str(a.get("id")).startswith("back-")] == [
        "back-all"
    ]


async def test_a_viewer_has_no_button_at_all() -> None:
    house = House(FakeBoard(decided(replace(well(), overrides=(Override(Mode.MOBILE, ago(minutes=5), "Ben"),)))))
    house.accounts.roles["anna"] = Role.VIEWER
    shown = await page(house)
    assert "zurück zur Automatik" not in shown.text
    assert not [a for t, a in shown.tags if t == "button" and a.get("name") == "mode"]


@pytest.mark.parametrize(
    ("office", "now"),
    [
        (well(), "jetzt: Büro"),
        (outage(), "jetzt: je nach Nummer"),
        (blind(well()), "zuletzt: Büro"),
        (opened(site(), "us", NOW), "noch nicht bekannt"),
    ],
)
async def test_the_button_of_the_automatics_claims_no_more_than_is_seen(office: Office, now: str) -> None:
    assert f"Automatik {now}" in (await page(House(FakeBoard(office)))).text


async def test_the_end_of_the_working_day_is_offered_only_while_it_is_ahead() -> None:
    week = (((480, 1080),),) * 7
    for now, offered in ((NOW, True), (NOW + timedelta(hours=4), False)):
        house = House(FakeBoard(well()), now=now)
        house.hours = Hours(week)
        assert ("bis Feierabend (18:00)" in (await page(house)).text) is offered
    code, told = await pressed(house, mode="office", end="day")
    assert code == 422
    assert "Das Büro ist inzwischen geschlossen. Bitte wählen Sie ein anderes Ende." in told.text


async def test_an_order_says_where_it_came_from() -> None:
    house = House(FakeBoard(well()))
    await pressed(house, mode="office", end="open")
    assert house.board.origins == ["127.0.0.1"]


async def test_what_can_be_done_is_said_only_while_a_number_is_dead() -> None:
    assert "Was Sie jetzt tun können" not in (await page(House(FakeBoard(well())))).text
    assert "Was Sie jetzt tun können" not in (await page(House(FakeBoard(unproven())))).text
    told = (await page(House(FakeBoard(outage(named(site(), "Anna", "Ben")))))).text
    assert "Wer 030 123456 wählt, den kann jetzt nur Telekom umleiten" in told
    assert "0171 5550123 ist erreichbar: Nennen Sie Ihren Kunden diese Nummer." in told
    assert "Rufen Sie zur Probe Ihre eigene Nummer an: 030 123456" in told
    office = outage(named(site(), "Anna", "Ben"))
    cold = decided(replace(office, arrivals={}))
    assert "ist erreichbar: Nennen" not in (await page(House(FakeBoard(cold)))).text
    assert "Was Sie jetzt tun können" not in (await page(House(FakeBoard(opened(site(), "us", NOW))))).text


async def test_a_trunk_shows_its_answer_times_and_today_its_day() -> None:
    house = House(FakeBoard(outage()))
    house.answers.answers["telekom"] = [Answer(ago(minutes=m), 21.0 if m > 18 else None) for m in range(59, 0, -1)]
    shown = await page(house)
    assert "Antwortzeiten der letzten Stunde: etwa 21 ms bis 14:31, seitdem keine." in shown.text
    assert "Antwortzeiten der letzten Stunde: keine gemessen." in shown.text
    assert "Telekom Gestört seit 14:32" in shown.text
    assert "0171 5550123 Büro seit Mitternacht" in shown.text
    house.journal.trouble = "The journal cannot be kept: the disk is full."
    assert "Was heute war, lässt sich nicht zeigen" in (await page(house)).text


@pytest.mark.parametrize(("at", "day"), [("18:00", 22), ("14:50", 23), ("08:00", 23)])
async def test_a_time_is_the_next_one_on_the_offices_clock(at: str, day: int) -> None:
    house = House(FakeBoard(well()))
    await pressed(house, mode="office", end="time", at=at, number="+4930123456")
    [heard] = house.board.heard
    assert heard.number == "+4930123456"
    assert heard.until is not None
    assert heard.until.isoformat() == f"2025-11-{day}T{at}:00+01:00"


async def test_a_form_that_is_not_understood_comes_back_as_it_was() -> None:
    house = House(FakeBoard(well()))
    code, told = await pressed(house, mode="office", end="time", at="", reason="halb fertig", number="+491715550123")
    assert code == 422
    assert "Bitte geben Sie an, bis wann, zum Beispiel 18:00." in told.text
    assert (
        "input",
        {"name": "reason", "value": "halb fertig", "maxlength": "200", "autocomplete": "off", "dir": "auto"},
    ) in told.tags
    assert ("option", {"value": "+491715550123", "selected": None}) in told.tags
    assert not house.board.heard


@pytest.mark.parametrize("end", [{"end": "bogus"}, {"end": ""}, {}])
async def test_an_end_that_is_none_of_the_three_is_not_taken_for_an_open_one(end: dict[str, str]) -> None:
    house = House(FakeBoard(well()))
    code, told = await pressed(house, mode="office", **end)
    assert code == 422
    assert "Bitte geben Sie an, wie lange das gelten soll." in told.text
    assert not house.board.heard


async def test_a_reason_cannot_turn_the_writing_of_the_page() -> None:
    house = House(FakeBoard(well()))
    turning = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
    await pressed(house, mode="office", end="open", reason=f"{turning}In{turning}ventur משרד 👩\u200d🔧{turning}")
    assert house.board.heard[0].reason == "Inventur משרד 👩\u200d🔧"


@pytest.mark.parametrize("nasty", NASTY_NAMES)
async def test_hostile_names_are_text(nasty: str) -> None:
    made = named(site(name=nasty, label=nasty), nasty, nasty)
    word = Override(Mode.MOBILE, ago(minutes=5), nasty, reason=nasty)
    house = House(FakeBoard(decided(replace(outage(made), overrides=(word,)))))
    house.accounts.passwords = {nasty: house.accounts.passwords["anna"]}
    async with visiting(house) as browser:
        browser.cookies.set(
            "failover_session", await house.accounts.login(nasty, house.accounts.passwords[nasty]) or ""
        )
        answer = await browser.get("/")
    shown = Words(answer.text)
    assert answer.status_code == 200
    assert {tag for tag, _ in shown.tags} <= KNOWN_TAGS
    assert [attributes.get("src") for tag, attributes in shown.tags if tag == "script"] == [PANEL_JS]
    assert " ".join(nasty.split()) in shown.text
    assert "a=b" not in str(answer.headers)


PANEL_JS = asset("panel.js")
KNOWN_TAGS = {
    "html", "head", "meta", "title", "link", "noscript", "script", "body", "header", "p", "bdi", "time", "nav", "a",
    "form", "input", "button", "span", "main", "div", "svg", "circle", "path", "rect", "h1", "h2", "section", "ul",
    "ol", "li", "label", "select", "option", "fieldset", "legend", "b", "small", "q", "dl", "dt", "dd", "text", "line",
}  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/login", "/welcome/invited", "/nothing"])
async def test_every_page_is_fenced_in_and_kept_nowhere(path: str) -> None:
    house = House(FakeBoard(well()))
    async with visiting(house) if path != "/" else logged_in(house) as browser:
        answer = await browser.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    shown = Words(answer.text)
    for tag, attributes in shown.tags:
        assert tag != "style"
        assert not {name for name in attributes if name == "style" or name.startswith("on")}
        assert tag != "script" or attributes.get("src", "").startswith("/static/")
    addresses = [a.get("href") or a.get("src") or a.get("action") or "/" for _, a in shown.tags]
    assert all(address.startswith(("/", "#")) for address in addresses), "nothing comes from elsewhere"


async def test_a_crash_is_a_page_of_ours_too() -> None:
    house = House(FakeBoard(well()))
    async with logged_in(house) as browser:
        house.board.office = None  # type: ignore[assignment]
        answer = await browser.get("/readyz")
    assert answer.status_code == 500
    assert "Traceback" not in answer.text


async def test_static_files_are_cached_by_their_mark_only() -> None:
    async with visiting(House(FakeBoard(well()))) as browser:
        marked, bare = await browser.get(PANEL_JS), await browser.get("/static/panel.js")
        missing = await browser.get("/static/nothing.js?v=1")
        outside = await browser.get("/static/..%2fapp.py")
    assert "immutable" in marked.headers["cache-control"]
    assert bare.headers["cache-control"] == "no-store"
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")
    assert outside.status_code == 404


async def test_the_chosen_language_beats_the_browsers() -> None:
    house = House(FakeBoard(well()))
    async with logged_in(house, **{"accept-language": "de"}) as browser:
        answer = await browser.get("/language/en?back=/")
        assert answer.headers["location"] == "/"
        assert "Where should calls go?" in (await browser.get("/")).text


@pytest.mark.parametrize(
    "back", ["https://elsewhere.test", "//elsewhere.test", "/\\elsewhere.test", "/\r\nx: y", "login"]
)
async def test_the_choice_of_language_leads_nowhere_else(back: str) -> None:
    async with visiting(House(FakeBoard(well()))) as browser:
        answer = await browser.get("/language/en", params={"back": back})
    assert answer.headers["location"] == "/"


async def test_without_a_script_the_page_reloads_itself_unless_a_form_is_being_filled_in() -> None:
    house = House(FakeBoard(well()))
    refresh = ("meta", {"http-equiv": "refresh", "content": "15"})
    assert refresh in (await page(house)).tags
    assert refresh not in (await page(house, "/?still=1")).tags


async def test_the_demo_has_its_buttons_and_says_what_each_phone_does() -> None:
    house = House(FakeBoard(well()), demo=FakeDemo())
    async with logged_in(house) as browser:
        shown = Words((await browser.get("/")).text)
        assert "Telekom-Leitung kappen" in shown.text
        assert "Tischtelefon aufgelegt" in shown.text
        sent = {"csrf": await form_token(browser)}
        assert (await browser.post("/demo/cut", data=sent, headers=OURS)).status_code == 303
        assert (await browser.post("/demo/explode", data=sent, headers=OURS)).status_code == 404
    assert house.demo is not None
    assert house.demo.done == ["cut"]


async def test_outside_the_demo_there_is_no_trace_of_it() -> None:
    house = House(FakeBoard(well()))
    async with logged_in(house) as browser:
        html = (await browser.get("/")).text
        sent = {"csrf": await form_token(browser)}
        answer = await browser.post("/demo/cut", data=sent, headers=OURS)
    assert answer.status_code == 404
    assert "/demo" not in html
    assert "Vorführung" not in html


async def test_what_was_never_seen_is_not_called_last_known() -> None:
    lost = (await page(House(FakeBoard(blind(well()))))).text
    never = (await page(House(FakeBoard(blind(well(), refused=True))))).text
    assert "zuletzt bekannt Zuletzt klingelten Anrufe an 030 123456 im Büro." in lost
    assert "unbekannt Wohin Anrufe an 030 123456 gehen, wissen wir nicht." in never
    assert "Welchen Weg Anrufe nehmen, wissen wir noch nicht." in never


async def test_a_trunk_of_which_nothing_was_ever_seen_has_nothing_last_known() -> None:
    fresh = opened(named(site(), "Anna", "Ben"), "us", NOW)
    assert "zuletzt bekannt" not in (await page(House(FakeBoard(fresh)))).text
    assert "Telekom zuletzt bekannt: in Ordnung" in (await page(House(FakeBoard(blind(well()))))).text


async def test_asterisk_holding_a_silent_trunk_for_reachable_is_not_told() -> None:
    office = outage()
    telekom = office.trunks["telekom"]
    evidence = contact_said(replace(telekom.evidence, unanswered=3), "Reachable", 21400, 0)
    office = replace(office, trunks={**office.trunks, "telekom": replace(telekom, evidence=evidence)})
    told = (await page(House(FakeBoard(office)))).text.partition("Leitungen")[2].partition("GSM-Gateway")[0]
    assert "Gegenseite antwortet nicht" in told
    assert "Antwortzeit 21" not in told


@pytest.mark.parametrize(
    ("refusal", "english", "german"),
    [
        (Refusal.UNANSWERED, "not answered", "ohne Antwort"),
        (Refusal.UNCLEAR, "rejected or not answered", "abgelehnt oder ohne Antwort"),
        (Refusal.AT_ONCE, "rejected", "abgelehnt"),
        (Refusal.FOR_EVER, "rejected", "abgelehnt"),
    ],
)
async def test_what_asterisk_calls_rejected_is_told_as_what_it_was(refusal: Refusal, english: str, german: str) -> None:
    office = outage()
    known = office.trunks["telekom"]
    register = replace(known.evidence.register, refusal=refusal)
    evidence = replace(known.evidence, register=register)
    house = House(FakeBoard(replace(office, trunks={**office.trunks, "telekom": replace(known, evidence=evidence)})))
    assert f"Registration {english} Contact" in (await page(house, **{"accept-language": "en"})).text
    assert f"Anmeldung {german} Gegenseite" in (await page(house, **{"accept-language": "de"})).text
