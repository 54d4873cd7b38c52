"""What was seen of one trunk, by listings, events, probes and calls. What it says is judged elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from router.core import held
from router.core import registration as registering
from router.core.health import Health, State, Verdict
from router.core.peer import Host
from router.core.registration import Registration, Timing

MOST_REFUSED = 16
"""Numbers called that are remembered of one run of refused calls; of more, the oldest are forgotten."""
MOST_IN_VAIN = 3
"""Probes that leave a contact NonQualified, after which it counts as one that Asterisk does not qualify."""

NOT_SENT = "none"
"""The dialplan's word for a leg of which nothing was sent: no contact, no connection, no name found."""
REACHABLE, UNREACHABLE, NO_CONTACT, NOT_QUALIFIED = "Reachable", "Unreachable", "NoContact", "NonQualified"
REMOVED = "Removed"
"""One contact of the trunk is gone; whether it has another one only a listing tells."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at a trunk. None: not there to be seen (no registration, no contact, never measured).

    `timing`: the registration's settings, None where they were not listed. `peer`: the host of the contact, `registrar`
    that of the registration's server (or of the proxy before it); None where not told.
    """

    contact: str | None = None
    rtt_us: int | None = None
    registration: str | None = None
    timing: Timing | None = None
    peer: Host | None = None
    registrar: Host | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Times are monotonic seconds. `began`: when we began to look; None while we do not. `in_vain`: probes in a row
    that left the contact NonQualified. `refused`: the numbers to which calls were refused in the present run of failed
    calls, the latest last."""

    contact: str | None = None
    contact_since: float = 0.0
    rtt_us: int | None = None
    register: Registration = field(default_factory=Registration)
    answered: float | None = None
    unanswered: int = 0
    first_unanswered: float = 0.0
    in_vain: int = 0
    failed_calls: int = 0
    refused: tuple[str, ...] = ()
    last_failed_call: float | None = None
    last_code: str = ""
    began: float | None = None
    earlier_rtt_us: int | None = None
    """The round trip before the last one."""

    @property
    def usual_rtt_us(self) -> int:
        """The shorter of the last two: where a packet got lost, an answer's time holds that of sending it again."""
        return min((rtt for rtt in (self.rtt_us, self.earlier_rtt_us) if rtt), default=0)

    @property
    def silent_since(self) -> float:
        """From when on no probe was answered; of what has never answered, from when on we have looked."""
        return self.first_unanswered if self.answered is not None or self.began is None else self.began

    @property
    def registration(self) -> str | None:
        """Its status in Asterisk's words; None where the trunk does not register."""
        return self.register.status


def sighted(evidence: Evidence, sight: Sight, at: float) -> Evidence:
    """After a listing. The listing is the truth: it replaces what events hinted at."""
    evidence = evidence if evidence.began is not None else replace(evidence, began=at)
    return registration_listed(contact_said(evidence, sight.contact, sight.rtt_us, at), sight, at)


def registration_listed(evidence: Evidence, sight: Sight, at: float) -> Evidence:
    """After a listing of the registrations alone, which says nothing of contacts."""
    return replace(evidence, register=registering.listed(evidence.register, sight.registration, sight.timing, at))


def contact_said(evidence: Evidence, contact: str | None, rtt_us: int | None, at: float) -> Evidence:
    """After a ContactStatus or a listing. Said again, it changes nothing. What cannot answer owes no answer."""
    if contact == REMOVED:
        return replace(evidence, in_vain=0)  # so that it is listed anew, qualified or not
    if contact != evidence.contact:
        evidence = replace(evidence, contact=contact, contact_since=at, in_vain=0)
    if is_absent(contact) or contact == NOT_QUALIFIED:
        evidence = replace(evidence, unanswered=0)
    if rtt_us is None or rtt_us == evidence.rtt_us:
        return evidence
    return replace(evidence, rtt_us=rtt_us, earlier_rtt_us=evidence.rtt_us)


def registration_said(evidence: Evidence, status: str, at: float) -> Evidence:
    """After a Registry event."""
    return replace(evidence, register=registering.result(evidence.register, status, at))


def probed(evidence: Evidence, sent: float, answered: bool, at: float) -> Evidence:
    """After a probe sent at `sent` was answered, or was still unanswered when its patience ended."""
    if answered:
        return replace(evidence, answered=at, unanswered=0)
    if evidence.contact == NOT_QUALIFIED:
        return replace(evidence, in_vain=min(evidence.in_vain + 1, MOST_IN_VAIN))
    if is_absent(evidence.contact):
        return evidence
    first = evidence.first_unanswered if evidence.unanswered else sent
    return replace(evidence, unanswered=evidence.unanswered + 1, first_unanswered=first)


def call_failed(evidence: Evidence, code: str, at: float, to: str = "") -> Evidence:
    """After a call to `to` that failed by the trunk's fault; `code` is the SIP status or a word for its absence."""
    refused = with_refused(evidence.refused, code, to)
    count = evidence.failed_calls + 1
    return replace(evidence, failed_calls=count, last_failed_call=at, last_code=code, refused=refused)


def is_refusal(code: str) -> bool:
    """Whether the carrier answered and would not: that may be about the number called as well (RFC 3261, 21.4)."""
    return code[:1] in ("4", "6") and code[:3] != "408"


def is_said_again(refused: tuple[str, ...], code: str, to: str) -> bool:
    """Whether the same number was refused before: who redials a barred number proves nothing new."""
    return is_refusal(code) and to in refused


def with_refused(refused: tuple[str, ...], code: str, to: str) -> tuple[str, ...]:
    """The numbers refused, after one more failed call."""
    return (*refused, to)[-MOST_REFUSED:] if is_refusal(code) and to else refused


def was_not_sent(evidence: Evidence, code: str) -> bool:
    """Whether Asterisk kept a call back from a contact it holds for unreachable: the probes are the judge of that."""
    return code == NOT_SENT and evidence.contact == UNREACHABLE


def run_ended(evidence: Evidence) -> Evidence:
    """After a call that went through, or where something else explains what failed."""
    return replace(evidence, failed_calls=0, refused=())


def lost_sight(evidence: Evidence) -> Evidence:
    """Without AMI nothing is known; only what calls proved remains, and how often we had it register anew."""
    return Evidence(
        failed_calls=evidence.failed_calls, last_failed_call=evidence.last_failed_call, last_code=evidence.last_code,
        refused=evidence.refused, register=registering.lost_sight(evidence.register),
    )  # fmt: skip


def is_reachable(contact: str | None) -> bool:
    """Whether Asterisk holds it for reachable, in whichever of its words."""
    return contact == REACHABLE or held.says(contact, Verdict.GOOD) is not None


def may_probe(evidence: Evidence) -> bool:
    """A contact that Asterisk does not qualify shows no answer; after a restart of Asterisk it only seems so."""
    if evidence.contact == NOT_QUALIFIED:
        return evidence.in_vain < MOST_IN_VAIN
    return not is_absent(evidence.contact) and evidence.contact not in held.WORDS


def is_absent(contact: str | None) -> bool:
    """Whether there is nothing to be probed, but a contact may come at any time."""
    return contact in (NO_CONTACT, None)


def is_suspicious(evidence: Evidence, health: Health) -> bool:
    """Whether the next probe is due at once: something looks bad, and it is not yet known to be down."""
    return bool(evidence.unanswered or evidence.contact == UNREACHABLE) and health.state is not State.DOWN
