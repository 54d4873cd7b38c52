"""What one-time links lead to: the invited name themselves, and who lost his password sets a new one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from router.core.sentence import Sentence, say
from router.panel import entry, guard, language, session
from router.panel.deps import panel_of
from router.panel.doors import let_in, show_login
from router.panel.guard import Fields
from router.panel.keys import asked
from router.panel.noting import note_of
from router.panel.refusal import Refusal
from router.panel.rendering import page
from router.ports import Invitation, NotUsable

routes = APIRouter(include_in_schema=False)

SHORTEST_PASSWORD, LONGEST_NAME = 10, 64


@routes.get("/welcome/{token}", dependencies=[Depends(guard.anyone())])
async def welcome_page(request: Request, token: str) -> Response:
    return _welcome(request, await _invited(request, token))


@routes.post("/welcome/{token}")
async def welcome(request: Request, token: str, fields: Annotated[Fields, Depends(guard.visits())]) -> Response:
    """Names the user and logs him in; the link is used up then, and only then."""
    panel = panel_of(request)
    invitation = await _invited(request, token)
    name, password = invitation.name or fields.get("name", "").strip(), fields.get("password", "")
    if wrong := unusable(name, password, fields.get("again", "")):
        return _welcome(request, invitation, wrong, name, 422)
    try:
        opened = await asked(panel.deps.accounts.accept(token, name, password, entry.came(request)))
    except NotUsable as refused:
        return _welcome(request, invitation, refused.why, name, 422)
    if opened is None:
        raise _used_up()
    panel.hub.touch()
    return await let_in(request, opened)


@routes.get("/password/{token}", dependencies=[Depends(guard.anyone())])
async def password_page(request: Request, token: str) -> Response:
    return _password(request, await _resetting(request, token))


@routes.post("/password/{token}")
async def set_password(request: Request, token: str, fields: Annotated[Fields, Depends(guard.visits())]) -> Response:
    """Sets it and ends all sessions of the user; then he logs in with it, and with his code where he has one."""
    panel = panel_of(request)
    name, password = await _resetting(request, token), fields.get("password", "")
    if wrong := unusable(name, password, fields.get("again", "")):
        return _password(request, name, wrong, 422)
    try:
        done = await asked(panel.deps.access.links.set_anew(token, password))
    except NotUsable as refused:
        return _password(request, name, refused.why, 422)
    if done is None:
        raise _used_up()
    note_of(request, name, say("{by} set a new password by a one-time link.", by=name))
    panel.keys.changed()
    panel.hub.touch()
    return await show_login(request, say("The new password holds. Please log in with it."), name)


async def _invited(request: Request, token: str) -> Invitation:
    tries = entry.address_tries(request, "welcome")
    entry.slow_down(request, tries)
    invitation = await asked(panel_of(request).deps.accounts.invited(token))
    if invitation is None:
        raise _used_up()
    panel_of(request).throttle.give_back(tries)
    return invitation


async def _resetting(request: Request, token: str) -> str:
    tries = entry.address_tries(request, "password")
    entry.slow_down(request, tries)
    name = await asked(panel_of(request).deps.access.links.resetting(token))
    if name is None:
        raise _used_up()
    panel_of(request).throttle.give_back(tries)
    return name


def _used_up() -> Refusal:
    return Refusal(404, say(
        "This link has been used, or it is too old. An administrator can make a new one, and so can failover users on "
        "the router's own machine."
    ))  # fmt: skip


def unusable(name: str, password: str, again: str) -> Sentence | None:
    if not name:
        return say("Please choose a name.")
    if len(name) > LONGEST_NAME:
        return say("The name may have at most {most} characters.", most=LONGEST_NAME)
    if not name.isprintable():
        return say("The name has characters in it that cannot be seen.")
    if len(password) < SHORTEST_PASSWORD:
        return say("The password needs at least {least} characters.", least=SHORTEST_PASSWORD)
    return say("The two passwords are not the same.") if password != again else None


def _welcome(
    request: Request, invitation: Invitation, wrong: Sentence | None = None, name: str = "", status: int = 200
) -> Response:
    secret = session.visitor(request)
    speech = language.speech_for(request)
    text = speech.render(wrong) if wrong else ""
    answer = page(
        request, speech, "welcome.html", status, wrong=text, name=invitation.name or name,
        given=invitation.name is not None, least=SHORTEST_PASSWORD,
    )  # fmt: skip
    return session.remember_visitor(request, answer, secret)


def _password(request: Request, name: str, wrong: Sentence | None = None, status: int = 200) -> Response:
    secret = session.visitor(request)
    speech = language.speech_for(request)
    text = speech.render(wrong) if wrong else ""
    answer = page(request, speech, "password.html", status, wrong=text, name=name, least=SHORTEST_PASSWORD)
    return session.remember_visitor(request, answer, secret)
