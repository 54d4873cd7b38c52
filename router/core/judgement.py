"""What all that was seen of a trunk says together: consecutive evidence, never one event alone."""

from __future__ import annotations

from router.core import held
from router.core.ended import ended
from router.core.evidence import (
    NO_CONTACT,
    NOT_QUALIFIED,
    REACHABLE,
    UNREACHABLE,
    Evidence,
    may_probe,
)  # fmt: skip
from router.core.health import ENOUGH_PROBES, SHAKEN_PROBES, Cause, Finding, Health, Verdict
from router.core.registration import REGISTERED, UNREGISTERED, Refusal, Registration
from router.core.sentence import Sentence, say, sentence

FAILED_CALLS_IN_A_ROW = 3
UNREGISTERED_GRACE = 30.0
"""Seconds: Asterisk waits up to 10 s before its first REGISTER (max_random_initial_delay), then for the answer."""


_FAILED = (
    sentence("{count} calls in a row failed, the last with {code}."),
    sentence("{count} calls in a row failed. The last one: {end}"),
)
_FAILED_ONCE = (sentence("a call failed with {code}."), sentence("a call failed: {end}"))


def judge(evidence: Evidence, health: Health, at: float) -> Finding:
    """What all that was seen says together. The worst word counts; each has its sentence."""
    return _calls(evidence, health, at) or _bad(evidence, at) or _good(evidence, health, at)


def _calls(evidence: Evidence, health: Health, at: float) -> Finding | None:
    """One failed call condemns a trunk that failed calls had brought down; three in a row any other."""
    on_trial = health.trial or (health.diverted and health.cause is Cause.CALLS)
    if evidence.failed_calls < (1 if on_trial else FAILED_CALLS_IN_A_ROW):
        return None
    why = ended(evidence.last_code, *_FAILED, count=evidence.failed_calls)
    if evidence.failed_calls == 1:
        why = ended(evidence.last_code, *_FAILED_ONCE)
    return Finding(Verdict.CONDEMNED, at, why, Cause.CALLS)


def _bad(evidence: Evidence, at: float) -> Finding | None:
    """Of several faults the one that has lasted longest, those that rest on enough first."""
    found = [fault for fault in (_registration(evidence, at), _contact(evidence)) if fault is not None]
    return min(found, key=lambda fault: (not fault.enough, fault.since), default=None)


def _good(evidence: Evidence, health: Health, at: float) -> Finding:
    """Good, or nothing at all. What brought the trunk down must itself turn good."""
    cause = health.cause if health.diverted else None
    if cause is Cause.REGISTRATION and evidence.registration == UNREGISTERED:
        return Finding(Verdict.NOTHING, at, say("it has not registered again yet."))
    hidden = evidence.contact is None or not may_probe(evidence)
    if evidence.contact == NOT_QUALIFIED and cause is not Cause.PROBE:
        hidden = True
    holds_well = held.says(evidence.contact, Verdict.GOOD)
    if evidence.contact == REACHABLE or holds_well or (hidden and evidence.registration == REGISTERED):
        return Finding(Verdict.GOOD, _good_since(evidence, health, at), _why_good(evidence, health))
    return Finding(Verdict.NOTHING, at, _nothing(evidence))


def _good_since(evidence: Evidence, health: Health, at: float) -> float:
    """After failed calls the rise time counts from them, or from when the trunk last looked bad otherwise."""
    if health.diverted and health.cause is Cause.CALLS:
        return max(
            health.since, evidence.last_failed_call or 0.0, evidence.contact_since, evidence.register.since
        )  # fmt: skip
    return at


def _registration(evidence: Evidence, at: float) -> Finding | None:
    register = evidence.register
    match register.status:
        case "Registered" if register.expires is not None and at >= register.expires:
            return Finding(Verdict.BAD, register.expires, _EXPIRED, Cause.REGISTRATION)
        case "Registered" | None:
            return None
        case "Unregistered":
            since = register.since + UNREGISTERED_GRACE
            why = say("it has not been registered for {seconds} s.", seconds=int(UNREGISTERED_GRACE))
            return Finding(Verdict.BAD, since, why, Cause.REGISTRATION) if at >= since else None
        case _:
            return Finding(Verdict.BAD, register.since, _refused(register, at), Cause.REGISTRATION)


def _refused(register: Registration, at: float) -> Sentence:
    if register.gave_up(at) and register.refusal is Refusal.AT_ONCE:
        return _REFUSALS[Refusal.FOR_EVER]
    if register.gave_up(at) and register.refusal is Refusal.UNANSWERED:
        return say("the carrier does not answer our registration, and Asterisk has given up trying.")
    if register.gave_up(at) and register.refusal is not Refusal.FOR_EVER:
        return say("our registration was refused or not answered, and Asterisk has given up trying.")
    return _REFUSALS[register.refusal]


_EXPIRED = say("our registration has expired, and was not renewed.")
_REFUSALS = {
    Refusal.FOR_EVER: say(
        "the carrier refuses our registration for good (403 or 404: barred, or a wrong password), "
        "and Asterisk has given up trying."
    ),
    Refusal.FOR_GOOD: say("the carrier refuses our registration for good (403 or 404: barred, or a wrong password)."),
    Refusal.FOR_NOW: say("the carrier refuses our registration for now (503 or the like); Asterisk will try again."),
    Refusal.AT_ONCE: say("the carrier refuses our registration."),
    Refusal.UNANSWERED: say("the carrier does not answer our registration."),
    Refusal.UNCLEAR: say("our registration was refused or not answered."),
}


def _contact(evidence: Evidence) -> Finding | None:
    if evidence.contact == NO_CONTACT:
        return Finding(
            Verdict.BAD, evidence.contact_since, say("it is not connected to the PBX (no contact)."), Cause.PROBE
        )
    holds_ill = held.says(evidence.contact, Verdict.BAD)
    if holds_ill is not None:
        return Finding(Verdict.BAD, evidence.contact_since, holds_ill, Cause.PROBE)
    if evidence.unanswered:
        why = say("{count} probes in a row went unanswered.", count=evidence.unanswered)
        if evidence.unanswered == 1:
            why = say("a probe went unanswered.")
        enough = evidence.unanswered >= ENOUGH_PROBES
        shaken = evidence.unanswered >= SHAKEN_PROBES
        return Finding(Verdict.BAD, evidence.first_unanswered, why, Cause.PROBE, enough, shaken)
    if evidence.contact == UNREACHABLE:
        return Finding(
            Verdict.BAD, evidence.contact_since, say("Asterisk finds it unreachable."), Cause.PROBE, enough=False
        )
    return None


def _why_good(evidence: Evidence, health: Health) -> Sentence:
    if health.diverted and health.cause is Cause.CALLS:
        return say("probes are answered, but the last calls failed; the next call after a while is the trial.")
    holds_well = held.says(evidence.contact, Verdict.GOOD)
    if holds_well is not None:
        return holds_well
    if evidence.contact != REACHABLE:
        return say("registered; Asterisk does not probe it.")
    if evidence.registration == REGISTERED:
        return say("registered, and probes are answered.")
    return say("probes are answered.")


def _nothing(evidence: Evidence) -> Sentence:
    if evidence.contact == NOT_QUALIFIED and not may_probe(evidence):
        return say("qualify is off in Asterisk: it cannot be probed.")
    return held.says(evidence.contact, Verdict.NOTHING) or say("nothing is known of it yet.")
