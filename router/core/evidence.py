"""What was seen of one trunk, by listings, events, probes and calls. What it says is judged elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from router.core.health import Health, State

SIP_TIMER_F = 32.0
"""Seconds after which a request without an answer is given up (RFC 3261, 17.1.2.2: 64 * T1)."""
MOST_IN_VAIN = 3
"""Probes that leave a contact NonQualified, after which it counts as one that Asterisk does not qualify."""

REACHABLE, UNREACHABLE, NO_CONTACT, NOT_QUALIFIED = "Reachable", "Unreachable", "NoContact", "NonQualified"
REGISTERED, UNREGISTERED = "Registered", "Unregistered"


class Refusal(StrEnum):
    """How a registration failed, as far as Asterisk lets one tell (its Registry event carries no cause)."""

    FOR_GOOD = "for good"
    FOR_NOW = "for now"
    UNANSWERED = "unanswered"
    GAVE_UP = "gave up"
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
    """Times are monotonic seconds. `register_due`: when the REGISTER was to be sent whose result is the next to come.

    `in_vain`: probes in a row that left the contact NonQualified. `witnessed`: we saw the registration change to what
    it is, so that how long it took tells something; not so where the first listing already said it.
    """

    contact: str | None = None
    contact_since: float = 0.0
    rtt_us: int | None = None
    registration: str | None = None
    registration_since: float = 0.0
    register_due: float | None = None
    refusal: Refusal = Refusal.UNCLEAR
    witnessed: bool = False
    answered: float | None = None
    unanswered: int = 0
    first_unanswered: float = 0.0
    in_vain: int = 0
    failed_calls: int = 0
    last_failed_call: float | None = None
    last_code: str = ""


def sighted(evidence: Evidence, sight: Sight, at: float) -> Evidence:
    """After a listing. The listing is the truth: it replaces what events hinted at."""
    return registration_listed(contact_said(evidence, sight.contact, sight.rtt_us, at), sight, at)


def registration_listed(evidence: Evidence, sight: Sight, at: float) -> Evidence:
    """After a listing of the registrations alone, which says nothing of contacts."""
    seen = registration_said(evidence, sight.registration, at)
    if _failed(sight.registration):
        seen = replace(seen, refusal=_refusal(seen, sight))
    under_way = not sight.retry_in and seen.register_due is not None and seen.register_due <= at
    if under_way and seen.registration == evidence.registration:
        return seen
    return replace(seen, register_due=at + sight.retry_in if sight.retry_in else None)


def contact_said(evidence: Evidence, contact: str | None, rtt_us: int | None, at: float) -> Evidence:
    """After a ContactStatus or a listing. Said again, it changes nothing. What cannot answer owes no answer."""
    if contact != evidence.contact:
        evidence = replace(evidence, contact=contact, contact_since=at, in_vain=0)
    if contact in (None, NO_CONTACT, NOT_QUALIFIED):
        evidence = replace(evidence, unanswered=0)
    return replace(evidence, rtt_us=rtt_us or evidence.rtt_us)


def registration_said(evidence: Evidence, registration: str | None, at: float) -> Evidence:
    """After a Registry or a listing. Said again, it changes nothing."""
    if registration == evidence.registration:
        return evidence
    due = evidence.register_due
    late = _failed(registration) and due is not None and at - due > SIP_TIMER_F / 2
    return replace(
        evidence, registration=registration, registration_since=at, witnessed=evidence.registration is not None,
        refusal=Refusal.UNANSWERED if late else Refusal.UNCLEAR,
    )  # fmt: skip


def _failed(registration: str | None) -> bool:
    return registration not in (REGISTERED, UNREGISTERED, None)


def _refusal(evidence: Evidence, sight: Sight) -> Refusal:
    """Asterisk retries what is refused for now (503), and what is forbidden (403, 404) only where it is told to."""
    if evidence.refusal is not Refusal.UNCLEAR:
        given_up = evidence.refusal is Refusal.FOR_NOW and not sight.retry_in
        return Refusal.GAVE_UP if given_up else evidence.refusal
    if not evidence.witnessed:
        return Refusal.UNCLEAR if sight.retry_in else Refusal.GAVE_UP
    if not sight.retry_in:
        return Refusal.FOR_GOOD
    if not sight.forbidden_retry:
        return Refusal.FOR_NOW
    if not sight.retry or sight.retry == sight.forbidden_retry:
        return Refusal.UNCLEAR
    nearer = abs(sight.retry_in - sight.forbidden_retry) < abs(sight.retry_in - sight.retry)
    return Refusal.FOR_GOOD if nearer else Refusal.FOR_NOW


def probed(evidence: Evidence, sent: float, answered: bool, at: float) -> Evidence:
    """After a probe sent at `sent` was answered, or was still unanswered when its patience ended."""
    if answered:
        return replace(evidence, answered=at, unanswered=0)
    if evidence.contact == NOT_QUALIFIED:
        return replace(evidence, in_vain=min(evidence.in_vain + 1, MOST_IN_VAIN))
    if evidence.contact in (None, NO_CONTACT):
        return evidence
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


def may_probe(evidence: Evidence) -> bool:
    """A contact that Asterisk does not qualify shows no answer; after a restart of Asterisk it only seems so."""
    if evidence.contact == NOT_QUALIFIED:
        return evidence.in_vain < MOST_IN_VAIN
    return evidence.contact not in (NO_CONTACT, None)


def is_suspicious(evidence: Evidence, health: Health) -> bool:
    """Whether the next probe is due at once: something looks bad, and it is not yet known to be down."""
    return bool(evidence.unanswered or evidence.contact == UNREACHABLE) and health.state is not State.DOWN
