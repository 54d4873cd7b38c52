"""Whoever is on duty is rung: the plan, the calendar and the clock put the right people into the office's site."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from router.core import duty_told
from router.core.duty import Plan, people_of, standing_by_in
from router.core.effects import Effect, Kind, Record
from router.core.office import Office
from router.core.on_duty import LAID_ANEW, WARN_AHEAD, Calendar, Duty, around, gaps, rung, standing
from router.core.sentence import say
from router.core.signals import At, CalendarRead, DutySet
from router.core.site import Site

Outcome = tuple[Office, list[Effect]]


def heard(office: Office, said: DutySet | CalendarRead, at: At) -> Outcome:
    """A plan, or shifts from the calendar, which are those of before where it cannot be read."""
    if isinstance(said, DutySet):
        return replace(office, duty=replace(office.duty, plan=said.plan, kept=said.kept, due=None)), []
    before = office.duty.calendar
    calendar = Calendar(said.source, said.shifts, said.read_at, said.trouble, said.failing_since)
    effects: list[Effect] = []
    if calendar.since and not before.since:
        text = said.trouble or say("The duty calendar cannot be read.")
        effects.append(Record(Kind.DUTY, text, data={"calendar": said.source}))
    if before.since and not calendar.since:
        text = say("The duty calendar can be read again.")
        effects.append(Record(Kind.DUTY, text, data={"calendar": said.source}))
    return replace(office, duty=replace(office.duty, calendar=calendar, due=None)), effects


def handed_over(office: Office, at: At) -> Outcome:
    """Looks only where something may have changed: after a word, when a shift ends, and when the clock was set.

    While the PBX is out of sight nobody else is rung, and none is said to be: its table names those of before.
    """
    duty, plan = office.duty, office.duty.plan
    if plan is None or (duty.due and duty.looked and duty.looked <= at.wall < duty.due):
        return office, []
    stretches = around(duty, office.site, at.wall)
    now = standing(stretches, at.wall)
    if now is None:
        return office, []
    before = duty.who if duty.looked else standing_by_in(office.site)
    effects: list[Effect] = []
    if now.now.who != before:
        data = {"people": ", ".join(now.now.who), "because": now.now.reason.name.lower()}
        effects.append(Record(Kind.DUTY, duty_told.handed_over(now.now), data=data))
    duty = replace(duty, stretches=stretches, who=now.now.who, looked=at.wall)
    duty, more = _warned(duty, at.wall)
    duty = replace(duty, due=_due(duty, plan, now.until, at.wall))
    office = replace(office, duty=duty)
    if office.pbx.connected or office.pbx.seen_at is None:
        office = replace(office, site=_staffed(office.site, duty, plan, at.wall))
    return office, effects + more


def due(office: Office, at: At) -> float | None:
    """When the next change comes, in monotonic seconds."""
    duty = office.duty
    return None if duty.plan is None or duty.due is None else at.mono + (duty.due - at.wall).total_seconds()


def _warned(duty: Duty, wall: datetime) -> tuple[Duty, list[Effect]]:
    gap = next((gap for gap in gaps(duty.stretches, wall) if gap.begin > wall), None)
    if gap is None or gap.begin - wall > WARN_AHEAD or gap.begin == duty.warned:
        return duty, []
    return replace(duty, warned=gap.begin), [Record(Kind.DUTY, duty_told.warning(gap))]


def _due(duty: Duty, plan: Plan, until: datetime | None, wall: datetime) -> datetime:
    """Where a shift or an absence ends, or a warning is due; at the latest when the plan is to be laid out anew."""
    moments = [wall + LAID_ANEW]
    moments += [until] if until else []
    moments += [edge for one in plan.people if one.absent for edge in (one.absent.since, one.absent.until) if edge]
    moments += [gap.begin - WARN_AHEAD for gap in gaps(duty.stretches, wall)]
    return min(moment for moment in moments if moment > wall)


def _staffed(site: Site, duty: Duty, plan: Plan, wall: datetime) -> Site:
    """The same one while nobody else is rung."""
    people = people_of(plan, site)
    numbers = tuple(replace(number, people=rung(number, duty.who, plan, site, wall)) for number in site.numbers)
    if (people, numbers) == (site.people, site.numbers):
        return site
    return replace(site, people=people, numbers=numbers)
