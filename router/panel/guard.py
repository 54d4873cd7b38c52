"""Who may use a route. Every route has exactly one of these before it; a test goes through all routes and looks.

caller: Annotated[Caller, Depends(guard.reads(Role.VIEWER))]        a page
sent: Annotated[Sent, Depends(guard.changes(Role.STAFF))]           a form of one of our pages
caller: Annotated[Caller, Depends(guard.api_reads(Role.VIEWER))]    the API: session cookie or bearer token
caller: Annotated[Caller, Depends(guard.api_changes(Role.STAFF))]   the API, to change something
fields: Annotated[Fields, Depends(guard.visits())]                  a form of somebody who is not logged in
dependencies=[Depends(guard.anyone())]                              what needs no login
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fastapi import Request

from router.core.sentence import say
from router.panel import session, written
from router.panel.refusal import Refusal
from router.panel.session import Caller
from router.ports import Role

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that one of our own pages sent, and whose page it was."""

    caller: Caller
    fields: Fields


class Kind(StrEnum):
    PAGE = "page"
    FORM = "form"
    API = "api"
    API_CHANGE = "api change"
    STREAM = "stream"
    VISITOR = "visitor's form"
    ANYONE = "anyone"


class Guard:
    """`role`: the least that is let in; None: no login is needed."""

    def __init__(self, kind: Kind, role: Role | None, admit: Callable[[Request], Awaitable[Any]]) -> None:
        self.kind, self.role, self._admit = kind, role, admit

    async def __call__(self, request: Request) -> Any:
        return await self._admit(request)


def reads(role: Role) -> Guard:
    """A page: without a login off to it, with too small a role 403."""

    async def admit(request: Request) -> Caller:
        return _allowed(await session.required(request), role)

    return Guard(Kind.PAGE, role, admit)


def changes(role: Role, most_fields: int = 20) -> Guard:
    """A form: as `reads`, and it must come from our own page with its token. What was written in it is not lost."""

    async def admit(request: Request) -> Sent:
        try:
            caller = await session.required(request)
            fields = await session.form(request, caller, most_fields)
        except Refusal as refusal:
            raise await written.given_back(request, refusal, most_fields) from None
        return Sent(_allowed(caller, role), fields)

    return Guard(Kind.FORM, role, admit)


def api_reads(role: Role) -> Guard:
    async def admit(request: Request) -> Caller:
        return _allowed(await session.api_caller(request), role)

    return Guard(Kind.API, role, admit)


def api_changes(role: Role) -> Guard:
    """With a cookie the change must be JSON, and come from our own page or carry its token."""

    async def admit(request: Request) -> Caller:
        caller = _allowed(await session.api_caller(request), role)
        session.check_api_change(request, caller)
        return caller

    return Guard(Kind.API_CHANGE, role, admit)


def watches(role: Role) -> Guard:
    """A live stream: None without a login or with too small a role, so that the stream itself can say so."""

    async def admit(request: Request) -> Caller | None:
        caller = await session.browsing(request)
        return caller if caller and caller.role.covers(role) else None

    return Guard(Kind.STREAM, role, admit)


def visits() -> Guard:
    """A visitor's form, which must carry the token of the page that he got."""

    async def admit(request: Request) -> Fields:
        return await session.form(request)

    return Guard(Kind.VISITOR, None, admit)


def anyone() -> Guard:
    async def admit(request: Request) -> None:
        return None

    return Guard(Kind.ANYONE, None, admit)


def _allowed(caller: Caller, role: Role) -> Caller:
    if not caller.role.covers(role):
        raise Refusal(403, say("Your account may not do that. An administrator can change what it may do."))
    return caller
