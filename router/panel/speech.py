"""Sentences of the core, in the reader's language, with numbers, times and names as people write them."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.numbers import format_decimal

from router.core.numbers import as_written, hidden_in
from router.core.sentence import SECOND, Sentence, Value, say, sentence

LANGUAGES: Mapping[str, str] = {"de": "Deutsch", "en": "English"}
_LOCALES = {"de": Locale("de"), "en": Locale("en", "GB")}
_CATALOGUES = Path(__file__).parent / "locale"
_HISSING = ("s", "ß", "x", "z", "ce")
_RIGHT_TO_LEFT = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u202c\u2069")

WHOLE = ("order", "then")
"""Places that hold a sentence of its own, not the end of another."""
YESTERDAY, TOMORROW = sentence("yesterday {time}"), sentence("tomorrow {time}")
JUST_NOW = sentence("just now")
ACTORS: Mapping[str, str] = {"desk phone": sentence("the desk phone"), "cli": sentence("the command line")}
"""Who gives orders without being anybody, by the name that stands in the journal."""


@lru_cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The compiled catalogue; English is what the sentences are written in and needs none."""
    return gettext.translation("messages", _CATALOGUES, [language], fallback=True)


@dataclass(frozen=True, slots=True)
class Speech:
    """One reader's language, at one moment. `now` is aware; `country` says how numbers are written (ISO 3166-1).

    `at`: an aware moment whose offset from UTC is told once, by `zone`; None: `now`. `masked`: no number is shown whole
    but those in `published`.
    """

    language: str
    timezone: ZoneInfo
    country: str
    now: datetime
    at: datetime | None = None
    masked: bool = False
    published: frozenset[str] = frozenset()

    @property
    def locale(self) -> Locale:
        return _LOCALES[self.language]

    def text(self, text: str, /, **values: Value) -> str:
        """The translation of `text` with its places filled in."""
        return self.render(Sentence(text, tuple(values.items())))

    def render(self, said: Sentence) -> str:
        return self._filled(self._template(said), said)

    def line(self, said: Sentence) -> str:
        """As it stands at the beginning of a line: with a capital, unless it begins with a name."""
        return self._opened(self._template(said), said)

    def parts(self, said: Sentence) -> tuple[str, str]:
        """The sentence that speaks of the number dialled, and what else is said.

        Split before names are filled in, which may hold full stops.
        """
        *most, last = self._template(said).split(". ")
        parts = [*(part + "." for part in most), last]
        lead = next((part for part in parts if "{number}" in part), parts[0])
        rest = " ".join(part for part in parts if part is not lead)
        return self._opened(lead, said), self._opened(rest, said)

    def number(self, number: str) -> str:
        """As people write it; of other people's numbers only so much as this reader may see."""
        written = as_written(number, self.country)
        return masked(written) if self.masked and number not in self.published else written

    def shown(self, number: str | None) -> str | None:
        """For programs: E.164 as it is, masked where this reader may not see it. What is no number is shown."""
        hidden = self.masked and number and number.startswith("+") and number not in self.published
        return masked(number) if hidden and number else number

    def written(self, text: str) -> str:
        """What somebody wrote, who may have named numbers of people in it."""
        return hidden_in(text, masked) if self.masked else text

    def who(self, name: str) -> str:
        """Whoever gave an order, in words."""
        return self.text(ACTORS[name]) if name in ACTORS else name

    def clock(self, at: datetime) -> str:
        """Hour and minute in the office's time zone, "14:32"."""
        return format_time(at.astimezone(self.timezone), "HH:mm", locale=self.locale)

    def seconds(self, at: datetime) -> str:
        return format_time(at.astimezone(self.timezone), "HH:mm:ss", locale=self.locale)

    def day(self, at: datetime) -> str:
        """22 November."""
        return str(format_skeleton("MMMMd", at.astimezone(self.timezone), locale=self.locale))

    def zone(self) -> str:
        """How far the office's clock is from UTC, in a sentence."""
        return self.render(say("Times are UTC{offset}.", offset=self._offset(self.at or self.now)))

    def exact(self, at: datetime) -> str:
        """As evidence needs it: to the second, with the date where it is not today, and with its offset from UTC where
        that is not what `zone` says: the clocks were changed in between."""
        local = at.astimezone(self.timezone)
        told = self.seconds(at)
        if local.date() != self.now.astimezone(self.timezone).date():
            told = f"{format_date(local, 'medium', locale=self.locale)}, {told}"
        return f"{told}{self.aside(at)}"

    def aside(self, at: datetime) -> str:
        """Its offset from UTC in brackets, where that is not what `zone` says."""
        offset = self._offset(at)
        return "" if offset == self._offset(self.at or self.now) else f" (UTC{offset})"

    def _offset(self, at: datetime) -> str:
        offset = at.astimezone(self.timezone).strftime("%z")
        return f"{offset[:3]}:{offset[3:5]}"

    def moment(self, at: datetime) -> str:
        """The clock, with the day where it is not today."""
        local, today = at.astimezone(self.timezone), self.now.astimezone(self.timezone).date()
        clock = self.clock(at)
        if local.date() == today:
            return clock
        if local.date() == today - timedelta(days=1):
            return self.text(YESTERDAY, time=clock)
        if local.date() == today + timedelta(days=1):
            return self.text(TOMORROW, time=clock)
        if local.year == today.year:
            day = format_skeleton("MMMMd", local, locale=self.locale)
        else:
            day = format_date(local, "long", locale=self.locale)
        return f"{day}, {clock}"

    def age(self, at: datetime) -> str:
        """How long ago, in one unit: "18 minutes"."""
        gone = self.now - at
        if gone < timedelta(minutes=1):
            return self.text(JUST_NOW)
        return format_timedelta(gone, granularity="minute", threshold=1.5, locale=self.locale)

    def _template(self, said: Sentence) -> str:
        template = catalogue(self.language).gettext(said.text) if said.text else ""
        return _genitive(template, dict(said.values)) if self.language == "de" else template

    def _opened(self, template: str, said: Sentence) -> str:
        """With a capital at the beginning, unless that is somebody's own name."""
        filled = self._filled(_capital(template), said)
        ours = template.startswith("{by}") and dict(said.values).get("by") in ACTORS
        return _capital(filled) if ours else filled

    def _filled(self, template: str, said: Sentence) -> str:
        places = _Places((name, self._value(name, value)) for name, value in said.values)
        try:
            return template.format_map(places)
        except (ValueError, AttributeError, IndexError):  # a line of an old journal must not break the page
            return template

    def _value(self, name: str, value: Value) -> str:
        match value:
            case Sentence():
                return self.line(value) if name in WHOLE else self.render(value)
            case datetime():
                return self.exact(value) if name == SECOND else self.moment(value)
            case float():
                return format_decimal(value, locale=self.locale)
            case int():
                return str(value)
        if name == "by" and value in ACTORS:
            return self.who(value)
        return self.number(value) if name == "number" else isolated(value)


def masked(written: str) -> str:
    """Enough of a number to tell it from others, too little to dial it: "0171 •••••• 78"."""
    places = [index for index, character in enumerate(written) if character.isalnum()]
    hidden = set(places[4:-2] if len(places) > 8 else places[1:])
    return "".join("•" if index in hidden else character for index, character in enumerate(written))


def isolated(text: str) -> str:
    """A name that turns the direction of writing keeps that to itself (Unicode TR9, isolates)."""
    turns = any(character in _RIGHT_TO_LEFT or "\u0590" <= character <= "\u08ff" for character in text)
    return f"\u2068{text}\u2069" if turns else text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _genitive(template: str, values: dict[str, Value]) -> str:
    """German puts an apostrophe where the name ends in a hiss: Annas Handy, Max’ Handy."""
    person = values.get("person")
    if isinstance(person, str) and person.endswith(_HISSING):
        return template.replace("{person}s ", "{person}’ ")
    return template


class _Places(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"
