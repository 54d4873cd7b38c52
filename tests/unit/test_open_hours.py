"""The office's hours with the holidays of its region."""

from __future__ import annotations

from datetime import date

import pytest

from router.open_hours import open_hours
from router.settings.sections import Hours


class Said:
    def __init__(self, **hours: str) -> None:
        self.hours = Hours.model_validate(hours)


@pytest.mark.parametrize(
    ("region", "reformation"), [("DE-NI", True), ("DE-BE", False), ("DE", False), ("", False), ("DE-ZZ", False)]
)
def test_a_holiday_is_one_of_the_region(region: str, reformation: bool) -> None:
    made = open_hours(Said(**{"mon-fri": "08:00-18:00", "holidays": region}))  # type: ignore[arg-type]
    assert made.is_holiday(date(2025, 10, 31)) is reformation
    assert made.is_holiday(date(2025, 12, 25)) is (region in ("DE-NI", "DE-BE", "DE"))
    assert made.week is not None
    assert made.week[0] == ((480, 1080),)
    assert made.week[6] == ()
