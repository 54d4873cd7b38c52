"""Whose fault it is, and the evidence under it: on the page, in the API and on the command line."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from router.core.blame import Blame, Exhibit, Held, Whose
from router.core.kept_blame import kept
from router.core.office import Office, Troubles
from router.core.sentence import Sentence, say
from router.panel.faults import WHOSE
from router.panel.speech import Speech
from router.ports import Line
from router.spoken import status_told
from tests.unit.panel.browsing import BEARER, logged_in, visiting
from tests.unit.panel.fakes import (
    BERLIN,
    NASTY_NAMES,
    NOW,
    FakeBoard,
    FakeJournal,
    House,
    ago,
    blind,
    outage,
    story,
    well,
)  # fmt: skip
from tests.unit.panel.test_command_line import status as printed
from tests.unit.panel.test_panel_api import status_of
from tests.unit.panel.test_panel_board import page

SILENT = say("The carrier: {trunk} does not answer, though our internet works.", trunk="Telekom")
WEB = say(
    "{target} at {address} answered with HTTP {code} after {ms} ms.",
    target="https://example.net", address="192.0.2.80", code=204, ms=40,
)  # fmt: skip
SINCE = say(
    "{trunk} at {host} has left every probe (SIP OPTIONS) unanswered since {second}: {count} in a row.",
    trunk="Telekom", host="203.0.113.11", second=ago(minutes=18, seconds=11), count=1080,
)  # fmt: skip


def blamed(
    office: Office | None = None, text: Sentence = SILENT, whose: Whose = Whose.CARRIER_SILENT, *evidence: Exhibit
) -> House:
    pieces = evidence or (Exhibit(ago(seconds=2), SINCE), Exhibit(ago(seconds=3), WEB))
    held = Held(Blame(whose, text, pieces), ago(minutes=18))
    return House(FakeBoard(replace(office or outage(), blames={"telekom": held})))


async def test_the_page_says_whose_fault_it_is_with_the_evidence_under_it() -> None:
    words = await page(blamed(), **{"accept-language": "en"})
    assert words.text.count("The carrier: Telekom does not answer, though our internet works.") == 2  # head and trunk
    assert "14:50:05 Telekom at 203.0.113.11 has left every probe (SIP OPTIONS) unanswered since 14:31:56" in words.text
    assert "14:50:04 https://example.net at 192.0.2.80 answered with HTTP 204 after 40 ms." in words.text
    assert "Times are UTC+01:00." in words.text
    assert ("time", {"datetime": "2025-11-22T13:50:04+00:00"}) in words.tags


async def test_the_page_says_it_in_german() -> None:
    words = await page(blamed(), **{"accept-language": "de"})
    assert "Der Anbieter: Telekom antwortet nicht, obwohl unser Internet funktioniert." in words.text
    assert "https://example.net (192.0.2.80) antwortete nach 40 ms mit HTTP 204." in words.text
    assert "Belege" in words.text


@pytest.mark.parametrize(
    ("language", "piece"),
    [
        ("en", "https://example.net cannot be reached, though trunks to the outside answer."),
        ("de", "Nicht erreichbar, obwohl Leitungen nach draußen antworten: https://example.net."),
    ],
)
async def test_a_target_that_is_no_evidence_stands_on_the_page_and_is_nobodys_fault(language: str, piece: str) -> None:
    house = House(FakeBoard(replace(well(), troubles=Troubles(targets=("https://example.net",)))))
    words = await page(house, **{"accept-language": language})
    assert piece in words.text
    assert (await status_of(house))["fault"] is None


async def test_while_all_is_well_nobody_is_blamed() -> None:
    house = House(FakeBoard(well()))
    said = await status_of(house)
    assert (said["fault"], [trunk["fault"] for trunk in said["trunks"]]) == (None, [None, None])
    assert "evidence" not in str((await page(house)).tags)


async def test_the_api_tells_it_with_its_moments_in_the_offices_time_zone() -> None:
    said = await status_of(blamed(), **{"accept-language": "en"})
    telekom, gsm = said["trunks"]
    assert gsm["fault"] is None
    assert said["fault"] == telekom["fault"] == {
        "whose": "carrier_silent",
        "text": "The carrier: Telekom does not answer, though our internet works.",
        "since": "2025-11-22T14:32:07.000+01:00",
        "evidence": [
            {"at": "2025-11-22T14:50:05.000+01:00",
             "text": "Telekom at 203.0.113.11 has left every probe (SIP OPTIONS) unanswered since 14:31:56: "
                     "1080 in a row."},
            {"at": "2025-11-22T14:50:04.000+01:00",
             "text": "https://example.net at 192.0.2.80 answered with HTTP 204 after 40 ms."},
        ],
    }  # fmt: skip


async def test_the_pbx_out_of_sight_is_the_offices_own_trouble() -> None:
    said = await status_of(House(FakeBoard(blind(outage()))), **{"accept-language": "en"})
    assert said["fault"]["whose"] == "pbx"
    assert said["fault"]["evidence"][0]["text"] == "We do not see the PBX: the connection broke off."


async def in_the_terminal(house: House) -> list[str]:
    """What `failover status` would print at that moment."""
    return list(status_told(await status_of(house), Speech("de", BERLIN, "DE", NOW)))


async def test_the_command_line_tells_it_too(tmp_path: Path) -> None:
    told = await printed(blamed().board, tmp_path)
    assert "Der Anbieter: Telekom antwortet nicht, obwohl unser Internet funktioniert." in told
    assert "\n      2025-11-22 14:50:04 " in told
    assert "  https://example.net (192.0.2.80) antwortete nach 40 ms mit HTTP 204." in told


async def test_the_terminal_goes_by_the_offices_clock_alone() -> None:
    told = await in_the_terminal(blamed())
    first = told.index("    Der Anbieter: Telekom antwortet nicht, obwohl unser Internet funktioniert.")
    assert told[first + 1 : first + 3] == [
        "      2025-11-22 14:50:05  Telekom (203.0.113.11) lässt seit 14:31:56 jede Testanfrage (SIP OPTIONS)"
        " unbeantwortet: 1080 in Folge.",
        "      2025-11-22 14:50:04  https://example.net (192.0.2.80) antwortete nach 40 ms mit HTTP 204.",
    ]
    assert "\n".join(told).count("UTC") == 1
    assert told[-1] == "  Zeiten in UTC+01:00."


async def test_without_evidence_nothing_is_said_of_the_clock() -> None:
    assert "UTC" not in str(await in_the_terminal(House(FakeBoard(well()))))


async def test_in_the_terminal_moments_before_the_clocks_were_changed_name_their_own_offset() -> None:
    summer = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    told = await in_the_terminal(blamed(None, SILENT, Whose.CARRIER_SILENT, Exhibit(summer, WEB)))
    assert "      2025-10-26 02:30:00 (UTC+02:00)  https://example.net" in str(told)


PHONELESS = replace(well(), troubles=Troubles(phones=("PJSIP/20",), phones_since=ago(minutes=2)))


async def test_evidence_that_is_of_no_trunk_stands_at_the_head() -> None:
    said = "Asterisk bekommt seit 14:48:07 keine Antwort von PJSIP/20."
    words = await page(House(FakeBoard(PHONELESS)))
    assert words.text.count(said) == 1
    assert ("details", {"class": "evidence", "id": "evidence-office"}) in words.tags
    told = await in_the_terminal(House(FakeBoard(PHONELESS)))
    assert told[2] == f"    2025-11-22 14:48:07  {said}"


async def test_evidence_of_a_trunk_stands_under_the_trunk_only() -> None:
    assert (await page(blamed())).text.count("jede Testanfrage (SIP OPTIONS) unbeantwortet") == 1
    assert str(await in_the_terminal(blamed())).count("jede Testanfrage (SIP OPTIONS) unbeantwortet") == 1


def line_of(blame: Blame, at: datetime) -> Line:
    return Line(99, at, "blame", blame.text, trunk="telekom", data=dict(kept(blame)))


def afterwards(blame: Blame, at: datetime) -> House:
    """All is well again, and the journal remembers."""
    return House(FakeBoard(well()), journal=FakeJournal([line_of(blame, at), *story()]))


def silent(since: datetime, seen: datetime) -> Blame:
    text = say(SINCE.text, trunk="Telekom", host="203.0.113.11", second=since, count=12)
    return Blame(Whose.CARRIER_SILENT, SILENT, (Exhibit(seen, text), Exhibit(seen + timedelta(seconds=1), WEB)))


YESTERDAY = afterwards(silent(ago(days=1, seconds=9), ago(days=1)), ago(days=1))


async def log_of(house: House, **headers: str) -> list[dict[str, object]]:
    async with visiting(house) as program:
        return list((await program.get("/api/v1/log", headers=BEARER | headers)).json()["lines"])


async def test_the_log_has_the_evidence_after_the_trouble_is_over() -> None:
    first, *others = await log_of(YESTERDAY, **{"accept-language": "en"})
    assert first["text"] == "The carrier: Telekom does not answer, though our internet works."
    assert (first["whose"], first["evidence"]) == ("carrier_silent", [
        {"at": "2025-11-21T14:50:07.000+01:00",
         "text": "Telekom at 203.0.113.11 has left every probe (SIP OPTIONS) unanswered since 21 Nov 2025, 14:49:58: "
                 "12 in a row."},
        {"at": "2025-11-21T14:50:08.000+01:00",
         "text": "https://example.net at 192.0.2.80 answered with HTTP 204 after 40 ms."},
    ])  # fmt: skip
    assert [(line["whose"], line["evidence"]) for line in others] == [(None, [])] * len(others)


async def test_the_log_has_it_in_german() -> None:
    first = (await log_of(YESTERDAY, **{"accept-language": "de"}))[0]
    assert "lässt seit 21.11.2025, 14:49:58 jede Testanfrage (SIP OPTIONS) unbeantwortet: 12 in Folge." in str(first)


@pytest.mark.parametrize(
    ("language", "summary", "told"),
    [
        ("de", "Belege", "21.11.2025, 14:50:08 https://example.net (192.0.2.80) antwortete nach 40 ms mit HTTP 204."
                         " Zeiten in UTC+01:00."),
        ("en", "Evidence", "21 Nov 2025, 14:50:08 https://example.net at 192.0.2.80 answered with HTTP 204 after 40 ms."
                           " Times are UTC+01:00."),
    ],
)  # fmt: skip
async def test_the_pages_journal_has_it_under_the_line(language: str, summary: str, told: str) -> None:
    words = await page(YESTERDAY, **{"accept-language": language})
    assert [attributes["id"] for tag, attributes in words.tags if tag == "details"] == ["evidence-line-99"]
    assert summary in words.text
    assert told in words.text


async def test_moments_before_the_clocks_were_changed_name_their_own_offset() -> None:
    """On 26 October 2025 the clocks in Berlin showed 02:30 twice."""
    summer, winter = datetime(2025, 10, 26, 0, 30, tzinfo=UTC), datetime(2025, 10, 26, 1, 30, tzinfo=UTC)
    house = afterwards(silent(summer, winter), winter)
    assert "seit 26.10.2025, 02:30:00 (UTC+02:00) jede" in (await page(house)).text
    first = (await log_of(house))[0]
    assert "seit 26.10.2025, 02:30:00 (UTC+02:00) jede" in str(first)
    assert "2025-10-26T02:30:00.000+01:00" in str(first)


async def test_a_line_of_another_summer_has_the_offset_of_then() -> None:
    july = datetime(2025, 7, 1, 10, tzinfo=UTC)
    house = afterwards(silent(july, july), july)
    words = await page(house)
    assert "01.07.2025, 12:00:01 https://example.net" in words.text
    assert "Zeiten in UTC+02:00." in words.text
    assert words.text.count("UTC") == 1
    first = (await log_of(house))[0]
    assert "lässt seit 01.07.2025, 12:00:00 jede" in str(first)
    assert "2025-07-01T12:00:00.000+02:00" in str(first)


@pytest.mark.parametrize(
    "data",
    [
        {}, {"whose": 7, "evidence_1": "a text"}, {"evidence_1": SINCE}, {"evidence_1": SINCE, "evidence_1_at": "noon"},
        {"evidence_1": SINCE, "evidence_1_at": ago().replace(tzinfo=None)}, {"evidence_2": SINCE},
    ],
)  # fmt: skip
async def test_a_row_that_somebody_else_wrote_has_no_evidence(data: dict[str, object]) -> None:
    house = House(FakeBoard(well()), journal=FakeJournal([Line(1, ago(), "blame", SILENT, data=data)]))
    (line,) = await log_of(house)
    assert (line["whose"], line["evidence"]) == (None, [])
    assert "details" not in dict((await page(house)).tags)


async def test_only_lines_of_blame_have_evidence() -> None:
    told = replace(line_of(silent(ago(), ago()), ago()), kind="transition")
    (line,) = await log_of(House(FakeBoard(well()), journal=FakeJournal([told])))
    assert (line["whose"], line["evidence"]) == (None, [])


@pytest.mark.parametrize("nasty", NASTY_NAMES)
async def test_hostile_words_in_the_evidence_are_text(nasty: str) -> None:
    text = say(
        "{name} was looked up at {servers} in {ms} ms: {addresses}.", name=nasty, servers=nasty, ms=1, addresses=""
    )
    evidence = Exhibit(ago(seconds=1), text)
    house = blamed(None, SILENT, Whose.CARRIER_SILENT, evidence)
    house.journal = FakeJournal([line_of(Blame(Whose.CARRIER_SILENT, SILENT, (evidence,)), ago())])
    async with logged_in(house) as browser:
        answer = await browser.get("/")
    assert answer.status_code == 200
    assert answer.text.count("<details") == 2
    assert "<script>alert(1)" not in answer.text
    assert "<img src=x" not in answer.text
    assert html.escape(nasty)[:20].splitlines()[0] in answer.text.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")


def test_every_kind_of_blame_has_its_mark() -> None:
    assert set(WHOSE) == set(Whose)
