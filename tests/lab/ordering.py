"""What tests of staff's word look at: which phone the next call rings, what the journal tells."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.lab.lab import Lab
from tests.lab.phone import Phone
from tests.lab.polled import polled
from tests.lab.router import Router


async def rings(lab: Lab, phone: Phone, published: str) -> None:
    """The next call for that number rings at that phone, and at no other."""
    call = lab.zweit.calls(published)
    await phone.rang(since=call.begun_at)
    other = lab.mobile if phone is lab.desk else lab.desk
    assert not other.calls_here(since=call.begun_at)
    call.hangup()
    await call.ended()
    # the same caller again, while our leg to the mobile still rings, would be taken for a loop
    await polled("the office has no call", lambda: not lab.office.channels(), within=5)


async def journal_tells(router: Router, kind: str, *, text: str, by: str | None = None, within: float = 5.0) -> None:
    """Among the last lines of the journal stands one of that kind, by that person, that begins so.

    While the database cannot be read, the answer is 503.
    """
    async with asyncio.timeout(within):
        while True:
            answer = await router.request("GET", "log")
            lines: list[dict[str, Any]] = [] if answer.status_code == 503 else answer.json()["lines"]
            if any(
                li["kind"] == kind and li["text"].startswith(text) and (by is None or li["by"] == by) for li in lines
            ):
                return
            await asyncio.sleep(0.05)


def in_seconds(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
