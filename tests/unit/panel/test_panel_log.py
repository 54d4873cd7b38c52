"""The log: all that happened, however long ago, filtered and searched, with the evidence under it, as a table too."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from router.core.sentence import say
from router.panel import log_page
from router.panel.log_page import MOST
from router.ports import Answer, Line, Role
from tests.unit.panel.browsing import BEARER, logged_in, visiting
from tests.unit.panel.fakes import FakeBoard, FakeJournal, House, ago, story, well
from tests.unit.panel.test_panel_board import Words, page
from tests.unit.panel.test_panel_faults import WEB, line_of, silent


def many(count: int) -> House:
    lines = [Line(i, ago(hours=count - i), "pbx", say("{trunk} answers.", trunk=f"T{i}.")) for i in range(1, count + 1)]
    lines[0] = replace(line_of(silent(ago(hours=count), ago(hours=count)), ago(hours=count)), id=1)
    return House(FakeBoard(well()), journal=FakeJournal(lines[::-1]))


def links(words: Words) -> list[str | None]:
    """But for the table's."""
    found = [attributes for tag, attributes in words.tags if tag == "a" and attributes.get("class") == "link"]
    return [attributes["href"] for attributes in found if "download" not in attributes]


async def test_the_board_leads_to_it() -> None:
    assert "/log" in links(await page(many(3)))


async def test_who_logs_in_pushes_no_outage_off_the_board_and_stands_in_the_log() -> None:
    logins = [Line(100 + i, ago(minutes=1), "account", say("{by} logged in.", by="Ben"), by="Ben") for i in range(30)]
    house = House(FakeBoard(well()), journal=FakeJournal([*logins, *story()]))
    board, log = await page(house), await page(house, "/log")
    assert "Umgeschaltet und geprüft." in board.text
    assert "Ben hat sich angemeldet." not in board.text
    assert "Ben hat sich angemeldet." in log.text


async def test_it_is_read_page_by_page_to_the_first_line_with_its_evidence() -> None:
    house = many(MOST + 2)
    newest = await page(house, "/log", **{"accept-language": "en"})
    assert f"T{MOST + 2}. answers." in newest.text
    assert links(newest) == ["/log?before=3"]
    oldest = await page(house, "/log?before=3", **{"accept-language": "en"})
    assert "T2. answers." in oldest.text
    assert "T3. answers." not in oldest.text
    assert "The carrier: Telekom does not answer, though our internet works." in oldest.text
    assert "https://example.net at 192.0.2.80 answered with HTTP 204 after 40 ms." in oldest.text
    assert ("details", {"class": "evidence", "id": "evidence-line-1"}) in oldest.tags
    assert links(oldest) == ["/log"]
    scripts = [[tag for tag, _ in words.tags if tag == "script"] for words in (newest, oldest)]
    assert scripts == [["script"], []], "the first page keeps itself current, an older one does not change"


async def test_it_is_in_german_too() -> None:
    words = await page(many(2), "/log")
    assert "Was passiert ist" in words.text
    assert str(WEB.text) not in words.text
    assert "antwortete nach 40 ms mit HTTP 204." in words.text


@pytest.mark.parametrize(
    ("journal", "path", "said"),
    [
        (FakeJournal(), "/log", "Bisher ist nichts passiert."),
        (FakeJournal(story()), "/log?before=1", "Älteres ist nicht aufgezeichnet."),
    ],
)
async def test_where_there_is_nothing_that_is_said(journal: FakeJournal, path: str, said: str) -> None:
    assert said in (await page(House(FakeBoard(well()), journal=journal), path)).text


@pytest.mark.parametrize("path", ["/log", "/log?before=5"])
async def test_a_journal_that_cannot_be_read_is_not_told_as_an_empty_one(path: str) -> None:
    house = House(FakeBoard(well()))
    house.journal.broken = True
    text = (await page(house, path)).text
    assert "Das Protokoll lässt sich gerade nicht lesen." in text
    assert "Bisher ist nichts passiert." not in text


async def test_it_is_for_those_who_are_logged_in() -> None:
    async with visiting(House(FakeBoard(well()))) as stranger:
        answer = await stranger.get("/log", headers=BEARER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


@pytest.mark.parametrize("before", ["0", "-1", "x", "1' OR 1", str(2**63)])
async def test_a_page_that_cannot_be_is_refused(before: str) -> None:
    async with logged_in(House(FakeBoard(well()))) as browser:
        answer = await browser.get("/log", params={"before": before})
    assert answer.status_code == 422
    assert re.search("before (muss (eine ganze Zahl|mindestens 1)|darf höchstens [0-9]+) sein[.]", answer.text)


def told() -> House:
    lines = [
        Line(5, ago(minutes=1), "order", say("{by} set all numbers to the mobile.", by="Jörg"), by="Jörg",
             data={"via": "panel", "address": "192.0.2.7", "reason": "Straße gesperrt"}),
        Line(4, ago(minutes=2), "transition", say("{trunk} is down: {evidence}", trunk="Telekom",
             evidence=say("{count} probes in a row went unanswered.", count=3)), trunk="telekom"),
        Line(3, ago(hours=20), "decision", say("Calls to {number} ring in the office.", number="+4930123456"),
             number="+4930123456"),
        Line(2, ago(days=2), "order", say("{by} set {number} to the office.", by="desk phone", number="+491715550123"),
             number="+491715550123", by="desk phone", data={"via": "phone", "address": ""}),
        Line(1, ago(days=3), "pbx", say("Asterisk {version} is in sight.", version="=1+1")),
    ]  # fmt: skip
    return House(FakeBoard(well()), journal=FakeJournal(lines))


FOUND = [
    ("", [5, 4, 3, 2, 1]),
    ("kind=order", [5, 2]),
    ("trunk=telekom", [4]),
    ("number=030+123456", [3]),
    ("by=hand", [5, 2]),
    ("by=automatic", [4, 3, 1]),
    ("since=2025-11-22", [5, 4]),
    ("until=2025-11-21", [3, 2, 1]),
    ("since=2025-11-20&until=2025-11-20", [2]),
    ("since=9999-12-31", []),
    ("until=0001-01-01", []),
    ("until=9999-12-31", [5, 4, 3, 2, 1]),
    ("since=0001-01-01", [5, 4, 3, 2, 1]),
    ("q=unbeantwortet", [4]),
    ("q=TELEKOM+gest%C3%B6rt", [4]),
    ("q=j%C3%B6rg", [5]),
    ("q=STRASSE", [5]),
    ("q=probes", []),
    ("q=030+123456", [3]),
    ("q=0171+5550", [2]),
    ("kind=order&q=telekom", []),
]


@pytest.mark.parametrize(("query", "ids"), FOUND)
async def test_page_and_api_find_the_same(query: str, ids: list[int]) -> None:
    house = told()
    async with logged_in(house) as browser:
        page_of = Words((await browser.get(f"/log?{query}")).text)
        body = (await browser.get(f"/api/v1/log?{query}")).json()
    assert [line["id"] for line in body["lines"]] == ids
    times = [attributes["datetime"] for tag, attributes in page_of.tags if tag == "time" and "datetime" in attributes]
    assert times == [line.at.isoformat() for line in house.journal.lines if line.id in ids]
    assert ("Dazu ist nichts aufgezeichnet." in page_of.text) is (not ids)


async def test_a_search_speaks_the_readers_language() -> None:
    async with logged_in(told(), **{"accept-language": "en"}) as browser:
        for word, ids in (("probes", [4]), ("unbeantwortet", [])):
            lines = (await browser.get(f"/api/v1/log?q={word}", headers={"accept-language": "en"})).json()["lines"]
            assert [line["id"] for line in lines] == ids


async def test_who_did_it_and_from_where_stands_under_each_line() -> None:
    text = (await page(told(), "/log")).text
    assert "Jörg, am Bildschirm, 192.0.2.7" in text
    assert "0171 5550123 aufs Büro gestellt. das Tischtelefon" in text
    assert "Straße gesperrt" in text


async def test_a_viewer_sees_no_address() -> None:
    house = told()
    house.accounts.roles["anna"] = Role.VIEWER
    async with logged_in(house) as browser:
        shown = (await browser.get("/log")).text
        table = (await browser.get("/log.csv")).text
        line = (await browser.get("/api/v1/log")).json()["lines"][0]
    assert "192.0.2.7" not in shown + table
    assert (line["via"], line["address"]) == ("panel", None)


async def test_a_filter_that_cannot_be_is_refused_in_one_sentence() -> None:
    for query, why in (
        ("since=soon", "Bitte geben Sie an, an welchem Tag"), ("kind=bogus", "bogus ist keine Art von Eintrag."),
        ("by=me", "by muss hand oder automatic sein."), ("q=" + "x" * 101, "Die Suche darf höchstens 100 Zeichen"),
        ("number=hello", "hello"),
    ):  # fmt: skip
        async with logged_in(told()) as browser:
            answer = await browser.get(f"/log?{query}")
            assert (await browser.get(f"/log.csv?{query}")).status_code == 422
            assert (await browser.get(f"/api/v1/log?{query}")).status_code == 422
        assert why in Words(answer.text).text


async def test_pages_keep_their_filters() -> None:
    house = many(MOST + 2)
    assert links(await page(house, "/log?by=automatic")) == ["/log", "/log?by=automatic&before=3"]
    assert links(await page(house, "/log?by=automatic&before=3")) == ["/log", "/log?by=automatic"]
    async with visiting(house) as program:
        first = (await program.get("/api/v1/log?by=automatic&limit=50", headers=BEARER)).json()
        assert first["next"] == "/api/v1/log?by=automatic&limit=50&before=3"
        assert (await program.get(first["next"], headers=BEARER)).json()["next"] is None


async def test_the_table_has_all_that_fits_and_runs_nothing() -> None:
    async with logged_in(told()) as browser:
        answer = await browser.get("/log.csv?by=hand")
        every = (await browser.get("/log.csv")).text
    rows = answer.text.split("\r\n")
    assert rows[0] == "\ufeffWann;Art;Wer;Von wo;Leitung;Nummer;Was;Grund;Belege"
    assert rows[1] == (
        "2025-11-22 14:49:07+01:00;Anweisung;Jörg;am Bildschirm, 192.0.2.7;;;"
        "Jörg hat alle Nummern aufs Handy gestellt.;Straße gesperrt;"
    )
    assert len(rows) == 4
    assert answer.headers["content-disposition"] == 'attachment; filename="log.csv"'
    assert "0171 5550123" in every


async def test_a_table_of_many_lines_comes_whole() -> None:
    async with logged_in(many(1203)) as browser:
        rows = (await browser.get("/log.csv")).text.strip().split("\r\n")
    assert len(rows) == 1204


async def test_a_table_that_has_not_all_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_page, "MOST_IN_A_TABLE", 1000)
    async with logged_in(many(1203), **{"accept-language": "en"}) as browser:
        rows = (await browser.get("/log.csv")).text.strip().split("\r\n")
    assert len(rows) == 1 + 1000 + 1
    assert rows[-1] == "There is more: a table ends after 1000 rows."


async def test_answer_times_are_told_to_programs_newest_first() -> None:
    house = told()
    house.answers.answers["telekom"] = [Answer(ago(minutes=2), 21.4), Answer(ago(minutes=1), None)]
    async with visiting(house) as program:
        body = (await program.get("/api/v1/trunks/telekom/answers", headers=BEARER)).json()
        missing = await program.get("/api/v1/trunks/bogus/answers", headers=BEARER)
    assert [answer["ms"] for answer in body["answers"]] == [None, 21.4]
    assert body["answers"][0]["at"].startswith("2025-11-22T14:49:07.000+01:00")
    assert missing.status_code == 404
