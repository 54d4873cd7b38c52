"""How a registration stands, and how it was refused.

Asterisk's Registry event says `Rejected` for 403, 503 and no answer alike, and names no next attempt. But when it comes
tells them apart: a refusal comes at once, silence ends after 32 s; what is forbidden is tried again after the
registration's forbidden_retry_interval (or never, where that is 0), anything else after its retry_interval.

PJSIPRegister tells more (seen on Asterisk 22): it unregisters, and registers up to max_random_initial_delay later.
Where Asterisk would try again by itself, the refusal of the first puts the second off until then; where it has given up
for ever, both are refused, one soon after the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

REGISTERED, UNREGISTERED, REJECTED = "Registered", "Unregistered", "Rejected"

SIP_TIMER_F = 32.0
"""Seconds after which a request without an answer is given up (RFC 3261, 17.1.2.2: 64 * T1)."""
BEFORE_EXPIRY = 10.0
"""Seconds before its registration expires at which Asterisk registers anew."""
LONGEST_LEAST = 3600.0
"""Seconds: no registrar may insist on a registration that lasts longer (RFC 3261, 10.3: 423 only below one hour)."""
TOLERANCE = 6.0


class Refusal(StrEnum):
    """How a registration failed, as far as its timing tells."""

    FOR_EVER = "for ever"
    """For good, and Asterisk has given up."""
    FOR_GOOD = "for good"
    FOR_NOW = "for now"
    AT_ONCE = "at once"
    UNANSWERED = "unanswered"
    UNCLEAR = "unclear"


_REFUSED = (Refusal.FOR_EVER, Refusal.FOR_GOOD, Refusal.FOR_NOW)
"""Each says more than that it was refused at once."""
REFUSED = "Refused"
_SAYS_HOW = {"Timeout": Refusal.UNANSWERED, REFUSED: Refusal.AT_ONCE, "No Authentication": Refusal.AT_ONCE}
"""Words of IAX2 registrations, which tell how they failed: `Rejected` means so there, and is `Refused` here."""


@dataclass(frozen=True, slots=True)
class Timing:
    """A registration's settings in pjsip.conf, in seconds; 0: never again. The defaults are Asterisk's.

    `delay`: the most by which Asterisk puts off a REGISTER that it was asked for (max_random_initial_delay).
    """

    expiration: float = 3600.0
    retry: float = 60.0
    forbidden: float = 0.0
    fatal: float = 0.0
    delay: float = 10.0


@dataclass(frozen=True, slots=True)
class Registration:
    """`status` in Asterisk's words; None: this trunk does not register. Times are monotonic seconds.

    `result`: when the last result of a REGISTER was witnessed, and `last` what it was; `period`: seconds between the
    last two good ones, and `longest` between any two. `asked`: when we last had Asterisk register anew, and `asks` how
    often since it last was registered, the first time at `asked_first`; `failures`: how many were witnessed since
    `asked`.
    """

    status: str | None = None
    since: float = 0.0
    timing: Timing = field(default_factory=Timing)
    result: float | None = None
    last: str | None = None
    period: float | None = None
    longest: float | None = None
    refusal: Refusal = Refusal.UNCLEAR
    asked: float | None = None
    asked_first: float | None = None
    asks: int = 0
    failures: int = 0

    @property
    def failed(self) -> bool:
        return self.status not in (REGISTERED, UNREGISTERED, None)

    def gave_up(self, at: float) -> bool:
        """Whether Asterisk should long have tried again, and has not; or is known not to try again."""
        return self.failed and (self.refusal is Refusal.FOR_EVER or at > self.overdue)

    @property
    def heard(self) -> float:
        """When anything was last known of a REGISTER: its result, what was listed, or that we asked for one."""
        return max(self.since, self.result or 0.0, self.asked or 0.0)

    @property
    def overdue(self) -> float:
        """When the next result of one that failed should have come, if Asterisk tried again by itself."""
        longest = max(self.timing.retry + SIP_TIMER_F, self.timing.forbidden, self.timing.fatal)
        return self.heard + longest + 2 * TOLERANCE

    @property
    def hopeless(self) -> bool:
        """Whether Asterisk most likely does not try again by itself: what came of our last asking tells, if we have."""
        if self.asked is None:
            return self.refusal in (Refusal.AT_ONCE, Refusal.UNCLEAR) and not self.timing.forbidden
        return self.refusal is Refusal.FOR_EVER and self.failures > 1

    @property
    def expires(self) -> float | None:
        """When one that is Registered has surely run out, if it is not renewed; None where that cannot be told.

        AMI never tells what was granted (its NextReg is 0 at all times, as Asterisk leaves pjsip's own timer unused),
        and a registrar may grant less than was asked for, or more: it may insist on up to an hour, from one renewal
        to the next. So what counts is the longest that it may have granted, once its pace was witnessed. Only an
        Asterisk that is stuck itself gets so far: of a renewal that fails it tells within 32 s.
        """
        if self.status != REGISTERED or self.last != REGISTERED or self.result is None or self.longest is None:
            return None
        return self.heard + max(self.timing.expiration, LONGEST_LEAST, self.longest + BEFORE_EXPIRY) + TOLERANCE


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
        new = replace(new, refusal=Refusal.UNCLEAR)
        if known.result is None or not status == known.status == known.last == REGISTERED:
            return new
        period = at - known.result
        return replace(new, period=period, longest=max(period, known.longest or 0.0))
    told = _told(known, at)
    if known.failed and (told is Refusal.UNCLEAR or (told is Refusal.AT_ONCE and known.refusal in _REFUSED)):
        told = known.refusal
    return replace(new, refusal=told, failures=known.failures + 1)


def _told(known: Registration, at: float) -> Refusal:
    """What the seconds since the last result tell of this failure."""
    if known.asked is not None and at - known.asked < SIP_TIMER_F + TOLERANCE:
        return _told_after_asking(known, known.asked, at)
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


def _told_after_asking(known: Registration, asked: float, at: float) -> Refusal:
    """What a failure tells that came soon after we had Asterisk register anew."""
    if known.result is None or known.result < asked:
        return Refusal.AT_ONCE if at - asked < SIP_TIMER_F - TOLERANCE else Refusal.UNANSWERED
    if known.last == UNREGISTERED:
        return Refusal.AT_ONCE
    again = min((a for a in (known.timing.retry, known.timing.forbidden, known.timing.fatal) if a), default=SIP_TIMER_F)
    soon = known.timing.delay + TOLERANCE
    return Refusal.FOR_EVER if at - asked <= soon and at - known.result < again - 1 else Refusal.UNCLEAR


def asked_again(known: Registration, at: float) -> Registration:
    """After we had Asterisk register anew."""
    return replace(known, asked=at, asked_first=known.asked_first or at, asks=known.asks + 1, failures=0)


def settled(known: Registration) -> Registration:
    """After it was registered again: what we did for it is over."""
    return replace(known, asked=None, asked_first=None, asks=0, failures=0)


def lost_sight(known: Registration) -> Registration:
    """Without AMI nothing is known but what we did, lest we begin anew with every connection."""
    return Registration(asked_first=known.asked_first, asks=known.asks)
