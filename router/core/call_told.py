"""What became of a call, and of each try to forward it, in sentences that a receptionist understands."""

from __future__ import annotations

from collections.abc import Mapping

from router.core.calls import Call, Leg, Outcome
from router.core.sentence import Sentence, say, sentence
from router.core.site import Site

_BUSY = sentence("busy.")
_NOBODY = sentence("it rang, and nobody picked up.")
_LOGIN = sentence("the carrier refused our login.")
_FAULT = sentence("a fault at the carrier.")
_SOUND = sentence("the two sides found no common sound format.")
_AWAY = sentence("not to be reached: off, or without reception.")
_DECLINED = sentence("somebody declined the call.")
_UNKNOWN = sentence("the carrier does not know the number.")
_GONE = sentence("the number is no longer in use.")
_SILENT = sentence("the trunk gave no sign of ringing.")

ENDS: Mapping[str, str] = {
    "answer": sentence("the call was taken."),
    "busy": _BUSY,
    "noanswer": _NOBODY,
    "unconfirmed": sentence("picked up, but nobody pressed 1; perhaps it was the voicemail."),
    "refused": sentence("picked up, and declined with 2."),
    "taken": sentence("somebody else had taken the call already."),
    "time": sentence("nobody had taken the call when the time was up."),
    "cancel": sentence("the caller had hung up already."),
    "none": sentence("the trunk could not be reached at all."),
    "silence": _SILENT,
    "slow": _SILENT,
    "full": sentence("all lines of the trunk were in use."),
    "401": _LOGIN,
    "402": sentence("the carrier wants to be paid first."),
    "403": sentence("the carrier does not allow the call."),
    "403r": _DECLINED,
    "404": _UNKNOWN,
    "404e": _UNKNOWN,
    "405": sentence("the carrier takes no calls there."),
    "407": _LOGIN,
    "408": sentence("no answer came in time."),
    "408r": _NOBODY,
    "408e": _AWAY,
    "410": _GONE,
    "410e": _GONE,
    "433": sentence("calls without a caller's number are not accepted there."),
    "480": _AWAY,
    "480r": _NOBODY,
    "480e": _AWAY,
    "483": sentence("the call went round in circles."),
    "484": sentence("the number is incomplete."),
    "486": _BUSY,
    "486r": sentence("it rang, then it was busy or somebody declined."),
    "487": sentence("ended before anybody picked up."),
    "488": _SOUND,
    "500": _FAULT,
    "501": _FAULT,
    "502": _FAULT,
    "503": sentence("the carrier took no calls just then."),
    "504": sentence("the carrier got no answer from further on."),
    "505": _FAULT,
    "513": _FAULT,
    "580": _FAULT,
    "600": _BUSY,
    "603": _DECLINED,
    "604": sentence("the number exists nowhere."),
    "606": _SOUND,
    "607": sentence("the call was blocked as unwanted."),
    "608": sentence("a filter on the way rejected the call."),
}
"""How the end of a leg reads, by SIP status (r: after it rang, e: after early media) or by the dialplan's word."""

UNLISTED: Mapping[str, str] = {
    "4": sentence("the carrier did not put the call through (code {code})."),
    "5": sentence("a fault at the carrier (code {code})."),
    "6": sentence("the call was not accepted (code {code})."),
}
_OTHERWISE = sentence("it ended otherwise ({code}).")

NOT_FORWARDED: Mapping[str, str] = {
    "calls": sentence("Not forwarded: too many calls were being forwarded at once."),
    "minutes": sentence("Not forwarded: the forwarding minutes of the day were used up."),
}


TOOK: Mapping[str, tuple[str, str]] = {
    "person": (
        sentence("{person} took it on the mobile."),
        sentence("{person} took it on the mobile after {seconds} s."),
    ),
    "number": (sentence("{number} took it."), sentence("{number} took it after {seconds} s.")),
    "office": (sentence("The office took it."), sentence("The office took it after {seconds} s.")),
    "phone": (sentence("Phone {phone} took it."), sentence("Phone {phone} took it after {seconds} s.")),
}
"""By who took it: without the seconds, and with them."""


def told(call: Call, site: Site) -> Sentence:
    """The whole call in one sentence."""
    if call.outcome is Outcome.REFUSED:
        return say("Refused: our own forwarded call came back.")
    if call.outcome is Outcome.TAKEN and call.by:
        return _taken(call.by, None if call.answered_ms is None else round(call.answered_ms / 1000), site)
    seconds = round(call.seconds)
    if call.end == "nobody":
        return say("Nobody took it; the caller waited {seconds} s.", seconds=seconds)
    if call.seconds < 1:
        return say("The caller hung up at once.")
    return say("The caller hung up after {seconds} s.", seconds=seconds)


def _taken(by: str, seconds: int | None, site: Site) -> Sentence:
    """`seconds` None: the dialplan could not tell, since the office's own dialplan answered without Dial()."""
    place, who = _place(by, site)
    text, timed = TOOK[place]
    if seconds is None:
        return Sentence(text, ((place, who),))
    return Sentence(timed, ((place, who), ("seconds", seconds)))


def _place(by: str, site: Site) -> tuple[str, str]:
    if name := person(site, by):
        return "person", name
    if by.startswith("+"):
        return "number", by
    return ("office", "") if by == "office" else ("phone", by.rpartition("/")[2] or by)


def leg_told(leg: Leg, site: Site) -> Sentence:
    """Which mobile was tried over which trunk, and what came of it."""
    if not leg.trunk and leg.end in NOT_FORWARDED:
        return Sentence(NOT_FORWARDED[leg.end])
    trunk = next((trunk.label for trunk in site.trunks if trunk.name == leg.trunk), leg.trunk)
    if name := person(site, leg.number):
        return say("{person}'s mobile over {trunk}: {end}", person=name, trunk=trunk, end=end_told(leg.end))
    return say("{number} over {trunk}: {end}", number=leg.number, trunk=trunk, end=end_told(leg.end))


def end_told(end: str) -> Sentence:
    """Of a code that is not listed, its class is told, with the code for whoever asks the carrier."""
    listed = ENDS.get(end) or ENDS.get(end.removesuffix("r"))
    if listed:
        return Sentence(listed)
    return Sentence(UNLISTED.get(end[:1], _OTHERWISE), (("code", end.removesuffix("r")),))


def person(site: Site, number: str) -> str | None:
    """Whose mobile it is, by name."""
    return next((person.name for person in site.people if number in person.numbers), None)
