"""Pages that keep themselves current: what changes on them is rendered once for all who read the same, and streamed."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, StreamingResponse
from markupsafe import Markup
from starlette.types import Send

from router.core.office import Office
from router.panel import guard, language, session
from router.panel.deps import Panel, panel_of
from router.panel.rendering import macro
from router.panel.rendering import page as plain_page
from router.panel.session import Caller, csrf
from router.panel.speech import Speech
from router.ports import Role

routes = APIRouter(include_in_schema=False)

TOKEN = f"csrf-{secrets.token_hex(16)}"
"""Stands in a shared rendering where each reader's own form token belongs."""
LONGEST_QUERY = 300
KEPT = 64
"""Renderings remembered: pages times languages times roles that are open at once."""
LOGIN = b'event: login\ndata: "/login"\n\n'
LOOK_SECONDS, CHECK_SECONDS = 5.0, 15.0
"""How often an open stream asks whether its session still holds, and after how long it shows nothing before it has
asked; an end that we hear of shows at once."""


class Seen(Protocol):
    @property
    def title(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads what: everything that a shared rendering may depend on."""

    panel: Panel
    speech: Speech
    role: Role
    query: Mapping[str, str]

    @property
    def office(self) -> Office:
        return self.panel.office

    @property
    def steers(self) -> bool:
        """Whether this reader may change something."""
        return self.role.covers(Role.STAFF)


@dataclass(frozen=True, slots=True)
class Living:
    """A page with parts that change. `regions`: macros of `template`, each called with what `seen` gives; on the page
    each fills the element with the id live-<region>. `role`: the least that may read it.

    `more`: what the script is told beside the regions. `reloads`: without JavaScript the page loads itself anew; not
    where people fill in forms.
    """

    name: str
    template: str
    regions: tuple[str, ...]
    seen: Callable[[Reading], Awaitable[Any]]
    role: Role = Role.VIEWER
    more: Callable[[Reading, Any], Mapping[str, Any]] = lambda reading, view: {}
    reloads: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    title: str
    at: str
    day: str
    regions: Mapping[str, str]
    more: Mapping[str, Any]
    _events: dict[tuple[str, ...], bytes] = field(default_factory=dict)

    def event(self, names: tuple[str, ...]) -> bytes:
        """The event with these regions, written once for all readers; their tokens are still to be put in."""
        if names not in self._events:
            regions = {name: self.regions[name] for name in names}
            said = {"title": self.title, "at": self.at, "day": self.day, "regions": regions, **self.more}
            self._events[names] = b"event: page\ndata: %s\n\n" % json.dumps(said, ensure_ascii=False).encode()
        return self._events[names]


class Events(StreamingResponse):
    """Server-sent events (WHATWG HTML, 9.2), each written by whoever yields it. FastAPI's own response costs two more
    tasks and queues a reader, half of what two hundred readers cost; the hub's rounds keep the connection in use."""

    media_type = "text/event-stream"

    async def stream_response(self, send: Send) -> None:
        self.headers["x-accel-buffering"] = "no"
        async with aclosing(cast(AsyncGenerator[bytes], self.body_iterator)):
            await super().stream_response(send)


class Held:
    """The caller for as long as his session or token holds, without asking the database for each event.

    `asking`: who he is by now.
    """

    def __init__(
        self, request: Request, caller: Caller | None,
        asking: Callable[[Request], Awaitable[Caller | None]] = session.browsing,
    ) -> None:  # fmt: skip
        self._request, self._caller, self._asking = request, caller, asking
        self._checked = self._now()

    def _now(self) -> tuple[int, float]:
        panel = panel_of(self._request)
        return panel.keys.ends, panel.deps.ticking()

    async def still(self) -> Caller | None:
        """Before anything is shown: as of the last check, or now where that is old or we have heard of an end since."""
        heard = self._checked[0] != self._now()[0]
        return await self._looked() if heard or self._age() >= CHECK_SECONDS else self._caller

    async def later(self) -> Caller | None:
        """After what is new was shown: two hundred checks at once would delay it by half a second."""
        return await self._looked() if self._age() >= LOOK_SECONDS else self._caller

    def _age(self) -> float:
        return self._now()[1] - self._checked[1]

    async def _looked(self) -> Caller | None:
        now = self._now()
        if self._caller is not None:
            self._caller = await self._asking(self._request)
        self._checked = now
        return self._caller


class Pages:
    """The living pages by name, and what was rendered of them in this round."""

    def __init__(self, *living: Living) -> None:
        self._living = {page.name: page for page in living}
        self._rendered: OrderedDict[tuple[object, ...], tuple[int, asyncio.Task[Rendered]]] = OrderedDict()

    def get(self, name: str) -> Living | None:
        return self._living.get(name)

    async def rendered(self, living: Living, reading: Reading, turn: int) -> Rendered:
        """Once in each round for all that read the same."""
        key = (living.name, reading.speech.language, reading.role, tuple(sorted(reading.query.items())))
        kept = self._rendered.get(key)
        if kept is None or kept[0] != turn:
            kept = turn, asyncio.create_task(render(living, reading))
            self._rendered[key] = kept
        self._rendered.move_to_end(key)
        while len(self._rendered) > KEPT:
            self._rendered.popitem(last=False)
        return await asyncio.shield(kept[1])


async def render(living: Living, reading: Reading) -> Rendered:
    view = await living.seen(reading)
    speech = reading.speech
    regions = {
        name: macro(name, living.template, speech, view, csrf=TOKEN, steers=reading.steers) for name in living.regions
    }
    return Rendered(view.title, speech.seconds(speech.now), speech.day(speech.now), regions, living.more(reading, view))


async def page(
    request: Request, living: Living, file: str, /, status: int = 200, *, beside: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:  # fmt: skip
    """The whole page as it is now; its template finds `view`, `regions` by name, and `values`. `beside`: what stands in
    the page's address beside its query."""
    reading = reading_of(request, request.state.user.role, {**request.query_params, **(beside or {})})
    view = await living.seen(reading)
    speech = reading.speech
    token = request.state.csrf
    regions = {
        name: Markup(  # noqa: S704 - our own escaped HTML
            macro(name, living.template, speech, view, csrf=token, steers=reading.steers)
        )
        for name in living.regions
    }
    query = urlencode(reading.query) if len(request.url.query) <= LONGEST_QUERY else ""
    return plain_page(
        request, speech, file, status, view=view, regions=regions, steers=reading.steers,
        live=f"/live/{living.name}" + (f"?{query}" if query else ""), as_of=speech.now,
        **{"reloads": living.reloads and status == 200 and not values.get("still"), **values},
    )  # fmt: skip


def reading_of(request: Request, role: Role, query: Mapping[str, str]) -> Reading:
    kept = {name: value for name, value in query.items() if len(name) + len(value) <= LONGEST_QUERY}
    return Reading(panel_of(request), language.speech_for(request), role, kept)


@routes.get("/live/{name}", response_class=Events)
async def live(
    request: Request, name: str, caller: Annotated[Caller | None, Depends(guard.watches(Role.VIEWER))]
) -> Events:
    """Events `page`: title, time, day, and the HTML of those regions that are new. The first event has all of them.

    One event `login` where nobody is logged in (any more), or may not read that page.
    """
    return Events(_events(request, name, caller))


async def _events(request: Request, name: str, caller: Caller | None) -> AsyncGenerator[bytes]:
    panel = panel_of(request)
    living = panel.pages.get(name)
    held = Held(request, caller)
    sent: dict[str, str] = {}
    async with aclosing(panel.hub.follow()) as rounds:
        async for turn in rounds:
            caller = await held.still()
            if caller is None or living is None or not caller.role.covers(living.role):
                yield LOGIN
                return
            reading = reading_of(request, caller.role, request.query_params)
            rendered = await panel.pages.rendered(living, reading, turn)
            fresh = tuple(name for name, html in rendered.regions.items() if sent.get(name) != html)
            sent.update((name, rendered.regions[name]) for name in fresh)
            yield rendered.event(fresh).replace(TOKEN.encode(), csrf(caller.session or "").encode())
            if await held.later() is None:
                yield LOGIN
                return
