"""Which lines of the log are asked for: the filters of the page, of its table and of the API, read alike."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from router.core.effects import Kind
from router.core.sentence import say
from router.core.site import Site
from router.panel.refusal import Refusal
from router.panel.speech import Speech, catalogue
from router.panel.wishes import read_number
from router.ports import Sought, WantedLines

LONGEST_SEARCH, MOST_WORDS = 100, 8
HANDS: Mapping[str, bool | None] = {"": None, "hand": True, "automatic": False}
_NUMBER = re.compile(r"[+0-9][0-9 /()-]{2,}")
_PLACE = re.compile(r"\{[^}]*\}")
_FIRST, _LAST = date(2, 1, 1), date(9998, 12, 31)
"""Of the days that every zone of Python can turn into UTC."""


@dataclass(frozen=True, slots=True)
class Asked:
    """As it stands in the address, all of it text; empty is no filter. `by`: hand or automatic. `since` and `until`:
    days as 2026-03-01, both included. `q`: words to be found."""

    kind: str = ""
    trunk: str = ""
    number: str = ""
    by: str = ""
    since: str = ""
    until: str = ""
    q: str = ""

    @property
    def narrow(self) -> bool:
        """Whether more is asked for than words."""
        return any(getattr(self, field.name) for field in fields(self) if field.name != "q")

    @property
    def query(self) -> str:
        """For an address; empty where nothing is filtered."""
        return urlencode({field.name: getattr(self, field.name) for field in fields(self) if getattr(self, field.name)})


def asked_in(query: Mapping[str, str]) -> Asked:
    return Asked(**{field.name: query.get(field.name, "").strip() for field in fields(Asked)})


def wanted(asked: Asked, site: Site, timezone: ZoneInfo, speech: Speech, shapes: Sequence[str]) -> WantedLines:
    """`shapes`: all sentences of the journal. Raises Refusal 422 with one sentence."""
    if asked.kind and asked.kind not in {kind.value for kind in Kind}:
        raise Refusal(422, say("{kind} is no kind of line.", kind=asked.kind[:40]))
    if asked.by not in HANDS:
        raise Refusal(422, say("by must be hand or automatic."))
    if len(asked.q) > LONGEST_SEARCH:
        raise Refusal(422, say("A search may have at most {most} characters.", most=LONGEST_SEARCH))
    until = _day(asked.until)
    return WantedLines(
        kinds=(asked.kind,) if asked.kind else (), trunk=asked.trunk or None,
        number=read_number(asked.number, site.country) if asked.number else None, by_hand=HANDS[asked.by],
        since=_midnight(_day(asked.since), timezone),
        until=_midnight(until + timedelta(days=1) if until and until < date.max else None, timezone),
        sought=tuple(_sought(asked.q, speech, shapes)),
    )  # fmt: skip


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refusal(422, say("Please say on which day, such as {example}.", example="2026-03-01")) from None


def _midnight(day: date | None, timezone: ZoneInfo) -> datetime | None:
    return None if day is None else datetime.combine(min(max(day, _FIRST), _LAST), time(), timezone)


def _sought(text: str, speech: Speech, shapes: Sequence[str]) -> list[Sought]:
    """Each word by itself; what looks like a telephone number as a whole, as its digits in E.164 end."""
    whole = " ".join(text.split())
    if _NUMBER.fullmatch(whole):
        digits = re.sub(r"\D", "", whole).lstrip("0")
        return [Sought(whole.casefold(), _having(whole, speech, shapes), digits, whole=not speech.masked)]
    return [Sought(word.casefold(), _having(word, speech, shapes)) for word in whole.split()[:MOST_WORDS]]


def _having(word: str, speech: Speech, shapes: Collection[str]) -> frozenset[str]:
    folded = word.casefold()
    return frozenset(shape for shape in shapes if folded in _read(shape, speech.language))


@lru_cache(maxsize=4096)
def _read(shape: str, language: str) -> str:
    """The sentences as they are read in that language, without what fills them."""
    texts = (catalogue(language).gettext(text) for text in shape.split("\n") if text)
    return " ".join(_PLACE.sub(" ", text) for text in texts).casefold()
