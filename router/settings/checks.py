"""What one value of the settings file may look like, and the sentence for when it does not.

Each check takes the value and gives it back, read, or raises ValueError with a sentence that follows the quoted value:
`"sip:telekom" is none of …`. Values that reach Asterisk (AMI lines, the route table, Dial) pass a strict pattern: what
has no comma, no line break and no dollar sign cannot become a second action or a second dialplan argument.
"""

import difflib
import re
import zoneinfo
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import phonenumbers
from pydantic import AfterValidator, ValidationInfo

from router.core.numbers import e164

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_SECRET: Final = 512
"""Characters. A line of AMI holds 1022 bytes (Asterisk, main/manager.c), the name of the header among them."""


class Span(NamedTuple):
    """Open from `opens` until just before `closes`, in minutes since local midnight; 1440 is the end of the day."""

    opens: int
    closes: int


def matching(pattern: str, sentence: str) -> AfterValidator:
    """The whole text must match; `sentence` says what was expected."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(sentence)
        return value

    return AfterValidator(check)


def distinct(value: tuple[Any, ...]) -> tuple[Any, ...]:
    """Nothing twice in a list: it would be rung, tried or asked twice."""
    twice = next((entry for position, entry in enumerate(value) if entry in value[:position]), None)
    if twice is not None:
        raise ValueError(f'names "{one_line(str(twice)[:40])}" twice')
    return value


def filled(hint: str) -> AfterValidator:
    """An empty list is refused where leaving the key out means something else than "none"."""

    def check(value: tuple[Any, ...]) -> tuple[Any, ...]:
        if not value:
            raise ValueError(f"is empty: {hint}")
        return value

    return AfterValidator(check)


def one_line(text: str) -> str:
    """The text with line breaks and all else that does not print written as escapes."""
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean "…"?` or nothing."""
    folded = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold()[:80], folded, n=1, cutoff=0.6)
    return f'; did you mean "{folded[close[0]]}"?' if close else ""


def shown_name(value: str) -> str:
    """A name for people to read: one line, nothing invisible, short enough for a phone's screen."""
    if not 1 <= len(value) <= 60 or not value.isprintable() or value != value.strip():
        raise ValueError("must be 1 to 60 printable characters with no blank at either end")
    return value


def timezone(value: str) -> str:
    """A name of the IANA time zone database."""
    try:
        zoneinfo.ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"is no time zone{did_you_mean(value, zoneinfo.available_timezones())}") from None
    return value


def country(value: str) -> str:
    """An ISO 3166-1 code whose telephone numbers can be read."""
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError('is no country: two capital letters, such as "DE"')
    return value


def holiday_region(value: str) -> str:
    """ISO 3166-1 or 3166-2: a country, or a country and one of its parts."""
    if value and not (
        re.fullmatch(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", value) and value[:2] in phonenumbers.SUPPORTED_REGIONS
    ):
        raise ValueError('is no region: a country such as "DE" or a part of one such as "DE-NI"')
    return value


def number(value: str, info: ValidationInfo) -> str:
    """E.164, read as people in the office's country write it. No country to read by: the country is the problem."""
    known = str((info.context or {}).get("country", "DE"))
    return e164(value, known) if known else value


def days(value: str) -> tuple[int, ...]:
    """ "mon" or "mon-fri" as weekdays, Monday = 0."""
    first, dash, last = value.partition("-")
    if first not in DAYS or (dash and last not in DAYS) or (dash and DAYS.index(first) >= DAYS.index(last)):
        raise ValueError("unknown key: hours has days (sat), ranges of days (mon-fri) and holidays")
    return tuple(range(DAYS.index(first), DAYS.index(last if dash else first) + 1))


def spans(value: str) -> tuple[Span, ...]:
    """ "08:00-12:00, 13:00-18:00" or "closed"."""
    if value == "closed":
        return ()
    found: list[Span] = []
    for part in value.split(","):
        times = re.fullmatch(
            r"\s*([01][0-9]|2[0-4]):([0-5][0-9])\s*-\s*([01][0-9]|2[0-4]):([0-5][0-9])\s*", part, re.ASCII
        )
        if not times:
            raise ValueError('must be hours such as "08:00-18:00" or "08:00-12:00, 13:00-17:00", or "closed"')
        opens, closes = (int(times[at]) * 60 + int(times[at + 1]) for at in (1, 3))
        if opens >= closes or closes > 24 * 60:
            raise ValueError("must end after it begins, at 24:00 at the latest")
        if found and opens < found[-1].closes:
            raise ValueError("has hours that overlap or are out of order")
        found.append(Span(opens, closes))
    return tuple(found)


def week(value: Mapping[tuple[int, ...], tuple[Span, ...]]) -> tuple[tuple[Span, ...], ...]:
    """Seven days from Monday; a day of its own wins over a range, a day not named is closed."""
    opened: dict[int, tuple[Span, ...]] = {}
    for covered in sorted(value, key=len, reverse=True):
        if len(covered) > 1 and (twice := [DAYS[day] for day in covered if day in opened]):
            raise ValueError(f"{twice[0]} stands in two ranges of days")
        opened |= dict.fromkeys(covered, value[covered])
    return tuple(opened.get(day, ()) for day in range(len(DAYS)))


def dial(value: str) -> str:
    """What Dial() is given: TECHNOLOGY/… with {number} once, and nothing that ends an argument or starts another."""
    if not re.fullmatch(r"[A-Za-z0-9_]+/[A-Za-z0-9_+@:/.{}-]{1,200}", value):
        raise ValueError("must be TECHNOLOGY/… of letters, digits and _ + @ : / . - only")
    if value.count("{number}") != 1 or re.search(r"[{}]", value.replace("{number}", "")):
        raise ValueError("must contain {number} once, and no other braces")
    return value


def place(value: str) -> str:
    """Where Goto() leads, outside of the router's own contexts: there a call would run in a circle."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,79},([A-Za-z0-9_+*#-]{1,79}|\{did\}),[1-9][0-9]{0,3}", value):
        raise ValueError("must be context,extension,priority; the extension may be {did}")
    if value.startswith("failover-"):
        raise ValueError("leads back into the router's own dialplan")
    return value


def host_port(value: str) -> str:
    """host:port, an IPv6 address in brackets. Port 0 lets the system choose a free one."""
    parts = re.fullmatch(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):([0-9]{1,5})", value)
    if not parts or int(parts[2]) > 65535:
        raise ValueError('must be host:port, such as "127.0.0.1:8080" or "[::1]:8080"')
    return value


def database_url(value: str) -> str:
    """An SQLAlchemy URL of one of the two drivers that the store is tested with."""
    if not re.fullmatch(r"sqlite\+aiosqlite:///\S+|postgresql\+asyncpg://\S+", value):
        raise ValueError("must be sqlite+aiosqlite:///PATH or postgresql+asyncpg://USER@HOST/NAME")
    return value


def is_issuer(value: str) -> bool:
    """https, or http on this machine for a trial."""
    loopback = r"http://(127\.[0-9.]{5,11}|localhost|\[::1\])(:[0-9]{1,5})?(/[!-~]*)?"
    return bool(re.fullmatch(rf"https://[A-Za-z0-9.-]{{1,253}}(:[0-9]{{1,5}})?(/[!->@-~]*)?|{loopback}", value))


def probe(value: str) -> str:
    """What is asked to learn whether the internet works: an HTTPS address or an open TCP port."""
    host = r"([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])"
    parts = re.fullmatch(
        rf"https://{host}(:(?P<port>[0-9]{{1,5}}))?(/[!-?A-~]*)?|tcp:{host}:(?P<tcp>[0-9]{{1,5}})", value
    )
    if not parts or not 1 <= int(parts["port"] or parts["tcp"] or 443) <= 65535:
        raise ValueError("must be https://HOST/… or tcp:HOST:PORT")
    return value


def calendar(value: str) -> str:
    """A file, or an address that nobody on the way can read. What stands in its path is often a secret."""
    if not value:
        return value
    if len(value) > 2000 or not value.isprintable() or value != value.strip():
        raise ValueError("must be a path or an address on one line, without blanks at either end")
    if "://" not in value:
        return value
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is no address that can be read") from None
    if parts.scheme == "webcal":
        raise ValueError("begins with webcal:// : write https:// instead")
    local = host in ("localhost", "::1") or re.fullmatch(r"127(\.[0-9]{1,3}){3}", host, re.ASCII)
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ValueError("must be a path, or https://HOST/…; http:// only on this machine")
    return value


def secret(value: str) -> str:
    """A secret goes into a line of AMI, where a line break would start a second one. It is never quoted."""
    if not value:
        raise ValueError("is empty")
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("has a line break or another control character in it")
    if len(value.encode(errors="replace")) > _MOST_SECRET:
        raise ValueError(f"is longer than {_MOST_SECRET} bytes")
    return value


def file_text(value: str, info: ValidationInfo) -> str:
    """The text of the file at `value`, a path from the settings file's folder where it is relative."""
    try:
        return located(value, info).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ValueError("does not exist") from None
    except OSError as error:
        raise ValueError(f"cannot be read: {(error.strerror or 'unknown reason').lower()}") from None
    except ValueError:
        raise ValueError("is no text file, or its path is none") from None


def located(value: str, info: ValidationInfo) -> Path:
    """The path, taken from the folder of the settings file where it is relative."""
    return Path((info.context or {}).get("folder", ".")) / value


def readable(value: str, info: ValidationInfo) -> str:
    """The absolute path of a text file; empty where none is named."""
    if value:
        file_text(value, info)
    return str(located(value, info).absolute()) if value else value


def secret_file(value: str, info: ValidationInfo) -> str:
    """The absolute path of a file that holds a secret."""
    secret_in(value, info)
    return str(located(value, info).absolute())


def one_secret(given: str, file: str | None, key: str, info: ValidationInfo) -> str:
    """As it was given under `key`, or as it stands in the file; never both. Empty where there is neither."""
    if file is None:
        return given
    if given:
        raise ValueError(f"is given twice: keep either {key} or {key}_file")
    return secret_in(file, info)


def secret_in(value: str, info: ValidationInfo) -> str:
    """The secret a file holds; the line break at its end, which every editor leaves, is no part of it."""
    held = file_text(value, info).removesuffix("\n").removesuffix("\r")
    try:
        return secret(held)
    except ValueError as error:
        raise ValueError(f"holds a secret that {error}" if held else "is empty") from None
