"""Sentences as JSON and back, so that a line is shown years later in whatever language its reader wants."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime

from router.core.sentence import Sentence, Value

_UNREADABLE = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """`text` as every database and every page can hold it: NUL and lone surrogates become U+FFFD.

    PostgreSQL refuses both, and a page with a lone surrogate cannot be encoded as UTF-8.
    """
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", _UNREADABLE)


def packed(values: Mapping[str, Value] | Iterable[tuple[str, Value]]) -> dict[str, object]:
    """Named values as JSON can hold them, in their order. What is no plain text, number or truth value becomes an
    object that says what it is: {"at": ISO 8601}, {"say": text, "with": values} or {"number": "nan"}."""
    pairs = values.items() if isinstance(values, Mapping) else values
    return {storable(name): _packed(value) for name, value in pairs}


def unpacked(stored: object) -> dict[str, Value]:
    """What `packed` was given. Raises ValueError where `stored` is not what it writes."""
    if not isinstance(stored, dict):
        raise ValueError(f"not named values: {str(stored)[:60]!r}")
    return {str(name): _unpacked(value) for name, value in stored.items()}


def _packed(value: object) -> object:
    match value:
        case Sentence(text, values):
            return {"say": storable(text), "with": packed(values)}
        case datetime():
            return {"at": value.isoformat()}
        case float() if not math.isfinite(value):
            return {"number": str(value)}
        case bool() | int() | float():
            return value
        case _:
            return storable(str(value))


def _unpacked(stored: object) -> Value:
    match stored:
        case {"say": str(text), "with": values}:
            return Sentence(text, tuple(unpacked(values).items()))
        case {"at": str(moment)}:
            return datetime.fromisoformat(moment)
        case {"number": str(number)}:
            return float(number)
        case str() | int() | float():
            return stored
        case _:
            raise ValueError(f"not a value: {str(stored)[:60]!r}")
