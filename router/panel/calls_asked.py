"""Which calls somebody wants to see: the fields of the filter, from the page's address and back into it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from router.core.counted import Count, Wanted
from router.core.sentence import say
from router.panel import wishes
from router.panel.refusal import Refusal
from router.panel.speech import Speech

DAYS = 7
"""So many are shown where nobody asks for others, today among them."""
MOST_DIGITS = 20
CALL_ID = re.compile(r"[0-9.]{1,40}")
_YEARS = range(1990, 2200)
"""Which a date may be of: all that the zones of Python can turn into UTC, and more than anybody keeps."""


@dataclass(frozen=True, slots=True)
class Asked:
    """`first` and `last` are days of the office, both of them wanted; None: however old, however new."""

    count: Count | None = None
    number: str | None = None
    first: date | None = None
    last: date | None = None
    digits: str = ""
    before: str | None = None

    def wanted(self, timezone: ZoneInfo) -> Wanted:
        end = None if self.last is None else self.last + timedelta(days=1)
        return Wanted(self.count, self.number, _midnight(self.first, timezone), _midnight(end, timezone), self.digits)

    def query(self, before: str | None = None) -> str:
        """As it stands behind the `?` of an address."""
        fields = {
            "show": self.count or "", "number": self.number or "", "from": self.first or "", "to": self.last or "",
            "digits": self.digits, "before": before or "",
        }  # fmt: skip
        return urlencode({name: str(value) for name, value in fields.items() if value or name == "from"})


def asked(query: Mapping[str, str], speech: Speech) -> Asked:
    """Raises Refusal 422 for what cannot be understood. Whoever sees no whole numbers cannot search for them either."""
    today = speech.now.astimezone(speech.timezone).date()
    count = query.get("show", "")
    if count not in ("", *Count):
        raise _unread("show")
    before = query.get("before") or None
    if before is not None and not CALL_ID.fullmatch(before):
        raise _unread("before")
    number = query.get("number", "").strip()
    return Asked(
        count=Count(count) if count else None,
        number=wishes.read_number(number, speech.country) if number else None,
        first=_day(query, "from") if "from" in query else today - timedelta(days=DAYS - 1),
        last=_day(query, "to"),
        digits="" if speech.masked else digits_of(query.get("digits", "")),
        before=before,
    )


def digits_of(text: str) -> str:
    """What is looked for in numbers in E.164: the digits without the zeros in front, which stand for a country or a
    region there. Raises Refusal 422 where there are none."""
    plain = text.replace("(0)", "")
    found = "".join(str(unicodedata.decimal(character)) for character in plain if character.isdecimal()).lstrip("0")
    if text.strip() and not found:
        raise Refusal(422, say("Please type some digits of the caller's number."))
    return found[:MOST_DIGITS]


def _day(query: Mapping[str, str], name: str) -> date | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    with suppress(ValueError):
        day = date.fromisoformat(text)
        if day.year in _YEARS:
            return day
    raise Refusal(422, say("Please say on which day, such as {example}.", example="2026-03-01"))


def _midnight(day: date | None, timezone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), timezone).astimezone(UTC)


def _unread(key: str) -> Refusal:
    return Refusal(422, say("{key} cannot be read.", key=key))
