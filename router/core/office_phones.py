"""The office phones behind a number: which can be reached, and when none of them has been for so long that calls leave.

A single dead phone moves no call. Losing sight of the PBX is no verdict: what holds stays, and counting starts afresh.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from router.core.effects import Effect, Kind, Record
from router.core.health import HOUR
from router.core.heard import Outcome
from router.core.office import Behind, Office, Phone
from router.core.sentence import say
from router.core.signals import At
from router.core.site import NumberSite

NOT_MET_LONGER = 60.0
"""Seconds more for phones that were not reachable when the PBX came into sight: after its boot Asterisk holds every
phone for unavailable until it has probed it, which it spreads over qualify_frequency (60 s is usual)."""
BACK_SHARE = 1 / 3
"""Of the time without a phone: for so long one is reachable again, before the calls come back. Each return within the
hour before doubles it, up to 64 times: phones on a bad wire must not have the routes written for ever."""
MOST_DOUBLINGS = 6
ASKED_AFTER = 60.0
"""Seconds after one phone has gone in which the others behind its number are asked, too."""
MOST_ASKED = 20
"""Phones asked at once, so that a dead switch of hundreds is no flood."""


def told(office: Office, states: Mapping[str, str], at: At) -> Office:
    """After an event or a listing; what is said again changes nothing."""
    phones = dict(office.phones)
    for device, state in states.items():
        if device in phones:
            phones[device] = _told(phones[device], state, at)
    return replace(office, phones=phones)


def _told(phone: Phone, state: str, at: At) -> Phone:
    new = replace(phone, state=state)
    if new.reachable != phone.reachable:
        new = replace(new, changed=at.mono, since=at.wall)
    return replace(new, met=phone.met or bool(new.reachable))


def unseen(office: Office, at: At) -> Office:
    """Out of sight: nothing is known of any phone, and what held of the numbers stays."""
    phones = {device: Phone(since=at.wall, changed=at.mono) for device in office.phones}
    return replace(office, phones=phones)


def restored(office: Office, away: frozenset[str], vouched: bool, at: At) -> Office:
    """At the first listing, from the route in force: what it sent away stays so, or the calls would come back at once.

    Once nobody vouches for the table calls ring the office again, and only where no phone answers they leave at once.
    """
    behind = dict(office.behind)
    for number in office.site.numbers:
        if number.phones and number.number in away and (vouched or not _answers(office, number)):
            behind[number.number] = Behind(True, at.wall)
    return replace(office, behind=behind)


def judged(office: Office, at: At) -> Outcome:
    """Every number whose phones have been gone, or back, for long enough; each change is a line of the journal."""
    effects: list[Effect] = []
    behind = dict(office.behind)
    for number, due in _due(office):
        if due <= at.mono and office.pbx.connected:
            known = _behind(office, number)
            away = not known.away
            lately = tuple(moment for moment in known.returned if at.mono - moment < HOUR)
            behind[number.number] = Behind(away, at.wall, lately if away else (*lately, at.mono))
            effects.append(_record(number, away))
    return replace(office, behind=behind), effects


def wake_at(office: Office) -> list[float]:
    """When, by time alone, a number's phones count as gone or as back."""
    return [due for _, due in _due(office)] if office.pbx.connected else []


def away(office: Office) -> frozenset[str]:
    """The numbers that have no phone to ring."""
    return frozenset(number for number, behind in office.behind.items() if behind.away)


def to_ask(office: Office, at: float) -> tuple[str, ...]:
    """The phones that Asterisk shall probe now, at most so many: those behind numbers that have none left.

    Asterisk itself asks a phone once a minute, say, and rings none that missed an answer. Where one phone has just
    gone, the others behind its number may have gone with it.
    """
    wanted: dict[str, None] = {}
    for number in office.site.numbers:
        phones = {device: office.phones[device] for device in number.phones}
        gone = [phone for phone in phones.values() if phone.reachable is False]
        lately = any(phone.met and at - phone.changed < ASKED_AFTER for phone in gone)
        if gone and (lately or len(gone) == len(phones)):
            wanted |= dict.fromkeys(device for device, phone in phones.items() if not phone.unheard_of)
    return tuple(wanted)[:MOST_ASKED]


def _due(office: Office) -> Iterator[tuple[NumberSite, float]]:
    """The numbers whose state will change if nothing more is heard, and when (monotonic seconds)."""
    patience = office.site.policy.phones
    for number in office.site.numbers:
        phones = [office.phones[device] for device in number.phones]
        if not phones:
            continue
        known = _behind(office, number)
        back = patience * BACK_SHARE * 2 ** min(len(known.returned), MOST_DOUBLINGS)
        if not known.away:
            if _gone(phones):
                yield number, max(p.changed + patience + (0.0 if p.met else NOT_MET_LONGER) for p in phones)
        elif any(phone.reachable for phone in phones):
            yield number, min(phone.changed for phone in phones if phone.reachable) + back
        elif all(phone.unheard_of for phone in phones):
            yield number, max(phone.changed for phone in phones) + back


def _gone(phones: list[Phone]) -> bool:
    """Names that Asterisk has never heard of prove nothing: they may be a slip in the settings."""
    return all(phone.reachable is False for phone in phones) and not all(phone.unheard_of for phone in phones)


def _behind(office: Office, number: NumberSite) -> Behind:
    return office.behind.get(number.number, Behind())


def _answers(office: Office, number: NumberSite) -> bool:
    return any(office.phones[device].reachable for device in number.phones)


def _record(number: NumberSite, away: bool) -> Record:
    phones = ", ".join(number.phones)
    if away:
        text = say("None of the office phones behind {number} can be reached: {phones}.", number=number.number,
                   phones=phones)  # fmt: skip
    else:
        text = say("Office phones behind {number} can be reached again.", number=number.number)
    return Record(Kind.PHONES, text, number=number.number, data={"phones": phones, "away": str(away).lower()})
