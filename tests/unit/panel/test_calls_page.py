"""/calls: whom to call back, what staff do about it, and all calls; live on every open page, and masked for viewers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from router.core.call_backs import NOTE_LENGTH
from router.core.calls import Call
from router.core.counted import Wanted
from router.core.effects import Kind
from router.panel import calls_table, csv_text
from router.panel.calls_page import MOST
from router.panel.speech import catalogue
from router.ports import Role
from tests.unit.panel.browsing import OURS, form_token, log_in, logged_in, visiting
from tests.unit.panel.fake_outages import OLD, OPEN, RECENT, outage_lines
from tests.unit.panel.fakes import (
    NASTY_NAMES,
    NOW,
    FakeBoard,
    FakeCallBook,
    House,
    ago,
    callers,
    named,
    outage,
    site,
    well,
)
from tests.unit.panel.test_panel_board import Words
from tests.unit.panel.test_panel_streams import following, logged_in_cookie, next_of, serving

CALLER, OTHER = "+4930555001", "+4930555002"
EN = {"accept-language": "en"}


def missed(minutes: float, caller: str | None = CALLER, **other: object) -> Call:
    """Nobody took it; so many minutes ago, for one minute."""
    began, ended = ago(minutes=minutes), ago(minutes=minutes - 1)
    name = f"1763820000.{int(minutes * 10)}"
    made = replace(callers()[0], id=name, caller=caller, began=began, ended=ended, away=False)
    return replace(made, **other)  # type: ignore[arg-type]


def taken(minutes: float, caller: str = CALLER, **other: object) -> Call:
    made = replace(missed(minutes, caller), end="", by="+4917112345678", answered_ms=12300)
    return replace(made, **other)  # type: ignore[arg-type]


@pytest.fixture
def house() -> House:
    made = House(FakeBoard(well()))
    made.journal.kept = [missed(n) for n in (5, 4, 3, 2)] + [taken(30, OTHER), missed(40, OTHER)]
    return made


@pytest.fixture
async def anna(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with logged_in(house, **EN) as browser:
        yield browser


def part(html: str, name: str) -> str:
    """The words of one region, up to the next one."""
    return Words(html.partition(f'id="live-{name}"')[2].partition(">")[2].partition('id="')[0]).text


def backs(html: str) -> str:
    """The words of the call-back list."""
    return Words(html.partition('id="live-backs"')[2].partition(">")[2].partition("</section>")[0]).text


async def page(browser: httpx.AsyncClient, path: str = "/calls") -> str:
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def mark(browser: httpx.AsyncClient, path: str = "/calls/mark", **fields: str) -> httpx.Response:
    token = await form_token(browser, "/calls")
    return await browser.post(path, data={"csrf": token, "caller": CALLER, **fields}, headers=OURS)


async def test_who_tried_often_is_one_row_to_dial_and_who_got_through_is_none(anna: httpx.AsyncClient) -> None:
    html = await page(anna)
    said = backs(html)
    assert "030 555001 4 times 14:48 (2 minutes) · to 030 123456 Nobody took it; the caller waited 60 s." in said
    assert "030 555002" not in said
    assert html.count('href="tel:') == 1
    assert 'href="tel:+4930555001"' in html
    assert "<title>(1) Calls" in html


async def test_it_is_in_german_too(house: House) -> None:
    house.journal.kept += [missed(9, None), missed(8, None)]
    async with logged_in(house) as browser:
        said = backs(await page(browser))
    assert "030 555001 4 Mal 14:48 (2 Minuten) · an 030 123456" in said
    assert "Außerdem wurden 2 Anrufe ohne Nummer verpasst, der letzte 14:42: Da kann niemand zurückrufen." in said


async def test_a_call_back_that_is_done_leaves_the_list_and_stands_folded_with_its_note(
    house: House, anna: httpx.AsyncClient
) -> None:
    answer = await mark(anna, do="done", note="  comes \u202etomorrow\r\n ")
    assert (answer.status_code, answer.headers["location"]) == (303, "/calls?from=2025-11-16#call-backs")
    said = backs(await page(anna))
    assert "Nobody waits to be called back." in said
    assert "Called back: 1 030 555001 done by anna, 14:50 tried 4 times, last 14:48" in said
    assert "comes tomorrow anna, 14:50" in said
    [noted] = house.journal.noted
    assert (noted.kind, noted.by, noted.data["via"]) == (Kind.CALLBACK, "anna", "panel")
    assert str(noted.text) == "anna marked the call-back to 030 5•••01 as done."


async def test_a_new_attempt_opens_the_row_again(house: House, anna: httpx.AsyncClient) -> None:
    await mark(anna, do="done", note="comes tomorrow")
    house.journal.kept.insert(0, missed(-3))
    house.now = ago(minutes=-5)
    said = backs(await page(anna))
    assert "030 555001 once 14:53" in said
    assert "comes tomorrow" in said
    assert "Called back" not in said


async def test_within_an_hour_it_can_be_undone(house: House, anna: httpx.AsyncClient) -> None:
    await mark(anna, do="done")
    assert "Not done after all possible until 15:50" in backs(await page(anna))
    await mark(anna, do="undo")
    assert "030 555001 4 times" in backs(await page(anna))
    assert str(house.journal.noted[-1].text) == "anna put 030 5•••01 back on the list of people to call back."
    assert (await mark(anna, do="undo")).status_code == 404
    await mark(anna, do="done")
    house.now = ago(minutes=-60)
    assert "Not done after all" not in await page(anna)
    assert (await mark(anna, do="undo")).status_code == 409


async def test_a_note_alone_keeps_the_row(house: House, anna: httpx.AsyncClient) -> None:
    await mark(anna, do="note", note="voicemail, try at 4")
    said = backs(await page(anna))
    assert "030 555001 4 times" in said
    assert "voicemail, try at 4 anna, 14:50" in said
    assert not house.journal.noted
    assert (await mark(anna, do="note", note=" \u200f ")).status_code == 422


async def test_of_two_who_mark_it_the_first_has_done_it(house: House, anna: httpx.AsyncClient) -> None:
    house.accounts.passwords["ben"] = house.accounts.passwords["anna"]
    async with visiting(house, **EN) as ben:
        await log_in(ben, "ben")
        token = await form_token(ben, "/calls")
        await mark(anna, do="done")
        answer = await ben.post("/calls/mark", data={"csrf": token, "caller": CALLER, "do": "done"}, headers=OURS)
        assert answer.status_code == 303
        assert "done by anna" in backs(await page(ben))


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"do": "done", "note": "x" * (NOTE_LENGTH + 1)}, 422), ({"do": "done", "caller": "+4930999"}, 404),
        ({"do": "done", "caller": "'; DROP TABLE calls"}, 404), ({"do": "done", "caller": ""}, 404),
        ({"do": "else"}, 422), ({}, 422), ({"do": "done", "caller": "\ud800".encode("utf-8", "replace").decode()}, 404),
    ],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_and_changes_nothing(
    house: House, anna: httpx.AsyncClient, fields: dict[str, str], status: int
) -> None:
    assert (await mark(anna, **fields)).status_code == status
    assert not house.call_backs.remarks
    assert not house.journal.noted


async def test_where_one_comes_from_one_goes_back_to(anna: httpx.AsyncClient) -> None:
    answer = await mark(anna, "/calls/mark?show=missed&from=&to=&digits=555&x=//evil.test", do="done")
    assert answer.headers["location"] == "/calls?show=missed&from=&digits=555#call-backs"


async def test_marked_as_done_it_disappears_on_every_open_page_at_once(house: House) -> None:
    house.accounts.passwords["ben"] = house.accounts.passwords["anna"]
    cookies = await logged_in_cookie(house)
    async with serving(house) as (address, _), following(address, "/live/calls", cookies=cookies) as stream:
        first = (await next_of(stream))[1]
        assert "030 555001" in first["regions"]["backs"]
        async with httpx.AsyncClient(base_url=address, trust_env=False) as ben:
            await log_in(ben, "ben")
            token = await form_token(ben, "/calls")
            await ben.post("/calls/mark", data={"csrf": token, "caller": CALLER, "do": "done"})
        second = (await next_of(stream))[1]
    assert "Niemand wartet auf einen Rückruf." in second["regions"]["backs"]
    assert "ben, 14:50" in second["regions"]["backs"]
    assert (first["title"], second["title"]) == ("(1) Anrufe · PC-Notdienst Muster", "Anrufe · PC-Notdienst Muster")
    assert "calls" not in second["regions"], "what did not change is not sent"


async def test_a_form_in_the_stream_carries_its_readers_own_token(house: House) -> None:
    cookies = await logged_in_cookie(house)
    async with serving(house) as (address, _), following(address, "/live/calls", cookies=cookies) as stream:
        html = (await next_of(stream))[1]["regions"]["backs"]
        token = re.findall(r'name="csrf" value="([^"]+)"', html)[0]
        async with visiting(house) as browser:
            browser.cookies.update(cookies)
            data = {"csrf": token, "caller": CALLER, "do": "done"}
            assert (await browser.post("/calls/mark", data=data, headers=OURS)).status_code == 303


async def test_a_viewer_sees_no_whole_number_no_button_and_finds_none_by_its_digits(house: House) -> None:
    house.accounts.roles["anna"] = Role.VIEWER
    house.call_backs.remarks.clear()
    house.journal.kept += [missed(50, "0049301112223", id="9.9")]
    async with logged_in(house, **EN) as browser:
        html = await page(browser)
        searched = await page(browser, "/calls?digits=555001&from=")
        csv_file = (await browser.get("/calls.csv")).text + (await browser.get("/call-backs.csv")).text
        assert (await mark(browser, do="done")).status_code == 403
        streamed = await page(browser, "/calls?show=missed")
    assert "030 5•••01 4 times" in backs(html)
    for text in (html, searched.replace("digits=555001", ""), csv_file, streamed):
        found = [word for word in ("555001", "555002", "1112223", "tel:", 'name="caller"') if word in text]
        assert not found, text[max(0, text.index(found[0]) - 300) :][:600]
    assert "<button" not in html.partition('id="live-backs"')[2].partition("</section>")[0]
    assert "030 5•••02" in searched, "not even by what is not found"
    assert 'name="digits"' not in html


async def test_a_viewer_reads_no_number_in_a_note_either(house: House, anna: httpx.AsyncClient) -> None:
    await mark(anna, do="note", note="mobile is 0171 555 99 88, ask for 2 laptops")
    assert "0171 555 99 88" in backs(await page(anna))
    house.accounts.roles["anna"] = Role.VIEWER
    async with logged_in(house, **EN) as browser:
        said = backs(await page(browser))
    assert "mobile is 0171 ••• •• 88, ask for 2 laptops" in said


@pytest.mark.parametrize("note", NASTY_NAMES)
async def test_hostile_notes_and_names_are_text(note: str) -> None:
    made = House(FakeBoard(well(named(site(label=note), note, "Ben"))))
    made.journal.kept = [missed(5, "+4917112345678"), taken(6, OTHER)]
    async with logged_in(made, **EN) as browser:
        await mark(browser, caller="+4917112345678", do="note", note=note)
        html = await page(browser)
    assert "<script>alert" not in html
    assert "<img" not in html
    assert "{{ 7" not in note or "{{ 7 * 7 }} {number}" in html


async def test_a_caller_who_is_no_telephone_number_is_shown_and_not_dialled(house: House) -> None:
    house.journal.kept = [missed(5, "20"), missed(6, "0" * 30)]
    async with logged_in(house, **EN) as browser:
        html = await page(browser)
        assert "tel:" not in html
        assert "20 once" in backs(html)
        assert (await mark(browser, caller="20", do="done")).status_code == 303
        assert "Called back: 1" in backs(await page(browser))


async def test_that_calls_may_be_missing_is_said_while_a_line_is_down(house: House, anna: httpx.AsyncClient) -> None:
    word = "calls that never reached us by it stand in no list."
    assert word not in await page(anna)
    house.board.show(outage())
    assert f"Telekom has had an outage since 14:32: {word}" in backs(await page(anna))


async def test_the_figures_count_what_the_filter_lets_through(house: House, anna: httpx.AsyncClient) -> None:
    house.journal.kept += [taken(60, by_hand=True), taken(70, by="PJSIP/20", legs=()), missed(20 * 1440)]
    assert part(await page(anna), "figures") == "Calls 8 Taken 3 Missed 5 Forwarded 7 Rescued 1"
    assert part(await page(anna, "/calls?from="), "figures") == "Calls 9 Taken 3 Missed 6 Forwarded 8 Rescued 1"
    assert part(await page(anna, "/calls?show=rescued&from="), "figures").startswith("Calls 1 Taken 1 Missed 0")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("show=missed", 5), ("show=taken", 1), ("show=rescued", 1), ("show=forwarded", 6), ("show=", 6),
        ("number=%2B4930123456", 6), ("number=0171%205550123", 0), ("from=2025-11-22", 6), ("from=2025-11-23", 0),
        ("to=2025-11-21", 0), ("to=2025-11-22", 6), ("digits=030%20555%20002", 2),
        ("digits=%2B49%20(0)30%20555001", 4), ("digits=%D9%A5%D9%A5%D9%A5%D9%A0%D9%A0%D9%A2", 2),
        ("digits=999999", 0), ("digits=&from=&to=", 6),
    ],
)  # fmt: skip
async def test_calls_are_looked_through_by_the_fields_of_the_form(
    anna: httpx.AsyncClient, query: str, found: int
) -> None:
    html = await page(anna, f"/calls?{query}")
    said = html.partition('id="live-calls"')[2]
    assert said.count('class="when"') == found
    assert found or "No call fits what you look for." in said


@pytest.mark.parametrize(
    "query",
    [
        "show=refused", "number=<b>", "from=yesterday", "to=0001-01-01", "from=9999-12-31", "digits=abc", "before=x",
        "before=1%27--", "from=2025-02-30",
    ],
)  # fmt: skip
async def test_what_cannot_be_understood_is_refused_with_one_sentence(anna: httpx.AsyncClient, query: str) -> None:
    for path in ("/calls", "/calls.csv"):
        answer = await anna.get(f"{path}?{query}")
        assert answer.status_code == 422
        assert "Something broke" not in answer.text


async def test_an_open_page_whose_address_makes_no_sense_shows_the_newest(house: House) -> None:
    cookies = await logged_in_cookie(house)
    async with serving(house) as (address, _), following(address, "/live/calls?show=x", cookies=cookies) as stream:
        assert "030 555001" in (await next_of(stream))[1]["regions"]["calls"]


async def test_all_calls_are_read_page_by_page_with_what_the_mobiles_said(
    house: House, anna: httpx.AsyncClient
) -> None:
    house.journal.kept = [missed(n) for n in range(1, 2 * MOST + 3)]
    path, pages = "/calls?from=2025-11-01", []
    while path:
        html = await page(anna, path)
        pages.append(html.partition('id="live-calls"')[2].count('class="when"'))
        assert ("Newest" in html) == (len(pages) > 1)
        older = re.search(r'href="([^"]+)" rel="next"', html)
        path = older[1].replace("&amp;", "&") if older else ""
    assert pages == [MOST, MOST, 2]
    assert "Whom we rang Anna&#39;s mobile over GSM-Gateway: it rang" in " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def test_rescued_and_forwarded_calls_say_so(house: House, anna: httpx.AsyncClient) -> None:
    house.journal.kept = [taken(5), taken(6, by_hand=True), taken(7, by="office", legs=())]
    said = Words((await page(anna)).partition('id="live-calls"')[2]).text
    assert "14:45 taken rescued 030 555001" in said
    assert "14:44 taken forwarded 030 555001" in said
    assert "14:43 taken 030 555001" in said


async def test_a_dead_database_is_told_and_the_page_stands(house: House) -> None:
    house.journal.broken = True
    async with logged_in(house, **EN) as browser:
        html = await page(browser)
        said = backs(html)
        assert "The list cannot be read just now: the database does not answer." in said
        assert "Nobody waits" not in said
        assert "The calls cannot be read just now." in html
        assert "Calls 0" not in html
        assert (await browser.get("/call-backs.csv")).status_code == 503
        token = re.search(r'name="csrf-token" content="([^"]+)"', html)
        assert token
        data = {"csrf": token[1], "caller": CALLER, "do": "done"}
        answer = await browser.post("/calls/mark", data=data, headers=OURS)
        assert answer.status_code == 503
        assert "The database does not answer." in answer.text


async def test_the_words_stand_on_the_page_as_they_are_meant() -> None:
    async with logged_in(House(FakeBoard(well())), **EN) as browser:
        said = Words(await page(browser)).text
    assert "Rescued Taken on a mobile, where the office could not have: the line was down" in said
    assert catalogue("de").gettext("Rescued") == "Gerettet"


def rows(text: str, separator: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=separator))


async def test_calls_are_taken_along_as_a_table_in_the_readers_language(house: House) -> None:
    house.journal.kept += [missed(n, "+431234567") for n in range(50, 170)] + [missed(49, None)]
    async with logged_in(house) as browser:
        answer = await browser.get("/calls.csv?from=2025-11-22")
        english = await browser.get("/calls.csv?show=taken", headers=EN)
        none = await browser.get("/calls.csv?digits=99999999")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="calls-2025-11-22.csv"'
    table = rows(answer.text, ";")
    assert table[0][:7] == [
        "Datum", "Uhrzeit", "Abstand zu UTC", "Anrufer", "Gewählte Nummer", "Ergebnis", "Angenommen von",
    ]  # fmt: skip
    assert len(table) == 1 + 6 + 121
    assert ["2025-11-22", "14:01:07", "utc+01:00", "nummer unterdrückt", "030 123456", "verpasst"] in [
        [cell.lower() for cell in row[:6]] for row in table
    ]
    assert {row[3] for row in table[8:]} == {"+43 1 234567"}
    [head, row] = rows(english.text, ",")
    assert row == [
        "2025-11-22", "14:20:07", "UTC+01:00", "030 555002", "030 123456", "taken", "Anna", "yes", "yes", "12", "60",
        "Anna took it on the mobile after 12 s.",
    ]  # fmt: skip
    assert len(head) == len(row)
    assert len(rows(none.text, ";")) == 1


async def test_call_backs_are_taken_along_too_and_nothing_in_them_runs(house: House, anna: httpx.AsyncClient) -> None:
    await mark(anna, do="done", note='=HYPERLINK("evil")')
    table = rows((await anna.get("/call-backs.csv")).text, ",")
    assert table[1][:6] == ["030 555001", "030 123456", "4", "2025-11-22", "14:48:07", "UTC+01:00"]
    assert table[1][7:] == ["anna", "2025-11-22 14:50", 'anna: =HYPERLINK("evil")']


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "\tx",
        "\rx",
        "+",
        "+x",
        " =1+1",
        "\n=1",
        "\u00a0\u200b=1",
        "\ufeff=1",
        "\u202e=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        "　＝1",
        "﹣1",
        "−1",
        "\x00=1",
    ],
)
def test_a_cell_that_would_run_is_tamed(cell: str) -> None:
    assert rows("\ufeff" + csv_text.lines([[cell]], "en"), ",") == [[f"'{cell}"]]


def test_a_telephone_number_is_no_formula_and_odd_cells_come_back_as_they_were() -> None:
    cells = [csv_text.Phone("+43 1 234567"), 'a;b,"c"\nd', "", "0171"]
    for language, separator in (("de", ";"), ("en", ",")):
        assert rows("\ufeff" + csv_text.lines([cells], language), separator) == [[str(cell) for cell in cells]]
    assert csv_text.lines([[csv_text.Phone("=1")]], "en").startswith("'=")
    assert csv_text.lines([[csv_text.Phone("+1+cmd|' /C calc'!A0")]], "en").startswith("'+")


async def test_a_table_of_call_backs_has_all_who_wait_or_says_how_many_more(
    house: House, anna: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.journal.kept = [missed(n, f"+49305550{n:03}") for n in range(130)]
    assert len(rows((await anna.get("/call-backs.csv")).text, ",")) == 131
    monkeypatch.setattr(calls_table, "MOST_CALL_BACKS", 5)
    table = rows((await anna.get("/call-backs.csv")).text, ",")
    assert len(table) == 1 + 5 + 1
    assert table[-1] == ["And 125 more, who tried before these."]


async def test_a_database_that_is_dead_or_dies_makes_no_table_that_looks_whole(
    house: House, anna: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.journal.kept = [missed(n) for n in range(1, 120)]
    read = FakeCallBook.page

    async def once(book: FakeCallBook, wanted: Wanted, most: int = 50, before: str | None = None) -> Sequence[Call]:
        house.journal.broken = before is not None
        return await read(book, wanted, most, before)

    monkeypatch.setattr(FakeCallBook, "page", once)
    table = rows((await anna.get("/calls.csv")).text, ",")
    assert len(table) == 1 + calls_table.PIECE + 1
    assert table[-1] == ["The calls cannot be read just now."]
    monkeypatch.setattr(FakeCallBook, "page", read)
    monkeypatch.setattr(calls_table, "MOST", 100)
    house.journal.broken = False
    table = rows((await anna.get("/calls.csv")).text, ",")
    assert len(table) == 1 + 100 + 1
    assert table[-1] == ["There is more: a table ends after 100 rows."]
    house.journal.broken = True
    assert (await anna.get("/calls.csv")).status_code == 503


async def test_the_note_of_who_marks_it_second_is_kept(house: House, anna: httpx.AsyncClient) -> None:
    house.accounts.passwords["ben"] = house.accounts.passwords["anna"]
    async with visiting(house, **EN) as ben:
        await log_in(ben, "ben")
        await mark(anna, do="done", note="voicemail")
        await mark(ben, do="done", note="wants an offer by Friday")
        said = backs(await page(ben))
    assert "done by anna" in said
    assert "wants an offer by Friday ben" in said
    assert len(house.journal.noted) == 1


async def test_in_the_night_of_the_change_a_table_tells_which_of_the_two_hours_it_was(
    house: House, anna: httpx.AsyncClient
) -> None:
    half_past_two = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    house.journal.kept = [
        replace(missed(1), id=f"1.{hours}", began=half_past_two + timedelta(hours=hours)) for hours in (1, 0)
    ]
    table = rows((await anna.get("/calls.csv?from=2025-10-26")).text, ",")
    assert [row[1:3] for row in table[1:]] == [["02:30:00", "UTC+01:00"], ["02:30:00", "UTC+02:00"]]


async def test_that_calls_may_be_missing_is_said_after_an_outage_too(house: House, anna: httpx.AsyncClient) -> None:
    house.outages.told = outage_lines(NOW)
    said = backs(await page(anna))
    word = "calls that never reached us meanwhile stand in no list."
    assert f"Telekom was down in the last 14 days (last: 13:50, 18 minutes): {word}" in said
    house.outages.alarms = dict.fromkeys((RECENT, OLD, OPEN), True)
    assert word not in backs(await page(anna))
    house.outages.broken = True
    assert "030 555001 4 times" in backs(await page(anna)), "that costs the sentence, never the list"


@pytest.mark.parametrize("day", ["0026-11-01", "2026-02-30", "99999-01-01", "yesterday"])
async def test_a_day_that_is_none_is_told_on_the_page_and_nothing_of_it_is_lost(
    anna: httpx.AsyncClient, day: str
) -> None:
    page = await anna.get("/calls", params={"from": day})
    assert page.status_code == 422
    assert "Please say on which day, such as 2026-03-01." in page.text
    assert "030 555001" in part(page.text, "backs")
    assert 'name="from"' in page.text
