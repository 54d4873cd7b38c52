"""Outages in memory: made from lines by the real core, and kept by nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from router.core.blame import Exhibit
from router.core.calls import Call
from router.core.outage_story import during_it, numbers_of, tally
from router.core.outages import Ending, Ledger, Outage, What, after
from router.core.sentence import Sentence, say
from router.core.site import Site
from router.ports import KeptOutage, Line, Note, OutageLines


class FakeOutages:
    """`lines` oldest first."""

    def __init__(
        self, site: Callable[[], Site], now: Callable[[], datetime], lines: Sequence[Line] = (),
        calls: Sequence[Call] = (),
    ) -> None:  # fmt: skip
        self.site, self.now, self.calls = site, now, calls
        self.told: list[Line] = list(lines)
        self.tickets: dict[int, str] = {}
        self.alarms: dict[int, bool] = {}
        self.notes: dict[int, list[Note]] = {}
        self.broken = False
        self.behind = False

    def _outages(self) -> list[Outage]:
        if self.broken:
            raise OSError("disk I/O error")
        ledger, known = Ledger(), dict[int, Outage]()
        for line in self.told:
            ledger, changed = after(ledger, line)
            known |= {one.id: one for one in changed}
        return [one for _, one in sorted(known.items()) if one.down and one.ending is not Ending.NOTHING]

    def _kept(self, outage: Outage, notes: tuple[Note, ...] = (), *, counted: bool = True) -> KeptOutage:
        numbers = numbers_of(outage, self.site())
        rang = during_it(outage, self.calls, numbers, self.now())
        counts = tally(((call.number, call.outcome, call.by, 1) for call in rang), numbers)
        ticket, alarm = self.tickets.get(outage.id, ""), self.alarms.get(outage.id, False)
        return KeptOutage(outage, counts if counted else None, ticket, alarm, notes)

    async def latest(
        self, most: int = 50, before: int | None = None, *, what: What | None = None, subject: str | None = None,
        open_now: bool | None = None,
    ) -> Sequence[KeptOutage]:  # fmt: skip
        found = [
            one
            for one in reversed(self._outages())
            if (before is None or one.id < before)
            and what in (None, one.what)
            and subject in (None, one.subject)
            and open_now in (None, one.open)
        ]
        return [self._kept(one) for one in found[:most]]

    async def one(self, outage: int) -> KeptOutage | None:
        found = [one for one in self._outages() if one.id == outage]
        return self._kept(found[0], tuple(self.notes.get(outage, ()))) if found else None

    async def lines(self, kept: KeptOutage) -> OutageLines:
        one = kept.outage
        rang = sorted(self.calls, key=lambda call: call.began)
        return OutageLines([line for line in self.told if line.id >= one.id], rang)

    async def since(self, moment: datetime) -> Sequence[KeptOutage]:
        found = [one for one in self._outages() if one.ended is None or one.ended >= moment]
        return [self._kept(one, counted=False) for one in found]

    async def told_since(self) -> datetime | None:
        if self.broken:
            raise OSError("disk I/O error")
        return self.told[0].at if self.told else None

    async def set_ticket(self, outage: int, ticket: str) -> bool:
        if await self.one(outage) is None:
            return False
        self.tickets[outage] = ticket
        return True

    async def set_false_alarm(self, outage: int, false_alarm: bool) -> bool:
        if await self.one(outage) is None:
            return False
        self.alarms[outage] = false_alarm
        return True

    async def add_note(self, outage: int, note: str, by: str, at: datetime) -> Note | None:
        if await self.one(outage) is None:
            return None
        made = Note(len(self.notes.get(outage, ())) + 1, at, by, note)
        self.notes.setdefault(outage, []).append(made)
        return made


def transition(at: datetime, came: str, to: str, *, trunk: str = "telekom", label: str = "Telekom") -> Line:
    text = {
        "failing": say("{trunk} looks bad: {evidence}", trunk=label, evidence=say("a probe went unanswered.")),
        "down": say("{trunk} is down: {evidence}", trunk=label,
                    evidence=say("{count} probes in a row went unanswered.", count=5)),
        "recovering": say("{trunk} looks good again; {evidence}", trunk=label,
                          evidence=say("registered, and probes are answered.")),
        "up": say("{trunk} has been good for long enough.", trunk=label),
    }[to]  # fmt: skip
    return Line(0, at, "transition", text, trunk=trunk, data={"from": came, "to": to, "cause": "probe"})


def blamed(at: datetime, evidence: Sequence[Exhibit] | None = None, *, label: str = "Telekom") -> Line:
    data: dict[str, object] = {"whose": "carrier_silent"}
    shown = evidence or (
        Exhibit(at, say(
            "{trunk} at {host} has left every probe (SIP OPTIONS) unanswered since {second}: {count} in a row.",
            trunk=label, host="sip.example.net", second=at, count=5,
        )),
        Exhibit(at, say("{target} at {address} took our connection after {ms} ms.", target="https://example.org",
                        address="192.0.2.7", ms=21)),
    )  # fmt: skip
    for place, exhibit in enumerate(shown, 1):
        data |= {f"evidence_{place}": exhibit.text, f"evidence_{place}_at": exhibit.at}
    text = say("The carrier: {trunk} does not answer, though our internet works.", trunk=label)
    return Line(0, at, "blame", text, trunk="telekom", data=data)


def switched(at: datetime) -> Line:
    return Line(0, at, "switch", say("Routes switched and verified."), data={"plan": 3, "ms": 4.7})


def outage_lines(now: datetime, *, label: str = "Telekom") -> list[Line]:
    """A journal of three outages, oldest first: a week ago, 18 minutes long an hour ago with everything in it, and one
    of the other trunk that is open."""

    def ago(**since: float) -> datetime:
        return now - timedelta(**since)

    hour = now - timedelta(hours=1)

    def then(**later: float) -> datetime:
        return hour + timedelta(**later)

    told = [
        Line(0, ago(days=40), "pbx", say("Asterisk {version} is in sight.", version="22.10.1"), data={"sight": "seen"}),
        transition(ago(days=7, minutes=5), "up", "failing", label=label),
        transition(ago(days=7, minutes=5, seconds=-3), "failing", "down", label=label),
        transition(ago(days=7, minutes=3), "down", "recovering", label=label),
        transition(ago(days=7), "recovering", "up", label=label),
        transition(then(), "up", "failing", label=label),
        transition(then(seconds=3), "failing", "down", label=label),
        blamed(then(seconds=3), label=label),
        switched(then(seconds=3.2)),
        Line(0, then(minutes=4), "order", Sentence("{by} set all numbers to the mobile.", (("by", "Ben"),)), by="Ben",
             data={"mode": "mobile", "reason": "Werkstatt <b>zu</b>"}),
        transition(then(minutes=16), "down", "recovering", label=label),
        transition(then(minutes=18), "recovering", "up", label=label),
        switched(then(minutes=18, seconds=0.2)),
        transition(ago(minutes=10), "up", "failing", trunk="gsm", label="GSM-Gateway"),
        transition(ago(minutes=9.9), "failing", "down", trunk="gsm", label="GSM-Gateway"),
    ]  # fmt: skip
    return [replace(line, id=place) for place, line in enumerate(told, 1)]


RECENT, OLD, OPEN = 6, 2, 14
"""Ids of the outages in `outage_lines`."""
