"""The shapes of what the API of people and duty takes and answers."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from router.core import duty_changes as change
from router.core.duty import Day
from router.core.rung import RungHow

CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


def _clock(said: object) -> object:
    if isinstance(said, str) and not re.fullmatch(CLOCK, said):
        raise ValueError("no time such as 18:00")
    return said


Clock = Annotated[
    time, BeforeValidator(_clock), PlainSerializer(lambda at: f"{at:%H:%M}"),
    WithJsonSchema({"type": "string", "pattern": CLOCK, "examples": ["18:00"]}),
]  # fmt: skip
"""The office's clock. JSON Schema's own "time" has an offset, which a plan of every week cannot have."""


class _Body(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")


class MobileBody(_Body):
    number: str
    """E.164; for viewers with dots in place of most digits."""
    confirmed: bool
    """Whether a test ring was answered with 1; until then it is not rung in earnest."""
    rung: bool
    """Confirmed, and within the allowed prefixes."""


class PersonBody(_Body):
    name: str
    numbers: list[MobileBody]
    """In the order in which they are rung."""
    stands_by: bool
    """Rung also where no plan says who is on duty."""
    on_duty: bool
    absent: bool
    absent_until: datetime | None
    """Null: not absent, or open end."""


class PeopleBody(_Body):
    people: list[PersonBody]
    """In the order in which they are rung where no plan says otherwise."""


class NewPerson(_Body):
    name: Annotated[str, Field(max_length=200)]
    numbers: Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=5)] = []
    """As people write them; each must be confirmed by a test ring."""


class ChangedPerson(_Body):
    """What is left out or null stays as it is."""

    name: Annotated[str | None, Field(max_length=200)] = None
    stands_by: bool | None = None
    position: Annotated[int | None, Field(ge=1, le=1000)] = None
    """His place in the order, from 1."""
    numbers: Annotated[list[Annotated[str, Field(max_length=60)]] | None, Field(max_length=5)] = None
    """All of them, in the order in which they are rung; those that are new must be confirmed by a test ring."""


class StretchBody(_Body):
    people: list[str]
    """In the order in which they are rung; empty: nobody is on duty, and calls ring the office."""
    since: datetime | None
    """Null: longer than was looked back."""
    until: datetime | None
    """Null: no end in sight."""
    why: str


class RowBody(_Body):
    day: Day
    begin: Clock
    """The office's clock, 08:00."""
    end: Clock
    """Before `begin`: on the next day; the same: a whole day."""
    people: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)]


class ExceptionBody(_Body):
    first: date
    last: date
    begin: Clock
    end: Clock
    people: Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=20)]
    """Empty: nobody is on duty."""


class PlanBody(_Body):
    rows: Annotated[list[RowBody], Field(max_length=change.MOST_ROWS)]
    """The week, and public holidays; none: everybody who stands by is rung."""
    exceptions: Annotated[list[ExceptionBody], Field(max_length=change.MOST_ROWS)]
    """Days on which the week does not hold."""
    version: Annotated[str | None, Field(max_length=64)] = None
    """Of the plan as it was read. Sent back, it keeps what others changed meanwhile from being lost: then the answer is
    409. Null or left out: whatever the plan is, it is replaced."""


class CalendarBody(_Body):
    source: str
    read: datetime | None
    """When it was last read; null: never."""
    failing_since: datetime | None
    """Since when it cannot be read; what it said last holds until then. Null: it can be read."""
    trouble: str | None


class DutyBody(_Body):
    text: str
    """The whole in one line, as the board has it."""
    now: StretchBody | None
    """Null: the plan has not been read yet."""
    next: StretchBody | None
    by_hand: bool
    """Somebody took over, whatever the plan says."""
    plan: PlanBody
    calendar: CalendarBody | None
    """Where one is set, it takes the place of the plan."""
    nobody_from: datetime | None
    """When nobody is on duty, within the next hours, or already; null: somebody is."""
    nobody_until: datetime | None
    warnings: list[str]


class Until(_Body):
    until: AwareDatetime | None = None
    """Null: open end."""


class Take(Until):
    name: Annotated[str, Field(max_length=200)]


class ToRing(_Body):
    number: Annotated[str, Field(max_length=60)]
    """One of that person's, as people write it."""


class RungBody(_Body):
    how: RungHow
    confirmed: bool
    text: str
    """What came of it, in a sentence."""
