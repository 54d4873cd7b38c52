"""Where somebody wanted to go before he was sent to the login: he is led there after it."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from router.panel.naming import cookie_name

COOKIE, SECONDS = "failover_onward", 15 * 60
_OURS = re.compile(r"/(duty|calls|outages|log|users|account|wall)(/\d{1,9})?(\?[!-~]{0,300})?")
"""Pages to read. Whatever else the cookie says leads to the board: nobody is led to another site."""


def kept(request: Request) -> dict[str, str]:
    """The header that notes this page in the browser; empty where it is none to come back to."""
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method != "GET" or not _OURS.fullmatch(wanted):
        return {}
    name = cookie_name(request, COOKIE)
    cookie = SimpleCookie({name: quote(wanted, safe="")})
    https = request.url.scheme == "https"
    told = {"path": "/", "max-age": SECONDS, "httponly": True, "samesite": "lax", "secure": https}
    for key, value in told.items():
        cookie[name][key] = value
    return {"set-cookie": cookie[name].OutputString()}


def wanted(request: Request) -> str:
    """The noted page, else the board."""
    path = unquote(request.cookies.get(cookie_name(request, COOKIE), ""))
    return path if _OURS.fullmatch(path) else "/"


def forgotten(request: Request, response: Response) -> Response:
    if cookie_name(request, COOKIE) in request.cookies:
        response.delete_cookie(
            cookie_name(request, COOKIE), path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax"
        )
    return response
