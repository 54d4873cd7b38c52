"""Today's strip for the board: the lines of the day, kept until the journal has new ones."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from router.core.effects import Kind
from router.core.office import Office
from router.core.sentence import say
from router.panel.day import UNTOLD, Day, Stretch, Stretches, number_day, restarted, today, trunk_day
from router.panel.drawn_day import Strip, strip
from router.panel.lines import PATIENCE
from router.panel.speech import Speech
from router.ports import Journal, Line, WantedLines

KINDS = (Kind.TRANSITION, Kind.DECISION, Kind.PBX, Kind.ROUTER)
MOST = 1000
"""Lines of one day that are looked at; of more, only the end of the day is drawn."""
MOST_ROWS = 8
"""Beyond it, rows on which nothing was out of order are counted and not drawn."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DayLines:
    """`earlier`: the last line about each trunk and number before midnight, where it was looked up."""

    lines: Sequence[Line]
    earlier: Mapping[str, Line]


class Today:
    """Reads the day's lines once, and again after each `forget`."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._kept: tuple[datetime, DayLines] | None = None

    def forget(self) -> None:
        self._kept = None

    async def lines(self, office: Office, day: Day) -> DayLines | None:
        """None where the journal cannot be read, or has not all that happened: then nothing is drawn of it."""
        if self._journal.trouble:
            return None
        if self._kept is not None and self._kept[0] == day.begin:
            return self._kept[1]
        try:
            async with asyncio.timeout(PATIENCE):
                found = await self._read(office, day)
        except Exception as fault:  # whatever the database throws: the board must stand
            log.warning("today unreadable", fault=repr(fault))
            return None
        self._kept = day.begin, found
        return None if self._journal.trouble else found

    async def _read(self, office: Office, day: Day) -> DayLines:
        lines = await self._journal.found(WantedLines(tuple(KINDS), since=day.begin), MOST)
        earlier: dict[str, Line] = {}
        if restarted(lines):
            about = {name: WantedLines((Kind.TRANSITION,), trunk=name, until=day.begin) for name in office.trunks}
            for number in office.site.numbers:
                about[number.number] = WantedLines((Kind.DECISION,), number=number.number, until=day.begin)
            for name, wanted in about.items():
                for line in await self._journal.found(wanted, 1):
                    earlier[name] = line
        return DayLines(lines, earlier)


def strip_of(office: Office, found: DayLines, timezone: ZoneInfo, speech: Speech) -> tuple[Strip, str]:
    """The strip, and what is to be said under it."""
    day = today(speech.now, timezone)
    seen, lines = office.pbx.connected, found.lines
    cut = min(line.at for line in lines) if len(lines) >= MOST else day.begin
    rows = [
        (speech.number(d.number), number_day(d.number, d.way, seen, lines, day, earlier=_was(found, d.number, "way")))
        for d in office.decisions
    ] + [
        (trunk.site.label, trunk_day(
            name, trunk.health.state, seen, lines, day, earlier=_was(found, name, "to"), since=trunk.since
        ))
        for name, trunk in office.trunks.items()
    ]  # fmt: skip
    told = [(name, _from(cut, made)) for name, made in rows]
    shown = told if len(told) <= MOST_ROWS else [row for row in told if len(row[1]) > 1]
    more = len(told) - len(shown)
    note = say("{count} more: nothing was out of order since midnight.", count=more)
    return strip(shown, day, speech), speech.render(note) if more else ""


def _was(found: DayLines, name: str, key: str) -> str:
    line = found.earlier.get(name)
    was = line.data.get(key) if line else None
    return was if isinstance(was, str) else ""


def _from(cut: datetime, made: Stretches) -> Stretches:
    """What was before `cut` nobody has looked up."""
    if not made or cut <= made[0].begin:
        return made
    left = tuple(Stretch(max(cut, s.begin), s.end, s.state) for s in made if s.end > cut)
    return (Stretch(made[0].begin, cut, UNTOLD), *left)
