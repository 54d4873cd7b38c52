"""Login through the office's own sign-on service. These routes exist only where there is one."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from router.panel import entry, guard, session
from router.panel.deps import panel_of
from router.panel.doors import let_in, show_login
from router.panel.keys import asked
from router.panel.naming import cookie_name
from router.panel.rendering import see_other
from router.ports import NotUsable, SignOn, SignOnFailed

routes = APIRouter(prefix="/login/sign-on", include_in_schema=False)

COOKIE, SECONDS = "failover_sign_on", 10 * 60
"""Holds what must come back with the answer, in the browser that asked."""


def _service(request: Request) -> SignOn:
    service = panel_of(request).deps.sign_on
    assert service is not None, "without one there are no such routes"
    return service


def _back(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/login/sign-on/back"


@routes.get("", dependencies=[Depends(guard.anyone())])
async def begin(request: Request) -> Response:
    service = _service(request)
    try:
        address, kept = await service.begin(_back(request))
    except SignOnFailed as failed:
        return await show_login(request, failed.why, status=failed.status)
    answer = see_other(address)
    session.set_cookie(request, answer, COOKIE, kept, SECONDS)
    return answer


@routes.get("/back", dependencies=[Depends(guard.anyone())])
async def back(request: Request) -> Response:
    """The service sends the browser here with its answer, which is good once and in this browser only."""
    service, panel = _service(request), panel_of(request)
    tries = entry.address_tries(request, "sign-on")
    entry.slow_down(request, tries)
    kept = request.cookies.get(cookie_name(request, COOKIE), "")
    try:
        vouched = await service.finish(_back(request), kept, request.query_params)
        token = await asked(panel.deps.accounts.enter(vouched.subject, vouched.name, vouched.role, entry.came(request)))
    except SignOnFailed as failed:
        return await show_login(request, failed.why, status=failed.status)
    except NotUsable as refused:
        return await show_login(request, refused.why, status=403)
    panel.throttle.give_back(tries)
    panel.keys.changed()
    answer = await let_in(request, token)
    answer.delete_cookie(cookie_name(request, COOKIE), path="/", secure=request.url.scheme == "https")
    return answer
