"""Who is on duty, for the board: one line, and what must be said before all else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from router.core import duty_told
from router.core.office import Office
from router.core.on_duty import Standing, near_gap, rung_though_absent, standing
from router.core.sentence import Sentence, say
from router.panel import marks
from router.panel.marks import Mark
from router.panel.notices import Notice
from router.panel.speech import Speech


@dataclass(frozen=True, slots=True)
class OnDuty:
    """`text`: "On duty: Anna, until 18:00; then Ben." `why`: the plan, the calendar, by hand. `mark`: of the whole."""

    text: str
    why: str
    mark: Mark


def on_duty(office: Office, speech: Speech) -> OnDuty | None:
    """None while nothing is known of a plan: then those are rung whom the settings name."""
    found = standing_now(office, speech.now)
    if found is None:
        return None
    mark = marks.ON_DUTY if found.now.who else marks.NOBODY_ON_DUTY
    return OnDuty(speech.line(duty_told.headline(found)), speech.line(duty_told.why(found.now)), mark)


def standing_now(office: Office, now: datetime) -> Standing | None:
    return standing(office.duty.stretches, now)


def duty_notices(office: Office, speech: Speech) -> tuple[Notice, ...]:
    """The worst first: nobody on duty, or soon; own people absent; a calendar that cannot be read; a plan not kept."""
    return tuple(
        Notice(mark, speech.line(text), " ".join(speech.line(part) for part in more))
        for mark, text, *more in _said(office, speech.now)
    )


def _said(office: Office, now: datetime) -> Iterator[tuple[Mark, Sentence, Sentence] | tuple[Mark, Sentence]]:
    duty = office.duty
    gap = near_gap(duty.stretches, now)
    if gap and gap.begin <= now:
        found = standing_now(office, now)
        office_rings = say("Calls that would go to a mobile ring in the office.")
        yield (marks.NOBODY_ON_DUTY, duty_told.gap_now(gap), duty_told.why(found.now) if found else office_rings)
    elif gap:
        yield marks.GAP_AHEAD, duty_told.warning(gap), say("Somebody can still be put on duty.")
    if duty.plan is None:
        return
    for number in office.site.numbers:
        if number.own and rung_though_absent(number, duty.plan, office.site, now):
            text = say("All who are rung for {number} are absent; they are rung all the same.", number=number.number)
            yield marks.ABSENT, text, say("Nobody else is named for this number in the settings.")
    yield from _calendar(office)
    if not duty.kept:
        text = say("The duty plan cannot be saved just now.")
        yield marks.NOT_KEPT, text, say("It holds, but not beyond a restart of the router.")


def _calendar(office: Office) -> Iterator[tuple[Mark, Sentence, Sentence] | tuple[Mark, Sentence]]:
    calendar = office.duty.calendar
    if calendar.since is None:
        return
    text = calendar.trouble or say("The duty calendar has not been readable since {since}.", since=calendar.since)
    if calendar.shifts is None:
        yield marks.CALENDAR, text, say("It was never read, so the weekly plan holds.")
    else:
        yield marks.CALENDAR, text
