"""Users: who may log in, as what, and the links that let people in. For administrators."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response

from router.core.sentence import Sentence, say
from router.panel import guard, live, roles
from router.panel.browsers import browser_told
from router.panel.deps import panel_of
from router.panel.guard import Sent
from router.panel.keys import asked
from router.panel.live import Living, Reading
from router.panel.noting import note
from router.panel.refusal import Refusal
from router.panel.rendering import see_other
from router.panel.session import Caller
from router.ports import ApiToken, Invitation, NotUsable, OpenSession, Role, User

routes = APIRouter(prefix="/users", include_in_schema=False)

Id = Annotated[int, Path(ge=1, le=2**63 - 1)]
Admin = Annotated[Caller, Depends(guard.reads(Role.ADMIN))]
Ordering = Annotated[Sent, Depends(guard.changes(Role.ADMIN))]


@dataclass(frozen=True, slots=True)
class UsersView:
    title: str
    users: Sequence[User]
    invitations: Sequence[Invitation]
    tokens: Sequence[ApiToken]
    unread: bool
    words = roles.WORDS


async def seen(reading: Reading) -> UsersView:
    """All of it, or the word that the database does not answer."""
    deps = reading.panel.deps
    title = reading.speech.text("Users")
    try:
        users, invitations, tokens = await asyncio.gather(
            asked(deps.accounts.users()), asked(deps.access.links.invitations()), asked(deps.access.tokens.tokens())
        )
    except Refusal:
        return UsersView(title, (), (), (), True)
    return UsersView(title, users, invitations, tokens, False)


@dataclass(frozen=True, slots=True)
class Titled:
    """A page of forms: nothing on it changes by itself but that it may lose the server."""

    title: str


async def titled(reading: Reading) -> Titled:
    return Titled(reading.speech.text("Users"))


USERS = Living("users", "users_regions.html", ("people", "doors"), seen, role=Role.ADMIN)
USER = Living("user", "users_regions.html", (), titled, role=Role.ADMIN)


@routes.get("")
async def users_page(request: Request, caller: Admin) -> Response:
    return await _users(request)


@routes.post("/invitations")
async def invite(request: Request, sent: Ordering) -> Response:
    """Shows the link, this once."""
    panel, fields = panel_of(request), sent.fields
    try:
        role = roles.read_role(fields.get("role"))
        name = fields.get("name", "").strip() or None
        token = await asked(panel.deps.access.links.invite(role, sent.caller.name, name))
    except NotUsable as refused:
        return await _users(request, refused.why, 422)
    note(request, sent.caller, invited_line(sent.caller.name, role, name))
    panel.hub.touch()
    address = f"{str(request.base_url).rstrip('/')}/welcome/{token}"
    return await _link(request, address, say("The invitation is made."), say(
        "Send this link to whom you invite. It works once, for three days, and is shown only now.",
    ))  # fmt: skip


@routes.post("/invitations/{shown}/end")
async def withdraw(request: Request, shown: str, sent: Ordering) -> Response:
    panel = panel_of(request)
    if await asked(panel.deps.access.links.withdraw(shown)):
        note(request, sent.caller, withdrawn_line(sent.caller.name))
        panel.hub.touch()
    return see_other("/users")


@routes.get("/{user_id}")
async def user_page(request: Request, user_id: Id, caller: Admin) -> Response:
    return await _user(request, user_id)


@routes.post("/{user_id}/role")
async def set_role(request: Request, user_id: Id, sent: Ordering) -> Response:
    panel = panel_of(request)
    user = await panel.keys.user(user_id)
    try:
        role = roles.read_role(sent.fields.get("role"))
        await asked(panel.deps.accounts.set_role(user.name, role))
    except NotUsable as refused:
        return await _user(request, user_id, refused.why, 422)
    if role is not user.role:
        note(request, sent.caller, role_line(sent.caller.name, user.name, role))
    _changed(request)
    return see_other(f"/users/{user_id}" if role is Role.ADMIN or user.name != sent.caller.name else "/")


@routes.post("/{user_id}/reset")
async def reset(request: Request, user_id: Id, sent: Ordering) -> Response:
    """Shows the link for a new password, this once."""
    panel = panel_of(request)
    user = await panel.keys.user(user_id)
    try:
        token = await asked(panel.deps.access.links.reset(user.name, sent.caller.name))
    except NotUsable as refused:
        return await _user(request, user_id, refused.why, 422)
    if token is None:  # removed just now
        raise Refusal(404, say("There is no such user."))
    note(request, sent.caller, reset_line(sent.caller.name, user.name))
    address = f"{str(request.base_url).rstrip('/')}/password/{token}"
    return await _link(request, address, say("The link for {user} is made.", user=user.name), say(
        "Send it to {user}. It works once, for 24 hours, and is shown only now. The old password holds until then.",
        user=user.name,
    ))  # fmt: skip


@routes.post("/{user_id}/second-factor/off")
async def second_factor_off(request: Request, user_id: Id, sent: Ordering) -> Response:
    panel = panel_of(request)
    user = await panel.keys.user(user_id)
    if await asked(panel.deps.access.factor.off(user.name)):
        note(request, sent.caller, factor_off_line(sent.caller.name, user.name))
    _changed(request)
    return see_other(f"/users/{user_id}")


@routes.post("/{user_id}/sessions/end")
async def end_sessions(request: Request, user_id: Id, sent: Ordering) -> Response:
    """All of another's; of one's own, all but this one."""
    panel = panel_of(request)
    user = await panel.keys.user(user_id)
    mine = sent.caller.session if user.name == sent.caller.name else None
    if await asked(panel.deps.accounts.end_sessions(user.name, mine)):
        note(request, sent.caller, ended_line(sent.caller.name, user.name))
    _changed(request)
    return see_other(f"/users/{user_id}")


@routes.post("/{user_id}/remove")
async def remove(request: Request, user_id: Id, sent: Ordering) -> Response:
    panel = panel_of(request)
    user = await panel.keys.user(user_id)
    try:
        await asked(panel.deps.accounts.remove(user.name))
    except NotUsable as refused:
        return await _user(request, user_id, refused.why, 422)
    note(request, sent.caller, removed_line(sent.caller.name, user.name))
    _changed(request)
    return see_other("/users")


def invited_line(by: str, role: Role, name: str | None) -> Sentence:
    word = Sentence(roles.WORDS[role])
    if name is None:
        return say("{by} invited somebody as {role}.", by=by, role=word)
    return say("{by} invited {user} as {role}.", by=by, user=name, role=word)


def withdrawn_line(by: str) -> Sentence:
    return say("{by} withdrew an invitation.", by=by)


def role_line(by: str, user: str, role: Role) -> Sentence:
    return say("{by} changed the role of {user}: {role}.", by=by, user=user, role=Sentence(roles.WORDS[role]))


def reset_line(by: str, user: str) -> Sentence:
    return say("{by} made a link for a new password of {user}.", by=by, user=user)


def factor_off_line(by: str, user: str) -> Sentence:
    return say("{by} switched off the second factor of {user}.", by=by, user=user)


def ended_line(by: str, user: str) -> Sentence:
    return say("{by} ended the sessions of {user}.", by=by, user=user)


def removed_line(by: str, user: str) -> Sentence:
    return say("{by} removed the user {user}.", by=by, user=user)


def _changed(request: Request) -> None:
    panel_of(request).keys.changed()
    panel_of(request).hub.touch()


async def _users(request: Request, wrong: Sentence | None = None, status: int = 200) -> Response:
    speech = live.reading_of(request, Role.ADMIN, {}).speech
    return await live.page(
        request, USERS, "users.html", status, wrong=speech.render(wrong) if wrong else "", roles=Role,
        words=roles.WORDS, meanings=roles.MEANINGS,
    )  # fmt: skip


async def _user(request: Request, user_id: int, wrong: Sentence | None = None, status: int = 200) -> Response:
    panel = panel_of(request)
    user = await panel.keys.user(user_id)
    speech = live.reading_of(request, Role.ADMIN, {}).speech
    sessions: Sequence[OpenSession] = await asked(panel.deps.accounts.sessions(user.name))
    return await live.page(
        request, USER, "user.html", status, wrong=speech.render(wrong) if wrong else "", subject=user, roles=Role,
        words=roles.WORDS, meanings=roles.MEANINGS, sessions=sessions,
        browser=lambda agent: browser_told(agent, speech),
    )  # fmt: skip


async def _link(request: Request, address: str, title: Sentence, meaning: Sentence) -> Response:
    speech = live.reading_of(request, Role.ADMIN, {}).speech
    return await live.page(
        request, USER, "link.html", address=address, saying=speech.render(title), meaning=speech.render(meaning)
    )
