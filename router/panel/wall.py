"""The wall: one screen in the office that is read from four metres, without a control and without scrolling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from router.core.sentence import say
from router.panel import guard, live, session
from router.panel.live import Living, Reading
from router.panel.marks import Mark
from router.panel.on_duty import OnDuty
from router.panel.session import Caller
from router.panel.trunks import TrunkView
from router.panel.view import BoardView, NumberView, board_view
from router.ports import Role

routes = APIRouter(include_in_schema=False)

MOST_NUMBERS, MOST_TRUNKS = 6, 8
LONG = 80
"""Characters, beyond which the sentence is written smaller."""


@dataclass(frozen=True, slots=True)
class WallView:
    """`text` is the one sentence, `more` what follows it. `others`: numbers and trunks for which there is no room, the
    least urgent, in words."""

    title: str
    tone: str
    mark: Mark
    text: str
    more: str
    long: bool
    numbers: tuple[NumberView, ...]
    trunks: tuple[TrunkView, ...]
    others: str
    on_duty: OnDuty | None
    checked: Mark
    clock: str


async def seen(reading: Reading) -> WallView:
    speech, office = reading.speech, reading.office
    view = board_view(office, (), reading.panel.deps.journal.trouble, speech)
    leading = view.numbers[0]
    mark, text, more = leading.mark, leading.text, leading.more
    if not view.certain and view.notices:
        mark, text, more = view.notices[0].mark, view.notices[0].text, ""
    left = max(0, len(view.numbers) - MOST_NUMBERS) + max(0, len(view.trunks) - MOST_TRUNKS)
    return WallView(
        title=view.title, tone=view.tone, mark=mark, text=text, more=more, long=len(text) > LONG,
        numbers=view.numbers[:MOST_NUMBERS], trunks=_worst(view),
        others=speech.render(say("On the board: {count} more.", count=left)) if left else "",
        on_duty=view.on_duty, checked=view.checked, clock=speech.clock(speech.now),
    )  # fmt: skip


def _worst(view: BoardView) -> tuple[TrunkView, ...]:
    order = {"bad": 0, "wait": 1}
    return tuple(sorted(view.trunks, key=lambda trunk: order.get(trunk.mark.tone, 2))[:MOST_TRUNKS])


WALL = Living("wall", "wall_regions.html", ("wall", "clock"), seen, reloads=True)


@routes.get("/wall")
async def wall(request: Request, caller: Annotated[Caller, Depends(guard.reads(Role.VIEWER))]) -> Response:
    """Each time it is opened its cookie lasts anew: nobody stands before that screen to log it in."""
    answer = await live.page(request, WALL, "wall.html")
    return session.opened(request, answer, caller.session) if caller.session else answer
