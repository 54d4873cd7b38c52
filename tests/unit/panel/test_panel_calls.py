"""The calls on the page, in the API and on the command line: true sentences, nobody's markup, never in the way."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from router.__main__ import app
from router.core.call_told import ENDS, NOT_FORWARDED, UNLISTED
from router.core.calls import Call, Leg
from router.panel.calls import MOST, grouped
from router.panel.speech import catalogue
from router.ports import Role
from tests.unit.panel.browsing import BEARER, logged_in, visiting
from tests.unit.panel.fakes import NASTY_NAMES, FakeBoard, House, ago, callers, named, site, well
from tests.unit.panel.test_command_line import SETTINGS
from tests.unit.panel.test_panel_board import Words
from tests.unit.panel.test_panel_streams import following, logged_in_cookie, next_of, serving


@pytest.fixture
def house() -> House:
    return House(FakeBoard(well()))


def region(html: str) -> str:
    """The words of the list of calls."""
    return Words(html.partition('id="live-calls">')[2].partition('<p class="onward">')[0]).text


async def shown(house: House, **headers: str) -> str:
    async with logged_in(house, **headers) as browser:
        answer = await browser.get("/")
    assert answer.status_code == 200
    return region(answer.text)


async def asked(house: House, **query: object) -> tuple[int, dict[str, Any]]:
    async with visiting(house, **{"accept-language": "en"}) as program:
        answer = await program.get("/api/v1/calls", params=query, headers=BEARER)  # type: ignore[arg-type]
    return answer.status_code, answer.json()


async def test_the_latest_calls_stand_on_the_page_in_both_languages(house: House) -> None:
    german, english = await shown(house), await shown(house, **{"accept-language": "en"})
    for said in (
        "14:48 verpasst 030 555001 an 030 123456 · während der Router weg war Niemand hat abgenommen; der Anrufer "
        "wartete 60 s. Annas Handy über GSM-Gateway: es klingelte, niemand nahm ab. Bens Handy über GSM-Gateway: "
        "abgenommen, aber niemand drückte die 1; vielleicht war es die Mailbox. Nicht weitergeleitet: Es wurden schon "
        "zu viele Anrufe zugleich weitergeleitet.",
        "14:47 angenommen 030 555001 an 030 123456 Anna hat nach 12 s am Handy abgenommen.",
        "13:50 angenommen 030 555001 an 030 123456 Telefon 20 hat nach 4 s abgenommen.",
        "12:50 abgewiesen 0171 12345678 an 030 123456 Abgewiesen: Unser eigener weitergeleiteter Anruf kam zurück.",
        "gestern 12:50 verpasst Nummer unterdrückt an 0171 5550123 Der Anrufer hat nach 8 s aufgelegt.",
    ):
        assert said in german
    for said in (
        "missed 030 555001 to 030 123456 · while the router was away Nobody took it; the caller waited 60 s. "
        "Anna's mobile over GSM-Gateway: it rang, and nobody picked up.",
        "taken 030 555001 to 030 123456 Anna took it on the mobile after 12 s.",
        "missed Number withheld to 0171 5550123 The caller hung up after 8 s.",
    ):
        assert said in english


async def test_a_missed_call_is_told_by_word_and_shape(house: House) -> None:
    async with logged_in(house) as browser:
        html = (await browser.get("/")).text.partition('id="live-calls">')[2].partition("</section>")[0]
    tags = [part.partition("</span>")[0] for part in html.split('<span class="tag ')[1:]]
    words = [tag.rpartition(">")[2] for tag in tags]
    assert words == ["verpasst", "angenommen", "angenommen", "abgewiesen", "verpasst"]
    shapes = {word: tag.partition("<svg")[2].partition("</svg>")[0] for word, tag in zip(words, tags, strict=True)}
    assert len(set(shapes.values())) == 3
    assert all("<path" in shape or "<circle" in shape for shape in shapes.values())


async def test_the_page_has_the_last_few(house: House) -> None:
    house.journal.kept = [replace(callers()[1], id=str(n), caller=f"+49305550{n:02}") for n in range(12)]
    said = await shown(house)
    assert said.count("angenommen") == MOST == 6
    assert "030 555005" in said
    assert "030 555006" not in said


async def test_without_calls_the_page_says_so(house: House) -> None:
    house.journal.kept = []
    assert await shown(house) == "Es ist noch kein Anruf gekommen."


async def test_a_dead_database_costs_the_calls_and_not_the_page_and_no_call_is_denied(house: House) -> None:
    house.journal.broken = True
    assert await shown(house) == "Die Anrufe lassen sich gerade nicht lesen."


async def test_an_open_page_gets_a_call_without_being_asked(house: House) -> None:
    house.journal.kept = []
    cookies = await logged_in_cookie(house)
    async with serving(house) as (address, _), following(address, "/live/board", cookies=cookies) as stream:
        assert "Es ist noch kein Anruf" in (await next_of(stream))[1]["regions"]["calls"]
        house.journal.kept = callers()
        house.board.show(house.board.office)
        assert "Niemand hat abgenommen" in (await next_of(stream))[1]["regions"]["calls"]


@pytest.mark.parametrize("name", NASTY_NAMES)
async def test_hostile_names_are_text(name: str) -> None:
    house = House(FakeBoard(well(named(site(label=name), name, "Ben"))))
    async with logged_in(house, **{"accept-language": "en"}) as browser:
        html = (await browser.get("/")).text
    assert "<script>alert" not in html
    assert "<img" not in html
    assert " ".join(f"{name} took it on the mobile after 12 s.".split()).replace("\u202e", "") in region(
        html
    ).translate(dict.fromkeys((0x202E, 0x2068, 0x2069)))


def test_every_sentence_of_a_leg_has_its_german() -> None:
    """They are looked up by a table, so no use of them would be missed by the collector alone."""
    german = catalogue("de")
    said = {*ENDS.values(), *UNLISTED.values(), *NOT_FORWARDED.values()}
    assert {text for text in said if german.gettext(text) == text} == set()


CALL = {
    "id", "number", "caller", "trunk", "way", "began", "ended", "seconds_to_ring", "seconds_to_answer", "outcome", "by",
    "person", "text", "legs", "forwarded", "rescued", "router_away",
}  # fmt: skip


async def test_the_api_gives_every_call_with_its_legs(house: House) -> None:
    code, body = await asked(house)
    assert (code, set(body), body["trouble"]) == (200, {"calls", "next", "trouble"}, None)
    assert all(set(call) == CALL for call in body["calls"])
    assert [call["id"] for call in body["calls"]] == ["5.5", "5.4", "5.3", "5.2", "5.1"]
    missed, taken, *_, gone = body["calls"]
    assert taken == {
        "id": "5.4", "number": "+4930123456", "caller": "+4930555001", "trunk": "telekom", "way": "mobile",
        "began": "2025-11-22T14:47:07+01:00", "ended": "2025-11-22T14:49:07+01:00", "seconds_to_ring": 1.5,
        "seconds_to_answer": 12.3, "outcome": "taken", "by": "+4917112345678", "person": "Anna",
        "text": "Anna took it on the mobile after 12 s.", "forwarded": True, "rescued": True, "router_away": False,
        "legs": [
            {"trunk": "gsm", "number": "+4917112345679", "person": "Ben", "end": "486",
             "text": "Ben's mobile over GSM-Gateway: busy."},
            {"trunk": "gsm", "number": "+4917112345678", "person": "Anna", "end": "answer",
             "text": "Anna's mobile over GSM-Gateway: the call was taken."},
        ],
    }  # fmt: skip
    assert (missed["outcome"], missed["by"], missed["router_away"]) == ("missed", None, True)
    assert (missed["legs"][2]["trunk"], missed["legs"][2]["number"]) == (None, None)
    assert (gone["caller"], gone["trunk"], gone["way"], gone["seconds_to_ring"]) == (None, None, None, None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"limit": 2}, ["5.5", "5.4"]),
        ({"missed": "true"}, ["5.5", "5.1"]),
        ({"missed": "1", "limit": 1}, ["5.5"]),
        ({"number": "0171 5550123"}, ["5.1"]),
        ({"number": "+4940999999"}, []),
        ({"number": ""}, ["5.5", "5.4", "5.3", "5.2", "5.1"]),
        ({"since": "2025-11-22T14:48:07+01:00"}, ["5.5"]),
        ({"until": "2025-11-22T14:47:07+01:00"}, ["5.3", "5.2", "5.1"]),
        ({"show": "missed"}, ["5.5", "5.1"]),
        ({"show": "forwarded"}, ["5.5", "5.4"]),
        ({"show": "rescued"}, ["5.4"]),
        ({"digits": "0171 1234"}, ["5.2"]),
        ({"before": "5.3"}, ["5.2", "5.1"]),
        ({"before": "99.9"}, []),
    ],
)
async def test_calls_are_asked_for_by_what_they_were(house: House, query: dict[str, object], found: list[str]) -> None:
    code, body = await asked(house, **query)
    assert (code, [call["id"] for call in body["calls"]]) == (200, found)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"limit": 0}, "limit must be at least 1."),
        ({"limit": 501}, "limit must be at most 500."),
        ({"missed": "perhaps"}, "missed must be true or false."),
        ({"show": "refused"}, "show must be one of: taken, missed, forwarded, rescued."),
        ({"until": "0.5"}, "until cannot be read."),
        ({"since": "0001-01-01T00:00:00+14:00"}, "since cannot be read."),
        ({"until": "9999-12-31T23:59:59-12:00"}, "until cannot be read."),
        ({"before": "1' OR 1"}, "before cannot be read."),
        ({"digits": "x"}, "digits cannot be read."),
        ({"since": "2025-11-22T14:48:07"}, "since must be a time with its zone, such as 2026-03-01T18:00:00+01:00."),
        ({"number": "<b>"}, "“<b>” has letters in it, a telephone number has none."),
        ({"number": "112"}, "“112” is an emergency number, which the router never forwards to."),
    ],
)
async def test_what_cannot_be_understood_is_422_with_one_sentence(
    house: House, query: dict[str, object], said: str
) -> None:
    code, body = await asked(house, **query)
    assert (code, body["detail"]) == (422, said)


async def test_calls_are_shown_to_nobody_from_outside_and_to_users_with_their_cookie(house: House) -> None:
    async with visiting(house) as stranger:
        assert (await stranger.get("/api/v1/calls")).status_code == 401
        wrong = {"authorization": "Bearer wrong"}
        assert (await stranger.get("/api/v1/calls", headers=wrong)).status_code == 401
    async with logged_in(house) as browser:
        assert (await browser.get("/api/v1/calls")).status_code == 200


async def test_what_is_wrong_with_the_database_is_said_beside_the_calls(house: House) -> None:
    house.journal.trouble = "The journal cannot be kept: the disk is full. Lines waiting in memory: 3."
    assert (await asked(house))[1]["trouble"] == house.journal.trouble


async def test_metrics_and_the_log_name_no_caller(house: House) -> None:
    async with visiting(house) as scraper:
        assert "30555001" not in (await scraper.get("/metrics")).text
        assert "30555001" not in (await scraper.get("/api/v1/log", headers=BEARER)).text


async def command(house: House, home: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and output of `failover calls`."""
    async with serving(house) as (address, _):
        text = SETTINGS.format(listen=address.removeprefix("http://"), home=home)
        (home / "failover.toml").write_text(text)
        (home / "failover.token").write_text("the-token\n")
        line = ["calls", "--config", str(home / "failover.toml"), *arguments]
        done = await asyncio.to_thread(CliRunner().invoke, app, line)
    return done.exit_code, done.output


async def test_the_command_lists_calls_with_what_the_mobiles_said(house: House, tmp_path: Path) -> None:
    code, said = await command(house, tmp_path)
    lines = said.splitlines()
    assert code == 0
    assert lines[0] == (
        "2025-11-22 14:48:07  verpasst    030 555001          an 030 123456    Niemand hat abgenommen; der Anrufer "
        "wartete 60 s.  (während der Router weg war)"
    )
    assert lines[1] == "    Annas Handy über GSM-Gateway: es klingelte, niemand nahm ab."
    assert any("Nummer unterdrückt " in line for line in lines)
    assert sum("  an 0" in line for line in lines) == 5


async def test_the_command_lists_only_what_it_is_asked_for(house: House, tmp_path: Path) -> None:
    _, said = await command(house, tmp_path, "--missed", "--limit", "1", "--json")
    assert [call["id"] for call in json.loads(said)["calls"]] == ["5.5"]
    _, said = await command(house, tmp_path, "--number", "0171 5550123", "--json")
    assert [call["id"] for call in json.loads(said)["calls"]] == ["5.1"]


async def test_a_number_that_is_none_is_told_and_ends_with_2(house: House, tmp_path: Path) -> None:
    code, said = await command(house, tmp_path, "--number", "Büro")
    assert (code, said) == (2, "„Büro“ enthält Buchstaben; eine Telefonnummer hat keine.\n")


async def test_a_call_with_more_tries_than_room_shows_the_last_ones(house: House) -> None:
    legs = tuple(Leg("gsm", f"+49171555{n:04}", "486") for n in range(9))
    house.journal.kept = [missed_with(legs)]
    said = await shown(house)
    assert said.count("besetzt") == 4
    assert "0171 5550008" in said
    assert "0171 5550004" not in said


def missed_with(legs: tuple[Leg, ...]) -> Call:
    return replace(callers()[0], began=ago(minutes=1), legs=legs)


async def test_the_api_is_read_page_by_page_to_the_first_call(house: House) -> None:
    code, body = await asked(house, limit=2, show="missed")
    assert (code, body["next"]) == (200, None)
    _, body = await asked(house, limit=2)
    found, address = [call["id"] for call in body["calls"]], body["next"]
    assert address == "/api/v1/calls?limit=2&before=5.4"
    async with visiting(house) as program:
        while address:
            body = (await program.get(address, headers=BEARER)).json()
            found += [call["id"] for call in body["calls"]]
            address = body["next"]
    assert found == ["5.5", "5.4", "5.3", "5.2", "5.1"]


async def test_the_api_tells_a_viewer_no_number_and_lets_him_search_for_none(house: House) -> None:
    house.accounts.roles["anna"] = Role.VIEWER
    house.journal.kept = [replace(call, caller=call.caller and call.caller[1:]) for call in callers()]
    async with logged_in(house) as browser:
        answer = await browser.get("/api/v1/calls")
        searched = await browser.get("/api/v1/calls", params={"digits": "555"})
    assert not any(digits in answer.text for digits in ("30555001", "30 555001", "17112345678"))
    assert (searched.status_code, searched.json()["detail"][:3]) == (403, "Wer")


async def test_attempts_of_one_caller_are_one_row_of_the_board(house: House) -> None:
    attempt = callers()[0]
    tried = [replace(attempt, id=f"6.{n}", began=ago(minutes=n)) for n in range(1, 4)]
    other = replace(attempt, id="7.1", caller="+4930555002", began=ago(minutes=2.5))
    house.journal.kept = sorted([*tried, other], key=lambda call: call.began, reverse=True)
    said = await shown(house)
    assert said.count("030 555001") == 1
    assert "030 555001 3 Mal an 030 123456" in said
    assert said.count("verpasst") == 2


def test_a_call_that_was_taken_in_between_parts_the_attempts() -> None:
    missed, taken = callers()[0], callers()[1]
    calls = [replace(call, id=str(n)) for n, call in enumerate([missed, missed, taken, missed])]
    assert [(call.id, count) for call, count in grouped(calls)] == [("0", 2), ("2", 1), ("3", 1)]


def test_who_withholds_his_number_may_be_another_each_time_and_another_number_is_another_row() -> None:
    hidden, missed = replace(callers()[0], caller=None), callers()[0]
    elsewhere = replace(missed, number="+491715550123")
    hidden_too = replace(hidden, id="5.9")
    assert [count for _, count in grouped([hidden, hidden_too, missed, elsewhere, missed])] == [1, 1, 2, 1]
