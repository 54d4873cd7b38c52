"""The API of one's own account: language, password, sessions, tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, Field

from router.core.sentence import say
from router.panel import account, guard
from router.panel.asked_api import local, told
from router.panel.deps import panel_of
from router.panel.keys import asked
from router.panel.noting import note
from router.panel.refusal import Refusal
from router.panel.session import Caller
from router.panel.users_api import Before, Body, Done, Id, Limit
from router.ports import ApiToken, OpenSession, Role

routes = APIRouter(prefix="/api/v1", tags=["account"])

Reader = Annotated[Caller, Depends(guard.api_reads(Role.VIEWER))]
Ordering = Annotated[Caller, Depends(guard.api_changes(Role.VIEWER))]


class AccountBody(Body):
    name: str
    role: Role
    """What this login or token may do."""
    language: str | None
    """Chosen by that user; null: the browser's."""
    via: Literal["panel", "api", "cli"]


class NewLanguage(Body):
    language: Literal["de", "en"] | None


class NewPassword(Body):
    old: str = Field(max_length=1000)
    password: str = Field(max_length=1000)
    """At least ten characters."""


class SessionBody(Body):
    id: str
    """Opens nothing."""
    created: datetime
    last_seen: datetime
    """To ten minutes."""
    address: str | None
    """Where it began."""
    browser: str | None
    """What the browser calls itself."""
    mine: bool
    """It is the one that asks."""


class SessionsBody(Body):
    sessions: list[SessionBody]
    """Last used first."""
    next: None = None


class TokenBody(Body):
    id: int
    name: str
    owner: str
    role: Role
    """The most that it may do; never more than its owner may."""
    created: datetime
    last_use: datetime | None
    """To ten minutes."""
    until: datetime | None


class TokensBody(Body):
    tokens: list[TokenBody]
    """Newest first."""
    next: str | None


class NewToken(Body):
    name: str
    """What will use it, such as "Home Assistant"."""
    role: Role
    until: AwareDatetime | None = None
    """Ten years ahead at most; null: until it is ended."""


class MadeToken(Body):
    token: str
    """Told only here; only its SHA-256 is kept."""


@routes.get("/account", summary="Who am I")
async def get_account(request: Request, caller: Reader) -> AccountBody:
    """Name, role and language of whoever asks, and whether a second factor is on."""
    user = getattr(request.state, "user", None)
    return AccountBody(name=caller.name, role=caller.role, language=user.language if user else None, via=caller.via)


@routes.patch("/account", summary="Choose a language")
async def patch_account(request: Request, wanted: NewLanguage, caller: Ordering) -> AccountBody:
    """Of the panel, for this user; null: as the browser asks for."""
    _a_user(caller)
    await asked(panel_of(request).deps.accounts.set_language(caller.name, wanted.language))
    panel_of(request).keys.changed()
    return AccountBody(name=caller.name, role=caller.role, language=wanted.language, via=caller.via)


@routes.put("/account/password", summary="Set a new password")
async def put_password(request: Request, wanted: NewPassword, caller: Ordering) -> Done:
    """All other sessions end. Needs a login; a token cannot do it."""
    _logged_in(caller)
    if not await account.right(request, caller.name, wanted.old):
        raise Refusal(403, say("The old password is wrong."))
    await told(panel_of(request).deps.accounts.set_password(caller.name, wanted.password, caller.session))
    note(request, caller, account.password_line(caller.name))
    account.changed(request)
    return Done()


@routes.get("/sessions", summary="Where I am logged in")
async def get_sessions(request: Request, caller: Reader) -> SessionsBody:
    """Each with the address and browser it began from, and when it was last seen; newest first."""
    found = await asked(panel_of(request).deps.accounts.sessions(caller.name, caller.session))
    return SessionsBody(sessions=[_session(request, one) for one in found])


@routes.delete("/sessions/{session_id}", summary="End one of my sessions")
async def delete_session(request: Request, session_id: str, caller: Ordering) -> Done:
    """Whoever uses it there has to log in again. A token cannot do it but an administrator's."""
    _a_login_or_admin(caller)
    if not await asked(panel_of(request).deps.accounts.end_session(caller.name, session_id)):
        raise Refusal(404, say("There is no such session."))
    note(request, caller, account.session_line(caller.name))
    account.changed(request)
    return Done()


@routes.get("/tokens", summary="Tokens for programs")
async def get_tokens(
    request: Request, caller: Reader, everybody: bool = False, limit: Limit = 50, before: Before = None
) -> TokensBody:
    """One's own, newest first. `everybody`: those of all users, for administrators."""
    if everybody and not caller.role.covers(Role.ADMIN):
        raise Refusal(403, say("Only administrators see the tokens of everybody."))
    found = await asked(panel_of(request).deps.access.tokens.tokens(None if everybody else caller.name))
    older = [token for token in found if before is None or token.id < before]
    whose = "&everybody=true" if everybody else ""
    more = f"/api/v1/tokens?limit={limit}&before={older[limit - 1].id}{whose}" if len(older) > limit else None
    return TokensBody(tokens=[_token(request, one) for one in older[:limit]], next=more)


@routes.post("/tokens", summary="Make a token", status_code=201)
async def post_token(request: Request, wanted: NewToken, caller: Ordering) -> MadeToken:
    """It may do what its role says, and never more than its owner. Needs a login: a token makes no tokens."""
    _logged_in(caller)
    token = await told(panel_of(request).deps.access.tokens.add(caller.name, wanted.name, wanted.role, wanted.until))
    note(request, caller, account.token_line(caller.name, wanted.name.strip(), wanted.role))
    panel_of(request).hub.touch()
    return MadeToken(token=token)


@routes.delete("/tokens/{token_id}", summary="End a token")
async def delete_token(request: Request, token_id: Id, caller: Ordering) -> Done:
    """One's own; an administrator ends anybody's. A token needs that role: one that leaks must not end the others."""
    _a_login_or_admin(caller)
    owner = None if caller.role.covers(Role.ADMIN) else caller.name
    ended = await asked(panel_of(request).deps.access.tokens.end(token_id, owner))
    if ended is None:
        raise Refusal(404, say("There is no such token."))
    note(request, caller, account.token_end_line(caller.name, ended.name, ended.owner))
    account.changed(request)
    return Done()


def _logged_in(caller: Caller) -> None:
    if caller.session is None:
        raise Refusal(403, say("This needs a login with a password; a token cannot do it."))


def _a_login_or_admin(caller: Caller) -> None:
    if caller.session is None and not caller.role.covers(Role.ADMIN):
        raise Refusal(403, say("This needs a login with a password; a token cannot do it."))


def _a_user(caller: Caller) -> None:
    if caller.via == "cli":
        raise Refusal(403, say("This token belongs to the machine, not to a user."))


def _session(request: Request, one: OpenSession) -> SessionBody:
    return SessionBody(
        id=one.id, created=local(request, one.created), last_seen=local(request, one.last_seen), address=one.address,
        browser=one.browser, mine=one.mine,
    )  # fmt: skip


def _token(request: Request, one: ApiToken) -> TokenBody:
    return TokenBody(
        id=one.id, name=one.name, owner=one.owner, role=one.role, created=local(request, one.created),
        last_use=one.last_use and local(request, one.last_use), until=one.until and local(request, one.until),
    )  # fmt: skip
