"""How the end of an order is written on the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from router.moments import NoMoment, moment

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 16, 26, tzinfo=UTC)
"""17:26 in Berlin."""


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("18:30", "2026-11-22T18:30:00+01:00"),
        ("17:00", "2026-11-23T17:00:00+01:00"),
        ("8:05", "2026-11-23T08:05:00+01:00"),
        ("24.12.2026 18:30", "2026-12-24T18:30:00+01:00"),
        ("24.12.26 18:30", "2026-12-24T18:30:00+01:00"),
        ("24.12.2026, 18:30", "2026-12-24T18:30:00+01:00"),
        ("24.12. 18:30", "2026-12-24T18:30:00+01:00"),
        ("3.1. 8:00", "2027-01-03T08:00:00+01:00"),
        ("29.2. 08:00", "2028-02-29T08:00:00+01:00"),
        ("2026-12-24T18:30", "2026-12-24T18:30:00+01:00"),
        ("2026-12-24 18:30", "2026-12-24T18:30:00+01:00"),
        ("2026-12-24T18:30+00:00", "2026-12-24T18:30:00+00:00"),
        ("2027-03-28 03:00", "2027-03-28T03:00:00+02:00"),
        ("2026-10-25 02:30", "2026-10-25T02:30:00+02:00"),
    ],
)
def test_a_moment_as_people_write_it(text: str, means: str) -> None:
    assert moment(text, NOW, BERLIN).isoformat() == means


@pytest.mark.parametrize("text", ["", "25:00", "8:61", "31.2.2026 18:00", "30.2. 18:00", "24.12.2026", "gestern", "18"])
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(NoMoment, match=r"is no time: write 18:00, 24\.12\.2026 18:00"):
        moment(text, NOW, BERLIN)


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("2027-03-28 02:30", NOW),
        ("28.03.2027 02:30", NOW),
        ("28.3. 02:30", NOW),
        ("02:30", datetime(2027, 3, 27, 20, 0, tzinfo=UTC)),
    ],
)
def test_an_hour_that_the_clocks_leave_out_is_refused(text: str, now: datetime) -> None:
    with pytest.raises(NoMoment, match="clocks of Europe/Berlin are put forward"):
        moment(text, now, BERLIN)
