"""One's own account: password, language, sessions, second factor, tokens."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Annotated

import pyotp
import segno
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from markupsafe import Markup

from router.core.sentence import Sentence, say
from router.panel import entry, guard, language, live, roles
from router.panel.browsers import browser_told
from router.panel.deps import panel_of
from router.panel.guard import Sent
from router.panel.keys import asked
from router.panel.live import Living, Reading
from router.panel.noting import note
from router.panel.one_time import SHORTEST_PASSWORD, unusable
from router.panel.refusal import Refusal
from router.panel.rendering import see_other
from router.panel.session import Caller
from router.panel.speech import LANGUAGES
from router.panel.users import Id, Titled
from router.ports import NotUsable, Role

routes = APIRouter(prefix="/account", include_in_schema=False)

Reader = Annotated[Caller, Depends(guard.reads(Role.VIEWER))]
Ordering = Annotated[Sent, Depends(guard.changes(Role.VIEWER))]

YEAR = 365 * 24 * 3600
LASTS = {"30": timedelta(days=30), "365": timedelta(days=365), "": None}
"""How long a token may be good, in days as the form says it."""


async def titled(reading: Reading) -> Titled:
    return Titled(reading.speech.text("My account"))


ACCOUNT = Living("account", "users_regions.html", (), titled)


@routes.get("")
async def account_page(request: Request, caller: Reader) -> Response:
    return await _account(request, caller)


@routes.post("/password")
async def set_password(request: Request, sent: Ordering) -> Response:
    """The old one is asked for. All other sessions end."""
    panel, fields, name = panel_of(request), sent.fields, sent.caller.name
    if not await right(request, name, fields.get("old", "")):
        return await _account(request, sent.caller, say("The old password is wrong."), 422)
    if wrong := unusable(name, fields.get("password", ""), fields.get("again", "")):
        return await _account(request, sent.caller, wrong, 422)
    try:
        await asked(panel.deps.accounts.set_password(name, fields["password"], sent.caller.session))
    except NotUsable as refused:
        return await _account(request, sent.caller, refused.why, 422)
    note(request, sent.caller, password_line(name))
    changed(request)
    return await _account(request, sent.caller, done=say("The new password holds. All other sessions have ended."))


@routes.post("/language")
async def set_language(request: Request, sent: Ordering) -> Response:
    """In this browser at once, and in every other that has no choice of its own."""
    chosen = sent.fields.get("language", "")
    wanted = chosen if chosen in LANGUAGES else None
    await asked(panel_of(request).deps.accounts.set_language(sent.caller.name, wanted))
    panel_of(request).keys.changed()
    answer = see_other("/account")
    if wanted:
        answer.set_cookie(language.COOKIE, wanted, max_age=YEAR, path="/", samesite="lax", httponly=True)
    else:
        answer.delete_cookie(language.COOKIE, path="/")
    return answer


@routes.post("/sessions/end")
async def end_others(request: Request, sent: Ordering) -> Response:
    """All but this one."""
    ended = await asked(panel_of(request).deps.accounts.end_sessions(sent.caller.name, sent.caller.session))
    if ended:
        note(request, sent.caller, say("{by} ended all their other sessions.", by=sent.caller.name))
    changed(request)
    return see_other("/account")


@routes.post("/sessions/{shown}/end")
async def end_session(request: Request, shown: str, sent: Ordering) -> Response:
    if await asked(panel_of(request).deps.accounts.end_session(sent.caller.name, shown)):
        note(request, sent.caller, session_line(sent.caller.name))
    changed(request)
    return see_other("/account")


@routes.post("/second-factor")
async def begin_second_factor(request: Request, sent: Ordering) -> Response:
    """A new secret; it counts once a code of it was given."""
    try:
        await asked(panel_of(request).deps.access.factor.offer(sent.caller.name))
    except NotUsable as refused:
        return await _account(request, sent.caller, refused.why, 422)
    return see_other("/account/second-factor")


@routes.get("/second-factor")
async def second_factor_page(request: Request, caller: Reader) -> Response:
    return await _second_factor(request, caller)


@routes.post("/second-factor/confirm")
async def confirm_second_factor(request: Request, sent: Ordering) -> Response:
    """Shows the recovery codes, this once."""
    panel, name = panel_of(request), sent.caller.name
    tries = entry.own_tries(name)
    entry.slow_down(request, tries)
    codes = await asked(panel.deps.access.factor.confirm(name, sent.fields.get("code", "")))
    if codes is None:
        return await _second_factor(request, sent.caller, say("This code is wrong. Is the phone's clock right?"))
    panel.throttle.give_back(tries)
    note(request, sent.caller, say("{by} switched on the second factor.", by=name))
    changed(request)
    return await live.page(request, ACCOUNT, "recovery.html", codes=codes)


@routes.post("/second-factor/off")
async def second_factor_off(request: Request, sent: Ordering) -> Response:
    """The password is asked for."""
    name = sent.caller.name
    if not await right(request, name, sent.fields.get("password", "")):
        return await _account(request, sent.caller, say("The password is wrong."), 422)
    if await asked(panel_of(request).deps.access.factor.off(name)):
        note(request, sent.caller, say("{by} switched off the second factor.", by=name))
    changed(request)
    return see_other("/account")


@routes.post("/tokens")
async def make_token(request: Request, sent: Ordering) -> Response:
    """Shows the token, this once."""
    panel, fields, name = panel_of(request), sent.fields, sent.caller.name
    lasts = LASTS.get(fields.get("days", ""))
    until = panel.deps.now() + lasts if lasts else None
    try:
        role = roles.read_role(fields.get("role"))
        called = fields.get("name", "").strip()
        token = await asked(panel.deps.access.tokens.add(name, called, role, until))
    except NotUsable as refused:
        return await _account(request, sent.caller, refused.why, 422)
    note(request, sent.caller, token_line(name, called, role))
    panel.hub.touch()
    return await live.page(request, ACCOUNT, "token.html", token=token, called=called)


@routes.post("/tokens/{token_id}/end")
async def end_token(request: Request, token_id: Id, sent: Ordering) -> Response:
    """One's own; an administrator ends anybody's."""
    owner = None if sent.caller.role.covers(Role.ADMIN) else sent.caller.name
    ended = await asked(panel_of(request).deps.access.tokens.end(token_id, owner))
    if ended is not None:
        note(request, sent.caller, token_end_line(sent.caller.name, ended.name, ended.owner))
    changed(request)
    return see_other("/account" if ended is None or ended.owner == sent.caller.name else "/users")


def password_line(by: str) -> Sentence:
    return say("{by} chose a new password.", by=by)


def session_line(by: str) -> Sentence:
    return say("{by} ended a session of their own.", by=by)


def token_line(by: str, name: str, role: Role) -> Sentence:
    return say("{by} made the token {token} ({role}).", by=by, token=name, role=Sentence(roles.WORDS[role]))


def token_end_line(by: str, name: str, owner: str) -> Sentence:
    return say("{by} ended the token {token} of {user}.", by=by, token=name, user=owner)


async def right(request: Request, name: str, password: str) -> bool:
    """Whether it is his password. Raises Refusal 429 where that was asked too often."""
    tries = entry.own_tries(name)
    entry.slow_down(request, tries)
    if not await asked(panel_of(request).deps.accounts.right(name, password)):
        return False
    panel_of(request).throttle.give_back(tries)
    return True


def changed(request: Request) -> None:
    panel_of(request).keys.changed()
    panel_of(request).hub.touch()


async def _account(
    request: Request, caller: Caller, wrong: Sentence | None = None, status: int = 200, done: Sentence | None = None
) -> Response:
    panel, speech = panel_of(request), language.speech_for(request)
    deps, name = panel.deps, caller.name
    user = next((user for user in await panel.keys.users() if user.name == name), None)
    if user is None:
        raise Refusal(303, say("Please log in."), {"location": "/login"})
    tokens = await asked(deps.access.tokens.tokens(name))
    return await live.page(
        request, ACCOUNT, "account.html", status, wrong=speech.render(wrong) if wrong else "",
        done=speech.render(done) if done else "", subject=user, least=SHORTEST_PASSWORD,
        sessions=await asked(deps.accounts.sessions(name, caller.session)), tokens=tokens,
        left=await asked(deps.access.factor.left(name)), now=deps.now(),
        roles=[role for role in Role if caller.role.covers(role)], words=roles.WORDS, meanings=roles.MEANINGS,
        browser=lambda agent: browser_told(agent, speech),
    )  # fmt: skip


async def _second_factor(request: Request, caller: Caller, wrong: Sentence | None = None) -> Response:
    panel, speech = panel_of(request), language.speech_for(request)
    secret = await asked(panel.deps.access.factor.offered(caller.name))
    if secret is None:
        return see_other("/account")
    return await live.page(
        request, ACCOUNT, "second_factor.html", 422 if wrong else 200, wrong=speech.render(wrong) if wrong else "",
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        drawing=_drawing(secret, caller.name, panel.office.site.name),
    )  # fmt: skip


def _drawing(secret: str, name: str, office: str) -> Markup:
    """What the app's camera reads, as SVG: black on white in every light, or it would not be read."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=office.replace(":", " ")[:60])
    drawn = io.BytesIO()
    segno.make(uri, error="l").save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, light="#fff", svgclass="code-drawing",
        lineclass=None,
    )  # fmt: skip
    return Markup(drawn.getvalue().decode())  # noqa: S704 - our own drawing
