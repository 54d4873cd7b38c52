"""The control of the board: what staff have set, the three buttons, and until when an order may hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from router.core.office import Office
from router.core.orders import Mode, Override
from router.core.sentence import say
from router.core.site import Way
from router.panel import marks
from router.panel.ends import Hours, closing
from router.panel.marks import Mark
from router.panel.speech import Speech, isolated


@dataclass(frozen=True, slots=True)
class HoldView:
    """An order that is in force. `until` is None for an open end. `number`: E.164, empty where it is for all."""

    what: str
    where: str
    by: str
    since: str
    until: str | None
    reason: str | None
    number: str
    auto: bool


@dataclass(frozen=True, slots=True)
class ModeView:
    """One of the three buttons. `now` says what it does; `held`: it is what staff set for all numbers.

    `mark`: whether the PBX follows it; None where it is not held, or nobody can tell.
    """

    value: str
    word: str
    now: str
    held: bool
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class EndView:
    """A choice of the form: its value, and the words on it."""

    value: str
    word: str


def holds(office: Office, speech: Speech) -> tuple[HoldView, ...]:
    return tuple(_hold(word, speech) for word in _held(office))


def modes(office: Office, speech: Speech) -> tuple[ModeView, ...]:
    return tuple(_mode(mode, office, speech) for mode in Mode)


def ends(hours: Hours, now: datetime, timezone: ZoneInfo, speech: Speech) -> Iterator[EndView]:
    """The end of the working day only while there is one ahead."""
    yield EndView("hour", speech.render(say("1 hour")))
    if end := closing(hours, now, timezone):
        yield EndView("day", speech.render(say("until we close ({time})", time=speech.clock(end))))
    yield EndView("tomorrow", speech.render(say("until tomorrow 8:00")))
    yield EndView("open", speech.render(say("open end")))
    yield EndView("time", speech.render(say("until a time")))


def _held(office: Office) -> Sequence[Override]:
    """The orders in force, each once, and the numbers exempt from the one for all, which comes first."""
    words = dict.fromkeys(decision.word for decision in office.decisions if decision.word)
    if any(word.number is None for word in words):
        exempt = {decision.number for decision in office.decisions if decision.word is None}
        words |= dict.fromkeys(word for word in office.overrides if word.number in exempt)
    return sorted(words, key=lambda word: word.number or "")


def _hold(word: Override, speech: Speech) -> HoldView:
    every = speech.number(word.number) if word.number else speech.render(say("All numbers"))
    return HoldView(
        what=every, where=speech.text(marks.MODES[word.mode]), by=speech.who(word.by), since=speech.moment(word.since),
        until=speech.moment(word.until) if word.until else None, reason=word.reason and speech.written(word.reason),
        number=word.number or "", auto=word.mode is Mode.AUTO,
    )  # fmt: skip


def _mode(mode: Mode, office: Office, speech: Speech) -> ModeView:
    general = [word for word in _held(office) if word.number is None]
    held = general[0].mode is mode if general else mode is Mode.AUTO and not any(d.word for d in office.decisions)
    mark = _followed(mode, office) if held else None
    return ModeView(mode.value, speech.text(marks.MODES[mode]), _now(mode, office, speech), held, mark)


def _followed(mode: Mode, office: Office) -> Mark | None:
    """Never in force before the PBX has confirmed it, nor where no number can follow."""
    obeyed = any(d.word and d.word.number is None and d.way is not Way.OFFICE for d in office.decisions)
    if not office.pbx.connected or office.other_writer or (mode is Mode.MOBILE and not obeyed):
        return None
    if office.route.verified:
        return marks.IN_FORCE
    return marks.SWITCHING if office.route.under_way and not office.route.doubted else marks.UNVERIFIED


def _now(mode: Mode, office: Office, speech: Speech) -> str:
    match mode:
        case Mode.AUTO:
            return _automatic(office, speech)
        case Mode.OFFICE:
            return speech.render(say("all calls ring here"))
        case Mode.MOBILE:
            people = dict.fromkeys(isolated(d.mobiles[0][0].name) for d in office.decisions if d.mobiles and d.over)
            if not people and any(d.mobiles for d in office.decisions):
                return speech.render(say("not possible just now"))
            anybody = any(person.numbers for person in office.site.people)
            nobody = say("nobody is on duty") if anybody else say("nobody is set")
            return ", ".join(people) or speech.render(nobody)


def _automatic(office: Office, speech: Speech) -> str:
    """Where the automatics send calls, and no more than is known of it."""
    if not office.pbx.connected and office.pbx.seen_at is None:
        return speech.render(say("not known yet"))
    ways = {decision.auto for decision in office.decisions}
    way = speech.text(marks.WAYS[ways.pop()]) if len(ways) == 1 else speech.render(say("by number"))
    if not office.pbx.connected:
        return speech.render(say("last: {way}", way=way))
    return speech.render(say("now: {way}", way=way))
