"""What Asterisk itself holds of a trunk that the router cannot probe: an IAX2 peer, or a device of any other kind.

One table: Asterisk's word, what it says of the trunk, and the sentence. Asterisk probes IAX2 peers at its own pace
(qualify); a device's state is whatever its driver knows. Each word as a real Asterisk sends it (16 and 22 alike).
"""

from __future__ import annotations

from collections.abc import Mapping

from router.core.health import Verdict
from router.core.sentence import Sentence, say

UNMONITORED, INVALID = "Unmonitored", "INVALID"
ANSWERED, LAGGED = "OK", "LAGGED"
"""Of an IAX2 peer: its answers come in time, or too late."""

_READY = say("Asterisk holds its device for ready; whether calls get through only calls will show.")
_UNTOLD = say("Asterisk cannot tell how it is; only failed calls will show a fault.")

WORDS: Mapping[str, tuple[Verdict, Sentence]] = {
    ANSWERED: (Verdict.GOOD, say("Asterisk's own probes are answered.")),
    LAGGED: (Verdict.BAD, say("it answers Asterisk's probes too late, so Asterisk sends it no calls.")),
    "UNREACHABLE": (Verdict.BAD, say("Asterisk's own probes go unanswered.")),
    "UNAVAILABLE": (Verdict.BAD, say("Asterisk holds its device for unavailable.")),
    **dict.fromkeys(("NOT_INUSE", "INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD"), (Verdict.GOOD, _READY)),
    UNMONITORED: (Verdict.NOTHING, say("qualify is off in Asterisk; only failed calls will show a fault.")),
    "UNKNOWN": (Verdict.NOTHING, _UNTOLD),
    INVALID: (Verdict.NOTHING, say("Asterisk knows nothing of that name; only failed calls will show a fault.")),
}


def says(word: str | None, verdict: Verdict) -> Sentence | None:
    """The sentence, where Asterisk's word is of that verdict; None where it is not, or no word of this table."""
    found, why = WORDS.get(word or "", (None, None))
    return why if found is verdict else None
