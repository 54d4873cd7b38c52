"""An office in memory for the panel: the real core behind a board without a PBX, and no database anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from fastapi import FastAPI

from router.core import counted, handover, orders
from router.core.call_backs import CallBack, CallBackList, Remark, call_backs
from router.core.calls import Call, Leg, Outcome
from router.core.counted import Count, Figures, Wanted
from router.core.decision import decide
from router.core.duty import Plan, seeded
from router.core.effects import Kind, Record
from router.core.evidence import Evidence, contact_said, registration_said
from router.core.health import Cause, Health, State
from router.core.office import Behind, Office, Pbx, Phone, Route, opened
from router.core.office_phones import away
from router.core.orders import Override, Overrides
from router.core.rung import Rung, RungHow
from router.core.sentence import Sentence, say
from router.core.signals import At, DutySet
from router.core.site import NumberSite, Person, Site, TrunkSite, WatchKind, Way
from router.core.trunk import Trunk
from router.panel.app import PanelDeps, create_app
from router.panel.ends import Hours
from router.ports import Access, Answer, Fate, Line, WantedLines
from router.store.words import shape, words
from tests.unit.panel.fake_accounts import (
    NOW,
    PASSWORD,  # noqa: F401 - every test takes it from here
    FakeAccounts,
    FakeFactor,
    FakeFamiliar,
    FakeLinks,
    FakeTokens,
)
from tests.unit.panel.fake_outages import FakeOutages

BERLIN = ZoneInfo("Europe/Berlin")
NASTY_NAMES = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }} {number} ${EXTEN}",
    "משרד \u202e txet", "x" * 300, "line\r\nSet-Cookie: a=b",
)  # fmt: skip


def ago(**since: float) -> datetime:
    return NOW - timedelta(**since)


def site(*, name: str = "PC-Notdienst Muster", label: str = "Telekom", person: str = "Anna") -> Site:
    return Site(
        id="muster", name=name, country="DE",
        trunks=(
            TrunkSite("telekom", label, WatchKind.PJSIP, "telekom", "PJSIP/{number}@telekom"),
            TrunkSite("gsm", "GSM-Gateway", WatchKind.PJSIP, "gsm", "PJSIP/{number}@gsm", channels=2),
        ),
        numbers=(
            NumberSite("+4930123456", "telekom", "office-phones,{did},1", people=("p1",)),
            NumberSite("+491715550123", "gsm", "office-phones,{did},1", people=("p1", "p2")),
        ),
        people=(Person("p1", ("+4917112345678",)), Person("p2", ("+4917112345679",))),
    )  # fmt: skip


def named(made: Site, *names: str) -> Site:
    """The same site with people of these names."""
    people = tuple(replace(person, name=name) for person, name in zip(made.people, names, strict=False))
    numbers = tuple(replace(number, people=tuple(p.name for p in people)) for number in made.numbers)
    return replace(made, people=people, numbers=numbers)


def trunk(made: TrunkSite, state: State, why: Sentence, since: datetime, **known: object) -> Trunk:
    cause = Cause.PROBE if state in (State.DOWN, State.RECOVERING) else None
    good = state in (State.UP, State.RECOVERING)
    seen = contact_said(Evidence(), "Reachable" if good else "Unreachable", 21400 if good else None, 0)
    evidence = registration_said(seen, "Registered" if good else "Rejected", 0)
    return Trunk(made, evidence, Health(state, cause=cause), why, since, last_outbound_call=ago(minutes=40), **known)  # type: ignore[arg-type]


def well(made: Site | None = None) -> Office:
    """All in order, and somebody called today."""
    made = made or named(site(), "Anna", "Ben")
    fine = say("registered, and probes are answered.")
    trunks = {t.name: trunk(t, State.UP, fine, ago(hours=30), last_inbound_call=ago(minutes=9)) for t in made.trunks}
    pbx = Pbx(True, False, "22.10.1", say("Asterisk {version} is in sight.", version="22.10.1"), ago(days=2), NOW)
    route = Route(
        stored=True, verified=True, since=ago(hours=30), why=say("The PBX was asked and answers as it should.")
    )
    arrivals = {number.number: ago(minutes=9) for number in made.numbers}
    return decided(replace(opened(made, "us", NOW), trunks=trunks, pbx=pbx, route=route, arrivals=arrivals))


def unproven(made: Site | None = None) -> Office:
    office = well(made)
    arrivals = {number: ago(hours=21.5 * (i + 1.2)) for i, number in enumerate(office.arrivals)}
    return decided(replace(office, arrivals=arrivals))


def outage(made: Site | None = None) -> Office:
    """The first trunk has been silent for 18 minutes."""
    office = well(made)
    name = next(iter(office.trunks))
    silent = say("{count} probes in a row went unanswered.", count=1080)
    down = trunk(office.trunks[name].site, State.DOWN, silent, ago(minutes=18, seconds=7))
    route = replace(office.route, since=ago(minutes=17, seconds=58))
    return decided(replace(office, trunks={**office.trunks, name: down}, route=route))


def phones_away(office: Office) -> Office:
    """The first number's two phones have been gone for 18 minutes; a third was never there."""
    first, *others = office.site.numbers
    gone = ("PJSIP/20", "PJSIP/21", "PJSIP/none")
    made = replace(office.site, numbers=(replace(first, phones=gone), *others))
    phones = {device: Phone("UNAVAILABLE", ago(minutes=18)) for device in gone[:2]}
    phones["PJSIP/none"] = Phone("INVALID", ago(minutes=18))
    behind = {first.number: Behind(True, ago(minutes=17))}
    return decided(replace(office, site=made, phones=phones, behind=behind))


def blind(office: Office, refused: bool = False) -> Office:
    why = (
        say("Asterisk refuses our AMI login: user name or secret is wrong.")
        if refused
        else say("We do not see the PBX: {reason}", reason=say("the connection broke off."))
    )
    pbx = Pbx(False, refused, "22.10.1", why, ago(minutes=18), None if refused else ago(minutes=18))
    trunks = {name: replace(t, evidence=Evidence()) for name, t in office.trunks.items()}
    route = replace(office.route, verified=False, why=why)
    return decided(replace(office, pbx=pbx, trunks=trunks, route=route))


def unverified(office: Office) -> Office:
    why = say("The dialplan does not follow the route table: is it of another version than the router?")
    return decided(replace(office, route=replace(office.route, verified=False, doubted=True, why=why)))


def decided(office: Office, wall: datetime = NOW) -> Office:
    made = decide(
        office.site, office.trunks, office.overrides, wall, before=office.decisions, view=office.view,
        arrivals=office.arrivals, away=away(office),
    )  # fmt: skip
    return replace(office, decisions=made)


class FakeBoard:
    """Obeys orders at once; `verifies` False: they are stored only."""

    def __init__(self, office: Office) -> None:
        self.office, self.verifies = office, True
        self.heard: list[Override] = []
        self.origins: list[str] = []
        self._changed = asyncio.Event()
        self._ended = False

    def show(self, office: Office) -> None:
        self.office = office
        self._wake()

    def end(self) -> None:
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def order(self, override: Override, origin: str = "") -> Fate:
        self.heard.append(override)
        self.origins.append(origin)
        overrides = orders.heard(self.office.overrides, override)
        route = self.office.route if self.verifies else replace(self.office.route, verified=False)
        self.show(decided(replace(self.office, overrides=overrides, route=route), override.since))
        if self.verifies:
            return Fate(True, say("The PBX was asked and answers as it should."))
        return Fate(False, say("Stored. The PBX is out of sight; it will follow once it is back."))

    async def changes(self) -> AsyncIterator[Office]:
        while not self._ended:
            changed = self._changed
            yield self.office
            await changed.wait()


class FakeJournal:
    def __init__(self, lines: Sequence[Line] = (), calls: Sequence[Call] = ()) -> None:
        self.lines, self.trouble = list(lines), None
        self.kept = list(calls)
        """Newest first."""
        self.broken = False
        self.noted: list[Record] = []
        """What the panel itself wrote, apart from logins."""
        self.logins: list[Record] = []
        self._tell: list[Callable[[], None]] = []

    def note(self, at: datetime, record: Record) -> None:
        (self.logins if record.text.text == "{by} logged in." else self.noted).append(record)

    def tell_when_written(self, tell: Callable[[], None]) -> None:
        self._tell.append(tell)

    def written(self) -> None:
        """As after lines have come into the database."""
        for tell in self._tell:
            tell()

    def remember(self, overrides: Overrides) -> None:
        raise AssertionError("the panel writes no journal")

    def keep(self, call: Call, kept: Callable[[], None]) -> None:
        raise AssertionError("the panel writes no journal")

    async def remembered(self) -> Overrides:
        return ()

    async def latest(self, most: int = 50, before: int | None = None) -> Sequence[Line]:
        if self.broken:
            raise OSError("disk I/O error")
        older = [line for line in self.lines if before is None or line.id < before]
        return older[:most]

    async def found(self, wanted: WantedLines, most: int = 50, before: int | None = None) -> Sequence[Line]:
        if self.broken:
            raise OSError("disk I/O error")
        older = [line for line in self.lines if before is None or line.id < before]
        return [line for line in older if fits(line, wanted)][:most]

    async def shapes(self) -> Sequence[str]:
        return list(dict.fromkeys(shape(line.text) for line in self.lines))

    async def calls(
        self, most: int = 50, missed: bool = False, number: str | None = None, since: datetime | None = None
    ) -> Sequence[Call]:
        if self.broken:
            raise OSError("disk I/O error")
        found = [
            call
            for call in self.kept
            if (not missed or call.outcome is Outcome.MISSED)
            and number in (None, call.number)
            and (since is None or call.began >= since)
        ]
        return found[:most]


class FakeCallBook:
    """Looks through the calls of the fake journal."""

    def __init__(self, journal: FakeJournal) -> None:
        self._journal = journal

    def _found(self, wanted: Wanted) -> list[Call]:
        if self._journal.broken:
            raise OSError("disk I/O error")
        counts = {
            Count.TAKEN: lambda call: call.outcome is Outcome.TAKEN,
            Count.MISSED: lambda call: call.outcome is Outcome.MISSED,
            Count.FORWARDED: counted.forwarded, Count.RESCUED: counted.rescued, None: lambda call: True,
        }  # fmt: skip
        return [
            call
            for call in sorted(self._journal.kept, key=lambda call: call.began, reverse=True)
            if counts[wanted.count](call)
            and wanted.number in (None, call.number)
            and (wanted.since is None or call.began >= wanted.since)
            and (wanted.until is None or call.began < wanted.until)
            and wanted.digits in (call.caller or "")
        ]

    async def page(self, wanted: Wanted, most: int = 50, before: str | None = None) -> Sequence[Call]:
        found = self._found(wanted)
        if before is None:
            return found[:most]
        last = next((call for call in self._journal.kept if call.id == before), None)
        return [call for call in found if last and call.began < last.began][:most]

    async def figures(self, wanted: Wanted) -> Figures:
        found = self._found(wanted)
        outcomes = [call.outcome for call in found]
        return Figures(
            outcomes.count(Outcome.TAKEN), outcomes.count(Outcome.MISSED),
            sum(map(counted.forwarded, found)), sum(map(counted.rescued, found)),
        )  # fmt: skip


class FakeCallBacks:
    """Over the calls of the fake journal."""

    def __init__(self, journal: FakeJournal) -> None:
        self._journal = journal
        self.remarks: list[Remark] = []

    def _rows(self, since: datetime) -> tuple[CallBack, ...]:
        if self._journal.broken:
            raise OSError("disk I/O error")
        return call_backs([call for call in self._journal.kept if call.began >= since], self.remarks)

    async def listed(self, since: datetime, most: int = 100) -> CallBackList:
        rows = self._rows(since)
        hidden = [
            call.began
            for call in self._journal.kept
            if call.caller is None and call.outcome is Outcome.MISSED and call.began >= since
        ]
        waiting = [row for row in rows if row.done is None]
        done = [row for row in rows if row.done]
        return CallBackList((*waiting[:most], *done), len(waiting), len(hidden), max(hidden, default=None))

    async def row(self, caller: str, since: datetime) -> CallBack | None:
        return next((row for row in self._rows(since) if row.caller == caller), None)

    async def say(self, remark: Remark) -> None:
        self._rows(remark.at)
        self.remarks.append(remark)

    async def undo(self, caller: str, since: datetime) -> bool:
        marked = [one for one in self.remarks if one.caller == caller and one.done and one.at >= since]
        kept = [replace(one, done=False) if one in marked else one for one in self.remarks]
        self.remarks = [one for one in kept if one.done or one.note is not None]
        return bool(marked)


class FakeAnswers:
    """`answers` by trunk, oldest first."""

    def __init__(self, since: datetime | None = None) -> None:
        self.since = since or ago(days=3)
        self.answers: dict[str, list[Answer]] = {}

    def last_hour(self, trunk: str, now: datetime) -> Sequence[Answer]:
        return [a for a in self.answers.get(trunk, ()) if now - timedelta(hours=1) < a.at <= now]


def fits(line: Line, wanted: WantedLines) -> bool:
    record = Record(Kind(line.kind), line.text, by=line.by, data=line.data)  # type: ignore[arg-type]
    return (
        (not wanted.kinds or line.kind in wanted.kinds)
        and wanted.trunk in (None, line.trunk)
        and wanted.number in (None, line.number)
        and (wanted.by_hand is None or wanted.by_hand is (line.by is not None))
        and (wanted.since is None or line.at >= wanted.since)
        and (wanted.until is None or line.at < wanted.until)
        and all(
            sought.word in words(record)
            or shape(line.text) in sought.shapes
            or (bool(sought.digits) and sought.digits in (line.number or ""))
            for sought in wanted.sought
        )
    )


class FakeDuties:
    """What is changed holds at once on the board; `dead`: the database has not been readable since the start."""

    def __init__(self, board: FakeBoard, now: Callable[[], datetime]) -> None:
        self._board, self._now = board, now
        self.dead = False
        self.keeps = True

    async def change(self, change: Callable[[Plan], Plan]) -> bool:
        if self.dead:
            raise OSError("database is locked")
        office = self._board.office
        plan = change(office.duty.plan or seeded(office.site))
        self._board.show(planned(office, plan, self._now(), self.keeps))
        return self.keeps


def planned(office: Office, plan: Plan | None = None, now: datetime = NOW, kept: bool = True) -> Office:
    """With that duty plan, the settings' one by default."""
    at = At(0.0, now)
    office, _ = handover.heard(office, DutySet(plan or seeded(office.site), kept), at)
    return decided(handover.handed_over(office, at)[0], now)


class FakeRings:
    """Answers with `answer`."""

    def __init__(self) -> None:
        self.rung: list[str] = []
        self.answer = Rung(RungHow.PRESSED, say("Somebody picked up and pressed 1: the number is confirmed."))

    async def ring(self, number: str) -> Rung:
        self.rung.append(number)
        return self.answer


class FakeDemo:
    def __init__(self) -> None:
        self.done: list[str] = []

    def verbs(self) -> Sequence[str]:
        return ("cut", "restore", "call")

    async def do(self, verb: str) -> None:
        self.done.append(verb)

    def phones(self) -> Sequence[tuple[str, str]]:
        return (("Desk phone", "on hook"), ("Anna's mobile", "ringing"))


def story() -> list[Line]:
    """A journal of the outage, newest first."""
    silent = say("{count} probes in a row went unanswered.", count=3)
    vain = say("a probe went unanswered.")
    told = [
        (1080, "switch", say("Routes switched and verified."), {}),
        (1080, "decision", outage().decisions[0].why, {"from": "office", "way": "mobile"}),
        (1080, "transition", say("{trunk} is down: {evidence}", trunk="Telekom", evidence=silent),
         {"from": "failing", "to": "down"}),
        (1084, "transition", say("{trunk} looks bad: {evidence}", trunk="Telekom", evidence=vain),
         {"from": "up", "to": "failing"}),
        (20000, "order", say("{by} gave all numbers back to the automatics.", by="Ben"), {}),
        (23000, "order", say("{by} set all numbers to the mobile.", by="Ben"), {"reason": "Werkstatt geschlossen"}),
        (90000, "pbx", say("Asterisk {version} is in sight.", version="22.10.1"), {}),
    ]  # fmt: skip
    return [
        Line(
            len(told) - i,
            ago(seconds=s),
            kind,
            text,
            trunk="telekom" if kind == "transition" else None,
            number="+4930123456" if kind == "decision" else None,
            by=dict(text.values).get("by"),
            data=dict(data),
        )
        for i, (s, kind, text, data) in enumerate(told)
    ]


def callers() -> list[Call]:
    """The calls of an afternoon, newest first: missed, taken on the mobile, taken in the office, a loop, hung up."""
    taken = Call(
        id="5.4", number="+4930123456", caller="+4930555001", trunk="telekom", way=Way.MOBILE, began=ago(minutes=3),
        rang_ms=1500, answered_ms=12300, ended=ago(minutes=1), by="+4917112345678",
        legs=(Leg("gsm", "+4917112345679", "486"), Leg("gsm", "+4917112345678", "answer")),
    )  # fmt: skip
    unmet = replace(taken, by=None, answered_ms=None)
    nobody = replace(unmet, id="5.5", began=ago(minutes=2), end="nobody", legs=(
        Leg("gsm", "+4917112345678", "480r"), Leg("gsm", "+4917112345679", "unconfirmed"), Leg("", "", "calls"),
    ), away=True)  # fmt: skip
    desk = replace(taken, id="5.3", began=ago(hours=1), way=Way.OFFICE, by="PJSIP/20", legs=(), answered_ms=4200)
    loop = replace(unmet, id="5.2", began=ago(hours=2), caller="+4917112345678", trunk="gsm", end="loop", legs=())
    gone = replace(unmet, id="5.1", began=ago(hours=26), ended=ago(hours=26, seconds=-8), caller=None, legs=(),
        number="+491715550123", rang_ms=None, way=None, trunk=None)  # fmt: skip
    return [nobody, taken, desk, loop, gone]


@dataclass
class House:
    """Everything a panel test holds in its hands. `ticks` is the throttle's clock, in seconds."""

    board: FakeBoard
    accounts: FakeAccounts = field(default_factory=FakeAccounts)
    journal: FakeJournal = field(default_factory=lambda: FakeJournal(story(), callers()))
    answers: FakeAnswers = field(default_factory=FakeAnswers)
    outages: FakeOutages = field(init=False)
    demo: FakeDemo | None = None
    hours: Hours = field(default_factory=Hours)
    ticks: float = 0.0
    now: datetime = NOW

    def __post_init__(self) -> None:
        self.outages = FakeOutages(lambda: self.board.office.site, lambda: self.now)

    @cached_property
    def call_backs(self) -> FakeCallBacks:
        return FakeCallBacks(self.journal)

    @cached_property
    def duties(self) -> FakeDuties:
        return FakeDuties(self.board, lambda: self.now)

    @cached_property
    def rings(self) -> FakeRings:
        return FakeRings()

    @cached_property
    def access(self) -> Access:
        accounts = self.accounts
        return Access(FakeLinks(accounts), FakeFactor(accounts), FakeTokens(accounts), FakeFamiliar(accounts))

    @cached_property
    def app(self) -> FastAPI:
        """One application for all browsers of a test."""
        return create_app(self.deps())

    def deps(self, **others: object) -> PanelDeps:
        return PanelDeps(
            self.board, self.accounts, self.journal, access=self.access, duties=self.duties, rings=self.rings,
            call_book=FakeCallBook(self.journal),
            call_backs=self.call_backs, answers=self.answers, outages=self.outages, timezone=BERLIN, hours=self.hours,
            api_token="the-token", demo=self.demo,
            now=lambda: self.now, ticking=lambda: self.ticks, **others,
        )  # type: ignore[arg-type]  # fmt: skip
