"""What the panel is given, and what its pages share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from starlette.requests import HTTPConnection

from router.core.office import Office
from router.panel.demo import DemoPort
from router.panel.ends import Hours
from router.panel.fates import Fates
from router.panel.hub import Hub
from router.panel.speech import Speech
from router.panel.throttle import Throttle
from router.ports import (
    Access,
    Accounts,
    Answers,
    Board,
    CallBacks,
    CallBook,
    Duties,
    Journal,
    Outages,
    Rings,
    SignOn,
)

if TYPE_CHECKING:  # keys raise refusals, and those are worded with what stands here
    from router.panel.keys import Keys
    from router.panel.live import Pages
    from router.panel.today import Today


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class PanelDeps:
    """The doors of the panel.

    `language` (de or en), `timezone` and `hours` are the office's.
    `api_token` opens the API as user "cli"; None: sessions only.
    `demo` is None outside the demo. `refresh_seconds`: how often an open page hears from us while nothing changes.
    `sign_on` is None where the office has no sign-on service. `now` is aware; `ticking` in monotonic seconds.
    """

    board: Board
    accounts: Accounts
    journal: Journal
    call_book: CallBook
    call_backs: CallBacks
    answers: Answers
    outages: Outages
    duties: Duties
    rings: Rings
    access: Access
    language: str = "de"
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Berlin"))
    api_token: str | None = None
    hours: Hours = field(default_factory=Hours)
    demo: DemoPort | None = None
    sign_on: SignOn | None = None
    refresh_seconds: float = 10.0
    now: Callable[[], datetime] = utc_now
    ticking: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Panel:
    """What all requests share. `started`: since when the automatics hold where nobody ever gave an order."""

    deps: PanelDeps
    hub: Hub
    pages: Pages
    throttle: Throttle
    fates: Fates
    today: Today
    keys: Keys
    started: datetime

    @property
    def office(self) -> Office:
        return self.deps.board.office

    def speech(self, language: str, masked: bool = False) -> Speech:
        site = self.office.site
        published = frozenset(number.number for number in site.numbers)
        return Speech(language, self.deps.timezone, site.country, self.deps.now(), masked=masked, published=published)


def panel_of(connection: HTTPConnection) -> Panel:
    return cast(Panel, connection.app.state.panel)
