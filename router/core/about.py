"""What the sentence about a published number is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from router.core.sentence import Sentence, say
from router.core.site import Way
from router.core.trunk import Trunk


def mobiles_of(people: tuple[str, ...]) -> Sentence:
    if len(people) < 2:
        return say("{person}'s mobile", person="".join(people))
    names = say("{some} and {last}", some=", ".join(people[:-1]), last=people[-1])
    return say("the mobiles of {people}", people=names)


class Reachable(StrEnum):
    YES = "yes"
    NO = "no"
    UNPROVEN = "unproven"


class View(StrEnum):
    """How well we see the PBX. What is out of sight is proven no more.

    UNVERIFIED: it is in sight, but does not confirm the route that was written. READ_ONLY: another router writes there.
    """

    CLEAR = "clear"
    UNVERIFIED = "unverified"
    READ_ONLY = "read only"
    LOST = "lost"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Seen:
    """Where calls went when the PBX was in sight and nothing spoke against it. `people`: who was rung."""

    way: Way
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class About:
    """`people`: who is rung; `over`: the label of the trunk to the first mobile. Empty where there is none.

    `arrival`: when a call to the number last came by its own trunk. `spent`: the day's minutes for forwarded calls are.
    `alone`: it fails though its trunk may well be fine. `proven`: a trunk to forward over is known to be good.
    `away`: none of its office phones can be reached; `stays`: the automatics never send its calls to the mobiles.
    `off_duty`: there are people with mobiles, but none of them is on duty. `seen`: None where it is not
    known what the PBX did last.
    """

    number: str
    trunk: Trunk
    way: Way
    reachable: Reachable
    people: tuple[str, ...]
    over: str
    arrival: datetime | None = None
    spent: bool = False
    alone: bool = False
    proven: bool = True
    away: bool = False
    stays: bool = False
    off_duty: bool = False
    seen: Seen | None = None

    @property
    def own(self) -> dict[str, str]:
        return {"number": self.number, "trunk": self.trunk.site.label}

    @property
    def mobile(self) -> Sentence:
        return mobiles_of(self.people)

    @property
    def go(self) -> Sentence:
        """What calls do, as the end of a sentence."""
        if self.way is Way.OFFICE_THEN_MOBILE:
            return say(
                "ring in the office first and then go to {mobile} over {over}.", mobile=self.mobile, over=self.over
            )
        return say("go to {mobile} over {over}.", mobile=self.mobile, over=self.over)
