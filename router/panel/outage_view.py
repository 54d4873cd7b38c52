"""One outage as the reader sees it, on the screen and on one printed page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from markupsafe import Markup

from router.core.blame import Exhibit
from router.core.call_told import leg_told, told
from router.core.calls import Call
from router.core.effects import Kind
from router.core.kept_blame import evidence_in, whose_in
from router.core.outage_story import Story, Switch, is_saved, numbers_of, story
from router.core.outages import Outage, Told, What
from router.core.sentence import Value, say, sentence
from router.core.site import Site
from router.panel import marks
from router.panel import outage_words as words
from router.panel.faults import WHOSE, EvidenceView, evidence_view
from router.panel.marks import Mark
from router.panel.outage_drawing import drawn
from router.panel.outages_view import calls_told
from router.panel.speech import Speech
from router.ports import KeptOutage, OutageLines

MORE = sentence("There is more of it than this page shows: the journal has the rest.")
GONE = sentence("How it began is no longer kept in the journal.")


@dataclass(frozen=True, slots=True)
class BlameView:
    time: str
    iso: str
    mark: Mark
    text: str
    evidence: EvidenceView | None


@dataclass(frozen=True, slots=True)
class EventView:
    time: str
    iso: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class CallView:
    """`caller` masked where the reader may not see it."""

    time: str
    iso: str
    mark: Mark
    caller: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class NoteView:
    time: str
    iso: str
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class OutageView:
    """`facts`: names and values. `drawing` for wide screens, `narrow` for phones, `paper` for the printed page.
    `events`: the drawing as a table."""

    id: int
    title: str
    head: str
    mark: Mark
    whose: Mark
    kind: str
    remarks: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    zone: str
    blames: tuple[BlameView, ...]
    counts: tuple[tuple[str, int, int, int], ...]
    calls_told: str
    not_counted: str
    lost: tuple[CallView, ...]
    saved: tuple[CallView, ...]
    cut: str
    drawing: Markup
    narrow: Markup
    paper: Markup
    events: tuple[EventView, ...]
    notes: tuple[NoteView, ...]
    ticket: str
    false_alarm: bool
    exhibits: tuple[Exhibit, ...]


def story_of(kept: KeptOutage, found: OutageLines, site: Site, speech: Speech) -> Story:
    return story(kept.outage, found.lines, found.calls, numbers_of(kept.outage, site), speech.now)


def outage_view(kept: KeptOutage, found: OutageLines, site: Site, speech: Speech) -> OutageView:
    outage, whole = kept.outage, story_of(kept, found, site, speech)
    told_at = replace(speech, at=outage.began)
    numbers = numbers_of(outage, site)
    head = told_at.line(words.head(outage, site, told_at))
    unknown = words.not_counted(outage, numbers, speech)
    blames = tuple(_blame(line, told_at) for line in whole.blames)
    laid = [exhibit for line in reversed(whole.blames) for exhibit in evidence_in(line.data)]
    wide, narrow, paper = drawn(whole, site, told_at, head)
    return OutageView(
        id=outage.id, title=f"{words.label(outage, site, speech)}, {words.day(outage.began, speech)}", head=head,
        mark=words.state_mark(outage, kept.false_alarm), whose=words.whose_mark(outage),
        kind=speech.text(words.KINDS[outage.what]),
        remarks=tuple(told_at.line(remark) for remark in words.remarks(outage)),
        facts=tuple(facts_of(outage, site, told_at, speech.now)), zone=told_at.zone(),
        blames=blames, counts=_counts(kept, speech), calls_told=speech.line(calls_told(kept)),
        not_counted=speech.line(unknown) if unknown else "",
        lost=tuple(_call(call, site, told_at) for call in whole.calls if call.outcome == "missed"),
        saved=tuple(_call(call, site, told_at) for call in whole.calls if is_saved(call)),
        cut=cut_told(found, whole, speech),
        drawing=wide, narrow=narrow, paper=paper, events=tuple(events(whole, told_at)),
        notes=tuple(
            NoteView(told_at.exact(n.at), n.at.isoformat(), speech.who(n.by), speech.written(n.text))
            for n in kept.notes
        ),
        ticket=kept.ticket, false_alarm=kept.false_alarm, exhibits=tuple(laid),
    )  # fmt: skip


def cut_told(found: OutageLines, whole: Story, speech: Speech) -> str:
    """What its lines do not tell, where that is so."""
    begun = bool(whole.lines) and whole.lines[0].id == whole.outage.id
    return " ".join(speech.text(said) for said, so in ((GONE, not begun), (MORE, found.cut)) if so)


def _counts(kept: KeptOutage, speech: Speech) -> tuple[tuple[str, int, int, int], ...]:
    """By number: taken on a mobile, missed, taken in the office."""
    by_number = kept.tally.numbers.items() if kept.tally else ()
    return tuple((speech.number(number), count.saved, count.lost, count.office) for number, count in by_number)


def facts_of(outage: Outage, site: Site, speech: Speech, now: datetime) -> list[tuple[str, str]]:
    """Names and values; `now`: to when an outage that is open lasts."""
    numbers = numbers_of(outage, site)
    found: list[tuple[str, str]] = []
    if outage.what is What.TRUNK:
        name = words.label(outage, site, speech)
        found.append((speech.text(sentence("Trunk")), name if name == outage.subject else f"{name} ({outage.subject})"))
    if numbers and outage.what is not What.PBX:
        found.append((speech.text(sentence("Numbers")), ", ".join(speech.number(number) for number in numbers)))
    moments = (
        (speech.text(sentence("First bad sign")), outage.began), (speech.text(sentence("Held for down")), outage.down),
        (speech.text(sentence("Answered again")), outage.answered), (speech.text(sentence("Up again")), outage.ended),
    )  # fmt: skip
    found += [(name, speech.exact(at)) for name, at in moments if at is not None]
    found.append((speech.text(sentence("Lasted")), words.lasted(outage.seconds(now), speech)))
    if outage.answered is not None:
        silent = max(0.0, (outage.answered - outage.began).total_seconds())
        found.append((speech.text(sentence("Until it answered")), words.lasted(silent, speech)))
    if outage.cause in words.CAUSES:
        found.append((speech.text(sentence("What showed it")), speech.text(words.CAUSES[outage.cause])))
    if outage.relapses:
        found.append((speech.text(sentence("Relapses meanwhile")), str(outage.relapses)))
    return found


def _blame(line: Told, speech: Speech) -> BlameView:
    whose = whose_in(line.data)
    mark = next((mark for known, mark in WHOSE.items() if known == whose), words.NOT_KNOWN)
    evidence = evidence_view(evidence_in(line.data), speech, line.at)
    return BlameView(speech.exact(line.at), line.at.isoformat(), mark, speech.line(line.text), evidence)


def _call(call: Call, site: Site, speech: Speech) -> CallView:
    return CallView(
        time=speech.exact(call.began), iso=call.began.isoformat(),
        mark=marks.CALLS[call.outcome],
        caller=speech.number(call.caller) if call.caller else speech.line(say("number withheld")),
        number=speech.number(call.number), text=speech.line(told(call, site)),
    )  # fmt: skip


def tries(call: Call, site: Site, speech: Speech) -> list[str]:
    return [speech.line(leg_told(leg, site)) for leg in call.legs]


def events(whole: Story, speech: Speech) -> list[EventView]:
    """All its lines, oldest first; a switch tells how soon it came."""
    soon = {switch.line.id: switch for switch in whole.switches}
    found = []
    for line in whole.lines:
        text = speech.line(line.text)
        if (switch := soon.get(line.id)) is not None:
            text = f"{text} {switch_told(switch, speech)}".strip()
        reason = line.data.get("reason") if line.kind == Kind.ORDER else None
        if isinstance(reason, str) and reason:
            text = f"{text} ({speech.written(reason)})"
        kind = speech.text(marks.KINDS[line.kind]) if line.kind in marks.KINDS else line.kind
        found.append(EventView(speech.exact(line.at), line.at.isoformat(), kind, text))
    return found


def switch_told(switch: Switch, speech: Speech) -> str:
    """How long after the verdict, and how long the PBX took for it."""
    places: dict[str, Value] = {"seconds": round(switch.after or 0.0, 1), "ms": round(switch.ms or 0.0, 1)}
    if switch.after is not None and switch.ms is not None:
        return speech.text(sentence("{seconds} s after that was known; written and asked in {ms} ms."), **places)
    if switch.ms is not None:
        return speech.text(sentence("Written and asked in {ms} ms."), ms=places["ms"])
    return ""
