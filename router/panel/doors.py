"""In and out: login, the second factor's page, logout."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from router.core.sentence import Sentence, say
from router.panel import entry, guard, language, onward, session
from router.panel.deps import panel_of
from router.panel.guard import Fields, Sent
from router.panel.keys import asked
from router.panel.naming import cookie_name
from router.panel.noting import note, note_of
from router.panel.rendering import page, see_other
from router.panel.throttle import Window, account_key, windows
from router.ports import CodeWanted, Role

routes = APIRouter(include_in_schema=False)

STEP, STEP_SECONDS = "failover_step", 5 * 60
"""The cookie of a login whose password was right and whose code is awaited."""
CODES = "10 per 10 minute; 40 per day"
"""Wrong ones, for an account: of a million three are right at a time."""


@routes.get("/login", dependencies=[Depends(guard.anyone())])
async def login_page(request: Request) -> Response:
    if await session.browsing(request) is not None:
        return see_other("/")
    return await show_login(request)


@routes.post("/login")
async def login(request: Request, fields: Annotated[Fields, Depends(guard.visits())]) -> Response:
    """Right: to the page that was wanted, or the one that asks for the code. Wrong: the same page says so. Too often:
    429."""
    panel = panel_of(request)
    name, password = fields.get("name", "").strip(), fields.get("password", "")
    attempt = await entry.admitted(request, name)
    try:
        with entry.in_line(request, attempt):
            token = await asked(panel.deps.accounts.login(name, password, entry.came(request)))
    except CodeWanted as wanted:
        panel.throttle.give_back(attempt.windows)
        answer = see_other("/login/code")
        session.set_cookie(request, answer, STEP, wanted.step, STEP_SECONDS)
        return answer
    if token is None:
        return await show_login(request, say("Name or password is wrong."), name, 401)
    panel.throttle.give_back(attempt.windows)
    return await let_in(request, token)


@routes.get("/login/code", dependencies=[Depends(guard.anyone())])
async def code_page(request: Request) -> Response:
    if await _awaited(request) is None:
        return see_other("/login")
    return _code(request)


@routes.post("/login/code")
async def code(request: Request, fields: Annotated[Fields, Depends(guard.visits())]) -> Response:
    """The code of the app, or a recovery code. After five wrong ones the password is asked for again."""
    panel = panel_of(request)
    name = await _awaited(request)
    if name is None:
        return see_other("/login")
    tries = await _code_tries(request, name)
    if seconds := panel.throttle.wait(tries):
        _tell_of_codes(request, name)
        raise entry.too_often(seconds)
    step = request.cookies.get(cookie_name(request, STEP), "")
    token = await asked(panel.deps.access.factor.enter(step, fields.get("code", ""), entry.came(request)))
    if token is None:
        if await _awaited(request) is None:
            return await show_login(request, say("Too many wrong codes. Please log in again."), status=401)
        return _code(request, say("This code is wrong, or it was used already."), 401)
    panel.throttle.give_back(tries)
    answer = await let_in(request, token)
    answer.delete_cookie(cookie_name(request, STEP), path="/", secure=request.url.scheme == "https")
    return answer


@routes.post("/logout")
async def logout(request: Request, sent: Annotated[Sent, Depends(guard.changes(Role.VIEWER))]) -> Response:
    panel = panel_of(request)
    await panel.keys.logout(sent.caller.session or "")
    panel.hub.touch()
    return session.closed(request, see_other("/login"))


async def let_in(request: Request, token: str) -> Response:
    """Onward with the new session, which stands in the log; the browser is known from now on."""
    panel = panel_of(request)
    answer = session.opened(request, onward.forgotten(request, see_other(onward.wanted(request))), token)
    user = await panel.keys.whose(token)
    if user is not None:
        note(request, session.known(request, user), say("{by} logged in.", by=user.name))
        await entry.remembered(request, answer, user.name)
    return answer


async def show_login(request: Request, wrong: Sentence | None = None, name: str = "", status: int = 200) -> Response:
    secret = session.visitor(request)
    speech = language.speech_for(request)
    panel = panel_of(request)
    text = speech.render(wrong) if wrong else ""
    answer = page(
        request, speech, "login.html", status, wrong=text, name=name, nobody=not await panel.keys.users(),
        sign_on=panel.deps.sign_on.label if panel.deps.sign_on else "",
    )  # fmt: skip
    return session.remember_visitor(request, answer, secret)


async def _awaited(request: Request) -> str | None:
    step = request.cookies.get(cookie_name(request, STEP))
    return await asked(panel_of(request).deps.access.factor.awaited(step)) if step else None


async def _code_tries(request: Request, name: str) -> list[Window]:
    """Counted apart from strangers' where the account knows this browser or network."""
    known = await asked(panel_of(request).deps.access.familiar.knows(name, entry.marks(request)))
    return windows(CODES, f"code {account_key(name)} {min(known, default='')}")


def _tell_of_codes(request: Request, name: str) -> None:
    """Once an hour: whoever guesses codes has the password."""
    if not panel_of(request).throttle.wait(windows("1 per hour", f"told of codes {account_key(name)}")):
        address = session.address(request)
        note_of(request, None, say("After the right password of {user}, wrong codes came from {address}.",
                                   user=name, address=address))  # fmt: skip


def _code(request: Request, wrong: Sentence | None = None, status: int = 200) -> Response:
    secret = session.visitor(request)
    speech = language.speech_for(request)
    answer = page(request, speech, "code.html", status, wrong=speech.render(wrong) if wrong else "")
    return session.remember_visitor(request, answer, secret)
