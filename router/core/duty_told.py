"""What people read of the duty."""

from __future__ import annotations

from collections.abc import Sequence

from router.core.on_duty import Gap, Standing
from router.core.roster import Reason, Stretch
from router.core.sentence import Sentence, say

NOBODY = say("Nobody is on duty.")


def listed(names: Sequence[str]) -> Sentence:
    """Names as a sentence has them: Anna, Ben and Cem."""
    if len(names) < 2:
        return say("{name}", name="".join(names))
    return say("{some} and {last}", some=", ".join(names[:-1]), last=names[-1])


def on_duty(stretch: Stretch) -> Sentence:
    if not stretch.who:
        return NOBODY
    return say("On duty: {people}.", people=listed(stretch.who))


def why(stretch: Stretch) -> Sentence:  # noqa: PLR0911 - one sentence for each reason
    """Why it is these people, or nobody."""
    if stretch.left_out and not stretch.who:
        people = listed(stretch.left_out)
        if len(stretch.left_out) > 1:
            return say("{people} are planned, but away or without a confirmed number.", people=people)
        return say("{people} is planned, but away or without a confirmed number.", people=people)
    match stretch.reason:
        case Reason.TAKEN:
            return say("{people} took over by hand.", people=listed(stretch.who))
        case Reason.CALENDAR:
            return say("So the calendar says.") if stretch.who else say("The calendar says that nobody is on duty.")
        case Reason.EXCEPTION:
            return say("By an exception for this day.")
        case Reason.HOLIDAY:
            return say("By the plan for public holidays.")
        case Reason.WEEK:
            return say("By the weekly plan.")
        case Reason.NO_PLAN if stretch.who:
            return say("No plan says otherwise: everybody is rung in order.")
        case _:
            return say("Nobody stands in the plan at this time.")


def headline(standing: Standing) -> Sentence:
    """ "On duty: Anna, until 18:00; then Ben." """
    now, until, then = standing.now, standing.until, standing.then
    people = listed(now.who)
    if until is None or then is None:
        return on_duty(now)
    after = listed(then.who) if then.who else say("nobody")
    if not now.who:
        return say("Nobody is on duty until {until}; then {after}.", until=until, after=after)
    return say("On duty: {people}, until {until}; then {after}.", people=people, until=until, after=after)


def warning(gap: Gap) -> Sentence:
    """Of a gap that is ahead."""
    if gap.end is None:
        return say("Nobody is on duty from {begin} on.", begin=gap.begin)
    return say("Nobody is on duty from {begin} to {end}.", begin=gap.begin, end=gap.end)


def gap_now(gap: Gap) -> Sentence:
    if gap.end is None:
        return NOBODY
    return say("Nobody is on duty until {end}.", end=gap.end)


def handed_over(stretch: Stretch) -> Sentence:
    """A line of the journal."""
    if not stretch.who:
        return say("Nobody is on duty any more. {why}", why=why(stretch))
    return say("On duty now: {people}. {why}", people=listed(stretch.who), why=why(stretch))
