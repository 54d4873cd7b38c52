"""An outage in sentences: what was down, from when to when, for how long, and what is not known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from babel.dates import format_date, format_skeleton
from babel.units import format_unit

from router.core.blame import Whose
from router.core.outages import Ending, Outage, What
from router.core.sentence import Sentence, Value, say, sentence
from router.core.site import Site
from router.panel import marks
from router.panel.faults import WHOSE
from router.panel.marks import Mark
from router.panel.paper_room import cut
from router.panel.speech import Speech

KINDS: Mapping[What, str] = {
    What.TRUNK: sentence("Trunk"),
    What.NUMBER: sentence("One number"),
    What.PHONES: sentence("Office phones"),
    What.PBX: sentence("PBX"),
}
OPEN = Mark(sentence("still down"), "bad", "triangle")
OVER = Mark(sentence("over"), "good", "disc")
FALSE_ALARM = Mark(sentence("false alarm"), "off", "ring")
NOT_KNOWN = Mark(sentence("not known"), "off", "ring")

MOST_NAMED = 4
"""Numbers in one sentence."""

CAUSES: Mapping[str, str] = {
    "probe": sentence("it did not answer our probes"),
    "registration": sentence("our registration failed"),
    "calls": sentence("calls over it failed"),
}
_ONE_DAY: Mapping[What, str] = {
    What.TRUNK: sentence("{trunk} was down on {day} from {begin} to {end}, {duration}."),
    What.NUMBER: sentence("Calls in the name of {number} failed on {day} from {begin} to {end}, {duration}."),
    What.PHONES: sentence(
        "No office phone behind {number} could be reached on {day} from {begin} to {end}, {duration}."
    ),
    What.PBX: sentence("The PBX was out of our sight on {day} from {begin} to {end}, {duration}."),
}
_SEVERAL_DAYS: Mapping[What, str] = {
    What.TRUNK: sentence("{trunk} was down from {begin} to {end}, {duration}."),
    What.NUMBER: sentence("Calls in the name of {number} failed from {begin} to {end}, {duration}."),
    What.PHONES: sentence("No office phone behind {number} could be reached from {begin} to {end}, {duration}."),
    What.PBX: sentence("The PBX was out of our sight from {begin} to {end}, {duration}."),
}
_STILL: Mapping[What, str] = {
    What.TRUNK: sentence("{trunk} has been down since {begin} and still is: {duration} by now."),
    What.NUMBER: sentence("Calls in the name of {number} have failed since {begin} and still do: {duration} by now."),
    What.PHONES: sentence(
        "No office phone behind {number} can be reached since {begin}, and still none: {duration} by now."
    ),
    What.PBX: sentence("The PBX has been out of our sight since {begin} and still is: {duration} by now."),
}


def label(outage: Outage, site: Site, speech: Speech) -> str:
    """What people call it; of a trunk that is in the settings no more, what it was called then."""
    match outage.what:
        case What.TRUNK:
            return next((trunk.label for trunk in site.trunks if trunk.name == outage.subject), outage.label)
        case What.PBX:
            return speech.text(KINDS[What.PBX])
    return speech.number(outage.subject)


def head(
    outage: Outage, site: Site, speech: Speech, *, now: datetime | None = None, most: float | None = None
) -> Sentence:
    """Telekom was down on 22 November from 14:31:58 to 15:04:20, 32 minutes.

    `now`: to when an outage that is open lasts; None: as in `speech`. `most`: units of its label, see paper_room.
    """
    named = label(outage, site, speech)
    places: dict[str, Value] = {
        "trunk": named if most is None else cut(named, most), "number": outage.subject,
        "duration": lasted(outage.seconds(now or speech.now), speech),
    }  # fmt: skip
    began = outage.began.astimezone(speech.timezone)
    ended = None if outage.ended is None else outage.ended.astimezone(speech.timezone)
    if ended is None:
        return _with(_STILL[outage.what], places, begin=_dated(began, speech))
    aside = replace(speech, at=began).aside(ended)
    if began.date() == ended.date():
        begin, end = speech.seconds(began), f"{speech.seconds(ended)}{aside}"
        return _with(_ONE_DAY[outage.what], places, day=day(began, speech), begin=begin, end=end)
    return _with(_SEVERAL_DAYS[outage.what], places, begin=_dated(began, speech), end=f"{_dated(ended, speech)}{aside}")


def _with(text: str, places: dict[str, Value], **more: str) -> Sentence:
    return Sentence(text, tuple((name, value) for name, value in (places | more).items() if "{" + name + "}" in text))


def _dated(at: datetime, speech: Speech) -> str:
    return f"{day(at, speech)}, {speech.seconds(at)}"


def day(at: datetime, speech: Speech) -> str:
    """22 November, with the year where it is not this one."""
    local = at.astimezone(speech.timezone)
    if local.year == speech.now.astimezone(speech.timezone).year:
        return str(format_skeleton("MMMMd", local, locale=speech.locale))
    return str(format_date(local, "long", locale=speech.locale))


def lasted(seconds: float, speech: Speech, *, short: bool = False) -> str:
    """In the two largest units that say something: 48 seconds, 32 minutes, 10 hours 4 minutes."""
    whole = int(seconds)
    units = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))
    first = next((place for place, (_, size) in enumerate(units) if whole >= size), 3)
    if whole < 120:
        first = 3
    parts: list[str] = []
    for name, size in units[first : first + 2]:
        count, whole = divmod(whole, size)
        if (count or not parts) and not (name == "second" and first == 2):
            parts.append(
                str(format_unit(count, f"duration-{name}", "short" if short else "long", locale=speech.locale))
            )
    return " ".join(parts)


def remarks(outage: Outage) -> list[Sentence]:
    """What is to be known before the times are believed."""
    found: list[Sentence] = []
    if outage.found:
        found.append(say("It was down already when the router began to look: it may have begun earlier."))
    if outage.set_back:
        found.append(say("The router's clock was set back meanwhile: how long it lasted is not certain."))
    if outage.ending in (Ending.UNSEEN, Ending.LAPSED):
        found.append(say("Its end was not seen, since the router was away: it was over by then at the latest."))
    if outage.answered is not None and outage.ending is Ending.SEEN and outage.what is What.TRUNK:
        waited = say(
            "It answered again at {second}; calls came back when it had been good for long enough.",
            second=outage.answered,
        )
        found.append(waited)
    return found


def not_counted(outage: Outage, numbers: tuple[str, ...], speech: Speech) -> Sentence | None:
    """What nobody can know."""
    if outage.what in (What.PHONES, What.PBX) or not numbers:
        return None
    written = [speech.number(number) for number in numbers]
    if len(written) == 1:
        return say(
            "Calls to {number} that the carrier did not deliver never reached us and are not counted.",
            number=numbers[0],
        )
    some = ", ".join(written[: MOST_NAMED if len(written) > MOST_NAMED + 1 else -1])
    listed = say("{some} and {last}", some=some, last=written[-1])
    if len(written) > MOST_NAMED + 1:
        listed = say("{some} and {count} more", some=some, count=len(written) - MOST_NAMED)
    return say(
        "Calls to {numbers} that the carrier did not deliver never reached us and are not counted.", numbers=listed
    )


def state_mark(outage: Outage, false_alarm: bool) -> Mark:
    return FALSE_ALARM if false_alarm else OPEN if outage.open else OVER


def whose_mark(outage: Outage) -> Mark:
    return WHOSE[Whose(outage.whose)] if outage.whose in set(Whose) else NOT_KNOWN


def step_word(state: str) -> str:
    """A trunk's state as the board calls it."""
    known = {one.value: mark.word for one, mark in marks.TRUNKS.items()}
    return known.get(state, state)
