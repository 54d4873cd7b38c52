"""What a test ring came to: a new number is rung once, and a 1 is pressed there, before it is rung in earnest."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from router.core.sentence import Sentence


class RungHow(StrEnum):
    PRESSED = "pressed"
    """Somebody picked up and pressed 1: the number is confirmed. Nothing else confirms it."""
    NOT_PRESSED = "not_pressed"
    """Picked up, but no 1 was pressed: a voicemail, say."""
    BUSY = "busy"
    """Busy, declined, or answered with 2."""
    NO_ANSWER = "no_answer"
    """It rang, or the phone is off; nobody picked up."""
    FAILED = "failed"
    """The call did not get as far as the phone."""
    NOT_RUNG = "not_rung"
    """Nothing was dialled: the number may not be, or another test ring is under way, or the PBX is out of sight."""


@dataclass(frozen=True, slots=True)
class Rung:
    """`why` is the sentence that a person reads, whatever came of it."""

    how: RungHow
    why: Sentence

    @property
    def confirmed(self) -> bool:
        return self.how is RungHow.PRESSED
