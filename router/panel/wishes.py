"""What staff ask for, read from JSON or from the form, checked, and turned into an Override of the core."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from router.core.heard import only_reading
from router.core.numbers import NotANumber, e164
from router.core.office import Office
from router.core.orders import REASON_LENGTH, Mode, Override
from router.core.sentence import Sentence, say
from router.core.site import Site
from router.panel.ends import Hours, chosen
from router.panel.refusal import Refusal

KEYS = frozenset({"mode", "number", "until", "reason"})
LONGEST = timedelta(days=366)
_TURNING = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""What turns the direction of writing (Unicode TR9): marks, embeddings, overrides and isolates."""


def check_writer(office: Office) -> None:
    """Raises Refusal 409 where another router writes: an order given here would not even be stored."""
    if office.other_writer:
        raise Refusal(409, only_reading(office.other_writer))


def from_json(body: bytes, site: Site, by: str, via: str, now: datetime) -> Override:
    """The body of PUT override. Raises Refusal 422 with one sentence."""
    try:
        wish = json.loads(body)
    except (ValueError, RecursionError):
        wish = None
    if not isinstance(wish, dict):
        raise _no(say("The body must be a JSON object with the key mode."))
    if unknown := sorted(set(wish) - KEYS):
        raise _no(say("{key} is not a key of an order.", key=_shown(unknown[0])))
    for key in KEYS:
        if not isinstance(wish.get(key, ""), str | None):
            raise _no(say("{key} must be text or null.", key=key))
    if wish.get("number") is not None and not wish["number"].strip():
        raise _no(say("number must be one of our numbers, or null for all."))  # a script's empty variable is no wish
    until = _read_until(wish["until"]) if wish.get("until") is not None else None
    return _override(wish, until, site, by=by, via=via, now=now)


def from_form(
    fields: Mapping[str, str], site: Site, by: str, now: datetime, *, timezone: ZoneInfo, hours: Hours
) -> Override:
    """The board's form; its end as in `ends.chosen`. Raises Refusal 422."""
    until = None if fields.get("mode") == Mode.AUTO else chosen(fields, now, timezone, hours)
    return _override(fields, until, site, by=by, via="panel", now=now)


def _override(
    wish: Mapping[str, str | None], until: datetime | None, site: Site, *, by: str, via: str, now: datetime
) -> Override:
    mode = wish.get("mode")
    if mode not in {known.value for known in Mode}:
        raise _no(say("mode must be auto, office or mobile."))
    if until is not None and until <= now:
        raise _no(say("That end has already passed."))
    if until is not None and until > now + LONGEST:
        raise _no(say("That end is more than a year away."))
    asked = Mode(mode)
    end = None if asked is Mode.AUTO else until
    number, reason = _read_number(wish.get("number"), site), _read_reason(wish.get("reason"))
    return Override(asked, now, by, via, number, end, reason)


def _read_number(text: str | None, site: Site) -> str | None:
    if text is None or not text.strip():
        return None
    number = read_number(text, site.country)
    if number not in {known.number for known in site.numbers}:
        raise _no(say("{number} is none of our numbers.", number=number))
    return number


def read_number(text: str, country: str) -> str:
    """In E.164. Raises Refusal 422."""
    try:
        return e164(text, country)
    except NotANumber as wrong:
        raise _no(say("“{typed}” {reason}.", typed=_shown(text), reason=Sentence(str(wrong)))) from None


def _read_until(text: str) -> datetime:
    try:
        until = datetime.fromisoformat(text)
        if until.tzinfo is None:
            raise ValueError
        return until.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _no(
            say("until must be a time with its zone, such as {example}.", example="2026-03-01T18:00:00+01:00")
        ) from None


def read_line(text: str | None) -> str:
    """One line of text without control characters, those that turn the writing too; empty where nothing is left."""
    straight = (text or "").translate(_TURNING)
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in straight).split())


def read_note(text: str | None, most: int) -> str | None:
    """Raises Refusal 422 where it is longer than `most` characters."""
    line = read_line(text)
    if len(line) > most:
        raise _no(say("The note may have at most {most} characters.", most=most))
    return line or None


def _read_reason(text: str | None) -> str | None:
    line = read_line(text)
    if len(line) > REASON_LENGTH:
        raise _no(say("The reason may have at most {most} characters.", most=REASON_LENGTH))
    return line or None


def _shown(text: str) -> str:
    """At most forty printable characters of what was sent."""
    return "".join(character for character in text if character.isprintable())[:40]


def _no(why: Sentence) -> Refusal:
    return Refusal(422, why)
