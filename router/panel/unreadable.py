"""What is wrong with a request that does not fit its description: the first finding of pydantic as one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from router.core.sentence import Sentence, say

EXAMPLE = "2026-03-01T18:00:00+01:00"


def reason(finding: Mapping[str, Any]) -> Sentence:
    """`finding` as in `RequestValidationError.errors()`: `type`, `loc` (the place and the way to the value) and `ctx`,
    https://docs.pydantic.dev/latest/errors/validation_errors/."""
    kind, (place, *way) = finding["type"], finding["loc"]
    if kind == "json_invalid" or (place == "body" and not way):
        return say("The body must be a JSON object (application/json).")
    key = ".".join(str(part) for part in way)
    if kind.startswith(("datetime_", "timezone_")):
        return say("{key} must be a time with its zone, such as {example}.", key=key, example=EXAMPLE)
    return KINDS.get(kind, _unread)(key, finding.get("ctx", {}))


def _quoted(expected: str) -> str:
    """Of "'de' or 'en'": de, en."""
    return ", ".join(re.findall(r"'([^']*)'", expected)) or expected


def _unread(key: str, _: Mapping[str, Any]) -> Sentence:
    return say("{key} cannot be read.", key=key)


def _whole(key: str, _: Mapping[str, Any]) -> Sentence:
    return say("{key} must be a whole number.", key=key)


def _one_of(key: str, limits: Mapping[str, Any]) -> Sentence:
    return say("{key} must be one of: {values}.", key=key, values=_quoted(limits["expected"]))


KINDS: Mapping[str, Callable[[str, Mapping[str, Any]], Sentence]] = {
    "missing": lambda key, _: say("{key} is missing.", key=key),
    "extra_forbidden": lambda key, _: say("{key} is not known here.", key=key),
    "greater_than_equal": lambda key, limits: say("{key} must be at least {least}.", key=key, least=str(limits["ge"])),
    "less_than_equal": lambda key, limits: say("{key} must be at most {most}.", key=key, most=str(limits["le"])),
    "string_too_long": lambda key, limits: say(
        "{key} may have at most {most} characters.", key=key, most=limits["max_length"]
    ),
    "string_type": lambda key, _: say("{key} must be text.", key=key),
    "bool_parsing": lambda key, _: say("{key} must be true or false.", key=key),
    "bool_type": lambda key, _: say("{key} must be true or false.", key=key),
    "int_parsing": _whole,
    "int_type": _whole,
    "int_from_float": _whole,
    "enum": _one_of,
    "literal_error": _one_of,
}
