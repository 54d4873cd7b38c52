"""Staff's word: auto, office or mobile, for all numbers or one, with a reason, who said it, and an end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

DESK_PHONE = "desk phone"
"""Who speaks by a feature code: nobody knows whose hand it was."""
REASON_LENGTH = 200
_EPOCH = datetime.fromtimestamp(0, UTC)
_DIALLED = re.compile(r"([0-9]{1,11})(?:\.([0-9]{3}))?")
"""A Unix second that a date can hold, and its milliseconds."""


class Mode(StrEnum):
    AUTO = "auto"
    OFFICE = "office"
    MOBILE = "mobile"


@dataclass(frozen=True, slots=True)
class Override:
    """`number` None: for all. `until` None: open end. `via` is how it was said: panel, api, cli, phone."""

    mode: Mode
    since: datetime
    by: str
    via: str = "api"
    number: str | None = None
    until: datetime | None = None
    reason: str | None = None

    def holds(self, wall: datetime) -> bool:
        return self.until is None or wall < self.until


Overrides = tuple[Override, ...]
"""At most one for all and one per number. Auto is kept too: it says who released it, and when."""


def heard(overrides: Overrides, word: Override) -> Overrides:
    """After `word`: it replaces what was said before of the same number; auto for all clears everything.

    Office or mobile for all is said of every number that has no order of its own, also of those given back before.
    """
    if word.number is None:
        kept = () if word.mode is Mode.AUTO else (old for old in overrides if old.number and old.mode is not Mode.AUTO)
    else:
        kept = (old for old in overrides if old.number != word.number)
    return (*kept, word)


def in_time(overrides: Overrides, word: Override, wall: datetime) -> Overrides:
    """After `word`, which counts from when it was said: what was heard before it may have been said after it.

    What seems to have been said in the future was said before the clock was set back, and counts as older.
    """
    newer = sorted((old for old in overrides if word.since < old.since <= wall), key=lambda old: old.since)
    after = heard(tuple(old for old in overrides if old not in newer), word)
    for later in newer:
        after = heard(after, later)
    return after


def in_force(overrides: Overrides, number: str, wall: datetime) -> Override | None:
    """The override that decides for `number`: its own wins over the general one, auto too; None: the automatics do."""
    for about in (number, None):
        for word in overrides:
            if word.number == about and word.holds(wall):
                return None if word.mode is Mode.AUTO else word
    return None


def own(overrides: Overrides, number: str, wall: datetime) -> Override | None:
    """What was said of `number` itself; auto only where that exempts it from an order for all."""
    word = next((word for word in overrides if word.number == number and word.holds(wall)), None)
    every = general(overrides, wall)
    if word and word.mode is Mode.AUTO and (every is None or every.mode is Mode.AUTO):
        return None
    return word


def general(overrides: Overrides, wall: datetime) -> Override | None:
    return next(
        (word for word in overrides if word.number is None and (word.mode is Mode.AUTO or word.holds(wall))), None
    )


def ended(overrides: Overrides, wall: datetime) -> tuple[Overrides, Overrides]:
    """Those that still hold, and those whose end has come."""
    held = tuple(word for word in overrides if word.holds(wall))
    return held, tuple(word for word in overrides if not word.holds(wall))


def newest(one: Overrides, other: Overrides) -> Overrides:
    """Of two memories of the same orders, the one that heard the last word."""
    return max(
        one, other, key=lambda words: max((word.since for word in words), default=datetime.min.replace(tzinfo=UTC))
    )


def to_json(overrides: Iterable[Override]) -> str:
    """Compact and on one line, so that it fits an AstDB value."""
    rows = [
        [w.mode.value, w.since.isoformat(), w.by, w.via, w.number, w.until and w.until.isoformat(), w.reason]
        for w in overrides
    ]
    return json.dumps(rows, separators=(",", ":"))


def from_json(text: str) -> Overrides:
    """Raises ValueError where `text` is not what `to_json` writes."""
    try:
        rows = json.loads(text)
        return tuple(
            Override(
                Mode(mode),
                datetime.fromisoformat(since),
                by,
                via,
                number,
                until and datetime.fromisoformat(until),
                reason,
            )
            for mode, since, by, via, number, until, reason in rows
        )
    except (TypeError, AttributeError) as wrong:
        raise ValueError(f"not a list of orders: {text[:60]!r}") from wrong


def without_reasons(overrides: Overrides) -> Overrides:
    return tuple(replace(word, reason=None) for word in overrides)


def dialled_since(text: str, before: Iterable[str]) -> list[str]:
    """What stands in failover/order, `order&order`, and did not stand there before; each once, in order."""
    known = set(before)
    return [one for one in dict.fromkeys(text.split("&")) if one not in known]


def from_desk_phone(text: str, wall: datetime) -> Override | None:
    """An order as a feature code wrote it, `mode@second.millis` or `mode,number@…`; None where it is no such thing.

    It counts from when it was dialled, not from when it is heard: the router may have been away.
    """
    what, _, moment = text.partition("@")
    mode, _, number = what.partition(",")
    if mode not in {m.value for m in Mode}:
        return None
    dialled = wall
    if told := _DIALLED.fullmatch(moment):
        second = datetime.fromtimestamp(int(told[1]), UTC)
        dialled = min(second + timedelta(milliseconds=int(told[2] or 0)), wall)
    return Override(Mode(mode), dialled, by=DESK_PHONE, via="phone", number=number or None)


def outdated(overrides: Overrides, word: Override, wall: datetime) -> bool:
    """Whether a desk phone's `word` changes nothing any more, since something newer was said."""
    return set(in_time(overrides, last_of_its_moment(overrides, word), wall)) == set(overrides)


def held_as(overrides: Overrides, word: Override) -> Override | None:
    """This very `word` of a desk phone, as it is kept among those that hold; None where it is not there."""
    same = (old for old in overrides if (old.via, old.mode, old.number) == (word.via, word.mode, word.number))
    return next((old for old in same if _moment(old, word) == _moment(word, word)), None)


def last_of_its_moment(overrides: Overrides, word: Override) -> Override:
    """A desk phone's `word`, put after all that was said within the moment that it tells."""
    same = [old.since for old in overrides if _moment(old, word) == _moment(word, word)]
    return replace(word, since=max([word.since, *(since + timedelta(microseconds=1) for since in same)]))


def _moment(word: Override, told: Override) -> int:
    """When `word` was said, as exactly as `told` tells it: a whole second was written by hand and tells no more."""
    exact = timedelta(milliseconds=1) if told.since.microsecond else timedelta(seconds=1)
    return (word.since - _EPOCH) // exact
