"""Outages, told from the journal line by line: when something failed, was held for down, and came back.

The lines come in the order of their ids. Their wall times may step back where a clock was set: nothing is sorted by
them, and an outage with such a step in it says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from router.core.blame import Whose
from router.core.effects import Kind
from router.core.health import RULES, State, Verdict
from router.core.kept_blame import whose_in
from router.core.sentence import Sentence
from router.core.sights import ALONE, AWAY, DOWN, OUT_OF_SIGHT, SIGHT, held_at_start

KINDS = (Kind.TRANSITION, Kind.PHONES, Kind.PBX, Kind.BLAME)
"""The lines from which outages are made."""
REOPENED_WITHIN = timedelta(minutes=10)
"""After a start of the router that found a trunk not held for down any more: down again by then, with no good word in
between, it is the same outage."""
JITTER = timedelta(seconds=1)
"""Lines that waited together may bear times in another order by so much, without a clock that was set."""
_BLIND = frozenset(rule.because for rule in RULES if rule.verdict is Verdict.BLIND)


class Told(Protocol):
    """A line of the journal."""

    @property
    def id(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> Sentence: ...
    @property
    def trunk(self) -> str | None: ...
    @property
    def number(self) -> str | None: ...
    @property
    def by(self) -> str | None: ...
    @property
    def data(self) -> Mapping[str, object]: ...


class What(StrEnum):
    """What was out: a trunk, one published number alone, the office phones behind a number, the sight of the PBX."""

    TRUNK = "trunk"
    NUMBER = "number"
    PHONES = "phones"
    PBX = "pbx"


class Ending(StrEnum):
    OPEN = "open"
    SEEN = "seen"
    LAPSED = "lapsed"
    """A start of the router found it over; it is the same one should it be down again at once."""
    UNSEEN = "unseen"
    """It ended while nobody looked: `ended` is the first moment at which it was over."""
    NOTHING = "nothing"
    """It only looked bad: no outage after all."""


@dataclass(frozen=True, slots=True)
class Outage:
    """`id` is that of the line that opened it, `last` of the latest line that changed it. Times are aware.

    `subject`: the trunk's name, or the number; empty for the PBX. `began`: the first bad evidence; `down`: None while
    it only looks bad; `answered`: when it looked good again, as long as that lasts. `found`: it was down already when
    we came to look. `cause`: as in health.Cause; `whose`: as in blame.Whose, the latest word. `set_back`: a clock was.
    """

    id: int
    what: What
    subject: str
    label: str
    began: datetime
    last: int
    down: datetime | None = None
    answered: datetime | None = None
    ended: datetime | None = None
    ending: Ending = Ending.OPEN
    found: bool = False
    relapses: int = 0
    cause: str = ""
    whose: str = ""
    set_back: bool = False

    @property
    def key(self) -> tuple[What, str]:
        return self.what, self.subject

    @property
    def open(self) -> bool:
        return self.ending is Ending.OPEN

    def seconds(self, now: datetime) -> float:
        """From `began` to its end, or to `now`; 0 where the clock says that it ended before."""
        return max(0.0, ((self.ended or now) - self.began).total_seconds())


Key = tuple[What, str]


@dataclass(frozen=True, slots=True)
class Ledger:
    """`open`: what may still change. `read`: the id of the last line taken in, `at` its time."""

    open: Mapping[Key, Outage] = field(default_factory=dict)
    read: int = 0
    at: datetime | None = None


def after(ledger: Ledger, line: Told) -> tuple[Ledger, tuple[Outage, ...]]:
    """The ledger after one more line, and the outages that it changed, as they are now."""
    changed: dict[int, Outage] = {}
    known = dict(ledger.open)
    if ledger.at is not None and line.at < ledger.at - JITTER:
        _keep(known, changed, [replace(one, set_back=True) for one in ledger.open.values() if one.open])
    _keep(known, changed, [*_said(dict(known), line)])
    return Ledger(known, line.id, line.at), tuple(changed.values())


def _keep(known: dict[Key, Outage], changed: dict[int, Outage], outages: list[Outage]) -> None:
    for one in outages:
        changed[one.id] = one
        if one.ending in (Ending.OPEN, Ending.LAPSED):
            known[one.key] = one
        else:
            known.pop(one.key, None)


def _said(known: Mapping[Key, Outage], line: Told) -> Iterator[Outage]:
    match line.kind:
        case Kind.TRANSITION if line.trunk or line.number:
            yield from _transition(known, line)
        case Kind.PHONES if line.number and "away" in line.data:
            away = line.data["away"] == "true"
            yield from _simple(known.get((What.PHONES, line.number)), line, What.PHONES, line.number, away)
        case Kind.PBX if SIGHT in line.data:
            out = line.data[SIGHT] == OUT_OF_SIGHT
            yield from _simple(known.get((What.PBX, "")), line, What.PBX, "", out)
            yield from _started(known, line)
        case Kind.BLAME:
            yield from (replace(one, whose=whose_in(line.data) or "") for one in known.values() if blames(line, one))


def _simple(old: Outage | None, line: Told, what: What, subject: str, out: bool) -> Iterator[Outage]:
    """Of what is either out or not."""
    if out and (old is None or not old.open):
        whose = Whose.PHONES if what is What.PHONES else Whose.PBX
        yield replace(_opened(line, what, subject), down=line.at, whose=whose.value)
    elif not out and old is not None:
        yield _closed(old, line, Ending.SEEN)


def _opened(line: Told, what: What, subject: str, *, found: bool = False) -> Outage:
    label = str(dict(line.text.values).get("trunk", subject)) if what is What.TRUNK else subject
    return Outage(line.id, what, subject, label, line.at, line.id, found=found)


def _closed(old: Outage, line: Told, ending: Ending) -> Outage:
    if old.down is None:
        return replace(old, ending=Ending.NOTHING, last=line.id)
    if old.ending is Ending.LAPSED:  # its end is the start of the router that found it over
        return replace(old, ending=Ending.UNSEEN)
    return replace(old, ended=line.at, ending=ending, last=line.id)


def _transition(known: Mapping[Key, Outage], line: Told) -> Iterator[Outage]:
    """Of a trunk, or of one number alone: the states of the table in core.health."""
    what, subject = (What.TRUNK, line.trunk) if line.trunk else (What.NUMBER, line.number or "")
    old = known.get((what, subject))
    came, to = line.data.get("from"), line.data.get("to")
    if old is not None and (came == State.UP or _is_stale(old, line)):  # the line that told of its end is missing
        yield _closed(old, line, Ending.UNSEEN)
        old = None
    if old is not None:
        yield from _next_word(old, line)
    elif to == State.FAILING:
        yield _opened(line, what, subject)
    elif to in (State.DOWN, State.RECOVERING):
        opened = _opened(line, what, subject, found=to == State.RECOVERING)
        answered = line.at if to == State.RECOVERING else None
        yield replace(opened, down=line.at, answered=answered, cause=_cause(line))


def _next_word(old: Outage, line: Told) -> Iterator[Outage]:
    """Of what looks bad already, or is down."""
    came, down = line.data.get("from"), old.down or line.at
    match line.data.get("to"):
        case State.DOWN:
            again = old.down is not None and came == State.RECOVERING and line.text.text not in _BLIND
            yield replace(
                old, down=down, ended=None, ending=Ending.OPEN, answered=None, last=line.id,
                cause=_cause(line) or old.cause, relapses=old.relapses + again,
            )  # fmt: skip
        case State.RECOVERING:
            yield replace(old, down=down, answered=line.at, last=line.id)
        case State.UP:
            yield _closed(old, line, Ending.SEEN if came == State.RECOVERING else Ending.UNSEEN)
        case State.UNKNOWN if old.down is None:
            yield _closed(old, line, Ending.NOTHING)


def _cause(line: Told) -> str:
    return str(line.data.get("cause", ""))


def _is_stale(old: Outage, line: Told) -> bool:
    return old.ended is not None and line.at - old.ended > REOPENED_WITHIN


def _started(known: Mapping[Key, Outage], line: Told) -> Iterator[Outage]:
    """A start of the router: what it holds for down goes on, whatever else was open has ended while it was away."""
    held = held_at_start(line.data)
    if held is None:
        return
    for what, place in ((What.TRUNK, DOWN), (What.NUMBER, ALONE), (What.PHONES, AWAY)):
        for subject in sorted(held[place]):
            old = known.get((what, subject))
            if old is not None and _is_stale(old, line):  # another one, long after that which a start found over
                yield _closed(old, line, Ending.UNSEEN)
                old = None
            if old is None:
                whose = Whose.PHONES.value if what is What.PHONES else ""
                yield replace(_opened(line, what, subject, found=True), down=line.at, whose=whose)
            elif old.down is None or not old.open:
                yield replace(old, down=old.down or line.at, ended=None, ending=Ending.OPEN, last=line.id)
        for old in known.values():
            if old.what is what and old.open and old.subject not in held[place]:
                yield _closed(old, line, Ending.LAPSED if what is What.TRUNK else Ending.UNSEEN)


def blames(line: Told, outage: Outage) -> bool:
    """Whether the line says whose fault this outage is. A line that names no single trunk speaks of all that are down:
    trunks that are dead for one common reason share it."""
    whose, places = whose_in(line.data), dict(line.text.values)
    if line.kind != Kind.BLAME or whose is None or outage.down is None:
        return False
    if outage.what is What.NUMBER:
        return whose == Whose.ONE_NUMBER and places.get("number") == outage.subject
    if outage.what is not What.TRUNK or whose == Whose.ONE_NUMBER:
        return False
    return line.trunk == outage.subject or (line.trunk is not None and "trunk" not in places)
