"""What was seen of one trunk, and what it says: consecutive evidence, never one event alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from router.core.health import ENOUGH_PROBES, Cause, Finding, Health, State, Verdict
from router.core.sentence import Sentence, say

FAILED_CALLS_IN_A_ROW = 3
UNREGISTERED_GRACE = 30.0
"""Seconds: Asterisk itself waits up to 10 s before its first REGISTER (max_random_initial_delay), then for the answer."""
SIP_TIMER_F = 32.0
"""Seconds after which a request without an answer is given up (RFC 3261, 17.1.2.2: 64 * T1)."""

REACHABLE, UNREACHABLE, NO_CONTACT, NOT_QUALIFIED = "Reachable", "Unreachable", "NoContact", "NonQualified"
REGISTERED, UNREGISTERED = "Registered", "Unregistered"


class Refusal(StrEnum):
    """How a registration failed, as far as Asterisk lets one tell (its Registry event carries no cause)."""

    FOR_GOOD = "for good"
    FOR_NOW = "for now"
    UNANSWERED = "unanswered"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at a trunk. None: not there to be seen (no registration, no contact, never measured).

    `retry_in`: seconds until the next REGISTER, None when none is planned. `forbidden_retry` and `retry`: the
    registration's forbidden_retry_interval and retry_interval in seconds.
    """

    contact: str | None = None
    rtt_us: int | None = None
    registration: str | None = None
    retry_in: int | None = None
    retry: int | None = None
    forbidden_retry: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Times are monotonic seconds."""

    contact: str | None = None
    contact_since: float = 0.0
    rtt_us: int | None = None
    registration: str | None = None
    registration_since: float = 0.0
    register_due: float | None = None
    refusal: Refusal = Refusal.UNCLEAR
    answered: float | None = None
    unanswered: int = 0
    first_unanswered: float = 0.0
    failed_calls: int = 0
    last_failed_call: float | None = None
    last_code: str = ""


def sighted(evidence: Evidence, sight: Sight, at: float) -> Evidence:
    """After a listing. The listing is the truth: it replaces what events hinted at."""
    seen = contact_said(evidence, sight.contact, sight.rtt_us, at)
    seen = registration_said(seen, sight.registration, at)
    if sight.registration is None:
        return seen
    if sight.registration not in (REGISTERED, UNREGISTERED) and seen.refusal is Refusal.UNCLEAR:
        seen = replace(seen, refusal=_refusal(seen, sight))
    return replace(seen, register_due=None if sight.retry_in is None else at + sight.retry_in)


def contact_said(evidence: Evidence, contact: str | None, rtt_us: int | None, at: float) -> Evidence:
    """After a ContactStatus or a listing. Said again, it changes nothing."""
    since = evidence.contact_since if contact == evidence.contact else at
    return replace(evidence, contact=contact, contact_since=since, rtt_us=rtt_us or evidence.rtt_us)


def registration_said(evidence: Evidence, registration: str | None, at: float) -> Evidence:
    """After a Registry or a listing. Said again, it changes nothing."""
    if registration == evidence.registration:
        return evidence
    refusal = Refusal.UNCLEAR
    due = evidence.register_due
    if registration not in (REGISTERED, UNREGISTERED, None) and due is not None and at - due > SIP_TIMER_F / 2:
        refusal = Refusal.UNANSWERED
    return replace(evidence, registration=registration, registration_since=at, refusal=refusal)


def _refusal(evidence: Evidence, sight: Sight) -> Refusal:
    if sight.retry_in is None:
        return Refusal.FOR_GOOD
    if sight.forbidden_retry and sight.retry and sight.forbidden_retry < sight.retry_in + 2 <= sight.retry:
        return Refusal.FOR_NOW
    if sight.forbidden_retry and sight.retry and sight.forbidden_retry != sight.retry:
        return Refusal.FOR_GOOD if sight.retry_in <= sight.forbidden_retry < sight.retry else Refusal.FOR_NOW
    return Refusal.FOR_NOW


def probed(evidence: Evidence, sent: float, answered: bool, at: float) -> Evidence:
    """After a probe sent at `sent` was answered, or was still unanswered when its patience ended."""
    if answered:
        return replace(evidence, answered=at, unanswered=0)
    first = evidence.first_unanswered if evidence.unanswered else sent
    return replace(evidence, unanswered=evidence.unanswered + 1, first_unanswered=first)


def call_failed(evidence: Evidence, code: str, at: float) -> Evidence:
    """After a call that failed by the trunk's fault; `code` is the SIP status or a word for its absence."""
    return replace(evidence, failed_calls=evidence.failed_calls + 1, last_failed_call=at, last_code=code)


def call_went_through(evidence: Evidence) -> Evidence:
    return replace(evidence, failed_calls=0)


def lost_sight(evidence: Evidence) -> Evidence:
    """Without AMI nothing is known; only what calls proved remains."""
    return Evidence(
        failed_calls=evidence.failed_calls, last_failed_call=evidence.last_failed_call, last_code=evidence.last_code
    )


def judge(evidence: Evidence, health: Health, at: float) -> Finding:
    """What all that was seen says together. The worst word counts; each has its sentence."""
    tolerated = 1 if health.trial or health.diverted and health.cause is Cause.CALLS else FAILED_CALLS_IN_A_ROW
    if evidence.failed_calls >= tolerated:
        why = say(
            "{count} calls in a row failed, the last with {code}.", count=evidence.failed_calls, code=evidence.last_code
        )
        if tolerated == 1:
            why = say("a call failed with {code}.", code=evidence.last_code)
        return Finding(Verdict.CONDEMNED, at, why, Cause.CALLS)
    found = _registration(evidence, at) or _contact(evidence)
    if found is not None:
        return found
    if health.diverted and health.cause is Cause.REGISTRATION and evidence.registration == UNREGISTERED:
        return Finding(Verdict.NOTHING, at, say("it has not registered again yet."))
    unwatched = evidence.contact in (None, NOT_QUALIFIED)
    if evidence.contact == REACHABLE or (unwatched and evidence.registration == REGISTERED):
        since = evidence.last_failed_call if health.cause is Cause.CALLS and evidence.last_failed_call else at
        return Finding(Verdict.GOOD, since, _good(evidence, health))
    return Finding(Verdict.NOTHING, at, _nothing(evidence))


def _registration(evidence: Evidence, at: float) -> Finding | None:
    match evidence.registration:
        case "Registered" | None:
            return None
        case "Unregistered":
            since = evidence.registration_since + UNREGISTERED_GRACE
            why = say("it has not been registered for {seconds} s.", seconds=int(UNREGISTERED_GRACE))
            return Finding(Verdict.BAD, since, why, Cause.REGISTRATION) if at >= since else None
        case _:
            return Finding(Verdict.BAD, evidence.registration_since, _refused(evidence.refusal), Cause.REGISTRATION)


def _refused(refusal: Refusal) -> Sentence:
    match refusal:
        case Refusal.FOR_GOOD:
            return say("the carrier refuses our registration for good (403 or 404: barred, wrong account or password).")
        case Refusal.FOR_NOW:
            return say("the carrier refuses our registration for now (503 or the like); Asterisk will try again.")
        case Refusal.UNANSWERED:
            return say("the carrier does not answer our registration.")
        case Refusal.UNCLEAR:
            return say("our registration was refused or not answered.")


def _contact(evidence: Evidence) -> Finding | None:
    if evidence.contact == NO_CONTACT:
        return Finding(
            Verdict.BAD, evidence.contact_since, say("it is not connected to the PBX (no contact)."), Cause.PROBE
        )
    if evidence.unanswered:
        why = say("{count} probes in a row went unanswered.", count=evidence.unanswered)
        if evidence.unanswered == 1:
            why = say("a probe went unanswered.")
        enough = evidence.unanswered >= ENOUGH_PROBES
        return Finding(Verdict.BAD, evidence.first_unanswered, why, Cause.PROBE, enough)
    if evidence.contact == UNREACHABLE:
        return Finding(
            Verdict.BAD, evidence.contact_since, say("Asterisk finds it unreachable."), Cause.PROBE, enough=False
        )
    return None


def _good(evidence: Evidence, health: Health) -> Sentence:
    if health.diverted and health.cause is Cause.CALLS:
        return say("probes are answered, but the last calls failed; the next call after the rise time is the trial.")
    if evidence.contact != REACHABLE:
        return say("registered; Asterisk does not probe it.")
    if evidence.registration == REGISTERED:
        return say("registered, and probes are answered.")
    return say("probes are answered.")


def _nothing(evidence: Evidence) -> Sentence:
    if evidence.contact == NOT_QUALIFIED:
        return say("qualify is off in Asterisk: it cannot be probed.")
    return say("nothing is known of it yet.")


def may_probe(evidence: Evidence) -> bool:
    """A contact that Asterisk does not qualify answers no probe that one could see (qualify_frequency = 0)."""
    return evidence.contact not in (NOT_QUALIFIED, NO_CONTACT, None)


def is_suspicious(evidence: Evidence, health: Health) -> bool:
    """Whether the next probe is due at once: something looks bad, and it is not yet known to be down."""
    return bool(evidence.unanswered or evidence.contact == UNREACHABLE) and health.state is not State.DOWN
