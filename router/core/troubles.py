"""What is wrong though no trunk is: numbers that fail alone, office phones that are gone, targets that never answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from router.core import office_phones, standings
from router.core.facts import Troubles
from router.core.heard import Outcome
from router.core.office import Office
from router.core.signals import At


def found(office: Office, at: At) -> Outcome:
    """The office with its troubles as they are now."""
    troubles = Troubles(_numbers(office), *_phones(office), standings.exposed(office))
    return (office if troubles == office.troubles else replace(office, troubles=troubles)), []


def _numbers(office: Office) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for site in office.site.numbers:
        if site.number in office.alone:
            found[site.trunk] = (*found.get(site.trunk, ()), site.number)
    return found


def _phones(office: Office) -> tuple[tuple[str, ...], datetime | None]:
    """Those behind numbers that have none left, and since when."""
    gone = office_phones.away(office)
    behind = [device for site in office.site.numbers if site.number in gone for device in site.phones]
    devices = tuple(dict.fromkeys(device for device in behind if office.phones[device].reachable is False))
    since = [known.since for number, known in office.behind.items() if number in gone and known.since]
    return devices, min(since, default=None)
