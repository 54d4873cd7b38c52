"""The test ring of a new number: a call of our own into the dialplan's [failover-ring], which tells how it ended."""

from __future__ import annotations

import logging

from router.ami.link import AmiLink
from router.ami.loss import in_words
from router.ami.translate import forged
from router.ami.wire import AmiError, Message
from router.core.effects import RingOnce
from router.core.sentence import say
from router.core.signals import RangOut
from router.ports import Post

log = logging.getLogger(__name__)

CONTEXT = "failover-ring"
EVENT = "FailoverRung"
PATIENCE_MS = 60_000
"""The dialplan ends it after 45 s, and tells so; Asterisk's own end of a call that nobody answers must come later."""
_LONGEST = 20


class TrialRing:
    def __init__(self, link: AmiLink, post: Post) -> None:
        self._link = link
        self._post = post

    async def ring(self, effect: RingOnce) -> None:
        """Begins it. Raises nothing: what went wrong is posted."""
        try:
            known = await self._link.act("Getvar", Variable=f"DIALPLAN_EXISTS({CONTEXT},{effect.number},1)")
            if known.get("Value") == "0":
                why = say("The dialplan knows no test ring: is extensions_failover.conf the one of this router?")
                return self._post(RangOut(effect.ticket, "", why))
            over = [f"FAILOVER_TRIAL_OVER={effect.over}"] if effect.over else []
            await self._link.act(
                "Originate", Channel=f"Local/{effect.number}@{CONTEXT}/n", Application="Wait", Data="1", Async="true",
                Timeout=str(PATIENCE_MS), CallerID="failover",
                Variable=[f"FAILOVER_TRIAL={effect.ticket}", "CDR_PROP(disable)=1", *over],
            )  # fmt: skip
        except AmiError as error:
            log.info("the test ring was not begun: %s", error)
            self._post(RangOut(effect.ticket, "", say("The PBX did not take it: {error}", error=in_words(str(error)))))

    def heard(self, message: Message) -> None:
        """A FailoverRung has come."""
        if not forged(message):
            self._post(RangOut(message.get("Trial", ""), message.get("Ended", "")[:_LONGEST]))
