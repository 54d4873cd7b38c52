"""How long each trunk took to answer the probes of the last hour, in memory only."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from router.core import evidence as seen
from router.core import held
from router.core.health import Verdict
from router.core.signals import At, Input, Probed, Surveyed
from router.ports import Answer

SLOT = 5
"""Seconds. Of several probes within one slot the worst is kept: unanswered, else the slowest."""
SLOTS = 3600 // SLOT + 1
"""An hour that ends within a slot begins within another."""
_UNANSWERED = -1


class _Ring:
    """One trunk's hour: 721 slots of 16 bytes. A slot that was filled an hour ago is as good as empty."""

    def __init__(self) -> None:
        self._at = array("d", bytes(8 * SLOTS))
        self._took = array("l", bytes(array("l").itemsize * SLOTS))

    def put(self, at: float, took: int) -> None:
        """`at` in Unix seconds, `took` in microseconds or _UNANSWERED."""
        slot = int(at // SLOT) % SLOTS
        same = self._at[slot] // SLOT == at // SLOT
        if same and (self._took[slot] == _UNANSWERED or (took != _UNANSWERED and took <= self._took[slot])):
            return
        self._at[slot], self._took[slot] = at, took

    def within(self, begin: float, end: float) -> Sequence[Answer]:
        kept = sorted((at, took) for at, took in zip(self._at, self._took, strict=True) if begin < at <= end)
        return [
            Answer(datetime.fromtimestamp(at, UTC), None if took == _UNANSWERED else took / 1000) for at, took in kept
        ]


class HeardAnswers:
    """`router.ports.Answers`, fed with every input of the loop. `since`: when it began to listen."""

    def __init__(self, trunks: Iterable[str], since: datetime) -> None:
        self.since = since
        self._rings: Mapping[str, _Ring] = {name: _Ring() for name in trunks}

    def heard(self, said: Input, at: At) -> None:
        """A probe counts when it was sent; what Asterisk probes by itself, when we listed it."""
        match said:
            case Probed(trunk=name, answered=True, sight=seen.Sight(rtt_us=int(took))):
                self._put(name, at, said.sent, took)
            case Probed(trunk=name, answered=False, sight=seen.Sight(contact=contact)) if _owes_an_answer(contact):
                self._put(name, at, said.sent, _UNANSWERED)
            case Surveyed():
                for name, sight in said.sights.items():
                    if held.says(sight.contact, Verdict.GOOD) and sight.rtt_us:
                        self._put(name, at, at.mono, sight.rtt_us)
                    elif sight.contact in (held.LAGGED, "UNREACHABLE"):
                        self._put(name, at, at.mono, _UNANSWERED)

    def _put(self, trunk: str, at: At, sent: float, took: int) -> None:
        ring = self._rings.get(trunk)
        if ring is not None:
            ring.put((at.wall - timedelta(seconds=at.mono - sent)).timestamp(), took)

    def last_hour(self, trunk: str, now: datetime) -> Sequence[Answer]:
        ring = self._rings.get(trunk)
        return [] if ring is None else ring.within(now.timestamp() - 3600, now.timestamp())


def _owes_an_answer(contact: str | None) -> bool:
    """Where there is no contact, or none that Asterisk probes, nobody was asked."""
    return not seen.is_absent(contact) and contact not in (seen.NOT_QUALIFIED, *held.WORDS)
