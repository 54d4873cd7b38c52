"""What counts as what, of the calls that came in. The panel shows these words as they stand here.

Every call that reached us is taken or missed, never both; a forwarded or rescued one is one of these besides:

| word      | a call counts as it where                                                                             |
|-----------|-------------------------------------------------------------------------------------------------------|
| taken     | somebody picked up: in the office, or on a mobile and said so by pressing 1, where that is asked for. A |
|           | machine of the office's own that answers (voicemail, menu) cannot be told from a person.               |
| missed    | nobody did: the caller hung up before, or everybody had been tried.                                    |
| forwarded | at least one mobile was rung for it, whoever took it in the end, and also where nobody did.            |
| rescued   | somebody took it on a mobile, and without forwarding nobody could have: its line was down, no office   |
|           | phone could be reached, or the office had been rung and nobody picked up. Not where staff had set the   |
|           | number to the mobile while its line worked: that was a wish, no rescue.                                |

Our own forwarded call that comes back (a loop) is nobody's call: it is in the list, and in no figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from router.core import orders
from router.core.calls import Call, Outcome
from router.core.health import State
from router.core.office import Office
from router.core.orders import Mode
from router.core.sentence import sentence


class Count(StrEnum):
    TAKEN = "taken"
    MISSED = "missed"
    FORWARDED = "forwarded"
    RESCUED = "rescued"


WORDS: Mapping[Count, tuple[str, str]] = {
    Count.TAKEN: (
        sentence("Taken"),
        sentence(
            "Somebody picked up, in the office or on a mobile. A voicemail or menu of the office that answers cannot "
            "be told from a person."
        ),
    ),
    Count.MISSED: (
        sentence("Missed"),
        sentence("Nobody picked up: the caller hung up before, or everybody had been tried."),
    ),
    Count.FORWARDED: (
        sentence("Forwarded"),
        sentence("At least one mobile was rung for the call, whoever took it in the end, and also where nobody did."),
    ),
    Count.RESCUED: (
        sentence("Rescued"),
        sentence(
            "Taken on a mobile, where the office could not have: the line was down, no office phone could be reached, "
            "or nobody picked up in the office. Not where somebody had set the calls to the mobile while the line "
            "worked."
        ),
    ),
}
"""Each word, and what it means, for whoever reads the page."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls of the book are wanted; what is None or empty does not matter.

    `number`: the published one, E.164. `since` and `until`: when it began, from then on, and before then. `digits`: in
    a row somewhere in the caller's number.
    """

    count: Count | None = None
    number: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """How many calls of a span are what. `calls` are those taken or missed."""

    taken: int = 0
    missed: int = 0
    forwarded: int = 0
    rescued: int = 0

    @property
    def calls(self) -> int:
        return self.taken + self.missed


def forwarded(call: Call) -> bool:
    """A row that was cut may have lost its legs, but not who took it."""
    return call.outcome is not Outcome.REFUSED and (on_mobile(call) or any(leg.number for leg in call.legs))


def rescued(call: Call) -> bool:
    return on_mobile(call) and not call.by_hand


def on_mobile(call: Call) -> bool:
    """Whether a mobile took it: those are told in E.164, office phones by their device."""
    return call.outcome is Outcome.TAKEN and (call.by or "").startswith("+")


def by_hand(call: Call, office: Office) -> bool:
    """Whether staff had sent this call to the mobiles, though its number's own trunk worked.

    Asked when the call is over: a word that ended while it lasted is forgotten, and the call then counts as rescued.
    """
    word = orders.in_force(office.overrides, call.number, call.began)
    if word is None or word.mode is not Mode.MOBILE or word.since > call.began:
        return False
    return not any(
        number.number == call.number and _was_down(office, number.trunk, call) for number in office.site.numbers
    )


def _was_down(office: Office, name: str, call: Call) -> bool:
    """Before it recovered, a trunk was down; so one that recovers was not fine when the call began."""
    trunk = office.trunks[name]
    if trunk.health.state is State.RECOVERING:
        return True
    return trunk.health.state is State.DOWN and trunk.since is not None and trunk.since <= call.began
