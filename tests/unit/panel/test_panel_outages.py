"""Outages as staff see them and as the carrier is shown them, and what people write beside them."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import httpx
import pytest

from router.core.blame import Exhibit
from router.core.sentence import Sentence
from router.panel import outages
from router.ports import Role
from tests.unit.panel.browsing import BEARER, OURS, form_token, logged_in, visiting
from tests.unit.panel.fake_outages import OLD, OPEN, RECENT, FakeOutages, blamed, outage_lines, transition
from tests.unit.panel.fakes import NASTY_NAMES, NOW, PASSWORD, FakeBoard, House, callers, named, site, well
from tests.unit.panel.test_panel_streams import following, next_of, serving

ENGLISH = {"accept-language": "en"}
HOUR_AGO = NOW - timedelta(hours=1)


@pytest.fixture
def house() -> House:
    """Three outages, and four calls in the one of an hour ago."""
    made = House(FakeBoard(well()))
    made.outages.told = outage_lines(NOW)
    missed, taken, *_ = callers()
    made.outages.calls = [
        replace(taken, id="9.1", began=HOUR_AGO + timedelta(minutes=2)),
        replace(missed, id="9.2", began=HOUR_AGO + timedelta(minutes=7)),
        replace(missed, id="9.3", began=HOUR_AGO + timedelta(minutes=8), caller=None),
        replace(taken, id="9.4", began=HOUR_AGO + timedelta(minutes=9), by="PJSIP/20"),
        replace(missed, id="9.5", began=HOUR_AGO - timedelta(minutes=1)),
    ]
    return made


async def shown(house: House, path: str, **headers: str) -> httpx.Response:
    async with logged_in(house, **{**ENGLISH, **headers}) as browser:
        return await browser.get(path)


def words(html: str) -> str:
    """What stands on the page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def drawings(html: str) -> list[ElementTree.Element]:
    return [
        ElementTree.fromstring(found)
        for found in re.findall(r"<svg(?:(?!</svg>).)*aria-labelledby.*?</svg>", html, re.S)
    ]


# --- The list. --------------------------------------------------------------------------------------------------------


async def test_the_open_outage_comes_first_then_the_newest(house: House) -> None:
    page = words((await shown(house, "/outages")).text)
    places = [
        page.index("GSM-Gateway has been down since 22 November, 14:40:07 and still is: 10 minutes by now."),
        page.index("Telekom was down on 22 November from 13:50:07 to 14:08:07, 18 minutes."),
        page.index("Telekom was down on 15 November from 14:45:07 to 14:50:07, 5 minutes."),
    ]
    assert places == sorted(places)
    assert "1 taken on a mobile, 2 missed, 1 taken in the office" in page


async def test_a_longer_list_has_pages_and_the_open_ones_stand_on_the_first(house: House) -> None:
    lines = []
    for day in range(60, 0, -1):
        at = NOW - timedelta(days=day)
        lines += [transition(at, "up", "failing"), transition(at, "failing", "down")]
        lines += [transition(at, "recovering", "up")] if day > 1 else []
    house.outages.told = [replace(line, id=place) for place, line in enumerate(lines, 1)]
    first = (await shown(house, "/outages")).text
    [older] = re.findall(r'href="(/outages\?before=\d+)"', first)
    second = (await shown(house, older)).text
    third = (await shown(house, re.findall(r'href="(/outages\?before=\d+)"', second)[0])).text
    listed = [re.findall(r'class="outage" href="/outages/(\d+)"', page) for page in (first, second, third)]
    assert [len(ids) for ids in listed] == [26, 25, 9]
    flat = [int(one) for ids in listed for one in ids]
    assert flat == sorted(flat, reverse=True)
    assert len(set(flat)) == 60


async def test_sums_by_month_say_over_which_span_they_are_counted(house: House) -> None:
    page = words((await shown(house, "/outages")).text)
    assert "November 2025 Counted from 1 November, 00:00 to 22 November, 14:50: 21 days 14 hours." in page
    down = (18 + 5) * 60
    span = 21 * 86400 + 14 * 3600 + 50 * 60 + 7
    assert f"Telekom 2 23 mins {int((1 - down / span) * 100_000) / 1000:.3f}%" in page
    assert "October 2025 Counted from 13 October, 15:50 to 1 November, 00:00" in page


async def test_a_false_alarm_is_in_no_bar_and_no_sum(house: House) -> None:
    house.outages.alarms[RECENT] = True
    page = words((await shown(house, "/outages")).text)
    assert "Telekom 1 5 mins" in page
    assert "False alarms are left out" in page
    assert "1 × down, 5 minutes in all." in page


async def test_bars_are_drawn_over_thirty_or_ninety_days(house: House) -> None:
    for query, days, bars in (("", 30, 2), ("?days=90", 90, 2)):
        first, second = drawings((await shown(house, f"/outages{query}")).text)
        assert f"Telekom, the last {days} days" in ElementTree.tostring(first, encoding="unicode")
        assert len(first.findall("rect")) == bars
        assert [rect.get("class") for rect in second.findall("rect")] == ["d-down d-open"]


async def test_a_dead_database_is_said_and_breaks_no_page(house: House) -> None:
    house.outages.broken = True
    answer = await shown(house, "/outages")
    assert answer.status_code == 200
    assert "The outages cannot be read just now: the database does not answer." in words(answer.text)
    assert (await shown(house, f"/outages/{RECENT}")).status_code == 503
    async with visiting(house) as program:
        assert (await program.get("/api/v1/outages", headers=BEARER)).status_code == 503


async def test_while_old_lines_are_still_being_read_the_list_says_so(house: House) -> None:
    house.outages.behind = True
    assert "outages may be missing here" in (await shown(house, "/outages")).text


# --- One outage. ------------------------------------------------------------------------------------------------------


async def test_the_page_of_one_tells_when_why_and_what_was_done(house: House) -> None:
    page = words((await shown(house, f"/outages/{RECENT}")).text)
    for told in (
        "Telekom was down on 22 November from 13:50:07 to 14:08:07, 18 minutes.", "First bad sign 13:50:07",
        "Held for down 13:50:10", "Answered again 14:06:07", "Up again 14:08:07", "Times are UTC+01:00.",
        "The carrier: Telekom does not answer, though our internet works.", "5 in a row.",
        "Routes switched and verified. 0.2 s after that was known; written and asked in 4.7 ms.",
        "Ben set all numbers to the mobile. (Werkstatt &lt;b&gt;zu&lt;/b&gt;)",
        "Calls to 030 123456 that the carrier did not deliver never reached us and are not counted.",
    ):  # fmt: skip
        assert told in page, told


async def test_an_outage_that_is_open_grows_on_the_page(house: House) -> None:
    assert "10 minutes by now" in (await shown(house, f"/outages/{OPEN}")).text
    house.now = NOW + timedelta(minutes=60)
    assert "1 hour 10 minutes by now" in (await shown(house, f"/outages/{OPEN}")).text


async def test_the_drawing_has_all_that_happened_and_says_it_in_words(house: House) -> None:
    wide, narrow, paper = drawings((await shown(house, f"/outages/{RECENT}")).text)
    for drawn in (wide, narrow, paper):
        text = ElementTree.tostring(drawn, encoding="unicode")
        assert drawn.find("title") is not None
        assert "13:50:10: down." in drawn.findtext("desc", "")
        assert drawn.get("aria-labelledby", "").split() == [drawn.find("title").get("id"), drawn.find("desc").get("id")]  # type: ignore[union-attr]
        assert [rect.get("class") for rect in drawn.findall("rect")] == ["d-failing", "d-down", "d-recovering", "d-up"]
        kinds = [path.get("class") for path in drawn.findall("g/path")]
        assert sorted(kinds) == sorted(["d-switch"] * 2 + ["d-hand", "d-saved", "d-lost", "d-lost", "d-office"]) or (
            kinds.count("d-lost") == 1 and "2 × " in text
        )
        assert "style=" not in text
    assert narrow.get("viewBox", "").startswith("0 0 340 ")


async def test_a_viewer_sees_no_whole_number_of_a_caller_and_no_form(house: House) -> None:
    house.accounts.roles["anna"] = Role.VIEWER
    page = (await shown(house, f"/outages/{RECENT}")).text
    assert "030 555001" not in page
    assert "030 5" in page
    assert "030 123456" in page
    assert '<form method="post" action="/outages' not in page
    table = (await shown(house, f"/outages/{RECENT}/lines.csv")).text
    assert "555001" not in table


@pytest.mark.parametrize("name", [*NASTY_NAMES, "\u0000\u000b", "<" * 4096])
async def test_whatever_a_trunk_is_called_is_shown_as_text(name: str) -> None:
    house = House(FakeBoard(well(named(site(label=name), "Anna", "Ben"))))
    house.outages.told = outage_lines(NOW, label=name)
    for path in ("/outages", f"/outages/{RECENT}", "/outages.csv", f"/outages/{RECENT}/lines.csv"):
        answer = await shown(house, path)
        assert answer.status_code == 200
        if path.endswith(".csv"):
            continue
        assert "<script>alert" not in answer.text
        assert "<img" not in answer.text
        assert drawings(answer.text)


async def test_of_an_outage_that_there_is_not_a_page_says_so(house: House) -> None:
    for path in ("/outages/999", "/outages/999/lines.csv", "/outages/1"):
        answer = await shown(house, path)
        assert answer.status_code == 404
        assert "There is no such outage" in answer.text


@pytest.mark.parametrize("outage", ["0", "-1", "abc", str(10**30)])
async def test_an_address_that_no_outage_can_have_is_no_page(house: House, outage: str) -> None:
    answer = await shown(house, f"/outages/{outage}")
    assert answer.status_code == 404
    assert "There is no such page." in answer.text


# --- On paper. --------------------------------------------------------------------------------------------------------


def on_paper(html: str) -> str:
    [paper] = re.findall(r'<article class="paper".*?</article>', html, re.S)
    return words(paper)


async def test_paper_tells_every_time_with_its_date_and_the_offset_from_utc(house: House) -> None:
    house.outages.tickets[RECENT] = "INC 0815"
    paper = on_paper((await shown(house, f"/outages/{RECENT}")).text)
    assert "Telekom was down on 22 November 2025 from 13:50:07 to 14:08:07, 18 minutes." in paper
    for told in (
        "PC-Notdienst Muster", "INC 0815", "First bad sign 22 Nov 2025, 13:50:07", "Times are UTC+01:00.",
        "Printed: 22 Nov 2025, 14:50:07.", "Whose fault it was: the carrier", "1 taken on a mobile, 2 missed",
    ):  # fmt: skip
        assert told in paper, told
    assert "030 555001" not in paper, "callers are nobody's business at the carrier"
    assert "left out" not in paper


async def test_paper_says_what_it_leaves_out(house: House) -> None:
    text = "{trunk} at {host} answered a probe."
    many = [Exhibit(HOUR_AGO, Sentence(text, (("trunk", f"T{n}"), ("host", "sip.example.net")))) for n in range(14)]
    house.outages.told = [
        replace(blamed(line.at, many), id=line.id) if line.kind == "blame" else line for line in house.outages.told
    ]
    for place in range(6):
        await house.outages.add_note(RECENT, f"note {place} " + "hotline " * 120, "anna", NOW)
    paper = on_paper((await shown(house, f"/outages/{RECENT}")).text)
    told = paper.count("answered a probe")
    assert 1 < told < 14
    assert f"{14 - told} more pieces of evidence are left out here." in paper
    assert "3 more notes are left out here." in paper
    assert f"All of it stands in the panel: /outages/{RECENT}." in paper
    assert len(paper) < 4500


# --- What people write. -----------------------------------------------------------------------------------------------


async def test_a_ticket_and_a_note_are_kept_journalled_and_shown(house: House) -> None:
    async with logged_in(house, **ENGLISH) as browser:
        token = await form_token(browser, f"/outages/{RECENT}")
        told = await browser.post(
            f"/outages/{RECENT}/ticket", data={"csrf": token, "ticket": " INC  0815 "}, headers=OURS
        )
        assert told.headers["location"] == f"/outages/{RECENT}#notes"
        await browser.post(f"/outages/{RECENT}/notes", data={"csrf": token, "note": "<b>Hotline</b>"}, headers=OURS)
        await browser.post(f"/outages/{RECENT}/false-alarm", data={"csrf": token, "false_alarm": "yes"}, headers=OURS)
        page = await browser.get(f"/outages/{RECENT}")
    assert "INC 0815" in page.text
    assert "&lt;b&gt;Hotline&lt;/b&gt;" in page.text
    assert "It was real after all" in page.text
    said = [str(record.text) for record in house.journal.noted]
    assert said == [
        "anna wrote down the carrier's ticket number INC 0815 for the outage of Telekom.",
        "anna wrote a note about the outage of Telekom.", "anna called the outage of Telekom a false alarm.",
    ]  # fmt: skip
    assert all(record.data["outage"] == RECENT and record.data["via"] == "panel" for record in house.journal.noted)


async def test_what_cannot_be_kept_is_said_and_what_was_typed_stays(house: House) -> None:
    async with logged_in(house, **ENGLISH) as browser:
        token = await form_token(browser, f"/outages/{RECENT}")
        wrong = await browser.post(f"/outages/{RECENT}/ticket", data={"csrf": token, "ticket": "9" * 61}, headers=OURS)
        empty = await browser.post(f"/outages/{RECENT}/notes", data={"csrf": token, "note": " "}, headers=OURS)
        gone = await browser.post("/outages/999/notes", data={"csrf": token, "note": "x"}, headers=OURS)
    assert (wrong.status_code, empty.status_code, gone.status_code) == (422, 422, 404)
    assert "A ticket number may have at most 60 characters." in wrong.text
    assert "9" * 61 in wrong.text
    assert not house.journal.noted


# --- Tables and programs. ---------------------------------------------------------------------------------------------


def rows(text: str, separator: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:]), delimiter=separator))


async def test_the_table_has_the_numbers_of_the_list(house: House) -> None:
    answer = await shown(house, "/outages.csv", **{"accept-language": "de"})
    assert answer.headers["content-disposition"] == 'attachment; filename="outages.csv"'
    head, newest, recent, old = rows(answer.text, ";")
    assert head[:3] == ["Störung", "Art", "Was gestört war"]
    assert recent[:8] == [
        str(RECENT), "Leitung", "Telekom", "2025-11-22T13:50:07+01:00", "2025-11-22T13:50:10+01:00",
        "2025-11-22T14:06:07+01:00", "2025-11-22T14:08:07+01:00", "1080",
    ]  # fmt: skip
    assert recent[11:14] == ["1", "2", "1"]
    assert (newest[6], old[7]) == ("", "300")
    of_one = rows((await shown(house, "/outages.csv?trunk=gsm")).text, ",")
    assert [row[0] for row in of_one[1:]] == [str(OPEN)]


async def test_the_lines_of_one_outage_are_a_table(house: House) -> None:
    found = rows((await shown(house, f"/outages/{RECENT}/lines.csv")).text, ",")
    assert found[0] == ["Time", "Kind", "What happened"]
    assert found[1][0] == "2025-11-22T13:50:07.000+01:00"
    assert len(found) == 9


async def test_programs_get_the_same_and_page_by_page(house: House) -> None:
    async with visiting(house, **BEARER, **ENGLISH) as program:
        first = (await program.get("/api/v1/outages?limit=2")).json()
        second = (await program.get(first["next"])).json()
        whole = (await program.get(f"/api/v1/outages/{RECENT}")).json()
        only = (await program.get("/api/v1/outages?trunk=gsm")).json()
    assert [one["id"] for one in first["outages"]] == [OPEN, RECENT]
    assert ([one["id"] for one in second["outages"]], second["next"]) == ([OLD], None)
    assert [one["id"] for one in only["outages"]] == [OPEN]
    assert first["complete"]
    recent = first["outages"][1]
    assert recent["calls"] == [{"number": "+4930123456", "saved": 1, "lost": 2, "office": 1}]
    assert (recent["began"], recent["seconds"]) == ("2025-11-22T13:50:07+01:00", 1080)
    assert whole.items() >= recent.items()
    assert [(s["verified"], round(s["seconds_after"], 1)) for s in whole["switches"]] == [(True, 0.2), (True, 0.2)]
    assert whole["faults"][0]["whose"] == "carrier_silent"
    assert len(whole["faults"][0]["evidence"]) == 2
    assert whole["orders"][0]["by"] == "Ben"


async def test_programs_write_ticket_and_notes(house: House) -> None:
    async with visiting(house, **BEARER, **ENGLISH) as program:
        patched = await program.patch(f"/api/v1/outages/{RECENT}", json={"ticket": "T1", "false_alarm": True})
        posted = await program.post(f"/api/v1/outages/{RECENT}/notes", json={"text": "x"})
        strange = await program.patch(f"/api/v1/outages/{RECENT}", json={"tickets": "T1"})
        too_long = await program.post(f"/api/v1/outages/{RECENT}/notes", json={"text": "x" * 1001})
        unknown = await program.post("/api/v1/outages/999/notes", json={"text": "x"})
        left = await program.patch(f"/api/v1/outages/{RECENT}", json={})
    assert (patched.json()["ticket"], patched.json()["false_alarm"]) == ("T1", True)
    assert (posted.status_code, posted.json()["by"]) == (201, "cli")
    assert (strange.status_code, too_long.status_code, unknown.status_code) == (422, 422, 404)
    assert (left.status_code, left.json()["ticket"]) == (200, "T1")
    assert [note["text"] for note in left.json()["notes"]] == ["x"]


# --- Open pages. ------------------------------------------------------------------------------------------------------


async def test_what_one_writes_stands_on_the_others_open_page(house: House) -> None:
    async with serving(house) as (address, _):
        cookie = {"failover_session": await house.accounts.login("anna", PASSWORD) or ""}
        async with following(address, f"/live/outage?id={RECENT}", cookies=cookie, headers=ENGLISH) as stream:
            name, first = await next_of(stream)
            assert name == "page"
            assert "18 minutes." in first["regions"]["head"]
            async with httpx.AsyncClient(base_url=address, headers=BEARER, trust_env=False) as program:
                await program.patch(f"/api/v1/outages/{RECENT}", json={"ticket": "INC 0815"})
            _, second = await next_of(stream)
            assert "INC 0815" in second["regions"]["notes"]
            assert "head" not in second["regions"]


@pytest.mark.parametrize("query", ["", "?id=999", "?id=x", "?id=" + "9" * 40])
async def test_a_stream_of_no_outage_says_so_and_goes_on(house: House, query: str) -> None:
    async with serving(house) as (address, _):
        cookie = {"failover_session": await house.accounts.login("anna", PASSWORD) or ""}
        async with following(address, f"/live/outage{query}", cookies=cookie, headers=ENGLISH) as stream:
            _, said = await next_of(stream)
    assert "There is no such outage" in said["regions"]["head"]


async def test_all_that_is_down_stands_on_the_first_page(house: House) -> None:
    """However many: no later page has them."""
    house.outages.told = [replace(transition(NOW, "failing", "down", trunk=f"t{n}"), id=n) for n in range(1, 61)]
    first = (await shown(house, "/outages")).text
    assert len(set(re.findall(r'class="outage" href="/outages/(\d+)"', first))) == 60


async def test_a_table_of_very_many_outages_comes_whole_or_says_where_it_broke_off(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []
    for hours in range(1205, 0, -1):
        at = NOW - timedelta(hours=hours)
        lines += [transition(at, "failing", "down"), transition(at + timedelta(minutes=1), "recovering", "up")]
    house.outages.told = [replace(line, id=place) for place, line in enumerate(lines, 1)]
    made = house.outages._outages()
    monkeypatch.setattr(house.outages, "_outages", lambda: made)
    table = rows((await shown(house, "/outages.csv")).text, ",")
    assert len(table) == 1 + 1205
    assert len({row[0] for row in table}) == len(table)

    monkeypatch.setattr(outages, "MOST_IN_CSV", 400)
    cut = rows((await shown(house, "/outages.csv")).text, ",")
    assert len(cut) == 1 + 400 + 1
    assert cut[-1] == ["There is more: a table ends after 400 rows."]

    async def once(most: int = 50, before: int | None = None, **wanted: object) -> object:
        if before is not None:
            raise OSError("disk I/O error")
        return await FakeOutages.latest(house.outages, most)

    monkeypatch.setattr(house.outages, "latest", once)
    broken = rows((await shown(house, "/outages.csv")).text, ",")
    assert broken[-1][0].startswith("The outages cannot be read just now")


async def test_that_its_first_lines_are_no_longer_kept_is_said_on_page_and_table(house: House) -> None:
    gone = "How it began is no longer kept in the journal."
    assert gone not in (await shown(house, f"/outages/{RECENT}")).text
    made = house.outages._outages()
    house.outages._outages = lambda: made  # type: ignore[method-assign]
    house.outages.told = [line for line in house.outages.told if line.id > RECENT + 2]
    assert gone in (await shown(house, f"/outages/{RECENT}")).text
    assert rows((await shown(house, f"/outages/{RECENT}/lines.csv")).text, ",")[-1] == [gone]


async def test_in_the_night_of_the_change_an_outage_does_not_end_before_it_began(house: House) -> None:
    began = datetime(2025, 10, 26, 0, 50, tzinfo=UTC)
    told = [transition(began, "failing", "down"), transition(began + timedelta(minutes=20), "recovering", "up")]
    house.outages.told = [replace(line, id=place) for place, line in enumerate(told, 1)]
    page = words((await shown(house, "/outages")).text)
    assert "Telekom was down on 26 October from 02:50:00 to 02:10:00 (UTC+01:00), 20 minutes." in page
