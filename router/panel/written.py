"""What somebody had written in a form that comes too late: it is shown to him again, so that it can be copied."""

from __future__ import annotations

from fastapi import Request

from router.core.sentence import say
from router.panel import session
from router.panel.refusal import Refusal

FIELDS = ("note", "reason", "ticket")
"""In which people write sentences; whatever else a form holds is chosen again in a moment."""


async def given_back(request: Request, refusal: Refusal, most_fields: int) -> Refusal:
    """`refusal` of a form because its session or its token has ended, with what was written in it; as it was where
    nothing was, or where the browser does not say that a page of ours sent it: no other site may put words here."""
    if refusal.status not in (303, 403) or session.origin(request) is not True:
        return refusal
    sent = await session.fields_of(request, most_fields)
    texts = [sent[name] for name in FIELDS if sent.get(name, "").strip()]
    if not texts:
        return refusal
    if refusal.status == 303:
        return Refusal(401, say("You are not logged in any more, so nothing was changed."), written=texts)
    return Refusal(refusal.status, refusal.why, refusal.headers, written=texts)
