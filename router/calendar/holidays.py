"""The public holidays of a region, by the package `holidays`, which is loaded only where a region is named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

_LANGUAGES = {"de": "de", "en": "en_US"}


def holidays_of(region: str, years: Iterable[int], language: str = "de") -> Mapping[date, str]:
    """By date, with their names in the office's language where the package has them, else as the region calls them.

    `region`: ISO 3166-1 or 3166-2, such as "DE" or "DE-NI"; empty, or none that is known: there are no holidays.
    Several at one day are named together.
    """
    if not region:
        return {}
    import holidays as known

    country, _, part = region.partition("-")
    supported = known.list_supported_countries(include_aliases=True)
    if country not in supported or (part and part not in supported[country]):
        return {}
    found = known.country_holidays(country, subdiv=part or None, years=set(years), language=_LANGUAGES.get(language))
    return dict(sorted(found.items()))


def is_known(region: str) -> bool:
    """Whether there is anything to be had for it: for `failover check`."""
    return not region or bool(holidays_of(region, (2026,)))
