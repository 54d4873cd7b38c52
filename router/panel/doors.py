"""In and out: login, logout, and the one-time link with which the first user names himself."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from router.core.sentence import Sentence, say
from router.panel import guard, language, session
from router.panel.deps import panel_of
from router.panel.guard import Fields, Sent
from router.panel.refusal import Refusal
from router.panel.rendering import page, see_other
from router.panel.throttle import account_key, address_key
from router.ports import NotUsable, Role

routes = APIRouter(include_in_schema=False)

SHORTEST_PASSWORD, LONGEST_NAME = 10, 64


@routes.get("/login", dependencies=[Depends(guard.anyone())])
async def login_page(request: Request) -> Response:
    if await session.browsing(request) is not None:
        return see_other("/")
    return await _login(request)


@routes.post("/login")
async def login(request: Request, fields: Annotated[Fields, Depends(guard.visits())]) -> Response:
    """Right: to the board. Wrong: the same page says so. Too often: 429, and when to try again."""
    panel = panel_of(request)
    name, password = fields.get("name", "").strip(), fields.get("password", "")
    keys = address_key(request.client.host if request.client else None), account_key(name)
    _slow_down(request, *keys)
    token = await panel.keys.login(name, password)
    if token is None:
        return await _login(request, say("Name or password is wrong."), name, 401)
    panel.throttle.give_back(*keys)
    return session.opened(request, see_other("/"), token)


@routes.post("/logout")
async def logout(request: Request, sent: Annotated[Sent, Depends(guard.changes(Role.VIEWER))]) -> Response:
    panel = panel_of(request)
    await panel.keys.logout(sent.caller.session or "")
    panel.hub.touch()
    return session.closed(request, see_other("/login"))


@routes.get("/welcome/{token}", dependencies=[Depends(guard.anyone())])
async def welcome_page(request: Request, token: str) -> Response:
    await _invited(request, token)
    return _welcome(request)


@routes.post("/welcome/{token}")
async def welcome(request: Request, token: str, fields: Annotated[Fields, Depends(guard.visits())]) -> Response:
    """Names the user and logs him in; the link is used up then, and only then."""
    await _invited(request, token)
    name, password = fields.get("name", "").strip(), fields.get("password", "")
    if wrong := _unusable(name, password, fields.get("again", "")):
        return _welcome(request, wrong, name, 422)
    try:
        opened = await panel_of(request).keys.accept(token, name, password)
    except NotUsable as refused:
        return _welcome(request, refused.why, name, 422)
    if opened is None:
        raise _used_up()
    return session.opened(request, see_other("/"), opened)


async def _invited(request: Request, token: str) -> None:
    _slow_down(request, "welcome " + address_key(request.client.host if request.client else None))
    if not await panel_of(request).keys.invited(token):
        raise _used_up()
    panel_of(request).throttle.give_back("welcome " + address_key(request.client.host if request.client else None))


def _used_up() -> Refusal:
    return Refusal(
        404, say("This link has been used, or it is older than a day. The command failover users add makes a new user.")
    )


def _unusable(name: str, password: str, again: str) -> Sentence | None:
    if not name:
        return say("Please choose a name.")
    if len(name) > LONGEST_NAME:
        return say("The name may have at most {most} characters.", most=LONGEST_NAME)
    if not name.isprintable():
        return say("The name has characters in it that cannot be seen.")
    if len(password) < SHORTEST_PASSWORD:
        return say("The password needs at least {least} characters.", least=SHORTEST_PASSWORD)
    return say("The two passwords are not the same.") if password != again else None


def _slow_down(request: Request, *keys: str) -> None:
    seconds = panel_of(request).throttle.wait(*keys)
    if seconds > 0:
        wait = int(seconds) + 1
        raise Refusal(
            429, say("Too many tries. Please wait {seconds} seconds.", seconds=wait), {"retry-after": str(wait)}
        )


async def _login(request: Request, wrong: Sentence | None = None, name: str = "", status: int = 200) -> Response:
    secret = session.visitor(request)
    speech = language.speech_for(request)
    nobody = await panel_of(request).keys.nobody()
    text = speech.render(wrong) if wrong else ""
    answer = page(request, speech, "login.html", status, wrong=text, name=name, nobody=nobody)
    return session.remember_visitor(request, answer, secret)


def _welcome(request: Request, wrong: Sentence | None = None, name: str = "", status: int = 200) -> Response:
    secret = session.visitor(request)
    speech = language.speech_for(request)
    text = speech.render(wrong) if wrong else ""
    answer = page(request, speech, "welcome.html", status, wrong=text, name=name, least=SHORTEST_PASSWORD)
    return session.remember_visitor(request, answer, secret)
