"""The board as the reader sees it: the office turned into finished texts, so that the template only lays them out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from router.core.calls import Call
from router.core.decision import Decision, Reachable, View
from router.core.health import State
from router.core.office import Office
from router.core.office_blame import office_blame
from router.core.office_phones import away
from router.core.orders import Mode, Override
from router.core.sentence import Sentence, say
from router.core.site import Way
from router.panel import marks
from router.panel.calls import CallView, latest_views
from router.panel.faults import FaultView, fault_view
from router.panel.lines import LineView, line_view
from router.panel.marks import Mark
from router.panel.notices import Notice, notices
from router.panel.phones import dead
from router.panel.speech import Speech, isolated
from router.panel.trunks import TrunkView, trunk_view
from router.ports import Line

NO_CALLS, UNREAD = say("No call has come in yet."), say("The calls cannot be read just now.")


@dataclass(frozen=True, slots=True)
class NumberView:
    """`text` is what leads, `more` what follows it. `rank`: worst first, last what is merely not proven.

    `phones`: which office phones behind it cannot be reached.
    """

    number: str
    text: str
    more: str
    mark: Mark
    goes: str
    trunk: str
    by_hand: bool
    rank: int
    phones: str


@dataclass(frozen=True, slots=True)
class HoldView:
    """An order that is in force. `until` is None for an open end."""

    what: str
    where: str
    by: str
    since: str
    until: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ModeView:
    """One of the three buttons. `now` says what it does; `held`: it is what staff set for all numbers.

    `in_force`: it is held, and the PBX is in sight.
    """

    value: str
    word: str
    now: str
    held: bool
    in_force: bool


@dataclass(frozen=True, slots=True)
class BoardView:
    """`tone` is that of the worst thing said; `checked` whether the PBX confirmed the route, with `checked_why`."""

    title: str
    tone: str
    notices: tuple[Notice, ...]
    numbers: tuple[NumberView, ...]
    certain: bool
    checked: Mark
    checked_why: str
    holds: tuple[HoldView, ...]
    modes: tuple[ModeView, ...]
    trunks: tuple[TrunkView, ...]
    fault: FaultView | None
    calls: tuple[CallView, ...]
    no_calls: str
    lines: tuple[LineView, ...]
    phones: tuple[tuple[str, str], ...]


def board_view(
    office: Office, lines: Sequence[Line], trouble: str | None, speech: Speech, calls: Sequence[Call] = (),
    *, phones: tuple[tuple[str, str], ...] = (),
) -> BoardView:  # fmt: skip
    """`trouble`: why the journal cannot be written just now, or None. `phones`: the demo's, and what each does."""
    said = notices(office, trouble, speech)
    numbers = tuple(sorted((_number(d, office, speech) for d in office.decisions), key=lambda view: view.rank))
    certain = office.pbx.connected and not office.other_writer
    checked, why = _checked(office, speech)
    leading = said[0] if said and not certain else None
    tone = leading.mark.tone if leading else numbers[0].mark.tone
    headline = leading.text if leading else f"{speech.line(Sentence(numbers[0].mark.word))}: {numbers[0].number}"
    return BoardView(
        title=f"{headline} · {office.site.name}", tone=tone, notices=said, numbers=numbers, certain=certain,
        checked=checked, checked_why=why,
        holds=tuple(_hold(word, office, speech) for word in _held(office)),
        modes=tuple(_mode(mode, office, speech) for mode in Mode),
        trunks=tuple(
            trunk_view(trunk, office.blames.get(name), office.pbx.connected, speech)
            for name, trunk in office.trunks.items()
        ),
        fault=_fault(office, speech),
        calls=tuple(latest_views(calls, office.site, speech)),
        no_calls=speech.render(UNREAD if trouble else NO_CALLS),
        lines=tuple(line_view(line, speech) for line in lines),
        phones=phones,
    )  # fmt: skip


def _fault(office: Office, speech: Speech) -> FaultView | None:
    """With the evidence where that is of no trunk: else it stands there."""
    held = office_blame(office) if office.pbx.connected else None
    of_a_trunk = held is not None and any(held.blame.evidence == one.blame.evidence for one in office.blames.values())
    return fault_view(held, speech, evident=not of_a_trunk)


def _number(decision: Decision, office: Office, speech: Speech) -> NumberView:
    trunk = office.trunks[decision.trunk]
    mark = marks.REACHABLE[decision.reachable]
    doubt = office.view is View.UNVERIFIED or trunk.health.state not in (State.UP, State.UNKNOWN)
    if decision.reachable is Reachable.UNPROVEN and (doubt or decision.alone):
        mark = marks.DOUBTFUL
    if decision.number in away(office) and decision.reachable is not Reachable.NO:
        mark = marks.PHONES_AWAY
    if not office.pbx.connected:
        mark = marks.LAST_KNOWN if office.pbx.seen_at else marks.NEVER_SEEN
    text, more = _told(decision, office, speech)
    rank = {"bad": 0, "wait": 1, "good": 2, "off": 3}[mark.tone]  # that a number was not called is no news
    return NumberView(
        number=speech.text("{number}", number=decision.number),
        text=text, more=more, mark=mark, goes=_goes(decision, speech),
        trunk=trunk.site.label, by_hand=decision.word is not None, rank=rank,
        phones=dead(office, decision.number, speech),
    )  # fmt: skip


def _told(decision: Decision, office: Office, speech: Speech) -> tuple[str, str]:
    """What leads and what follows."""
    text, more = speech.parts(decision.why)
    if not office.pbx.connected and decision.word is None:
        return text, ""  # that we do not see the PBX stands above already
    return (more, text) if more and _quiet(decision, office) else (text, more)


def _quiet(decision: Decision, office: Office) -> bool:
    """Whether nothing is wrong, and only no call has come lately: what is proven leads, and that is told after it."""
    state = office.trunks[decision.trunk].health.state
    fine = office.view is View.CLEAR and state is State.UP and not decision.alone and decision.word is None
    fine = fine and decision.number not in away(office)
    return fine and decision.reachable is Reachable.UNPROVEN


def _goes(decision: Decision, speech: Speech) -> str:
    """Where calls go, in a word, with who is rung first."""
    word = speech.text(marks.WAYS[decision.way])
    if decision.way is Way.OFFICE or not decision.mobiles:
        return word
    return f"{word} ({isolated(decision.mobiles[0][0].name)})"


def _checked(office: Office, speech: Speech) -> tuple[Mark, str]:
    route = office.route
    if route.verified:
        if route.since is None:
            return marks.VERIFIED, speech.render(route.why)
        text = say("The PBX confirms: calls have gone this way since {since}.", since=route.since)
        return marks.VERIFIED, speech.render(text)
    if not office.pbx.connected:
        told = say("What holds is what the PBX was told last.")
        never = say("Which way calls take is not known yet.")
        return marks.UNVERIFIED, speech.render(told if office.pbx.seen_at else never)
    mark = marks.SWITCHING if route.under_way else marks.UNVERIFIED
    return mark, speech.line(route.why)


def _held(office: Office) -> Iterable[Override]:
    """The orders in force, each once, and the numbers exempt from the one for all, which comes first."""
    words = dict.fromkeys(decision.word for decision in office.decisions if decision.word)
    if any(word.number is None for word in words):
        exempt = {decision.number for decision in office.decisions if decision.word is None}
        words |= dict.fromkeys(word for word in office.overrides if word.number in exempt)
    return sorted(words, key=lambda word: word.number or "")


def _hold(word: Override, office: Office, speech: Speech) -> HoldView:
    every = speech.text("{number}", number=word.number) if word.number else speech.render(say("All numbers"))
    return HoldView(
        what=every, where=speech.text(marks.MODES[word.mode]), by=speech.who(word.by), since=speech.moment(word.since),
        until=speech.moment(word.until) if word.until else None, reason=word.reason,
    )  # fmt: skip


def _mode(mode: Mode, office: Office, speech: Speech) -> ModeView:
    general = [word for word in _held(office) if word.number is None]
    held = general[0].mode is mode if general else mode is Mode.AUTO and not any(d.word for d in office.decisions)
    return ModeView(
        mode.value, speech.text(marks.MODES[mode]), _mode_now(mode, office, speech), held, held and office.pbx.connected
    )


def _mode_now(mode: Mode, office: Office, speech: Speech) -> str:
    match mode:
        case Mode.AUTO:
            ways = {decision.auto for decision in office.decisions}
            now = speech.text(marks.WAYS[ways.pop()]) if len(ways) == 1 else speech.render(say("by number"))
            return speech.render(say("now: {way}", way=now))
        case Mode.OFFICE:
            return speech.render(say("all calls ring here"))
        case Mode.MOBILE:
            people = dict.fromkeys(isolated(d.mobiles[0][0].name) for d in office.decisions if d.mobiles)
            return ", ".join(people) or speech.render(say("nobody is set"))
