"""The duty page: what it says, what its forms do, and who may do it."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import httpx
import pytest

from router.core.duty import WEEK, Absence, Day, Member, Mobile, Plan, Row, Special, Taken
from router.core.duty_changes import without_person
from router.core.office import Office
from router.core.on_duty import Calendar
from router.core.rung import Rung, RungHow
from router.core.sentence import say
from router.panel.duty import own_name
from router.panel.on_duty import duty_notices, on_duty
from router.panel.speech import Speech
from router.ports import Role
from tests.unit.panel.browsing import OURS, form_token, logged_in
from tests.unit.panel.fakes import BERLIN, NASTY_NAMES, NOW, FakeBoard, House, ago, named, planned, site, well

ANNA, BEN, NEW = "+4917112345678", "+4917112345679", "+491719998877"
PEOPLE = (Member("Anna", (Mobile(ANNA),)), Member("Ben", (Mobile(BEN), Mobile(NEW, False))))
WEEKLY = tuple(Row(day, time(8), time(18), ("Anna",)) for day in WEEK) + tuple(
    Row(day, time(18), time(8), ("Ben",)) for day in WEEK
)
PLAN = Plan(PEOPLE, WEEKLY)
ENGLISH = {"accept-language": "en"}


def office(plan: Plan = PLAN, **changed: object) -> Office:
    made = replace(named(site(), "Anna", "Ben"), timezone=BERLIN, **changed)
    return planned(well(made), plan)


def house(plan: Plan = PLAN, role: Role = Role.STAFF, **changed: object) -> House:
    made = House(FakeBoard(office(plan, **changed)))
    made.accounts.roles["anna"] = role
    return made


@pytest.fixture
def home() -> House:
    return house()


@pytest.fixture
async def browser(home: House) -> AsyncIterator[httpx.AsyncClient]:
    async with logged_in(home, **ENGLISH) as browser:
        yield browser


async def send(browser: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    token = await form_token(browser, "/duty")
    return await browser.post(path, data={"csrf": token, **fields}, headers=OURS)


async def page(browser: httpx.AsyncClient) -> str:
    answer = await browser.get("/duty")
    assert answer.status_code == 200
    return bare(answer.text)


def bare(text: str) -> str:
    """What stands on the page, without its tags, on one line."""
    body = text.partition("<main")[2]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def plan_of(home: House) -> Plan:
    assert home.board.office.duty.plan
    return home.board.office.duty.plan


# --- what it says ----------------------------------------------------------------------------------------------------


async def test_who_is_on_duty_and_who_follows_leads(browser: httpx.AsyncClient) -> None:
    text = await page(browser)
    assert "On duty: Anna, until 18:00; then Ben." in text
    assert text.index("On duty: Anna") < text.index("Take over now") < text.index("The next seven days")


async def test_the_next_seven_days_are_listed_with_holidays() -> None:
    made = house(Plan(PEOPLE, WEEKLY[:7]), holidays={date(2025, 11, 24): "Zwiebelmarkt"})
    async with logged_in(made, **ENGLISH) as browser:
        text = await page(browser)
    assert "Sat 22 Nov 08:00–18:00 Anna 18:00–24:00 nobody" in text, "what is over may not have been so"
    assert "Mon 24 Nov Zwiebelmarkt 00:00–08:00" in text
    assert "Fri 28 Nov" in text
    assert "Sat 29 Nov" not in text


async def test_the_change_of_clocks_leaves_no_hole_in_the_drawn_day() -> None:
    made = house()
    made.now = datetime(2025, 10, 26, 0, 0, tzinfo=UTC)
    made.board.show(planned(made.board.office, PLAN, made.now))
    async with logged_in(made, **ENGLISH) as browser:
        assert "Sun 26 Oct 00:00–08:00 Ben 08:00–18:00 Anna 18:00–24:00 Ben" in await page(browser)


async def test_viewers_see_masked_numbers_and_no_forms() -> None:
    async with logged_in(house(role=Role.VIEWER), **ENGLISH) as browser:
        answer = await browser.get("/duty")
    assert "0171 12345678" not in answer.text
    assert ANNA not in answer.text
    assert "0171 •" in answer.text
    assert '<form method="post" action="/duty' not in answer.text


async def test_hostile_names_are_shown_as_text() -> None:
    for name in NASTY_NAMES:
        plan = Plan((Member(name, (Mobile(ANNA),)),), tuple(replace(row, who=(name,)) for row in WEEKLY))
        async with logged_in(house(plan), **ENGLISH) as browser:
            answer = await browser.get("/duty")
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text


async def test_before_any_plan_is_known_the_page_says_so() -> None:
    made = House(FakeBoard(well()))
    async with logged_in(made, **ENGLISH) as browser:
        assert "The plan has not been read yet; those named in the settings are rung." in await page(browser)


# --- who takes over, who is away -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "until"),
    [
        ({"end": "shift"}, "2025-11-22T18:00"), ({"end": "morning"}, "2025-11-23T08:00"), ({"end": "open"}, None),
        ({"end": "time", "at": "16:30"}, "2025-11-22T16:30"), ({"end": "time", "at": "14:00"}, "2025-11-23T14:00"),
    ],
)  # fmt: skip
async def test_one_tap_takes_over_until_the_chosen_end(home: House, browser: httpx.AsyncClient, end, until) -> None:
    answer = await send(browser, "/duty/take", name="Ben", **end)
    assert answer.status_code == 303
    taken = plan_of(home).taken
    assert (taken.name, taken.by, taken.since) == ("Ben", "anna", NOW)
    assert (taken.until and taken.until.astimezone(BERLIN).isoformat()[:16]) == until
    assert home.board.office.site.numbers[0].people == ("Ben",)
    assert "By hand since 14:50 (by anna)" in await page(browser)
    assert str(home.journal.noted[0].text).startswith("anna put Ben on duty until")
    assert home.journal.noted[0].data["via"] == "panel"


async def test_an_end_is_the_one_that_the_page_offered_however_old_it_is(home: House, browser) -> None:
    shown = (await browser.get("/duty")).text
    offered = dict(re.findall(r'type="hidden" name="(shift|morning)" value="([^"]+)"', shown))
    home.now += timedelta(hours=12)  # it is ten to three on the next day
    answer = await send(browser, "/duty/take", name="Ben", end="shift", **offered)
    assert (answer.status_code, plan_of(home).taken) == (422, None)
    assert "That end has already passed." in bare(answer.text)
    assert (await send(browser, "/duty/take", name="Ben", end="morning", **offered)).status_code == 303
    assert plan_of(home).taken.until.astimezone(BERLIN).isoformat()[:16] == "2025-11-23T08:00"
    for junk in ("soon", "2025-11-23T09:00", ""):
        await send(browser, "/duty/take", name="Ben", end="morning", morning=junk)
        assert plan_of(home).taken.until.astimezone(BERLIN).isoformat()[:16] == "2025-11-24T08:00"


async def test_a_moment_is_offered_once(home: House, browser: httpx.AsyncClient) -> None:
    assert "until the end of the shift (18:00)" in await page(browser)
    home.now += timedelta(hours=5)  # the shift that runs then ends at eight
    text = await page(browser)
    assert "until tomorrow 08:00" in text
    assert "end of the shift" not in text


def test_whoever_bears_the_user_s_name_is_he() -> None:
    assert own_name("FRAU STRAUSS", ["Anna", "Frau Strauß"]) == "Frau Strauß"
    assert own_name("somebody", ["Anna"]) == ""


async def test_the_duty_goes_back_to_the_plan(home: House, browser: httpx.AsyncClient) -> None:
    await send(browser, "/duty/take", name="Ben", end="open")
    assert (await send(browser, "/duty/release")).status_code == 303
    assert home.board.office.duty.who == ("Anna",)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "Ben"}, "Please say until when."), ({"name": "Zoe", "end": "open"}, "There is nobody called Zoe."),
        ({"name": "Ben", "end": "time", "at": "25:00"}, "Please write the time as 18:00."),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_said_on_the_page_and_changes_nothing(home, browser, fields, said) -> None:
    answer = await send(browser, "/duty/take", **fields)
    assert answer.status_code in (404, 422)
    assert said in bare(answer.text)
    assert plan_of(home) == PLAN
    assert not home.journal.noted


async def test_somebody_is_absent_until_a_day_and_back_again(home: House, browser: httpx.AsyncClient) -> None:
    await send(browser, "/duty/absent", name="Anna", back="2025-11-24", at="08:00")
    assert plan_of(home).people[0].absent == Absence(NOW, datetime(2025, 11, 24, 7, tzinfo=UTC))
    assert "Anna absent until 24 November, 08:00" in await page(browser)
    await send(browser, "/duty/back", name="Anna")
    assert plan_of(home).people[0].absent is None
    answer = await send(browser, "/duty/absent", name="Anna", back="2025-11-01")
    assert "That end has already passed." in bare(answer.text)
    answer = await send(browser, "/duty/absent", name="Anna", back="soon")
    assert "Please write the day as 2026-12-24." in bare(answer.text)
    for day in ("0001-01-01", "9999-12-31"):
        answer = await send(browser, "/duty/absent", name="Anna", back=day)
        assert "That day is too far away." in bare(answer.text)


async def test_whoever_takes_over_out_of_an_absence_is_told_to_be_back(home: House, browser: httpx.AsyncClient) -> None:
    await send(browser, "/duty/absent", name="Anna", back="2025-11-24", at="08:00")
    home.journal.noted.clear()
    await send(browser, "/duty/take", name="Anna", end="open")
    assert [line.text.text for line in home.journal.noted] == [
        "{by} put {name} on duty until further notice.", "{by} marked {name} as back.",
    ]  # fmt: skip


async def test_the_question_before_a_number_goes_says_who_is_not_reached_then(home: House, browser) -> None:
    text = await page(browser)
    assert text.count("is rung no more.") == 3
    assert text.count("Anna is on duty and can then not be reached.") == 1


async def test_the_last_number_of_who_has_taken_over_is_kept(home: House, browser: httpx.AsyncClient) -> None:
    await send(browser, "/duty/take", name="Anna", end="open")
    before = plan_of(home)
    answer = await send(browser, "/duty/numbers/change", name="Anna", number=ANNA, do="remove")
    assert (answer.status_code, plan_of(home)) == (422, before)
    assert "nobody would be rung. Please go back to the plan first." in bare(answer.text)


# --- people and numbers ----------------------------------------------------------------------------------------------


async def test_people_come_go_move_and_get_other_names(home: House, browser: httpx.AsyncClient) -> None:
    await send(browser, "/duty/people", name="Cem", number="0171 2345678")
    await send(browser, "/duty/people/change", name="Cem", do="up")
    await send(browser, "/duty/people/change", name="Cem", do="planned")
    await send(browser, "/duty/people/change", name="Cem", do="rename", new="Çem")
    assert [member.name for member in plan_of(home).people] == ["Anna", "Çem", "Ben"]
    assert plan_of(home).people[1] == Member("Çem", (Mobile("+491712345678", False),), stands_by=False)
    await send(browser, "/duty/people/change", name="Çem", do="remove")
    assert plan_of(home) == PLAN
    assert (await send(browser, "/duty/people/change", name="Anna", do="explode")).status_code == 422


async def test_a_number_typed_wrongly_keeps_what_was_typed(home: House, browser: httpx.AsyncClient) -> None:
    answer = await send(browser, "/duty/people", name="Cem", number="0900 123456")
    assert answer.status_code == 422
    assert "is no mobile or landline" in bare(answer.text)
    assert 'value="0900 123456"' in answer.text
    assert plan_of(home) == PLAN


async def test_numbers_come_go_and_move(home: House, browser: httpx.AsyncClient) -> None:
    await send(browser, "/duty/numbers", name="Anna", number="+49 171 777 66 55")
    assert plan_of(home).people[0].mobiles[-1] == Mobile("+491717776655", False)
    await send(browser, "/duty/numbers/change", name="Anna", number="+491717776655", do="up")
    assert plan_of(home).people[0].mobiles[0].number == "+491717776655"
    await send(browser, "/duty/numbers/change", name="Anna", number="+491717776655", do="remove")
    assert plan_of(home) == PLAN


async def test_a_test_ring_that_was_answered_with_1_confirms_the_number(home: House, browser) -> None:
    assert "not confirmed" in await page(browser)
    assert (await send(browser, "/duty/numbers/ring", name="Ben", number=NEW)).status_code == 303
    assert home.rings.rung == [NEW]
    assert plan_of(home).people[1].mobiles[1].confirmed
    assert "not confirmed" not in await page(browser)
    assert "had {number} of {name} rung for a test" in home.journal.noted[0].text.text


async def test_any_other_answer_confirms_nothing_and_says_why(home: House, browser: httpx.AsyncClient) -> None:
    home.rings.answer = Rung(RungHow.NOT_PRESSED, say("Perhaps it was the voicemail."))
    answer = await send(browser, "/duty/numbers/ring", name="Ben", number=NEW)
    assert answer.status_code == 409
    assert "Perhaps it was the voicemail." in bare(answer.text)
    assert plan_of(home) == PLAN
    assert home.journal.noted[0].data["how"] == "not_pressed"


async def test_a_number_that_goes_during_its_test_ring_is_not_said_to_be_confirmed(home: House, browser) -> None:
    async def ring(number: str) -> Rung:
        await home.duties.change(lambda plan: without_person(plan, "Ben"))
        return home.rings.answer

    home.rings.ring = ring
    answer = await send(browser, "/duty/numbers/ring", name="Ben", number=NEW)
    assert answer.status_code == 404
    assert "was taken away during the test ring, so nothing was confirmed" in bare(answer.text)
    [noted] = home.journal.noted
    assert "nothing was confirmed" in str(noted.text)
    assert (noted.by, noted.data["how"]) == ("anna", "pressed")


async def test_who_typed_a_name_and_a_wrong_number_has_both_before_him(home: House, browser) -> None:
    answer = await send(browser, "/duty/people", name="Cem <b>", number="0900 123456")
    form = answer.text.partition('action="/duty/people"')[2].partition("</form>")[0]
    assert 'value="Cem &lt;b&gt;"' in form
    assert 'value="0900 123456"' in form
    assert "open" in answer.text.partition('action="/duty/people"')[0].rpartition("<details")[2]
    answer = await send(browser, "/duty/numbers", name="Anna", number="0900 123456")
    form = answer.text.partition('action="/duty/people"')[2].partition("</form>")[0]
    assert 'value="0900 123456"' not in form


async def test_a_name_with_two_blanks_is_chosen_as_it_is_written() -> None:
    plan = Plan((PEOPLE[0], Member("Ben  B.", (Mobile(BEN),))))
    made = House(FakeBoard(planned(well(replace(named(site(), "Anna", "Ben  B."), timezone=BERLIN)), plan)))
    made.accounts.roles["anna"] = Role.STAFF
    async with logged_in(made, **ENGLISH) as browser:
        assert '<option value="Ben  B."' in (await browser.get("/duty")).text


async def test_only_a_number_of_the_plan_is_rung(home: House, browser: httpx.AsyncClient) -> None:
    for name, number in (("Anna", NEW), ("Zoe", NEW), ("Ben", "+49110")):
        assert (await send(browser, "/duty/numbers/ring", name=name, number=number)).status_code == 404
    assert not home.rings.rung


# --- the week and its exceptions -------------------------------------------------------------------------------------


async def test_lines_of_the_week_are_added_for_several_days_and_taken_out(browser, home: House) -> None:
    await send(browser, "/duty/rows", day="weekend", begin="12:00", end="13:00", first="Ben", second="Anna")
    new = [row for row in plan_of(home).rows if row not in WEEKLY]
    assert new == [Row(day, time(12), time(13), ("Ben", "Anna")) for day in (Day.SATURDAY, Day.SUNDAY)]
    answer = await browser.get("/duty")
    text = bare(answer.text)
    assert "Saturday, Sunday 12:00–13:00 Ben, Anna" in text
    assert "Every day 08:00–18:00 Anna" in text
    assert "Every day 18:00–08:00 (next day) Ben" in text
    keys = re.findall(r'name="key" value="([0-9a-f,]+)"', answer.text)
    await send(browser, "/duty/rows/remove", key=keys[2])
    assert set(plan_of(home).rows) == set(WEEKLY)
    assert (await send(browser, "/duty/rows/remove", key=keys[2])).status_code == 404
    await send(browser, "/duty/rows/remove", key=keys[0].partition(",")[0])
    assert "Tuesday to Sunday 08:00–18:00 Anna" in await page(browser)


async def test_an_exception_without_a_name_means_nobody(home: House, browser: httpx.AsyncClient) -> None:
    await send(browser, "/duty/exceptions", **{"from": "2025-11-24", "to": "2025-11-25"})
    exception = Special(date(2025, 11, 24), date(2025, 11, 25), time(), time(), ())
    assert plan_of(home).specials == (exception,)
    answer = await browser.get("/duty")
    assert "Mon 24 Nov – Tue 25 Nov all day nobody" in bare(answer.text)
    key = re.search(r'exceptions/remove".*?name="key" value="([0-9a-f]+)"', answer.text, re.DOTALL)
    await send(browser, "/duty/exceptions/remove", key=key[1])
    assert plan_of(home).specials == ()


async def test_an_exception_for_days_that_are_over_is_refused(home: House, browser: httpx.AsyncClient) -> None:
    answer = await send(browser, "/duty/exceptions", **{"from": "2025-11-21"})
    assert "Those days are over." in bare(answer.text)
    assert plan_of(home) == PLAN
    assert (await send(browser, "/duty/exceptions", **{"from": "2025-11-22"})).status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"day": "someday"}, "choose a day"), ({"day": "monday", "begin": "8", "end": "9", "first": "Ben"}, "18:00"),
        ({"day": "monday", "begin": "08:00", "end": "09:00"}, "choose who"),
        ({"day": "monday", "begin": "08:00", "end": "09:00", "first": "Zoe"}, "nobody called Zoe"),
    ],
)  # fmt: skip
async def test_a_line_that_cannot_be_is_refused_with_the_reason(browser, home: House, fields, said) -> None:
    answer = await send(browser, "/duty/rows", **fields)
    assert said in bare(answer.text)
    assert plan_of(home) == PLAN


# --- when something fails --------------------------------------------------------------------------------------------


async def test_with_a_dead_database_the_page_stands_and_changes_are_refused(home: House, browser) -> None:
    home.duties.dead = True
    answer = await send(browser, "/duty/take", name="Ben", end="open")
    assert answer.status_code == 503
    assert "so nothing was changed" in bare(answer.text)
    assert "On duty: Anna" in await page(browser)


async def test_a_plan_that_cannot_be_saved_holds_and_the_page_says_what_that_means(home: House, browser) -> None:
    home.duties.keeps = False
    await send(browser, "/duty/take", name="Ben", end="open")
    text = await page(browser)
    assert "On duty: Ben" in text
    assert "The duty plan cannot be saved just now. It holds, but not beyond a restart" in text


# --- for the board ---------------------------------------------------------------------------------------------------


def english(now: datetime = NOW) -> Speech:
    return Speech("en", BERLIN, "DE", now)


def said(made: Office, now: datetime = NOW) -> list[str]:
    return [f"{notice.text} {notice.more}" for notice in duty_notices(made, english(now))]


def test_the_board_gets_its_line_in_both_languages() -> None:
    made = office()
    assert on_duty(made, english()).text == "On duty: Anna, until 18:00; then Ben."
    assert on_duty(made, replace(english(), language="de")).text == "Im Dienst: Anna, bis 18:00; danach Ben."
    assert on_duty(well(), english()) is None
    assert said(made) == said(well()) == []


def test_nobody_on_duty_is_told_hours_ahead_and_while_it_is_so() -> None:
    made = office(Plan(PEOPLE, WEEKLY[:7]))
    assert said(made) == ["Nobody is on duty from 18:00 to tomorrow 08:00. Somebody can still be put on duty."]
    assert said(made, NOW - timedelta(hours=5)) == []
    evening = NOW + timedelta(hours=5)
    assert said(planned(made, Plan(PEOPLE, WEEKLY[:7]), evening), evening) == [
        "Nobody is on duty until tomorrow 08:00. Nobody stands in the plan at this time."
    ]


def test_a_calendar_that_cannot_be_read_is_told_with_what_holds() -> None:
    made = office()
    why = say("The duty calendar cannot be read since {since}: {why}", since=ago(hours=1), why=say("No answer."))
    failing = Calendar("calendar.test", (), ago(hours=2), why, ago(hours=1))
    made = replace(made, duty=replace(made.duty, calendar=failing))
    assert [one.strip() for one in said(made)] == ["The duty calendar cannot be read since 13:50: No answer."]
    never = replace(failing, shifts=None, read=None, trouble=None)
    assert said(replace(made, duty=replace(made.duty, calendar=never))) == [
        "The duty calendar has not been readable since 13:50. It was never read, so the weekly plan holds."
    ]


@pytest.mark.parametrize(
    ("source", "words"), [("", "No weekly plan: everybody is rung in order."), ("duty.ics", "No weekly plan.")]
)
async def test_without_a_week_everybody_is_rung_unless_a_calendar_decides(source: str, words: str) -> None:
    made = house(Plan(PEOPLE, ()))
    shown = made.board.office
    calendar = Calendar(source, (), ago(minutes=1), None, ago(hours=1)) if source else Calendar()
    made.board.show(replace(shown, duty=replace(shown.duty, calendar=calendar)))
    async with logged_in(made, **ENGLISH) as browser:
        assert f"Every week {words} Add a line" in await page(browser)


def test_own_people_who_are_all_absent_are_told() -> None:
    away = replace(PEOPLE[1], absent=Absence(ago(hours=1), None))
    made = named(site(), "Anna", "Ben")
    first, *others = made.numbers
    made = replace(made, numbers=(replace(first, own=("Ben",)), *others))
    (told,) = said(planned(well(made), Plan((PEOPLE[0], away))))
    assert told.startswith("All who are rung for 030 123456 are absent; they are rung all the same.")


def test_who_took_over_by_hand_is_said_so() -> None:
    made = office(replace(PLAN, taken=Taken("Ben", ago(minutes=1), NOW + timedelta(minutes=10), "anna")))
    assert on_duty(made, english()).text == "On duty: Ben, until 15:00; then Anna."
    assert on_duty(made, english()).why == "Ben took over by hand."
