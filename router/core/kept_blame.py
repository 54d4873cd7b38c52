"""A blame as a line of the journal keeps it beside its sentence, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import count

from router.core.blame import Blame, Exhibit
from router.core.sentence import Sentence, Value


def kept(blame: Blame) -> dict[str, Value]:
    """`whose`, and of each piece of evidence its sentence, `evidence_1`, and its moment, `evidence_1_at`."""
    data: dict[str, Value] = {"whose": blame.whose.value}
    for place, exhibit in enumerate(blame.evidence, 1):
        data |= {f"evidence_{place}": exhibit.text, f"evidence_{place}_at": exhibit.at}
    return data


def whose_in(data: Mapping[str, object]) -> str | None:
    """As `kept` wrote it; a word that a later version wrote is given as it is."""
    whose = data.get("whose")
    return whose if isinstance(whose, str) else None


def evidence_in(data: Mapping[str, object]) -> tuple[Exhibit, ...]:
    """As `kept` wrote it. What is no sentence with a moment is left out: somebody else wrote the row."""
    return tuple(_pieces(data))


def _pieces(data: Mapping[str, object]) -> Iterator[Exhibit]:
    for place in count(1):
        if f"evidence_{place}" not in data:
            return
        text, at = data[f"evidence_{place}"], data.get(f"evidence_{place}_at")
        if isinstance(text, Sentence) and isinstance(at, datetime) and at.tzinfo is not None:
            yield Exhibit(at, text)
