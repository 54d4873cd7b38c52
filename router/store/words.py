"""What a line of the journal can be found by: its sentences, and what fills them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from router.core.effects import Record
from router.core.numbers import hidden_in
from router.core.sentence import Sentence, Value

LONGEST_SHAPE = 2000
"""Bytes: an index of PostgreSQL takes no text of more than 2704, and refuses the line."""
_PRIVATE = re.compile(r"\+[0-9]{5,}")
"""Numbers of people: whoever may not see them must not find out by searching."""


def shape(text: Sentence) -> str:
    """The sentence and those that fill it, in English with their places, one a line; as many as an index can hold."""
    found = list(_texts(text))
    while len(found) > 1 and _size(found) > LONGEST_SHAPE:
        found.pop()
    return "\n".join(found).encode("utf-8", "replace")[:LONGEST_SHAPE].decode("utf-8", "ignore")


def words(record: Record) -> str:
    """Casefolded, with a space between."""
    found = [*_values(record.text), record.by or "", _public(str(record.data.get("reason") or ""))]
    return _PRIVATE.sub(" ", " ".join(dict.fromkeys(part for part in found if part)).casefold())


def _size(texts: list[str]) -> int:
    return len("\n".join(texts).encode("utf-8", "replace"))


def _public(text: str) -> str:
    """What somebody wrote, without the numbers in it, however he wrote them."""
    return hidden_in(text, lambda _: " ")


def _texts(text: Sentence) -> Iterator[str]:
    yield text.text
    for _, value in text.values:
        if isinstance(value, Sentence):
            yield from _texts(value)


def _values(value: Value) -> Iterator[str]:
    if isinstance(value, Sentence):
        for _, inner in value.values:
            yield from _values(inner)
    elif not isinstance(value, datetime):
        yield str(value)
