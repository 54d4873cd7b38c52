"""What the routes of users and accounts share: refusals that name what will not do, and times as people have them."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import TypeVar

from starlette.requests import Request

from router.panel.deps import panel_of
from router.panel.keys import asked
from router.panel.refusal import Refusal
from router.ports import NotUsable

T = TypeVar("T")


async def told(answer: Awaitable[T]) -> T:
    """Raises Refusal 409 for what the accounts will not do."""
    try:
        return await asked(answer)
    except NotUsable as refused:
        raise Refusal(409, refused.why) from None


def local(request: Request, at: datetime) -> datetime:
    """In the office's time zone."""
    return at.astimezone(panel_of(request).deps.timezone)
