"""When the office is open, as the panel needs it: the settings' hours, and the region's public holidays."""

from __future__ import annotations

from datetime import date
from functools import cache

from router.panel.ends import Hours
from router.settings import Settings


def open_hours(settings: Settings) -> Hours:
    region = settings.hours.holidays

    @cache
    def is_holiday(day: date) -> bool:
        """Loaded when first asked for: the calendars of all countries are a large package."""
        from holidays import country_holidays

        country, _, part = region.partition("-")
        try:
            return day in country_holidays(country, subdiv=part or None, years=day.year)
        except NotImplementedError:
            return False

    return Hours(settings.hours.week, is_holiday if region else lambda day: False)
