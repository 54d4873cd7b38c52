"""Today as a strip: a row for each trunk and number, with bars whose height says what their colour says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from router.core.health import State
from router.core.sentence import Sentence, say, sentence
from router.core.site import Way
from router.panel import marks
from router.panel.day import AWAY, UNSEEN, UNTOLD, Day, Stretch, Stretches
from router.panel.speech import Speech

HEIGHT = 20
MOST_TOLD = 3
"""Of what was out of order, the last ones are told in words; of those before, how many."""
SHORT = timedelta(minutes=1)
LEAST_WIDTH = 0.5
"""Per cent of the day: what was short shall be seen too."""
HOURS = (0, 6, 12, 18)


@dataclass(frozen=True, slots=True)
class Look:
    """`tone`: a class of panel.css. `height`: of the bar; what is drawn as a broken line is `faint`."""

    word: str
    tone: str
    height: int
    faint: bool = False


_UNKNOWN: Mapping[str, Look] = {
    UNSEEN: Look(sentence("PBX out of sight"), "off", 4, faint=True),
    AWAY: Look(sentence("router away"), "off", 4, faint=True),
    UNTOLD: Look(sentence("not known"), "off", 4, faint=True),
}
LOOKS: Mapping[str, Look] = {
    State.UP: Look(marks.TRUNKS[State.UP].word, "good", 6),
    State.FAILING: Look(marks.TRUNKS[State.FAILING].word, "wait", 12),
    State.RECOVERING: Look(marks.TRUNKS[State.RECOVERING].word, "wait", 12),
    State.DOWN: Look(marks.TRUNKS[State.DOWN].word, "bad", 20),
    State.UNKNOWN: Look(marks.TRUNKS[State.UNKNOWN].word, "off", 4, faint=True),
    Way.OFFICE: Look(marks.WAYS[Way.OFFICE], "good", 6),
    Way.OFFICE_THEN_MOBILE: Look(marks.WAYS[Way.OFFICE_THEN_MOBILE], "hand", 12),
    Way.MOBILE: Look(marks.WAYS[Way.MOBILE], "hand", 20),
    **_UNKNOWN,
}
_QUIET = frozenset({State.UP, State.RECOVERING, Way.OFFICE})


@dataclass(frozen=True, slots=True)
class Bar:
    """`x` and `width` in per cent of the day, `y` and `height` in pixels of a row HEIGHT high."""

    x: str
    width: str
    y: int
    height: int
    tone: str
    faint: bool


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    bars: tuple[Bar, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Strip:
    """`scale`: pairs of a place in per cent and the hour that stands there; `now`: how far the day has come."""

    rows: tuple[Row, ...]
    scale: tuple[tuple[str, str], ...]
    now: str


def strip(rows: Sequence[tuple[str, Stretches]], day: Day, speech: Speech) -> Strip:
    """`rows`: a name and what it was when."""
    return Strip(
        tuple(Row(name, tuple(_bars(made, day)), _words(made, speech)) for name, made in rows),
        tuple(_scale(day, speech)), _per_cent(day.share(day.now)),
    )  # fmt: skip


def _bars(made: Stretches, day: Day) -> Iterator[Bar]:
    """What is too short to be seen alone is drawn as wide as can be seen: of several in one place the worst."""
    short: dict[int, tuple[float, Look]] = {}
    for stretch in made:
        look = LOOKS.get(stretch.state, _UNKNOWN[UNTOLD])
        begin, end = 100 * day.share(stretch.begin), 100 * day.share(stretch.end)
        if end - begin >= LEAST_WIDTH:
            yield _bar(begin, end - begin, look)
            continue
        place = int(begin / LEAST_WIDTH)
        if place not in short or short[place][1].height < look.height:
            short[place] = begin, look
    for begin, look in short.values():
        yield _bar(begin, LEAST_WIDTH, look)


def _bar(begin: float, width: float, look: Look) -> Bar:
    return Bar(f"{begin:.2f}%", f"{width:.2f}%", HEIGHT - look.height, look.height, look.tone, look.faint)


def _scale(day: Day, speech: Speech) -> Iterator[tuple[str, str]]:
    """Where the office's clocks show these hours: on a day on which they are changed, not at even distances."""
    local = day.begin.astimezone(speech.timezone)
    for hour in HOURS:
        yield _per_cent(day.share(local.replace(hour=hour).astimezone(day.begin.tzinfo))), str(hour)


def _per_cent(share: float) -> str:
    return f"{100 * share:.2f}%"


def _words(made: Stretches, speech: Speech) -> str:
    """What was out of order and when; where nothing was, what it was all day."""
    told = [s for s in made if s.state not in _QUIET and not (s.state == State.FAILING and s.end - s.begin < SHORT)]
    if not made:
        return ""
    if not told:
        return _capital(speech.render(say("{state} since midnight", state=_word(made[-1]))))
    parts = [speech.render(_part(stretch, stretch is made[-1], speech)) for stretch in told[-MOST_TOLD:]]
    if len(told) > MOST_TOLD:
        count = len(told) - MOST_TOLD
        parts.insert(0, speech.render(say("once before") if count == 1 else say("{count} times before", count=count)))
    return _capital("; ".join(parts))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _part(stretch: Stretch, lasts: bool, speech: Speech) -> Sentence:
    begin, end = speech.clock(stretch.begin), speech.clock(stretch.end)
    if lasts:
        return say("{state} since {begin}", state=_word(stretch), begin=begin)
    if begin == end:
        return say("{state} for a moment at {begin}", state=_word(stretch), begin=begin)
    return say("{state} from {begin} to {end}", state=_word(stretch), begin=begin, end=end)


def _word(stretch: Stretch) -> Sentence:
    return Sentence(LOOKS.get(stretch.state, _UNKNOWN[UNTOLD]).word)
