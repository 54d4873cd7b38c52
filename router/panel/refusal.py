"""How the panel says no: one exception, answered elsewhere (refused.py)."""

from __future__ import annotations

from collections.abc import Sequence

from router.core.sentence import Sentence


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """`status` is the HTTP status, `why` one sentence for whoever asked. `written`: the words of a form that would be
    lost with it."""

    def __init__(
        self, status: int, why: Sentence, headers: dict[str, str] | None = None, written: Sequence[str] = ()
    ) -> None:
        super().__init__(str(why))
        self.status, self.why, self.headers, self.written = status, why, headers or {}, written
