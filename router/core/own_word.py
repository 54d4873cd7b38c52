"""What a trunk's own evidence says of it: whether it is silent, answers, refuses us, or only its calls fail."""

from __future__ import annotations

from dataclasses import dataclass, field

from router.core import held
from router.core.evidence import NO_CONTACT, NOT_SENT, UNREACHABLE, Evidence
from router.core.health import Cause, State, Verdict
from router.core.registration import REFUSED, REGISTERED, Refusal
from router.core.site import WatchKind
from router.core.trunk import Trunk

TROUBLED = (State.FAILING, State.DOWN)
SILENCE = "silence"
"""The dialplan's word for a leg that was sent, and did not ring in the time allowed."""
_REFUSALS = (Refusal.FOR_EVER, Refusal.FOR_GOOD, Refusal.FOR_NOW, Refusal.AT_ONCE)
_FOR_GOOD = (Refusal.FOR_EVER, Refusal.FOR_GOOD)


@dataclass(frozen=True, slots=True)
class OwnWord:
    """About `trunk`. `lapsed`: its registration is missing or has run out, by the clock."""

    trunk: Trunk
    lapsed: bool = field(default=False, kw_only=True)

    @property
    def evidence(self) -> Evidence:
        return self.trunk.evidence

    @property
    def troubled(self) -> bool:
        return self.trunk.health.state in TROUBLED

    @property
    def device(self) -> bool:
        """Whether it is a device of our own, such as a GSM card: no network lies on the way there."""
        return self.trunk.site.watch is WatchKind.DEVICE

    # --- probes, ours or Asterisk's own -----------------------------------------------------------------------------

    @property
    def silent(self) -> bool:
        """Whether probes go unanswered, or Asterisk holds it for gone."""
        return self.evidence.unanswered > 0 or (is_held_for_dead(self.evidence) and not self.late)

    @property
    def late(self) -> bool:
        """Whether it answers Asterisk's own probes, but too late for any call."""
        return self.evidence.contact == held.LAGGED

    @property
    def answers(self) -> bool:
        """Whether it answers probes, which are therefore known to reach it."""
        return not self.silent and (self.evidence.answered is not None or self.evidence.contact == held.ANSWERED)

    # --- registration -----------------------------------------------------------------------------------------------

    @property
    def registered(self) -> bool:
        return self.evidence.registration == REGISTERED

    @property
    def unregistered(self) -> bool:
        """Whether our registration was refused or not answered, has run out, or is missing for longer than it takes."""
        return self.evidence.register.failed or self.lapsed or self.trunk.health.cause is Cause.REGISTRATION

    @property
    def failed(self) -> bool:
        """Whether a REGISTER was seen to fail."""
        return self.evidence.register.failed

    @property
    def unanswered(self) -> bool:
        """Whether our registration is known to have had no answer."""
        return self.failed and self.evidence.register.refusal is Refusal.UNANSWERED

    @property
    def refused(self) -> bool:
        """Whether our registration fails at once: by a no of the carrier's, or since no connection comes about."""
        return self.failed and self.evidence.register.refusal in _REFUSALS

    @property
    def barred(self) -> bool:
        """Whether the carrier itself said no for good: no other failure makes Asterisk wait so long, or give up."""
        return self.failed and self.evidence.register.refusal in _FOR_GOOD

    @property
    def said_no(self) -> bool:
        """Whether it is known that the carrier's own no is why our registration fails, or all but known: it answers."""
        return self.refused and (self.barred or self.answers or self.evidence.register.status == REFUSED)

    # --- calls ------------------------------------------------------------------------------------------------------

    @property
    def calls_fail(self) -> bool:
        return self.trunk.health.cause is Cause.CALLS and self.trunk.health.diverted

    @property
    def refused_code(self) -> str:
        """The SIP status that the last call ended with; empty where it ended without one, so that nobody answered."""
        code = self.evidence.last_code.strip()
        return code if self.calls_fail and code[:3].isdecimal() and len(code[:3]) == 3 else ""

    @property
    def calls_unheard(self) -> bool:
        """Whether calls were sent, and none began to ring."""
        return self.calls_fail and self.evidence.last_code == SILENCE

    @property
    def calls_unsent(self) -> bool:
        """Whether nothing of the calls left the PBX. Only of SIP is that known: else they may have been refused."""
        return self.calls_fail and self.trunk.watched and self.evidence.last_code == NOT_SENT

    @property
    def mute(self) -> bool:
        """Whether nothing comes back from it, by whatever it is asked."""
        return self.silent or ((self.unanswered or self.calls_unheard) and not self.answers)


def is_held_for_dead(evidence: Evidence) -> bool:
    """Whether Asterisk holds it for bad, in whichever of its words."""
    gone = evidence.contact in (UNREACHABLE, NO_CONTACT)
    return gone or held.says(evidence.contact, Verdict.BAD) is not None


def began(trunk: Trunk) -> float:
    """When the latest of a trunk's present faults began, in monotonic seconds."""
    evidence = trunk.evidence
    moments = []
    if evidence.unanswered:
        moments.append(evidence.first_unanswered)
    elif is_held_for_dead(evidence):
        moments.append(evidence.contact_since)
    if evidence.register.failed:
        moments.append(evidence.register.since)
    if trunk.health.cause is Cause.CALLS and trunk.health.diverted:
        moments.append(evidence.last_failed_call or trunk.health.since)
    return max(moments, default=trunk.health.since)
