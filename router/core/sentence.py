"""Sentences that a person will read, kept apart from the language they are read in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sentence:
    """An English sentence with {named} places. The text is also the key of its translation.

    A value under the name `number` is E.164 and is shown as people write it; a datetime is aware
    and shown in the office's time zone, under the name `second` to the second; a value may itself be a sentence.
    """

    text: str
    values: tuple[tuple[str, str | int | float | datetime | Sentence], ...] = ()

    def __str__(self) -> str:
        return self.text.format_map({key: _plain(key, value) for key, value in self.values})


def _plain(key: str, value: str | int | float | datetime | Sentence) -> str:
    if isinstance(value, datetime):
        return value.strftime("%H:%M:%S UTC" if key == SECOND else "%H:%M UTC")
    return str(value)


SECOND = "second"


Value = str | int | float | datetime | Sentence


def sentence(text: str) -> str:
    """Mark a text for the translators' catalogue without filling it in."""
    return text


def say(text: str, **values: Value) -> Sentence:
    """A sentence with its places filled in. `text` is always written out where `say` is called."""
    return Sentence(text, tuple(values.items()))
