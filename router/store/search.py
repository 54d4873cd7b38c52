"""The journal's lines as they are asked for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, or_, select

from router.ports import Sought, WantedLines
from router.store.schema import journal
from router.store.sentences import storable


def lines(wanted: WantedLines, most: int, before: int | None) -> Select[Any]:
    """Newest first, only ids below `before` where it is given."""
    found = select(journal).order_by(journal.c.id.desc()).limit(most)
    if before is not None:
        found = found.where(journal.c.id < before)
    if wanted.kinds:
        found = found.where(journal.c.kind.in_(wanted.kinds))
    if wanted.trunk is not None:
        found = found.where(journal.c.trunk == storable(wanted.trunk))
    if wanted.number is not None:
        found = found.where(journal.c.number == storable(wanted.number))
    if wanted.by_hand is not None:
        found = found.where(journal.c.by.is_not(None) if wanted.by_hand else journal.c.by.is_(None))
    if wanted.since is not None:
        found = found.where(journal.c.at >= wanted.since)
    if wanted.until is not None:
        found = found.where(journal.c.at < wanted.until)
    return found.where(*(_has(sought) for sought in wanted.sought))


def shapes() -> Select[Any]:
    return select(journal.c.shape).where(journal.c.shape.is_not(None)).distinct()


def _has(sought: Sought) -> ColumnElement[bool]:
    places = [journal.c.words.contains(storable(sought.word), autoescape=True)]
    if sought.shapes:
        places.append(journal.c.shape.in_(sought.shapes))
    if sought.digits:
        places.append(journal.c.number.contains(sought.digits, autoescape=True))
        if sought.whole:
            places.append(cast(journal.c["values"], Text).contains(sought.digits, autoescape=True))
    return or_(*places)
