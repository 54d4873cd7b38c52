"""What an order by staff does: it is kept, told, and answered."""

from __future__ import annotations

from dataclasses import replace

from router.core import orders
from router.core.effects import Effect, Kind, Record, Remember, Reply
from router.core.office import Office
from router.core.orders import Override
from router.core.sentence import Sentence, say
from router.core.signals import At

Outcome = tuple[Office, list[Effect]]


def only_reading(other: str) -> Sentence:
    return say("Another router ({id}) writes the routes of this PBX; this one only reads.", id=other)


def ordered(office: Office, word: Override, ticket: str | None, at: At, origin: str = "") -> Outcome:
    refusal = _unheard(office, word, at)
    if refusal is not None:
        return office, [Reply(ticket, False, refusal) if ticket else ignored(None, refusal)]
    if word.mode is orders.Mode.AUTO:
        word = replace(word, until=None)
    overrides = orders.in_time(office.overrides, word, at.wall)
    effects: list[Effect] = [
        Remember(overrides),
        Record(Kind.ORDER, spoken(word), number=word.number, by=word.by, data=_kept(word, origin)),
    ]
    office = replace(office, overrides=overrides)
    if ticket and not office.pbx.connected:
        return office, [
            *effects,
            Reply(ticket, False, say("Stored. The PBX is out of sight; it will follow once it is back.")),
        ]
    return (replace(office, waiting=(*office.waiting, ticket)) if ticket else office), effects


def ignored(number: str | None, why: Sentence) -> Record:
    """A desk phone waits for no answer: why its order has no effect is told in the journal."""
    text = say("An order from a desk phone was ignored: {why}", why=why)
    return Record(Kind.ORDER, text, number=number, by=orders.DESK_PHONE)


def _unheard(office: Office, word: Override, at: At) -> Sentence | None:
    if office.other_writer:
        return only_reading(office.other_writer)
    if word.number is not None and word.number not in {site.number for site in office.site.numbers}:
        return say("{number} is none of our numbers.", number=word.number)
    if not word.holds(at.wall):
        return say("That end has already passed.")
    return None


def spoken(word: Override) -> Sentence:
    """Who wanted what, as it is told afterwards."""
    names = {"by": word.by, "number": word.number or ""}
    match word.mode, word.number is None:
        case orders.Mode.AUTO, True:
            return say("{by} gave all numbers back to the automatics.", by=word.by)
        case orders.Mode.AUTO, False:
            return say("{by} gave {number} back to the automatics.", **names)
        case orders.Mode.OFFICE, True:
            return say("{by} set all numbers to the office.", by=word.by)
        case orders.Mode.OFFICE, False:
            return say("{by} set {number} to the office.", **names)
        case _, True:
            return say("{by} set all numbers to the mobile.", by=word.by)
        case _:
            return say("{by} set {number} to the mobile.", **names)


def _kept(word: Override, origin: str) -> dict[str, str]:
    return {
        "mode": word.mode.value, "via": word.via, "address": origin, "reason": word.reason or "",
        "until": word.until.isoformat() if word.until else "",
    }  # fmt: skip
