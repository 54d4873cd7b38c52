"""What names what: trunks, numbers and people that other keys refer to, and whatever may stand in the file only once.

Works on the file as it was read, wrong parts included, so that these problems are told together with all others.
What has the wrong shape is passed over here: router.settings.problems tells it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from router.core.numbers import NotANumber, deliveries, e164, not_a_line
from router.settings.checks import did_you_mean
from router.settings.problems import Path, line

Raw = Mapping[str, Any]


def references(raw: Raw, country: str, allowed_prefixes: tuple[str, ...]) -> Iterator[str]:
    """A line for each problem. `country` reads the numbers, empty where it is wrong itself."""
    yield from _twice(_values(raw, "trunks", "name"), "is the name of another trunk too")
    yield from _twice(_labels(raw), "is the label of another trunk too")
    yield from _twice(_values(raw, "people", "name"), "is the name of another person too")
    yield from _unknown(raw, "trunks", "trunk", [("numbers", "trunk"), ("forwarding", "trunks")])
    yield from _unknown(raw, "people", "person", [("numbers", "people"), ("forwarding", "people")])
    if country:
        yield from _numbers(raw, country, allowed_prefixes)


def _numbers(raw: Raw, country: str, allowed_prefixes: tuple[str, ...]) -> Iterator[str]:
    published = [(path, value, _read(value, country)) for path, value in _values(raw, "numbers", "number")]
    owners: dict[str, int] = {}
    for path, value, number in published:
        if number in owners:
            yield line(path, "is published above already", value)
        for form in deliveries(number, country) if number else ():
            owners.setdefault(form, _index(path))
    for path, value in _values(raw, "numbers", "arrives_as"):
        if owners.setdefault(value, _index(path)) != _index(path):
            yield line(path, "is how another number arrives already", value)
    for path, value in _values(raw, "people", "numbers"):
        number = _read(value, country)
        if number and number in owners:
            yield line(path, "is a published number: calls would come back to the office", value)
        elif number and allowed_prefixes and not number.startswith(allowed_prefixes):
            yield line(path, f"is outside forwarding.allowed_prefixes ({', '.join(allowed_prefixes)})", value)
        elif number and (why := not_a_line(number)):
            yield line(path, why, value)


def _twice(named: Iterator[tuple[Path, str]], sentence: str) -> Iterator[str]:
    """Compared without regard to capitals: two names that people read as one are one."""
    seen: set[str] = set()
    for path, value in named:
        if value.casefold() in seen:
            yield line(path, sentence, value)
        seen.add(value.casefold())


def _unknown(raw: Raw, section: str, word: str, users: list[tuple[str, str]]) -> Iterator[str]:
    known = {value for _, value in _values(raw, section, "name")}
    for user in users if known else ():
        for path, value in _values(raw, *user):
            if value not in known:
                yield line(path, f"is the name of no {word}{did_you_mean(value, known)}", value)


def _labels(raw: Raw) -> Iterator[tuple[Path, str]]:
    """Labels, and the names that stand for a missing label."""
    labels = dict(_values(raw, "trunks", "label"))
    for path, name in _values(raw, "trunks", "name"):
        own = (*path[:-1], "label")
        yield (own, labels[own]) if own in labels else (path, name)


def _values(raw: Raw, section: str, name: str) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Where a key's texts stand, and the texts: in [forwarding] or in each table of a list, alone or in a list."""
    found = raw.get(section)
    once = section == "forwarding"
    tables = [found] if once else found if isinstance(found, list) else []
    for at, table in enumerate(tables):
        held = table.get(name) if isinstance(table, dict) else None
        path = (section, name) if once else (section, at, name)
        if isinstance(held, str):
            yield path, held
        elif isinstance(held, list):
            yield from (((*path, position), entry) for position, entry in enumerate(held) if isinstance(entry, str))


def _index(path: Path) -> int:
    return int(path[1])


def _read(value: str, country: str) -> str | None:
    try:
        return e164(value, country)
    except NotANumber:
        return None
