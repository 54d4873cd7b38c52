"""The desk phones: what they asked for by *28, what they are told of it, and their lamp."""

from __future__ import annotations

from dataclasses import replace

from router.core import orders
from router.core.budget import Spent
from router.core.effects import ClearOrder, Effect, SetLamp, Spoken
from router.core.heard import Outcome, ignored, ordered
from router.core.office import Dialled, Office
from router.core.orders import Mode, Override
from router.core.sentence import say
from router.core.signals import At
from router.core.site import Way

VOID = (Spoken.OVERRULED, Spoken.STRANGE)


def dialled(office: Office, text: str, at: At) -> Outcome:
    """What stands in failover/order, each order taken up once. The dialplan obeys it there until it is taken out."""
    known = {one.text: one for one in office.dialled}
    effects: list[Effect] = []
    for one in orders.dialled_since(text, known) if text else ():
        word, office, more = _asked_for(office, one, at)
        known[one] = Dialled(one, word)
        effects += more
    there = tuple(known[one] for one in dict.fromkeys(text.split("&"))) if text else ()
    return replace(office, dialled=there, lowered=frozenset()), effects


def _asked_for(office: Office, text: str, at: At) -> tuple[Override | None, Office, list[Effect]]:
    word = orders.from_desk_phone(text, at.wall)
    if word is None:
        return None, office, [ignored(None, say("it is no order."))]
    held = orders.held_as(office.overrides, word)
    if held is not None:
        return held, office, []
    if orders.outdated(office.overrides, word, at.wall):
        return None, office, [ignored(word.number, say("something newer has been said since."))]
    word = orders.last_of_its_moment(office.overrides, word)
    return word, *ordered(office, word, None, at)


def shown(office: Office, at: At) -> Outcome:
    """The lamp, and what becomes of the phones' orders in the table.

    One that holds is taken out once the route is verified, and its phone is told so; until then the dialplan had
    better obey it. One that holds no more must not be obeyed a moment longer than the route needs to be written.
    """
    route = office.route
    if not office.pbx.connected or office.other_writer or route.under_way or not route.stored:
        return office, []
    effects: list[Effect] = []
    if route.verified:
        lit = any(decision.way is not Way.OFFICE for decision in office.decisions)
        effects += [SetLamp(lit)] if lit != office.lamp else []
        office = replace(office, lamp=lit)
    fates = [(one.text, _spoken(office, one)) for one in office.dialled if one.text not in office.lowered]
    fates = [(text, spoken) for text, spoken in fates if route.verified or spoken in VOID]
    if fates:
        effects.append(ClearOrder(tuple(fates)))
    return replace(office, lowered=office.lowered | {text for text, _ in fates}), effects


def _spoken(office: Office, one: Dialled) -> Spoken:
    """Never more than is so: forwarding is on where all numbers that the order is about go to the mobiles."""
    word = one.word
    if word is None:
        return Spoken.OVERRULED
    if word.number not in (None, *(number.number for number in office.site.numbers)):
        return Spoken.STRANGE
    held = next((old for old in office.overrides if (old.mode, old.number) == (word.mode, word.number)), None)
    about = [decision for decision in office.decisions if word.number in (None, decision.number)]
    if word.mode is Mode.AUTO and (held or all(decision.word is None for decision in about)):
        return Spoken.OFF
    if held is None:
        return Spoken.OVERRULED
    ways = {decision.way for decision in about if decision.word == held}
    forwarded = ways == {Way.MOBILE} and office.budget.spent is not Spent.ALL
    return Spoken.ON if word.mode is Mode.MOBILE and forwarded else Spoken.SAVED
