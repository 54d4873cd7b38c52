"""What staff change in the duty plan, each as one function: the plan before and what is wished for in, the plan out.

Each raises NotPlanned, with the sentence for whoever wished it, where it cannot be.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from router.core.duty import Absence, Day, Member, Mobile, Plan, Row, Special, Taken, mobiles
from router.core.numbers import NotANumber, e164, not_a_line
from router.core.sentence import Sentence, say
from router.core.site import Site

T = TypeVar("T")

LONGEST_NAME = 64
MOST_PEOPLE, MOST_NUMBERS, MOST_ROWS = 50, 5, 100
LONGEST_SPECIAL = timedelta(days=92)
PAST_KEPT = timedelta(days=31)
"""After the last day of an exception, which nobody sees any more."""


class NotPlanned(ValueError):  # noqa: N818 - named for what it says
    """It cannot be planned so; `why` for whoever wished it. `unknown`: it names somebody or something that is not."""

    def __init__(self, why: Sentence, unknown: bool = False) -> None:
        super().__init__(str(why))
        self.why, self.unknown = why, unknown


# --- people ----------------------------------------------------------------------------------------------------------


def with_person(plan: Plan, name: str) -> Plan:
    """Added at the end, without a number yet."""
    if len(plan.people) >= MOST_PEOPLE:
        raise NotPlanned(say("There is room for {most} people.", most=MOST_PEOPLE))
    return replace(plan, people=(*plan.people, Member(_new_name(plan, name))))


def renamed(plan: Plan, name: str, new: str) -> Plan:
    """In the whole plan."""
    member = known(plan, name)
    others = replace(plan, people=tuple(one for one in plan.people if one is not member))
    new = _new_name(others, new)
    plan = _with(plan, member, replace(member, name=new))

    def called(who: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(new if one.casefold() == member.name.casefold() else one for one in who)

    taken = plan.taken
    if taken and taken.name == member.name:
        taken = replace(taken, name=new)
    rows = tuple(replace(row, who=called(row.who)) for row in plan.rows)
    return replace(plan, rows=rows, specials=tuple(replace(s, who=called(s.who)) for s in plan.specials), taken=taken)


def without_person(plan: Plan, name: str) -> Plan:
    """What named nobody else goes with him: an exception for Ben shall not become one for nobody."""
    member = known(plan, name)
    if len(plan.people) == 1:
        raise NotPlanned(say("{name} is the only one left; somebody must be there.", name=member.name))
    people = tuple(one for one in plan.people if one is not member)
    gone = member.name.casefold()

    def left(who: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(one for one in who if one.casefold() != gone)

    rows = tuple(replace(row, who=left(row.who)) for row in plan.rows if left(row.who) or not row.who)
    specials = tuple(replace(one, who=left(one.who)) for one in plan.specials if left(one.who) or not one.who)
    taken = None if plan.taken and plan.taken.name == member.name else plan.taken
    return Plan(people, rows, specials, taken)


def moved(plan: Plan, name: str, places: int) -> Plan:
    """`places` down in the order, up where it is negative; at either end he stays."""
    return replace(plan, people=_shifted(plan.people, plan.people.index(known(plan, name)), places))


def standing_by(plan: Plan, name: str, stands_by: bool) -> Plan:
    """Whether he is rung where no plan says who is."""
    member = known(plan, name)
    return _with(plan, member, replace(member, stands_by=stands_by))


def known(plan: Plan, name: str) -> Member:
    member = plan.member(name)
    if member is None:
        raise NotPlanned(say("There is nobody called {name}.", name=name[:LONGEST_NAME]), unknown=True)
    return member


# --- numbers ---------------------------------------------------------------------------------------------------------


def with_number(plan: Plan, site: Site, name: str, typed: str) -> Plan:
    """A number as people write it, at the end of his; it must be confirmed before it is rung in earnest."""
    member, number = known(plan, name), readable(typed, site)
    holder = next((one for one in plan.people for mobile in one.mobiles if mobile.number == number), None)
    if holder is not None:
        raise NotPlanned(say("{number} is among the numbers of {name} already.", number=number, name=holder.name))
    if len(member.mobiles) >= MOST_NUMBERS:
        raise NotPlanned(say("One person may have {most} numbers.", most=MOST_NUMBERS))
    return _with(plan, member, replace(member, mobiles=(*member.mobiles, Mobile(number, confirmed=False))))


def without_number(plan: Plan, name: str, number: str, at: datetime) -> Plan:
    """Not the last one of whoever has taken over: nobody would be rung."""
    member, mobile = _mobile(plan, name, number)
    left = tuple(one for one in member.mobiles if one is not mobile)
    holds = plan.taken is not None and plan.taken.name == member.name and plan.taken.holds(at)
    if holds and mobile.confirmed and not any(one.confirmed for one in left):
        why = say(
            "{name} has taken over, and without {number} nobody would be rung. Please go back to the plan first.",
            name=member.name, number=number,
        )  # fmt: skip
        raise NotPlanned(why)
    return _with(plan, member, replace(member, mobiles=left))


def number_moved(plan: Plan, name: str, number: str, places: int) -> Plan:
    member, mobile = _mobile(plan, name, number)
    mobiles = _shifted(member.mobiles, member.mobiles.index(mobile), places)
    return _with(plan, member, replace(member, mobiles=mobiles))


def confirmed(plan: Plan, number: str) -> Plan:
    """After a test ring; whoever has it by now."""
    if not any(mobile.number == number for member in plan.people for mobile in member.mobiles):
        why = say("{number} was taken away during the test ring, so nothing was confirmed.", number=number)
        raise NotPlanned(why, unknown=True)
    people = tuple(
        replace(one, mobiles=tuple(replace(m, confirmed=True) if m.number == number else m for m in one.mobiles))
        for one in plan.people
    )
    return replace(plan, people=people)


def readable(typed: str, site: Site) -> str:
    """In E.164, and such that the office may forward to it."""
    shown = "".join(character for character in typed if character.isprintable())[:40]
    try:
        number = e164(typed, site.country)
    except NotANumber as wrong:
        raise NotPlanned(say("“{typed}” {reason}.", typed=shown, reason=Sentence(str(wrong)))) from None
    if number in {published.number for published in site.numbers}:
        raise NotPlanned(say("{number} is one of our own numbers: calls would come back to the office.", number=number))
    if not number.startswith(site.forwarding.prefixes):
        prefixes = ", ".join(site.forwarding.prefixes)
        why = say("{number} may not be rung: allowed are numbers with {prefixes}.", number=number, prefixes=prefixes)
        raise NotPlanned(why)
    if not_a_line(number) is not None:
        raise NotPlanned(say("“{typed}” is no mobile or landline; nobody is forwarded there.", typed=shown))
    return number


# --- who is there ----------------------------------------------------------------------------------------------------


def absent(plan: Plan, name: str, since: datetime, until: datetime | None) -> Plan:
    member = known(plan, name)
    return _with(plan, member, replace(member, absent=Absence(since, until)))


def back(plan: Plan, name: str) -> Plan:
    member = known(plan, name)
    return _with(plan, member, replace(member, absent=None))


def taken_over(plan: Plan, site: Site, word: Taken) -> Plan:
    """Whoever takes over is back, if he was absent."""
    member = known(plan, word.name)
    if not mobiles(member, site):
        why = say("{name} has no confirmed number yet: nobody could be rung.", name=member.name)
        raise NotPlanned(why)
    if member.away(word.since):
        plan = back(plan, member.name)
    return replace(plan, taken=replace(word, name=member.name))


def released(plan: Plan) -> Plan:
    """The plan holds again."""
    return replace(plan, taken=None)


# --- the week and its exceptions -------------------------------------------------------------------------------------


def with_rows(plan: Plan, rows: Sequence[Row]) -> Plan:
    """In the order of the week."""
    if len(plan.rows) + len(rows) > MOST_ROWS:
        raise NotPlanned(say("There is room for {most} lines.", most=MOST_ROWS))
    order = list(Day)
    new = [replace(row, who=_named(plan, row.who)) for row in rows if row not in plan.rows]
    return replace(plan, rows=tuple(sorted((*plan.rows, *new), key=lambda row: (order.index(row.day), row.begin))))


def without_rows(plan: Plan, rows: Sequence[Row]) -> Plan:
    return replace(plan, rows=tuple(one for one in plan.rows if one not in rows))


def with_special(plan: Plan, special: Special, today: date = date.min) -> Plan:
    """Those that have been over for long by `today` make room."""
    plan = replace(plan, specials=tuple(one for one in plan.specials if today - one.last <= PAST_KEPT))
    if len(plan.specials) >= MOST_ROWS:
        raise NotPlanned(say("There is room for {most} lines.", most=MOST_ROWS))
    if special.last < special.first:
        raise NotPlanned(say("The last day is before the first."))
    if special.last < today:
        raise NotPlanned(say("Those days are over."))
    if special.last - special.first > LONGEST_SPECIAL:
        raise NotPlanned(say("An exception may last {most} days.", most=LONGEST_SPECIAL.days))
    new = replace(special, who=_named(plan, special.who))
    return replace(plan, specials=tuple(sorted({*plan.specials, new}, key=lambda one: (one.first, one.begin, one.who))))


def without_special(plan: Plan, special: Special) -> Plan:
    return replace(plan, specials=tuple(one for one in plan.specials if one != special))


# --- what they share -------------------------------------------------------------------------------------------------


def _named(plan: Plan, who: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, as the plan writes the name."""
    return tuple(dict.fromkeys(known(plan, name).name for name in who))


def _new_name(plan: Plan, name: str) -> str:
    """One line that can be seen: it is read out to whoever asks whom to call."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not name:
        raise NotPlanned(say("The name is empty."))
    if len(name) > LONGEST_NAME:
        raise NotPlanned(say("The name may have at most {most} characters.", most=LONGEST_NAME))
    if not name.isprintable():
        raise NotPlanned(say("The name has characters in it that cannot be seen."))
    if "," in name:
        raise NotPlanned(say("A comma stands between two names; please leave it out."))
    if plan.member(name) is not None:
        raise NotPlanned(say("There is somebody called {name} already.", name=name))
    return name


def _mobile(plan: Plan, name: str, number: str) -> tuple[Member, Mobile]:
    member = known(plan, name)
    found = next((mobile for mobile in member.mobiles if mobile.number == number), None)
    if found is None:
        raise NotPlanned(say("{name} has no such number.", name=member.name), unknown=True)
    return member, found


def _with(plan: Plan, before: Member, after: Member) -> Plan:
    return replace(plan, people=tuple(after if one is before else one for one in plan.people))


def _shifted(all_of: tuple[T, ...], place: int, places: int) -> tuple[T, ...]:
    order = list(all_of)
    one = order.pop(place)
    order.insert(max(0, min(place + places, len(order))), one)
    return tuple(order)
