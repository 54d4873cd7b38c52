"""What the end of a leg must lead to, written from the RFCs and from what offices want, not from the dialplan.

`out` is for a call by a desk phone, `forwarded` for one on its way to a mobile. They differ where the office could show
another number (a desk phone's call goes out under the office's own as it is) and where there is a next person.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tests.lab.outcome_situations import (
    AFTER_EARLY_MEDIA,
    AFTER_RINGING,
    ALL_CHANNELS_FULL,
    BUSY_LINE,
    CALLER_GAVE_UP,
    CHALLENGED,
    IGNORED,
    LATE,
    NO_SUCH_NAME,
    ONLY_100,
    ONLY_180,
    ONLY_183,
    PRESSED_2,
    REFUSED,
    TCP_REFUSED,
    TIME_IS_UP,
    TOO_LATE,
    UNREACHABLE,
    VOICEMAIL_ANSWERS,
    Situation,
)


class Next(Enum):
    """What the dialplan does next."""

    TRUNK = "the next trunk"
    AGAIN = "the same trunk once more under the office's number, then the next trunk"
    PERSON = "the next person, over the same trunk"
    END = "nothing more; a desk phone is told why"
    NEVER = "it cannot come to that"


TRUNK, AGAIN, PERSON, END, NEVER = Next
COUNTS, NOT = True, False


@dataclass(frozen=True)
class Outcome:
    """`counts`: against the trunk. `told`: the status that a desk phone gets where its call ends; 0: any."""

    row: str
    situation: Situation
    out: Next
    forwarded: Next
    counts: bool
    told: int = 0

    def __str__(self) -> str:
        return f"{self.row}-{self.situation.name}"

    @property
    def code(self) -> int:
        """The SIP status of the row; 0 where it is a word."""
        return int(self.row[:3]) if self.row[:3].isdigit() else 0


TABLE = (
    # The trunk refuses us, or everything: it counts (RFC 3261, section 21.4, where no other is named).
    Outcome("401", CHALLENGED, TRUNK, TRUNK, COUNTS),
    Outcome("407", CHALLENGED, TRUNK, TRUNK, COUNTS),
    Outcome("402", REFUSED, TRUNK, TRUNK, COUNTS),
    Outcome("405", REFUSED, TRUNK, TRUNK, COUNTS),
    # The account is barred, or a foreign number is not taken: so the latter is tried first.
    Outcome("403", REFUSED, TRUNK, AGAIN, COUNTS),
    Outcome("403", AFTER_EARLY_MEDIA, TRUNK, AGAIN, COUNTS),  # "this line is barred", by an announcement
    # Q.850 cause 21, call rejected; RFC 3398, section 8.2.6.1, wants 603 of a user's no, gateways say 403 all the same.
    Outcome("403r", AFTER_RINGING, END, PERSON, NOT, 403),
    # This trunk cannot, another one may; no sign that it is down.
    Outcome("404", REFUSED, TRUNK, TRUNK, NOT),
    Outcome("410", REFUSED, TRUNK, TRUNK, NOT),
    Outcome("480", REFUSED, TRUNK, TRUNK, NOT),
    Outcome("483", REFUSED, TRUNK, TRUNK, NOT),
    Outcome("488", REFUSED, TRUNK, TRUNK, NOT),
    Outcome("606", REFUSED, TRUNK, TRUNK, NOT),
    # The caller's number is in the way: RFC 5079 (anonymous), RFC 8688 (a filter on the way).
    Outcome("433", REFUSED, TRUNK, AGAIN, NOT),
    Outcome("608", REFUSED, TRUNK, AGAIN, NOT),
    # The carrier got no answer from further on. Once the callee was reached, it is he who does not answer:
    # RFC 3398, section 8.2.6.1, makes 408 and 480 of Q.850 causes 18, 19 and 20.
    Outcome("408", REFUSED, TRUNK, TRUNK, COUNTS),
    Outcome("408r", AFTER_RINGING, END, PERSON, NOT, 408),
    Outcome("408e", AFTER_EARLY_MEDIA, END, PERSON, NOT, 408),
    Outcome("480r", AFTER_RINGING, END, PERSON, NOT, 480),
    Outcome("480e", AFTER_EARLY_MEDIA, END, PERSON, NOT, 480),
    # "This number is not in service", by an announcement: the caller has heard it, and not once for each trunk.
    Outcome("404e", AFTER_EARLY_MEDIA, END, PERSON, NOT, 404),
    Outcome("410e", AFTER_EARLY_MEDIA, END, PERSON, NOT, 410),
    # The callee's own word, or that of whoever knows him: no other trunk changes it (for 6xx RFC 3261, section 21.6).
    Outcome("484", REFUSED, END, PERSON, NOT, 484),
    Outcome("484", AFTER_EARLY_MEDIA, END, PERSON, NOT, 484),
    Outcome("486", REFUSED, END, PERSON, NOT, 486),
    Outcome("486", AFTER_RINGING, END, PERSON, NOT, 486),  # declined, on most mobiles
    Outcome("487", REFUSED, END, PERSON, NOT),
    Outcome("600", REFUSED, END, PERSON, NOT, 486),
    Outcome("603", REFUSED, END, PERSON, NOT, 403),  # Q.850 cause 21 again
    Outcome("603", AFTER_RINGING, END, PERSON, NOT, 403),
    Outcome("604", REFUSED, END, PERSON, NOT, 404),
    Outcome("604", AFTER_EARLY_MEDIA, END, PERSON, NOT, 404),
    Outcome("607", REFUSED, END, PERSON, NOT),  # RFC 8197
    # Trouble at the carrier (RFC 3261, section 21.5; 580: RFC 3312).
    Outcome("500", REFUSED, TRUNK, TRUNK, COUNTS),
    Outcome("501", REFUSED, TRUNK, TRUNK, COUNTS),
    Outcome("502", REFUSED, TRUNK, TRUNK, COUNTS),
    Outcome("503", REFUSED, TRUNK, TRUNK, COUNTS),
    Outcome("503", AFTER_RINGING, TRUNK, TRUNK, COUNTS),
    Outcome("503", AFTER_EARLY_MEDIA, TRUNK, TRUNK, COUNTS),  # the carrier's own trouble, which another has not
    Outcome("504", REFUSED, TRUNK, TRUNK, COUNTS),
    Outcome("505", REFUSED, TRUNK, TRUNK, COUNTS),
    Outcome("513", REFUSED, TRUNK, TRUNK, COUNTS),
    Outcome("580", REFUSED, TRUNK, TRUNK, COUNTS),
    # Nothing could be sent, or nobody says more than that he tries.
    Outcome("none", TCP_REFUSED, TRUNK, TRUNK, COUNTS),
    Outcome("none", NO_SUCH_NAME, TRUNK, TRUNK, COUNTS),
    Outcome("none", UNREACHABLE, TRUNK, TRUNK, COUNTS),
    Outcome("silence", IGNORED, TRUNK, TRUNK, COUNTS),
    Outcome("silence", ONLY_100, TRUNK, TRUNK, COUNTS),
    # A mobile may ring for less time than a trunk may be silent: seconds to ringing are usual and prove nothing.
    Outcome("slow", LATE, NEVER, TRUNK, NOT),
    Outcome("full", ALL_CHANNELS_FULL, TRUNK, TRUNK, NOT),
    # People.
    Outcome("noanswer", ONLY_180, END, PERSON, NOT),
    Outcome("noanswer", ONLY_183, END, PERSON, NOT),  # it may ring in the audio
    Outcome("busy", BUSY_LINE, END, PERSON, NOT, 486),
    Outcome("unconfirmed", VOICEMAIL_ANSWERS, NEVER, PERSON, NOT),
    Outcome("refused", PRESSED_2, NEVER, PERSON, NOT),
    Outcome("time", TIME_IS_UP, NEVER, END, NOT),
    Outcome("taken", TOO_LATE, NEVER, END, NOT),
    Outcome("cancel", CALLER_GAVE_UP, END, END, NOT),
)

UNLISTED = (
    # RFC 3261, section 8.1.3.2: what one does not know is read as the first of its class.
    Outcome("400", REFUSED, TRUNK, TRUNK, NOT),
    Outcome("499", REFUSED, TRUNK, TRUNK, NOT),
    Outcome("599", REFUSED, TRUNK, TRUNK, COUNTS),
    Outcome("699", REFUSED, END, PERSON, NOT),
)
