"""A call that the office sent to the stand-in carrier: what its INVITE said, and how it ended."""

from __future__ import annotations

import dataclasses

from tests.lab import sip
from tests.lab.board import Board, Sighting


@dataclasses.dataclass(frozen=True)
class Invite:
    """Moments are seconds of time.monotonic, None until they come. A challenge met again is the same call still."""

    at: float
    message: sip.Message = dataclasses.field(repr=False)
    board: Board = dataclasses.field(repr=False)
    over: str = "UDP"

    def header(self, name: str) -> str:
        """Any header as it stood, of several the first; empty where there was none."""
        return self.message.get(name)

    @property
    def call_id(self) -> str:
        return self.header("Call-ID")

    @property
    def number(self) -> str:
        """The user part of the request URI."""
        return sip.user(self.message.uri)

    @property
    def caller(self) -> str:
        """The user part of From; `name` is its display name without the quotes."""
        return sip.user(self.header("From"))

    @property
    def name(self) -> str:
        return self.header("From").partition("<")[0].strip().strip('"')

    @property
    def to(self) -> str:
        return sip.user(self.header("To"))

    @property
    def asserted(self) -> str:
        """The user part of P-Asserted-Identity (RFC 3325)."""
        return sip.user(self.header("P-Asserted-Identity"))

    @property
    def diversion(self) -> str:
        """The user part of Diversion (RFC 5806)."""
        return sip.user(self.header("Diversion"))

    @property
    def privacy(self) -> str:
        return self.header("Privacy")

    # --- what became of it --------------------------------------------------------------------------------------------

    @property
    def answers(self) -> list[int]:
        """Every code it got, in order, each once: [100, 180, 200]; after a challenge met again [100, 401, 401]."""
        return [int(seen["Code"]) for seen in self._seen("answer", To="INVITE")]

    @property
    def code(self) -> int:
        """The final code that the office has acknowledged, 487 after a CANCEL; 0 so far."""
        acknowledged = self._seen("ACK")
        return int(acknowledged[-1]["Code"]) if acknowledged else 0

    @property
    def answered_at(self) -> float | None:
        return self._first("answer", To="INVITE", Code="200")

    @property
    def cancelled_at(self) -> float | None:
        return self._first("CANCEL")

    @property
    def cancel_answered(self) -> bool:
        return bool(self._seen("answer", To="CANCEL", Code="200"))

    @property
    def bye_at(self) -> float | None:
        return self._first("BYE")

    @property
    def bye_by(self) -> str:
        """Who hung up the answered call: "office", "carrier", or empty."""
        return next((seen["By"] for seen in self._seen("BYE")), "")

    @property
    def ended_at(self) -> float | None:
        """The moment of the BYE, or of the ACK to a refusal."""
        refused = [seen.at for seen in self._seen("ACK") if seen["Code"] != "200"]
        return self.bye_at or (refused[-1] if refused else None)

    async def ended(self, within: float = 10.0) -> float:
        return await self.board.until(f"{self} ends", lambda: self.ended_at, within)

    def _seen(self, kind: str, **fields: str) -> list[Sighting]:
        return self.board.all(kind, 0.0, CallID=self.call_id, **fields)

    def _first(self, kind: str, **fields: str) -> float | None:
        return next((seen.at for seen in self._seen(kind, **fields)), None)
