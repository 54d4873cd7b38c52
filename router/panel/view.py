"""The board as the reader sees it: the office turned into finished texts, so that the template only lays them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from router.core.calls import Call
from router.core.decision import Decision, Reachable, View
from router.core.health import State
from router.core.office import Office
from router.core.office_blame import office_blame
from router.core.office_phones import away
from router.core.sentence import Sentence, say
from router.core.site import Way
from router.panel import control, marks
from router.panel.advice import Advice, advice
from router.panel.calls import CallView, latest_views
from router.panel.control import HoldView, ModeView
from router.panel.drawn_answers import Drawing
from router.panel.drawn_day import Strip
from router.panel.fates import FateView
from router.panel.faults import FaultView, fault_view
from router.panel.lines import LineView, line_view
from router.panel.marks import Mark
from router.panel.notices import Notice, notices
from router.panel.on_duty import OnDuty, duty_notices, on_duty
from router.panel.phones import dead
from router.panel.speech import Speech, isolated
from router.panel.trunks import TrunkView, trunk_view
from router.ports import Line

NO_CALLS, UNREAD = say("No call has come in yet."), say("The calls cannot be read just now.")
NO_LINES, UNREAD_LINES = say("Nothing has happened yet."), say("The journal cannot be read just now.")


@dataclass(frozen=True, slots=True)
class NumberView:
    """`text` is what leads, `more` what follows it. `rank`: worst first, last what is merely not proven. `goes`: where
    its calls go, empty where that is not known.

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
    no_lines: str
    phones: tuple[tuple[str, str], ...]
    advice: tuple[Advice, ...]
    fate: FateView | None
    strip: Strip | None
    strip_note: str
    missed: str
    on_duty: OnDuty | None


@dataclass(frozen=True, slots=True)
class Around:
    """What else stands on the board: the demo's phones and what each does, what became of the reader's order, the
    day's strip and its note, the answer times by trunk, how many were missed."""

    phones: tuple[tuple[str, str], ...] = ()
    fate: FateView | None = None
    strip: Strip | None = None
    strip_note: str = ""
    drawings: Mapping[str, Drawing] = field(default_factory=dict)
    missed: str = ""


def board_view(
    office: Office, lines: Sequence[Line], trouble: str | None, speech: Speech, calls: Sequence[Call] | None = (),
    *, around: Around | None = None,
) -> BoardView:  # fmt: skip
    """`trouble`: why the journal cannot be written just now, or None. `calls`: None where they cannot be read."""
    around = around or Around()
    said = notices(office, trouble, speech) + duty_notices(office, speech)
    numbers = tuple(sorted((_number(d, office, speech) for d in office.decisions), key=lambda view: view.rank))
    certain = office.pbx.connected and not office.other_writer
    checked, why = _checked(office, speech)
    leading = said[0] if said and not certain else None
    tone = leading.mark.tone if leading else numbers[0].mark.tone
    headline = leading.text if leading else f"{speech.line(Sentence(numbers[0].mark.word))}: {numbers[0].number}"
    return BoardView(
        title=f"{headline} · {office.site.name}", tone=tone, notices=said, numbers=numbers, certain=certain,
        checked=checked, checked_why=why,
        holds=control.holds(office, speech), modes=control.modes(office, speech),
        trunks=tuple(
            trunk_view(trunk, office.blames.get(name), office.pbx.connected, speech, around.drawings.get(name))
            for name, trunk in office.trunks.items()
        ),
        fault=_fault(office, speech),
        calls=tuple(latest_views(calls or (), office.site, speech)),
        no_calls=speech.render(UNREAD if trouble or calls is None else NO_CALLS),
        lines=tuple(line_view(line, speech) for line in lines),
        no_lines=speech.render(UNREAD_LINES if trouble else NO_LINES),
        phones=around.phones, advice=advice(office, speech), fate=around.fate, strip=around.strip,
        strip_note=around.strip_note, missed=around.missed, on_duty=on_duty(office, speech),
    )  # fmt: skip


def _fault(office: Office, speech: Speech) -> FaultView | None:
    """With the evidence where that is of no trunk: else it stands there."""
    held = office_blame(office) if office.pbx.connected else None
    of_a_trunk = held is not None and any(held.blame.evidence == one.blame.evidence for one in office.blames.values())
    return fault_view(held, speech, evident=not of_a_trunk)


def _number(decision: Decision, office: Office, speech: Speech) -> NumberView:
    trunk = office.trunks[decision.trunk]
    mark = marks.REACHABLE[decision.reachable]
    doubt = office.view is not View.CLEAR or trunk.health.state not in (State.UP, State.UNKNOWN)
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
        text=text, more=more, mark=mark, goes=_goes(decision, office, speech),
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


def _goes(decision: Decision, office: Office, speech: Speech) -> str:
    """In a word, with who is rung first."""
    word = speech.text(marks.WAYS[decision.way])
    if decision.way is not Way.OFFICE and decision.mobiles:
        word = f"{word} ({isolated(decision.mobiles[0][0].name)})"
    match office.view:
        case View.CLEAR:
            return speech.render(say("calls go to: {goes}", goes=word))
        case View.UNVERIFIED:
            return speech.render(say("calls should go to: {goes}", goes=word))
    return ""


def _checked(office: Office, speech: Speech) -> tuple[Mark, str]:
    route = office.route
    if route.verified:
        if route.since is None:
            return marks.VERIFIED, speech.render(route.why)
        text = say("The PBX confirms: calls have gone this way since {since}.", since=route.since)
        return marks.VERIFIED, speech.render(text)
    if not office.pbx.connected:
        told = say("Nothing is confirmed while we do not see the PBX.")
        never = say("Which way calls take is not known yet.")
        return marks.UNVERIFIED, speech.render(told if office.pbx.seen_at else never)
    mark = marks.SWITCHING if route.under_way else marks.UNVERIFIED
    return mark, speech.line(route.why)
