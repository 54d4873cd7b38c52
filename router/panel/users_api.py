"""The API of users and invitations, for administrators."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict

from router.core.sentence import say
from router.panel import guard, users
from router.panel.asked_api import local, told
from router.panel.deps import panel_of
from router.panel.keys import asked
from router.panel.noting import note
from router.panel.refusal import Refusal
from router.panel.session import CLI_USER, Caller
from router.ports import Invitation, Role, User

routes = APIRouter(prefix="/api/v1", tags=["users"])

Reader = Annotated[Caller, Depends(guard.api_reads(Role.ADMIN))]
Ordering = Annotated[Caller, Depends(guard.api_changes(Role.ADMIN))]
Limit = Annotated[int, Query(ge=1, le=500)]
MOST_ID = 2**63 - 1
Before = Annotated[int | None, Query(ge=1, le=MOST_ID)]
"""The id of the last one of the page before."""
Id = Annotated[int, Path(ge=1, le=MOST_ID)]


class Body(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class UserBody(Body):
    id: int
    name: str
    role: Role
    created: datetime
    last_login: datetime | None
    second_factor: bool
    """A code of an app is asked for at the login."""
    sessions: int
    """Browsers logged in."""
    sign_on: bool
    """Comes through the sign-on service, which also says the role at each login."""


class UsersBody(Body):
    users: list[UserBody]
    """Newest first."""
    next: str | None
    """Where what is older stands."""


class InvitationBody(Body):
    id: str
    role: Role
    name: str | None
    """Fixed; null: whoever follows the link chooses one."""
    by: str | None
    created: datetime
    until: datetime


class InvitationsBody(Body):
    invitations: list[InvitationBody]
    next: None = None


class Invited(Body):
    """What is wanted."""

    role: Role
    name: str | None = None
    """Null: whoever follows the link chooses one."""


class NewRole(Body):
    role: Role


class LinkBody(Body):
    link: str
    """To be sent to that person; it works once, and is told only here."""


class Done(Body):
    done: bool = True


@routes.get("/users", summary="Who may log in")
async def get_users(request: Request, caller: Reader, limit: Limit = 50, before: Before = None) -> UsersBody:
    """Newest first."""
    found = sorted(await panel_of(request).keys.users(), key=lambda user: -user.id)
    older = [user for user in found if before is None or user.id < before]
    more = f"/api/v1/users?limit={limit}&before={older[limit - 1].id}" if len(older) > limit else None
    return UsersBody(users=[_user(request, user) for user in older[:limit]], next=more)


@routes.get("/users/{user_id}", summary="One user")
async def get_user(request: Request, user_id: Id, caller: Reader) -> UserBody:
    """Role, last login and second factor; 404 where there is no such user (any more)."""
    return _user(request, await panel_of(request).keys.user(user_id))


@routes.patch("/users/{user_id}", summary="Change a user's role")
async def patch_user(request: Request, user_id: Id, wanted: NewRole, caller: Ordering) -> UserBody:
    """Holds at once, for sessions and tokens too. The only administrator stays one."""
    panel = panel_of(request)
    user = await panel.keys.user(user_id)
    await told(panel.deps.accounts.set_role(user.name, wanted.role))
    if wanted.role is not user.role:
        note(request, caller, users.role_line(caller.name, user.name, wanted.role))
    _changed(request)
    return _user(request, await panel.keys.user(user_id))


@routes.delete("/users/{user_id}", summary="Remove a user")
async def delete_user(request: Request, user_id: Id, caller: Ordering) -> Done:
    """Ends all sessions, tokens and links of that user. The only administrator stays."""
    panel = panel_of(request)
    user = await panel.keys.user(user_id)
    await told(panel.deps.accounts.remove(user.name))
    note(request, caller, users.removed_line(caller.name, user.name))
    _changed(request)
    return Done()


@routes.post("/users/{user_id}/reset", summary="Make a link for a new password")
async def post_reset(request: Request, user_id: Id, caller: Ordering) -> LinkBody:
    """Works once, for 24 hours; links made before end."""
    panel = panel_of(request)
    user = await panel.keys.user(user_id)
    token = await told(panel.deps.access.links.reset(user.name, caller.name))
    if token is None:  # removed just now
        raise Refusal(404, say("There is no such user."))
    note(request, caller, users.reset_line(caller.name, user.name))
    return LinkBody(link=f"{str(request.base_url).rstrip('/')}/password/{token}")


@routes.delete("/users/{user_id}/second-factor", summary="Switch off a user's second factor")
async def delete_second_factor(request: Request, user_id: Id, caller: Ordering) -> Done:
    """For the day his phone is gone."""
    panel = panel_of(request)
    user = await panel.keys.user(user_id)
    if await asked(panel.deps.access.factor.off(user.name)):
        note(request, caller, users.factor_off_line(caller.name, user.name))
    _changed(request)
    return Done()


@routes.delete("/users/{user_id}/sessions", summary="End all sessions of a user")
async def delete_sessions(request: Request, user_id: Id, caller: Ordering) -> Done:
    """Of one's own, all but the one that asks."""
    panel = panel_of(request)
    user = await panel.keys.user(user_id)
    mine = caller.session if user.name == caller.name else None
    if await asked(panel.deps.accounts.end_sessions(user.name, mine)):
        note(request, caller, users.ended_line(caller.name, user.name))
    _changed(request)
    return Done()


@routes.get("/invitations", summary="Invitations that are open")
async def get_invitations(request: Request, caller: Reader) -> InvitationsBody:
    """Newest first. Their links were told once, when they were made."""
    kept = await asked(panel_of(request).deps.access.links.invitations())
    return InvitationsBody(invitations=[_invitation(request, one) for one in kept])


@routes.post("/invitations", summary="Invite somebody", status_code=201)
async def post_invitation(request: Request, wanted: Invited, caller: Ordering) -> LinkBody:
    """Works once, for 72 hours. Needs a user: the token of the machine is nobody's."""
    if caller.name == CLI_USER:
        raise Refusal(409, say("This token belongs to the machine, not to a user."))
    panel = panel_of(request)
    token = await told(panel.deps.access.links.invite(wanted.role, caller.name, wanted.name))
    note(request, caller, users.invited_line(caller.name, wanted.role, wanted.name))
    panel.hub.touch()
    return LinkBody(link=f"{str(request.base_url).rstrip('/')}/welcome/{token}")


@routes.delete("/invitations/{invitation_id}", summary="Withdraw an invitation")
async def delete_invitation(request: Request, invitation_id: str, caller: Ordering) -> Done:
    """Its link is worth nothing from then on."""
    panel = panel_of(request)
    if not await asked(panel.deps.access.links.withdraw(invitation_id)):
        raise Refusal(404, say("There is no such invitation."))
    note(request, caller, users.withdrawn_line(caller.name))
    panel.hub.touch()
    return Done()


def _changed(request: Request) -> None:
    panel_of(request).keys.changed()
    panel_of(request).hub.touch()


def _user(request: Request, user: User) -> UserBody:
    return UserBody(
        id=user.id, name=user.name, role=user.role, created=local(request, user.created),
        last_login=user.last_login and local(request, user.last_login), second_factor=user.second_factor,
        sessions=user.sessions, sign_on=user.outside,
    )  # fmt: skip


def _invitation(request: Request, kept: Invitation) -> InvitationBody:
    return InvitationBody(
        id=kept.id, role=kept.role, name=kept.name, by=kept.by, created=local(request, kept.created),
        until=local(request, kept.until),
    )  # fmt: skip
