"""What became of an order: told to whoever gave it until another takes its place, and then who spoke since."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from router.core.decision import Decision
from router.core.heard import spoken
from router.core.office import Office
from router.core.orders import Mode, Override, Overrides
from router.core.sentence import Sentence, say
from router.core.site import Way
from router.panel import marks
from router.panel.marks import Mark
from router.panel.speech import Speech
from router.ports import Fate

MOST = 200
SHOWN = timedelta(hours=12)
MOST_NAMED = 3
"""Numbers that cannot follow an order, of which is told why."""
ENDED = Mark("", "off", "ring")


@dataclass(frozen=True, slots=True)
class Told:
    """What `user` ordered, when, and what became of it. `before`: what others had set, and this took the place of."""

    user: str
    at: datetime
    fate: Fate
    order: Override
    before: Overrides = ()


@dataclass(frozen=True, slots=True)
class FateView:
    """`what` was switched where, and whether that is proven; `more`: why not, who spoke before, and who since."""

    mark: Mark
    what: str
    more: tuple[str, ...]
    at: str


class Fates:
    """By a key that cannot be guessed: it stands in the address of whoever gave the order."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Told] = OrderedDict()

    def keep(self, told: Told) -> str:
        key = secrets.token_urlsafe(9)
        self._kept[key] = told
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return key

    def get(self, key: str) -> Told | None:
        return self._kept.get(key)


def displaced(overrides: Overrides, word: Override) -> Overrides:
    """What others had said of the same numbers, and `word` takes the place of."""
    return tuple(old for old in overrides if old.by != word.by and _overlap(old, word))


def fate_view(told: Told | None, office: Office, speech: Speech) -> FateView | None:
    """None where there is nothing to tell, or it is long past."""
    if told is None or speech.now - told.at > SHOWN:
        return None
    order = told.order
    since = sorted((w for w in office.overrides if w.since > order.since and _overlap(w, order)), key=lambda w: w.since)
    before = [say("Until then, since {at}: {order}", at=old.since, order=spoken(old)) for old in told.before]
    later = [say("Since then ({at}): {order}", at=word.since, order=spoken(word)) for word in since]
    if order in office.overrides:
        if vain := _in_vain(order, office):
            what = _vain(order, vain, office, speech)
            return _view(marks.UNVERIFIED, what, [*(d.why for d in vain[:MOST_NAMED]), *before, *later], told, speech)
        mark, what = _holding(told, office, speech)
        why = [] if mark is marks.VERIFIED or not told.fate.why.text else [told.fate.why]
        return _view(mark, what, [*why, *before, *later], told, speech)
    if not told.fate.verified and not since:
        what = speech.render(say("{what} to {where}. Stored, but not verified.", **_names(order, speech)))
        return _view(marks.UNVERIFIED, what, [told.fate.why], told, speech)
    ended = [] if later else [say("This order does not hold any more.")]
    return _view(
        ENDED, speech.render(say("{what} to {where}.", **_names(order, speech))), [*ended, *later], told, speech
    )


def _holding(told: Told, office: Office, speech: Speech) -> tuple[Mark, str]:
    names = _names(told.order, speech)
    if told.fate.verified:
        return marks.VERIFIED, speech.render(say("{what} to {where}. Switched and verified.", **names))
    if office.route.verified:
        return marks.VERIFIED, speech.render(say("{what} to {where}. By now the PBX has confirmed it.", **names))
    return marks.UNVERIFIED, speech.render(say("{what} to {where}. Stored, but not verified.", **names))


def _in_vain(order: Override, office: Office) -> Sequence[Decision]:
    """What of it rings in the office though it shall go to the mobile."""
    if order.mode is not Mode.MOBILE or not office.pbx.connected:
        return ()
    return [decision for decision in office.decisions if decision.word == order and decision.way is Way.OFFICE]


def _vain(order: Override, vain: Sequence[Decision], office: Office, speech: Speech) -> str:
    names = _names(order, speech)
    if len(vain) == len([decision for decision in office.decisions if decision.word == order]):
        return speech.render(say("{what} to {where}. Stored, but not possible just now.", **names))
    return speech.render(say("{what} to {where}. Stored, but not possible for every number just now.", **names))


def _names(order: Override, speech: Speech) -> dict[str, str]:
    every = speech.number(order.number) if order.number else speech.render(say("All numbers"))
    return {"what": every, "where": speech.text(marks.MODES[order.mode])}


def _view(mark: Mark, what: str, more: Iterable[Sentence], told: Told, speech: Speech) -> FateView:
    return FateView(mark, what, tuple(speech.line(said) for said in more), speech.seconds(told.at))


def _overlap(one: Override, other: Override) -> bool:
    """Whether they speak of the same number, or one of them of all."""
    return one.number is None or other.number is None or one.number == other.number
