"""An inbound call from its beginning to its end, read from the row of twelve fields in which the dialplan tells it.

Events and AstDB can be written by others than our dialplan: what is not exactly such a row is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from router.core.site import Way

SLOTS = 500
"""Rows are kept in AstDB in a ring of that many keys, numbered from 1."""
LONGEST_ROW = 1000
CUT_AT = (255, 900)
"""Characters after which a row is cut: by DBGet of older Asterisks, by the dialplan. The last leg may be half a leg."""

_ROW = re.compile(
    r"(?P<id>[0-9.]{1,40})\|(?P<number>\+[0-9]{2,15})\|(?P<caller>\+?[0-9]{1,30}|)\|(?P<trunk>[A-Za-z0-9_-]{0,40})"
    r"\|(?P<way>[a-z_]{0,20})\|(?P<began>[0-9]{12,13})\|(?P<rang>-?[0-9]{1,9}|)\|(?P<answered>-?[0-9]{1,9}|)"
    r"\|(?P<ended>[0-9]{12,13})\|(?P<by>[A-Za-z0-9_.+/-]{0,80})\|(?P<end>nobody|loop|)\|(?P<legs>[^|]*)"
)
_LEG = re.compile(r"([A-Za-z0-9_-]{0,40}):(\+?[0-9*#]{0,30}):([1-6][0-9]{2}[re]?|[a-z]{1,20})")


class Outcome(StrEnum):
    TAKEN = "taken"
    MISSED = "missed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Leg:
    """One try to reach a mobile. `end` is a SIP status such as 486 or 480r, or the dialplan's word.

    r: after ringing; e: after early media, an announcement say.

    Without trunk and number it says why the call was not forwarded at all.
    """

    trunk: str
    number: str
    end: str


@dataclass(frozen=True, slots=True)
class Call:
    """`rang_ms` and `answered_ms` count from `began`. `caller` is None where the number is withheld.

    `by`: who took it: a mobile in E.164, an office phone such as PJSIP/20, or `office`. `end` is `nobody` where
    everybody had been tried, `loop` where our own leg came back. `away`: told after the router had been away.
    `by_hand`: staff had sent it to the mobiles though its number's own trunk worked, see core.counted.
    """

    id: str
    number: str
    caller: str | None
    trunk: str | None
    way: Way | None
    began: datetime
    rang_ms: int | None
    answered_ms: int | None
    ended: datetime
    by: str | None
    end: str = ""
    legs: tuple[Leg, ...] = ()
    away: bool = False
    by_hand: bool = False

    @property
    def outcome(self) -> Outcome:
        if self.end == "loop":
            return Outcome.REFUSED
        return Outcome.TAKEN if self.by and self.end != "nobody" else Outcome.MISSED

    @property
    def seconds(self) -> float:
        """From the beginning to the end; 0 where Asterisk's clock was set back meanwhile."""
        return max(0.0, (self.ended - self.began).total_seconds())


def call_in(row: str) -> Call | None:
    """The call that the dialplan tells of; None where it is no such row."""
    if len(row) > LONGEST_ROW or (found := _ROW.fullmatch(row)) is None:
        return None
    way, legs = found["way"], _legs(found["legs"], cut=len(row) in CUT_AT)
    if legs is None or way not in ("", *Way):
        return None
    return Call(
        id=found["id"],
        number=found["number"],
        caller=found["caller"] or None,
        trunk=found["trunk"] or None,
        way=Way(way) if way else None,
        began=_moment(found["began"]),
        rang_ms=_counted(found["rang"]),
        answered_ms=_counted(found["answered"]),
        ended=_moment(found["ended"]),
        by=found["by"] or None,
        end=found["end"],
        legs=legs,
    )


def slot_in(text: str) -> int | None:
    """The slot that `text` names; None where it names none."""
    return int(text) if re.fullmatch(r"[0-9]{1,3}", text) and 1 <= int(text) <= SLOTS else None


def _legs(text: str, cut: bool) -> tuple[Leg, ...] | None:
    items = text.split("&") if text else []
    legs = [_LEG.fullmatch(item) for item in (items[:-1] if cut else items)]
    return None if None in legs else tuple(Leg(*leg.groups()) for leg in legs if leg)


def _moment(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _counted(milliseconds: str) -> int | None:
    """A clock that was set back makes no call ring before it came."""
    return max(0, int(milliseconds)) if milliseconds else None
