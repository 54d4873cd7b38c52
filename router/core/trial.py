"""The test ring: which number may be rung for a test, one at a time, and what became of it in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from router.core.call_told import end_told
from router.core.effects import RingOnce, RingTold
from router.core.heard import Outcome, only_reading
from router.core.numbers import numbering
from router.core.office import Office, Trial
from router.core.plan import tried
from router.core.rung import Rung, RungHow
from router.core.sentence import Sentence, say, sentence
from router.core.signals import At, RangOut, RingWanted
from router.core.site import Site

LONGEST = 50.0
"""Seconds after which the PBX counts as having said nothing; the dialplan ends every test ring after 45."""
MOST, WITHIN = 20, 3600.0
"""Test rings, and seconds: each may cost a minute, and wakes whoever has the number."""
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_HOW: Mapping[str, RungHow] = {
    "answer": RungHow.PRESSED,
    "unconfirmed": RungHow.NOT_PRESSED,
    **dict.fromkeys(("refused", "busy", "403r", "486", "600", "603", "607"), RungHow.BUSY),
    **dict.fromkeys(
        ("noanswer", "time", "408r", "408e", "480", "480r", "480e", "487"), RungHow.NO_ANSWER
    ),
}  # fmt: skip
"""By the end of the last leg, as in call_told.ENDS; whatever is not named here has failed."""
_WHY: Mapping[RungHow, str] = {
    RungHow.PRESSED: sentence("Somebody picked up and pressed 1: the number is confirmed."),
    RungHow.NOT_PRESSED: sentence(
        "Somebody or something picked up, but did not press 1; perhaps it was the voicemail."
    ),
    RungHow.BUSY: sentence("The test ring was not taken: {end}"),
    RungHow.NO_ANSWER: sentence("Nobody took the test ring: {end}"),
    RungHow.FAILED: sentence("The test ring did not get through: {end}"),
}
_BARRED = sentence(
    "the PBX does not ring that number. Have the settings been changed since failover init was run last?"
)


_OWN_ENDS = {"barred": _BARRED, "yield": sentence("a call needed the line. Please try again.")}


def barred(site: Site, number: str) -> Sentence | None:
    """Why `number` is never rung for a test; None where it may be. An emergency number never is, however written."""
    country, _, _ = numbering(site.country)
    digits = number.removeprefix("+")
    if {digits, digits.lstrip("0"), digits.removeprefix(country).lstrip("0")} & set(site.emergency):
        return say("That is an emergency number; it is never rung for a test.")
    if not _E164.fullmatch(number):
        return say("That is no whole telephone number.")
    if number in {own.number for own in site.numbers}:
        return say("{number} is one of our own numbers: calls would come back to the office.", number=number)
    if not number.startswith(site.forwarding.prefixes):
        allowed = ", ".join(site.forwarding.prefixes)
        return say("{number} may not be rung: allowed are numbers with {prefixes}.", number=number, prefixes=allowed)
    return None


def wanted(office: Office, said: RingWanted, at: At) -> Outcome:
    office = replace(office, trials=tuple(begun for begun in office.trials if at.mono - begun < WITHIN))
    refusal = _refused(office, said.number)
    if refusal is not None:
        return office, [RingTold(said.ticket, Rung(RungHow.NOT_RUNG, refusal))]
    trial = Trial(said.ticket, said.number, at.mono + LONGEST)
    office = replace(office, trial=trial, trials=(*office.trials, at.mono))
    return office, [RingOnce(said.ticket, said.number, _over(office))]


def _over(office: Office) -> str:
    """The trunks that the office forwards by, where it has named some: what is heard in the test is what will be heard.
    Those that are down come last."""
    names = office.site.fallbacks or ()
    return tried(sorted(names, key=lambda name: office.trunks[name].health.diverted), office.trunks)


def _refused(office: Office, number: str) -> Sentence | None:
    if (why := barred(office.site, number)) is not None:
        return why
    if office.other_writer:
        return only_reading(office.other_writer)
    if not office.pbx.connected:
        return say("No test ring is possible: {why}", why=office.pbx.why)
    if office.trial is not None:
        return say("Another test ring is under way. Try again in a minute.")
    if len(office.trials) >= MOST:
        return say("There were {most} test rings within an hour, which is enough. Try again later.", most=MOST)
    return None


def ended(office: Office, said: RangOut) -> Outcome:
    """The PBX's word; of a test ring that nobody waits for any more it counts nothing."""
    if office.trial is None or office.trial.ticket != said.ticket:
        return office, []
    return replace(office, trial=None), [RingTold(said.ticket, rung(said.ended, said.why))]


def rung(end: str, why: Sentence | None = None) -> Rung:
    """`end` as the dialplan tells the end of a leg; `why`: what went wrong before there was any."""
    if why is not None:
        return Rung(RungHow.FAILED, why)
    how = _HOW.get(end) or _HOW.get(end.removesuffix("r"), RungHow.FAILED)
    told = Sentence(_OWN_ENDS[end]) if end in _OWN_ENDS else end_told(end)
    text = _WHY[how]
    return Rung(how, Sentence(text, (("end", told),) if "{end}" in text else ()))


def given_up(office: Office, at: At) -> Outcome:
    """A step of react: a PBX that is out of sight, or has said nothing, will not tell any more."""
    trial = office.trial
    if trial is None or (office.pbx.connected and at.mono < trial.until):
        return office, []
    why = say("The PBX did not say what became of the test ring.")
    return replace(office, trial=None), [RingTold(trial.ticket, Rung(RungHow.FAILED, why))]


def wake_at(office: Office) -> list[float]:
    return [] if office.trial is None else [office.trial.until]
