"""What is wrong with a settings file, in our own words: one line for each problem, naming the key.

A line quotes the value as it stands, cut to 60 characters, on one line whatever is in it. A secret is never quoted, nor
what stands before the @ of an address.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from router.settings.checks import did_you_mean, one_line

Path = Sequence[str | int]
_LONGEST: Final = 60
_SENTENCES: Final = {
    "string_type": "must be text in quotes",
    "string_unicode": "must be text in UTF-8",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list in brackets",
    "too_long": "must have at most {max_length} entries",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "value_error": "{error}",
}
"""By pydantic's kind of error, filled in from its context; router.settings.checks raises whole sentences."""


class BadSettings(Exception):  # noqa: N818 - what the reader is told, not a fault of the program
    """The settings cannot be used; `problems` holds all that is wrong, one printable line each.

    Entries of lists are counted from 1, as people count: trunks[2] is the second [[trunks]] of the file.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def quoted(value: object) -> str:
    """The value in double quotes as TOML has it, numbers and dates bare; one line, cut to 60 characters."""
    if isinstance(value, bool):
        return str(value).lower()
    text = _without_password(value) if isinstance(value, str) else str(value)[: _LONGEST + 1]
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return f'"{one_line(cut)}"' if isinstance(value, str) else one_line(cut)


def key(path: Path) -> str:
    """("trunks", 1, "watch") as trunks[2].watch."""
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part + 1}]"
        else:
            bare = re.fullmatch(r"[A-Za-z0-9_-]{1,40}", part)
            written += ("." if written else "") + (part if bare else quoted(part))
    return written


def line(path: Path, sentence: str, *values: object) -> str:
    """`key: "value" sentence`."""
    return f"{key(path)}: {' '.join([*(quoted(value) for value in values), sentence])}"


def lines(
    errors: Sequence[ErrorDetails], settings: type[BaseModel], origins: Mapping[tuple[str, str], str]
) -> list[str]:
    """A line for each error of pydantic; `origins` names the environment variable a (section, key) was taken from."""
    found = []
    for error in errors:
        if error["type"] == "too_short" and error["input"]:
            continue  # there are some, but none of them is right: pydantic counts those that are
        path = _as_in_the_file(error["loc"])
        origin = origins.get((str(path[0]), str(path[1]))) if len(path) > 1 else None
        found.append(_line(path, error, settings) + (f" (from {origin})" if origin else ""))
    return found


def _line(path: Path, error: ErrorDetails, settings: type[BaseModel]) -> str:
    kind, value = error["type"], error["input"]
    if kind == "extra_forbidden":
        return line(path, "unknown key" + _meant(path, settings))
    if kind in ("missing", "too_short"):
        return line(path, f"is missing: at least one [[{path[0]}]] is needed" if len(path) == 1 else "is missing")
    if kind == "tuple_type" and len(path) == 1:
        return line(path, f"must be written as [[{path[0]}]], once for each")
    if kind in ("model_type", "dict_type"):
        return line(path, f"must be a table: {f'[[{path[0]}]]' if len(path) > 1 else f'[{path[0]}]'}")
    sentence = _sentence(kind, error)
    untold = isinstance(value, list | dict | tuple) or error["loc"][-1] == "[key]" or sentence.startswith("is missing")
    return line(path, sentence, *([] if untold or _secret(path, value) else [value]))


def _secret(path: Path, value: object) -> bool:
    """A secret, or what is no path where a path should be: somebody put the secret itself there."""
    # who knows the address of the calendar has it
    if path[:2] in (("asterisk", "secret"), ("oidc", "client_secret"), ("duty", "calendar")):
        return True
    files = (("asterisk", "secret_file"), ("oidc", "client_secret_file"))
    return path[:2] in files and "/" not in str(value)


def _sentence(kind: str, error: ErrorDetails) -> str:
    context: dict[str, Any] = error.get("ctx", {})
    if kind == "literal_error":
        return f"is none of {str(context['expected']).replace(' or ', ', ').replace(chr(39), '')}"
    return _SENTENCES.get(kind, "cannot be used here").format_map(context)


def _as_in_the_file(location: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The place as the file has it: the days of [hours] are its keys, whatever the model calls them."""
    path = tuple(part for part in location if part != "[key]")
    return (path[0], *path[2:]) if path[:2] == ("hours", "week") else path


def _meant(path: Path, settings: type[BaseModel]) -> str:
    """`; did you mean …?`, by the keys of this table, or the section the key belongs to."""
    unknown = str(path[-1])
    model = settings
    for part in path[:-1]:
        if isinstance(part, str):
            model = _table(model, part)
    close = did_you_mean(unknown, model.model_fields)
    if close:
        return close
    homes = [name for name in settings.model_fields if unknown in _table(settings, name).model_fields]
    return f"; it belongs to [{homes[0]}]" if len(homes) == 1 else ""


def _table(model: type[BaseModel], name: str) -> type[BaseModel]:
    """The model of a section, whether it stands once or as a list of tables."""
    annotation = model.model_fields[name].annotation
    inner = get_args(annotation)
    return cast("type[BaseModel]", inner[0] if inner else annotation)


def _without_password(text: str) -> str:
    """user:***@host for user:password@host, in URLs and dial strings."""
    head, at, tail = text.rpartition("@")
    scheme, slashes, account = head.rpartition("://")
    user, colon, _ = account.partition(":")
    return f"{scheme}{slashes}{user}:***@{tail}" if at and colon else text
