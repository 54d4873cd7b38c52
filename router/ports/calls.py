"""The calls that came in, and who waits to be called back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from router.core.call_backs import CallBack, CallBackList, Remark
from router.core.calls import Call
from router.core.counted import Figures, Wanted


class CallBook(Protocol):
    """The calls that came in, for whoever looks for some of them. Raises where the database cannot be read."""

    async def page(self, wanted: Wanted, most: int = 50, before: str | None = None) -> Sequence[Call]:
        """Those that began last, newest first; `before`: the id of the last call of the page before. None follow one
        that nobody knows (any more)."""
        ...

    async def figures(self, wanted: Wanted) -> Figures: ...


class CallBacks(Protocol):
    """Who waits to be called back, and what staff say of it. Raises where the database cannot be used."""

    async def listed(self, since: datetime, most: int = 100) -> CallBackList:
        """Of the attempts since then: at most `most` callers who wait, and the fifty that were marked as done last."""
        ...

    async def row(self, caller: str, since: datetime) -> CallBack | None: ...

    async def say(self, remark: Remark) -> None: ...

    async def undo(self, caller: str, since: datetime) -> bool:
        """Forget that his call-back was marked as done, then or later; what was noted with it stays. Whether it was."""
        ...
