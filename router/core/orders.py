"""Staff's word: auto, office or mobile, for all numbers or one, with a reason, who said it, and an end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

DESK_PHONE = "desk phone"
"""Who speaks by a feature code: nobody knows whose hand it was."""
REASON_LENGTH = 200
LONGEST_EPOCH = 11
"""Digits of a Unix second that a date can hold."""


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


def dialled_since(text: str, before: str | None) -> list[str]:
    """What stands in failover/order, `order&order`, and did not stand there `before`."""
    heard = (before or "").split("&")
    return [one for one in text.split("&") if one not in heard]


def from_desk_phone(text: str, wall: datetime) -> Override | None:
    """An order as a feature code wrote it, `mode@epoch` or `mode,number@epoch`; None where it is no such thing.

    It counts from when it was dialled, not from when it is heard: the router may have been away.
    """
    what, _, epoch = text.partition("@")
    mode, _, number = what.partition(",")
    if mode not in {m.value for m in Mode}:
        return None
    dialled = wall
    if epoch.isdecimal() and len(epoch) <= LONGEST_EPOCH:
        dialled = min(datetime.fromtimestamp(int(epoch), UTC), wall)
    return Override(Mode(mode), dialled, by=DESK_PHONE, via="phone", number=number or None)


def outdated(overrides: Overrides, word: Override, wall: datetime) -> bool:
    """Whether something newer than a desk phone's `word` was said of the same numbers.

    A desk phone tells whole seconds, so what was said within the same second counts as older. What seems to have been
    said in the future was said before the clock was set back, and proves nothing.
    """
    return any(
        _second(word) < _second(old)
        and old.since <= wall
        and (old.number == word.number or (old.number is None and old.mode is Mode.AUTO))
        for old in overrides
    )


def heard_before(overrides: Overrides, word: Override) -> bool:
    """Whether this very `word` of a desk phone is among those that hold."""
    return any(
        (old.via, old.mode, old.number, _second(old)) == (word.via, word.mode, word.number, _second(word))
        for old in overrides
    )


def last_of_its_second(overrides: Overrides, word: Override) -> Override:
    """A desk phone's `word`, put after all that was said within the second that it tells."""
    same = [old.since for old in overrides if _second(old) == _second(word)]
    return replace(word, since=max([word.since, *(since + timedelta(microseconds=1) for since in same)]))


def _second(word: Override) -> int:
    return int(word.since.timestamp())
