"""States as people see them: a word, a shape and a colour that say the same, so that any one of them suffices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from router.core.calls import Outcome
from router.core.decision import Reachable
from router.core.health import State
from router.core.orders import Mode
from router.core.registration import Refusal
from router.core.sentence import sentence
from router.core.site import Way


@dataclass(frozen=True, slots=True)
class Mark:
    """`tone`: good, bad, wait, off or hand (a colour in panel.css). `shape`: a drawing in regions.html."""

    word: str
    tone: str
    shape: str


TRUNKS: Mapping[State, Mark] = {
    State.UNKNOWN: Mark(sentence("unknown"), "off", "ring"),
    State.UP: Mark(sentence("working"), "good", "disc"),
    State.FAILING: Mark(sentence("unsteady"), "wait", "diamond"),
    State.DOWN: Mark(sentence("down"), "bad", "triangle"),
    State.RECOVERING: Mark(sentence("recovering"), "wait", "half"),
}

REACHABLE: Mapping[Reachable, Mark] = {
    Reachable.YES: Mark(sentence("reachable"), "good", "disc"),
    Reachable.NO: Mark(sentence("not reachable"), "bad", "triangle"),
    Reachable.UNPROVEN: Mark(sentence("not proven"), "off", "ring"),
}

PROVEN: Mapping[Reachable, Mark] = {
    Reachable.YES: Mark(sentence("works"), "good", "disc"),
    Reachable.NO: Mark(sentence("dead"), "bad", "triangle"),
    Reachable.UNPROVEN: Mark(sentence("not proven"), "off", "ring"),
}
"""Of one direction of a trunk."""

DOUBTFUL = Mark(sentence("not proven"), "wait", "diamond")
"""Not proven, and there is reason to doubt it: the PBX confirms nothing, or the trunk fails, is down or has
only just come back."""

PHONES_AWAY = Mark(sentence("no office phone"), "wait", "diamond")
IN_FORCE = Mark(sentence("in force"), "hand", "check")
LAST_KNOWN = Mark(sentence("last known"), "off", "ring")
NEVER_SEEN = Mark(sentence("unknown"), "off", "ring")
VERIFIED = Mark(sentence("verified"), "good", "check")
UNVERIFIED = Mark(sentence("not verified"), "bad", "cross")
SWITCHING = Mark(sentence("being verified"), "wait", "half")
BLIND = Mark(sentence("PBX out of sight"), "bad", "eye")
READ_ONLY = Mark(sentence("read only"), "bad", "cross")
BY_HAND = Mark(sentence("by hand"), "hand", "hand")
ON_DUTY = Mark(sentence("on duty"), "good", "disc")
NOBODY_ON_DUTY = Mark(sentence("nobody on duty"), "bad", "triangle")
GAP_AHEAD = Mark(sentence("gap ahead"), "wait", "diamond")
ABSENT = Mark(sentence("absent"), "wait", "diamond")
CALENDAR = Mark(sentence("calendar"), "wait", "diamond")
CALENDAR_READ = Mark(sentence("calendar"), "good", "check")
NOT_KEPT = Mark(sentence("not saved"), "wait", "diamond")
UNCONFIRMED = Mark(sentence("not confirmed"), "wait", "ring")
CONFIRMED = Mark(sentence("confirmed"), "good", "check")
NOT_ALLOWED = Mark(sentence("not allowed"), "bad", "cross")
NO_EVIDENCE = Mark(sentence("no evidence"), "off", "ring")
NO_JOURNAL = Mark(sentence("journal stopped"), "wait", "diamond")

CALLS: Mapping[Outcome, Mark] = {
    Outcome.TAKEN: Mark(sentence("taken"), "good", "check"),
    Outcome.MISSED: Mark(sentence("missed"), "bad", "cross"),
    Outcome.REFUSED: Mark(sentence("refused"), "off", "ring"),
}

FORWARDED = Mark(sentence("forwarded"), "off", "half")
RESCUED = Mark(sentence("rescued"), "hand", "disc")

WAYS: Mapping[Way, str] = {
    Way.OFFICE: sentence("office"),
    Way.MOBILE: sentence("mobile"),
    Way.OFFICE_THEN_MOBILE: sentence("office, then mobile"),
}

MODES: Mapping[Mode, str] = {
    Mode.AUTO: sentence("Automatic"),
    Mode.OFFICE: sentence("Office"),
    Mode.MOBILE: sentence("Mobile"),
}

KINDS: Mapping[str, str] = {
    "transition": sentence("Trunk"),
    "decision": sentence("Route"),
    "order": sentence("Order"),
    "switch": sentence("Switchover"),
    "pbx": sentence("PBX"),
    "call": sentence("Call"),
    "phones": sentence("Phones"),
    "blame": sentence("Whose fault"),
    "duty": sentence("Duty"),
    "callback": sentence("Call-back"),
    "outage": sentence("Outage"),
    "account": sentence("Account"),
    "router": sentence("Router"),
}

VIAS: Mapping[str, str] = {
    "panel": sentence("in the panel"),
    "api": sentence("over the API"),
    "cli": sentence("on the command line"),
    "phone": sentence("at a desk phone"),
}
"""How something was done, as the journal keeps it."""

REGISTRATIONS: Mapping[str, str] = {
    "Registered": sentence("registered"),
    "Unregistered": sentence("not registered"),
    "Rejected": sentence("rejected"),
    "Timeout": sentence("not answered"),
    "Refused": sentence("rejected"),
    "No Authentication": sentence("rejected"),
}

REFUSALS: Mapping[Refusal, str] = {
    Refusal.UNANSWERED: sentence("not answered"),
    Refusal.UNCLEAR: sentence("rejected or not answered"),
}
"""Where Asterisk says `Rejected`, which it says of all that fail: what the timing told. Else it was a refusal."""

CONTACTS: Mapping[str, str] = {
    "Reachable": sentence("answers"),
    "Unreachable": sentence("does not answer"),
    "NoContact": sentence("no contact"),
    "NonQualified": sentence("not probed by Asterisk"),
    "Unknown": sentence("not measured yet"),
    "OK": sentence("answers"),
    "LAGGED": sentence("answers too late"),
    "UNREACHABLE": sentence("does not answer"),
    "Unmonitored": sentence("not probed by Asterisk"),
    "NOT_INUSE": sentence("ready"),
    **dict.fromkeys(("INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD"), sentence("in use")),
    "UNAVAILABLE": sentence("unavailable"),
    "UNKNOWN": sentence("unknown"),
    "INVALID": sentence("unknown to Asterisk"),
}
