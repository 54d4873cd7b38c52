"""How a registration stands, and how it was refused.

Asterisk's Registry event says `Rejected` for 403, 503 and no answer alike, and names no next attempt. But when it comes
tells them apart: a refusal comes at once, silence ends after 32 s; what is forbidden is tried again after the
registration's forbidden_retry_interval (or never, where that is 0), anything else after its retry_interval.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

REGISTERED, UNREGISTERED = "Registered", "Unregistered"

SIP_TIMER_F = 32.0
"""Seconds after which a request without an answer is given up (RFC 3261, 17.1.2.2: 64 * T1)."""
BEFORE_EXPIRY = 10.0
"""Seconds before its registration expires at which Asterisk registers anew."""
TOLERANCE = 6.0


class Refusal(StrEnum):
    """How a registration failed, as far as its timing tells."""

    FOR_GOOD = "for good"
    FOR_NOW = "for now"
    AT_ONCE = "at once"
    UNANSWERED = "unanswered"
    UNCLEAR = "unclear"


REFUSED = "Refused"
_SAYS_HOW = {"Timeout": Refusal.UNANSWERED, REFUSED: Refusal.AT_ONCE, "No Authentication": Refusal.AT_ONCE}
"""Words of IAX2 registrations, which tell how they failed: `Rejected` means so there, and is `Refused` here."""


@dataclass(frozen=True, slots=True)
class Timing:
    """A registration's settings in pjsip.conf, in seconds; 0: never again. The defaults are Asterisk's."""

    expiration: float = 3600.0
    retry: float = 60.0
    forbidden: float = 0.0


@dataclass(frozen=True, slots=True)
class Registration:
    """`status` in Asterisk's words; None: this trunk does not register. Times are monotonic seconds.

    `result`: when the last result of a REGISTER was witnessed, and `last` what it was; `period`: seconds between the
    last two good ones.
    """

    status: str | None = None
    since: float = 0.0
    timing: Timing = field(default_factory=Timing)
    result: float | None = None
    last: str | None = None
    period: float | None = None
    refusal: Refusal = Refusal.UNCLEAR

    @property
    def failed(self) -> bool:
        return self.status not in (REGISTERED, UNREGISTERED, None)

    def gave_up(self, at: float) -> bool:
        """Whether Asterisk should long have tried again, and has not."""
        patience = max(self.timing.retry + SIP_TIMER_F, self.timing.forbidden) + 2 * TOLERANCE
        return self.failed and at - (self.result or self.since) > patience


def listed(known: Registration, status: str | None, timing: Timing | None, at: float) -> Registration:
    """After a listing: the truth about the status, though it does not say when the result came."""
    known = replace(known, timing=timing or known.timing)
    if status == known.status:
        return known
    return replace(known, status=status, since=at, refusal=_SAYS_HOW.get(status or "", Refusal.UNCLEAR))


def result(known: Registration, status: str, at: float) -> Registration:
    """After a Registry event. Said again, it changes only what the timing tells."""
    since = known.since if status == known.status else at
    new = replace(known, status=status, since=since, result=at, last=status)
    if not new.failed:
        good_again = status == known.last == REGISTERED and known.result is not None
        period = at - known.result if good_again and known.result is not None else known.period
        return replace(new, refusal=Refusal.UNCLEAR, period=period)
    told = _told(known, at)
    if told is Refusal.UNCLEAR and known.failed:
        told = known.refusal
    return replace(new, refusal=told)


def _told(known: Registration, at: float) -> Refusal:
    """What the seconds since the last result tell of this failure."""
    if known.result is None:
        return Refusal.UNCLEAR
    gap = at - known.result
    timing = known.timing
    if known.last == REGISTERED:
        due = known.period or timing.expiration - BEFORE_EXPIRY
        if abs(gap - due) <= TOLERANCE:
            return Refusal.AT_ONCE
        return Refusal.UNANSWERED if abs(gap - due - SIP_TIMER_F) <= TOLERANCE else Refusal.UNCLEAR
    if known.last == UNREGISTERED:  # somebody had it register anew, which takes up to 10 s
        return Refusal.AT_ONCE if gap < SIP_TIMER_F - TOLERANCE else Refusal.UNCLEAR
    meanings = {
        Refusal.UNANSWERED: timing.retry + SIP_TIMER_F,
        Refusal.FOR_NOW: timing.retry,
        Refusal.FOR_GOOD: timing.forbidden,
    }
    near = [meaning for meaning, seconds in meanings.items() if seconds and abs(gap - seconds) <= TOLERANCE]
    return near[0] if len(near) == 1 else Refusal.UNCLEAR
