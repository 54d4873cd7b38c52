"""The journal of a play, as the database would keep it, and the outages that it tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from router.core.outages import Ending, Ledger, Outage, Told, after
from router.ports import Line
from tests.unit.core.offices import MORNING
from tests.unit.core.play import Play


def journal(play: Play) -> list[Line]:
    """Oldest first, with ids from 1."""
    return [
        Line(
            place, MORNING + timedelta(seconds=at), record.kind.value, record.text, record.trunk, record.number,
            record.by, dict(record.data),
        )
        for place, (at, record) in enumerate(play.lines, 1)
    ]  # fmt: skip


def told(lines: Iterable[Told]) -> list[Outage]:
    """As they are after the last line, oldest first, without what only looked bad."""
    return [one for one in ledgered(lines).values() if one.ending is not Ending.NOTHING and one.down]


def ledgered(lines: Iterable[Told]) -> dict[int, Outage]:
    ledger, known = Ledger(), dict[int, Outage]()
    for line in lines:
        ledger, changed = after(ledger, line)
        known |= {one.id: one for one in changed}
    return dict(sorted(known.items()))


def set_back(lines: Sequence[Line], place: int, seconds: float) -> list[Line]:
    """The same lines where the clock was set back before the line at `place`."""
    back = timedelta(seconds=seconds)
    return [*lines[:place], *(replace(line, at=line.at - back) for line in lines[place:])]
