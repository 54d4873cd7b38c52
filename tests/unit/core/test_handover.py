"""A change of duty rings the next person: at the second, over changes of clocks, and never while nobody can see it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from router.core.duty import WEEK, Absence, Day, Member, Mobile, Plan, Row, Special, Taken, seeded
from router.core.effects import Kind, WakeAt
from router.core.office import opened
from router.core.on_duty import near_gap, standing
from router.core.react import react
from router.core.sentence import say
from router.core.shifts import Shift
from router.core.signals import At, CalendarRead, DutySet, Tick
from router.core.site import Person, Site
from tests.unit.core import play as plays
from tests.unit.core.offices import MORNING, NUMBER, site
from tests.unit.core.play import Play

BERLIN = ZoneInfo("Europe/Berlin")
ANNA, BEN, CEM = "+4917112345678", "+4917112345679", "+4917112345680"
PEOPLE = tuple(Member(name, (Mobile(number),)) for name, number in (("Anna", ANNA), ("Ben", BEN), ("Cem", CEM)))


def office(**changed: object) -> Site:
    people = tuple(Person(member.name, (member.mobiles[0].number,)) for member in PEOPLE)
    made = site(people=people, fallbacks=("gsm",))
    return replace(made, timezone=BERLIN, standing_by=("Anna", "Ben", "Cem"), **changed)


def row(day: str, begin: str, end: str, *who: str) -> Row:
    return Row(Day(day), time.fromisoformat(begin), time.fromisoformat(end), who)


def day_and_night(day: str = "Anna", night: str = "Ben") -> tuple[Row, ...]:
    return tuple(each for one in WEEK for each in (row(one, "08:00", "18:00", day), row(one, "18:00", "08:00", night)))


DAY_AND_NIGHT = Plan(PEOPLE, day_and_night())


def mobiles(play: Play, number: str = NUMBER) -> list[str]:
    """As they stand in the PBX's table."""
    return play.pbx.table(play.epoch).entries[number].split("|")[3].split("&")


def playing(plan: Plan, about: Site | None = None, at: datetime = MORNING) -> Play:
    """The curtain rises at `at`, 9:00 in Berlin unless another moment is named."""
    play = Play(about or office())
    play.wall_ahead = at - MORNING
    play.say(DutySet(plan))
    return play.connect().run(20)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def before(text: str, seconds: float = 30.0) -> datetime:
    """A moment shortly before the clocks in Berlin show that."""
    return berlin(text) - timedelta(seconds=seconds)


def until(play: Play, text: str) -> float:
    """Seconds until the clocks in Berlin show that."""
    return (berlin(text) - play.wall).total_seconds()


def later(play: Play, **time: float) -> Play:
    """The clocks are put forward, and looked at."""
    play.wall_ahead += timedelta(**time)
    return play.run(30.1)


def test_the_next_person_is_rung_from_the_very_second_on():
    play = playing(DAY_AND_NIGHT, at=before("2026-03-02 18:00"))
    assert mobiles(play) == [ANNA]
    play.run(until(play, "2026-03-02 17:59:59.9"))
    assert mobiles(play) == [ANNA]
    play.run(0.2)
    assert mobiles(play) == [BEN]
    assert play.office.route.verified


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-06-01"])
@pytest.mark.parametrize("hour", ["08:00", "18:00"])
def test_on_the_days_when_the_clocks_change_the_change_of_duty_comes_by_the_clocks(day, hour):
    play = playing(DAY_AND_NIGHT, at=before(f"{day} {hour}"))
    leaving, coming = ([BEN], [ANNA]) if hour == "08:00" else ([ANNA], [BEN])
    play.run(until(play, f"{day} {hour}") - 0.1)
    assert mobiles(play) == leaving
    play.run(0.2)
    assert mobiles(play) == coming


def test_a_clock_that_is_set_is_looked_at_within_half_a_minute():
    play = playing(DAY_AND_NIGHT)
    play.wall_ahead += timedelta(hours=10)
    play.run(30.1)
    assert mobiles(play) == [BEN]
    play.wall_ahead -= timedelta(hours=10)
    play.run(30.1)
    assert mobiles(play) == [ANNA]


def test_the_journal_says_who_is_on_duty_from_now_on_and_why_once():
    play = later(playing(DAY_AND_NIGHT).run(40), hours=9).run(40)
    assert play.told(Kind.DUTY) == [
        "On duty now: Anna. By the weekly plan.",
        "On duty now: Ben. By the weekly plan.",
    ]


def test_the_settings_plan_rings_everybody_in_order_and_tells_nothing():
    play = playing(seeded(office()))
    assert mobiles(play) == [ANNA, BEN, CEM]
    assert play.told(Kind.DUTY) == []


def test_nobody_on_duty_rings_the_office_also_in_an_outage_and_says_so():
    play = playing(Plan(PEOPLE, (row("monday", "08:00", "10:00", "Anna"),)), at=before("2026-03-02 10:00", 60))
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    assert play.way().value == "mobile"
    play.run(until(play, "2026-03-02 10:00:01"))
    assert play.way().value == "office"
    assert play.sentence() == (
        f"Telekom is down, and nobody is on duty. Whoever dials {NUMBER} and gets through rings the office."
    )
    assert play.told(Kind.DUTY)[-1] == ("Nobody is on duty any more. Nobody stands in the plan at this time.")


def test_an_order_that_finds_nobody_on_duty_says_so():
    play = playing(Plan(PEOPLE, (row("sunday", "08:00", "10:00", "Anna"),)))
    play.order(plays.Mode.MOBILE).run(1)
    assert (
        play.sentence()
        == f"anna wants calls to {NUMBER} on the mobile, but nobody is on duty: they ring in the office."
    )


def test_a_gap_is_told_eight_hours_ahead_and_once():
    plan = Plan(PEOPLE, tuple(row(day, "08:00", "18:00", "Anna") for day in WEEK))
    play = playing(plan, at=before("2026-03-02 10:00"))
    play.run(until(play, "2026-03-02 09:59:59"))
    assert len(play.told(Kind.DUTY)) == 1
    play.run(2)
    told = play.told(Kind.DUTY)[1:]
    assert told == ["Nobody is on duty from 17:00 UTC to 07:00 UTC."]
    later(play, hours=4)
    assert play.told(Kind.DUTY)[2:] == []
    assert near_gap(play.office.duty.stretches, play.wall).begin == datetime(2026, 3, 2, 17, tzinfo=UTC)


def test_who_takes_over_is_rung_at_once_and_until_his_end():
    play = playing(DAY_AND_NIGHT)
    end = play.wall + timedelta(hours=1)
    play.say(DutySet(replace(DAY_AND_NIGHT, taken=Taken("Cem", play.wall, end, "cem"))))
    play.run(0.1)
    assert mobiles(play) == [CEM]
    later(play, hours=1)
    assert mobiles(play) == [ANNA]


def test_the_absent_are_left_out_until_they_are_back():
    play = playing(seeded(office()))
    back = play.wall + timedelta(hours=1)
    people = (replace(PEOPLE[0], absent=Absence(play.wall, back)), *PEOPLE[1:])
    play.say(DutySet(Plan(people)))
    play.run(0.1)
    assert mobiles(play) == [BEN, CEM]
    later(play, hours=1)
    assert mobiles(play) == [ANNA, BEN, CEM]


def test_a_number_that_is_not_confirmed_or_not_allowed_is_not_rung():
    anna = Member("Anna", (Mobile("+4917199999999", confirmed=False), Mobile("+4366412345678"), Mobile(ANNA)))
    play = playing(Plan((anna, *PEOPLE[1:])))
    assert mobiles(play) == [ANNA, BEN, CEM]
    play.say(DutySet(Plan((Member("Anna", anna.mobiles[:2]), *PEOPLE[1:]))))
    play.run(0.1)
    assert mobiles(play) == [BEN, CEM]


def own(*names: str) -> Site:
    made = office()
    return replace(made, numbers=(replace(made.numbers[0], people=names, own=names), *made.numbers[1:]))


def test_a_number_keeps_its_own_people_whatever_the_plan_says():
    play = playing(DAY_AND_NIGHT, own("Cem"))
    assert mobiles(play) == [CEM]
    assert mobiles(play, play.site.numbers[1].number) == [ANNA]


def test_its_own_people_who_are_absent_are_left_out_unless_nobody_remains():
    away = Absence(MORNING - timedelta(hours=1), MORNING + timedelta(hours=1))
    plan = Plan((*PEOPLE[:2], replace(PEOPLE[2], absent=away)), day_and_night())
    assert mobiles(playing(plan, own("Ben", "Cem"))) == [BEN]
    play = later(playing(plan, own("Ben", "Cem")), hours=1)
    assert mobiles(play) == [BEN, CEM]
    assert mobiles(playing(plan, own("Cem"))) == [CEM]


def test_where_its_own_people_are_gone_for_good_those_on_duty_are_rung():
    assert mobiles(playing(Plan(PEOPLE[:2], day_and_night()), own("Cem"))) == [ANNA]


def test_who_is_off_duty_is_still_known_by_name():
    play = playing(DAY_AND_NIGHT)
    assert [person.name for person in play.office.site.people] == ["Anna", "Ben", "Cem"]


SOURCE, SILENT = "calendar.test", say("The duty calendar cannot be read: it gives no answer.")


def test_a_calendar_takes_over_and_what_cannot_be_read_leaves_what_was_read():
    play = playing(DAY_AND_NIGHT)
    shift = Shift(MORNING, MORNING + timedelta(hours=3), ("Cem",))
    play.say(CalendarRead(SOURCE, (shift,), None, play.wall))
    play.run(0.1)
    assert mobiles(play) == [CEM]
    for _ in range(2):
        play.say(CalendarRead(SOURCE, (shift,), SILENT, MORNING, play.wall))
    play.run(0.1)
    calendar = play.office.duty.calendar
    assert mobiles(play) == [CEM]
    assert (calendar.trouble, calendar.read) == (SILENT, MORNING)
    play.say(CalendarRead(SOURCE, (shift,), None, play.wall))
    assert play.told(Kind.DUTY)[3:] == [
        "The duty calendar cannot be read: it gives no answer.", "The duty calendar can be read again.",
    ]  # fmt: skip


def test_a_calendar_that_was_never_read_leaves_the_week():
    play = playing(DAY_AND_NIGHT)
    play.say(CalendarRead(SOURCE, None, SILENT, None, play.wall))
    play.run(0.1)
    assert mobiles(play) == [ANNA]


def test_holidays_of_the_office_have_their_own_plan():
    plan = Plan(PEOPLE, (*day_and_night(), row("holiday", "00:00", "00:00", "Cem")))
    assert mobiles(playing(plan, office(holidays={date(2026, 3, 2): "Rosenmontag"}))) == [CEM]


def test_while_the_pbx_is_out_of_sight_nobody_else_is_said_to_be_rung_and_then_he_is():
    play = playing(DAY_AND_NIGHT, at=before("2026-03-02 18:00", 120))
    play.pbx.trunks["telekom"].silent = True
    play.run(30)
    play.lose_ami().run(120)
    assert play.office.duty.who == ("Ben",)
    assert "Anna's mobile" in play.sentence()
    play.connect().run(1)
    assert mobiles(play) == [BEN]
    assert "Ben's mobile" in play.sentence()


def test_with_nobody_left_to_ring_the_pbx_is_still_asked_what_it_does_with_outbound_calls():
    play = playing(Plan((Member("Anna"),)))
    assert play.office.route.verified
    assert play.office.site.people == (Person("Anna", ()),)


def test_the_exception_of_a_day_ends_with_it():
    christmas = Special(date(2026, 3, 2), date(2026, 3, 2), time(), time(), ("Cem",))
    play = playing(replace(DAY_AND_NIGHT, specials=(christmas,)))
    assert mobiles(play) == [CEM]
    found = standing(play.office.duty.stretches, play.wall)
    assert (found.until.astimezone(BERLIN).isoformat()[:16], found.then.who) == ("2026-03-03T00:00", ())
    later(play, seconds=until(play, "2026-03-03 08:00:00"))
    assert mobiles(play) == [ANNA]


def test_of_a_plan_that_nothing_changes_in_the_core_is_woken_no_more_often_than_before():
    play = playing(DAY_AND_NIGHT)
    before = play.office.site
    play.run(300)
    assert play.office.site is before


SHORTLY = Absence(MORNING, MORNING + timedelta(seconds=7))


@pytest.mark.parametrize(
    ("plan", "now", "wakes"),
    [
        (DAY_AND_NIGHT, "2026-03-02 17:59:50", 10), (DAY_AND_NIGHT, "2026-03-29 07:59:55", 5),
        (Plan(PEOPLE, tuple(row(day, "08:00", "18:00", "Anna") for day in WEEK)), "2026-03-02 09:59:48", 12),
        (Plan((replace(PEOPLE[0], absent=SHORTLY), PEOPLE[1])), "2026-03-02 09:00", 7),
    ],
)  # fmt: skip
def test_the_core_is_woken_for_the_very_moment_though_nothing_else_is_awaited(plan, now, wakes):
    office_there = opened(office(), "router-1", berlin(now))
    after, effects = react(office_there, DutySet(plan), At(100.0, berlin(now)))
    assert effects[-1] == WakeAt(100.0 + wakes)
    later_on, _ = react(after, Tick(), At(100.0 + wakes, berlin(now) + timedelta(seconds=wakes)))
    assert (later_on.duty.who, later_on.duty.warned) != (after.duty.who, after.duty.warned)


def test_own_people_are_rung_again_in_the_very_second_in_which_they_are_back():
    back = MORNING + timedelta(seconds=41)
    play = Play(own("Ben", "Cem"))
    play.say(DutySet(Plan((*PEOPLE[:2], replace(PEOPLE[2], absent=Absence(MORNING, back))), day_and_night())))
    play.connect().run(40.9)
    assert mobiles(play) == [BEN]
    play.run(0.2)
    assert mobiles(play) == [BEN, CEM]
