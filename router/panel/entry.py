"""How often somebody may try to log in, from here and for this account.

Each address has a few tries; what it tries beyond them does not count against the account, so that one guesser cannot
lock its owner out. From many addresses together an account is tried so often and no more. Whoever comes from a browser
or a network in which the account logged in before is counted apart from all strangers: with them he is never locked
out. Why so: docs/decisions.md, "Guessing passwords".
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from router.core.sentence import Sentence, say
from router.panel import session
from router.panel.deps import panel_of
from router.panel.keys import asked, busy
from router.panel.naming import cookie_name
from router.panel.noting import note_of
from router.panel.refusal import Refusal
from router.panel.throttle import Throttle, Window, account_key, address_key, windows
from router.ports import Came

BY_ADDRESS: Final = "6 per 2 minute; 20 per hour"
BY_ACCOUNT: Final = "50 per hour"
"""From all addresses that have failed within the hour."""
BY_NEWCOMERS: Final = "200 per hour"
"""From all addresses that have not: so many must be at hand before a newcomer is refused for others' guesses."""
FAMILIAR: Final = "10 per 10 minute"
"""From one browser or network that the account knows."""
OWN: Final = "10 per 10 minute"
"""Passwords and codes of somebody who is logged in, or has shown the right password."""
TOLD_IN_ALL: Final = windows("10 per hour", "told")
STRANGERS_AT_ONCE: Final = 8
"""Passwords being checked for strangers; the rest of the queue is for those who are known."""
DEVICE: Final = "failover_device"
DEVICE_SECONDS: Final = 365 * 24 * 3600


@dataclass(slots=True)
class Attempt:
    """One try at one account. `marks`: of browser and network; `known`: those of them that the account knows."""

    name: str
    marks: tuple[str, ...]
    known: frozenset[str]
    windows: list[Window] = field(default_factory=list)


async def admitted(request: Request, name: str) -> Attempt:
    """Takes a try. Raises Refusal 429, and says when again: the same for names that nobody has."""
    panel = panel_of(request)
    marked, here = marks(request), windows(BY_ADDRESS, address_key(session.address(request)))
    if len(marked) == 1 and (seconds := panel.throttle.full(here)):
        _told(request)
        raise too_often(seconds)  # whatever the account knows: the database is not asked for each guess
    known = await asked(panel.deps.access.familiar.knows(name, marked))
    attempt = Attempt(name, marked, known)
    attempt.windows = _windows(attempt, here, panel.throttle)
    if seconds := panel.throttle.wait(attempt.windows):
        if not known and panel.throttle.full(here):
            _told(request)  # a made-up cookie hides nobody
        raise too_often(seconds)
    return attempt


def _told(request: Request) -> None:
    """In the log, once an hour for each address, and ten times an hour in all: guessers must not fill it."""
    address = session.address(request)
    if not panel_of(request).throttle.wait([*windows("1 per hour", f"told {address_key(address)}"), *TOLD_IN_ALL]):
        note_of(request, None, say("Passwords are being guessed from {address}.", address=address))


def _windows(attempt: Attempt, here: list[Window], throttle: Throttle) -> list[Window]:
    account = account_key(attempt.name)
    device, network = attempt.marks[1:], attempt.marks[0]
    for mark in device:
        if mark in attempt.known:
            return windows(FAMILIAR, f"{account} {mark}")
    if network in attempt.known:
        return [*here, *windows(FAMILIAR, f"{account} {network}")]
    if throttle.clean(here):
        return [*here, *windows(BY_NEWCOMERS, f"new {account}")]
    return [*here, *windows(BY_ACCOUNT, account)]


def slow_down(request: Request, tries: list[Window]) -> None:
    """Takes a try from each. Raises Refusal 429."""
    seconds = panel_of(request).throttle.wait(tries)
    if seconds > 0:
        raise too_often(seconds)


def too_often(seconds: float) -> Refusal:
    wait = int(seconds) + 1
    return Refusal(429, _too_many(wait), {"retry-after": str(wait)})


def _too_many(seconds: int) -> Sentence:
    if seconds < 2:
        return say("Too many tries. Please wait a moment.")
    if seconds < 120:
        return say("Too many tries. Please wait {seconds} seconds.", seconds=seconds)
    return say("Too many tries. Please wait {minutes} minutes.", minutes=-(-seconds // 60))


@contextmanager
def in_line(request: Request, attempt: Attempt) -> Iterator[None]:
    """While the password is checked. Raises Refusal 503 for a stranger behind too many others."""
    throttle = panel_of(request).throttle
    if attempt.known:
        yield
        return
    if throttle.strangers >= STRANGERS_AT_ONCE:
        throttle.give_back(attempt.windows)
        raise busy()
    throttle.strangers += 1
    try:
        yield
    finally:
        throttle.strangers -= 1


def own_tries(name: str) -> list[Window]:
    """Of somebody who is logged in."""
    return windows(OWN, f"own {account_key(name)}")


def address_tries(request: Request, what: str) -> list[Window]:
    """Of whoever follows a one-time link."""
    return windows(BY_ADDRESS, f"{what} {address_key(session.address(request))}")


def came(request: Request) -> Came:
    return Came(session.address(request) or None, request.headers.get("user-agent"))


async def remembered(request: Request, response: Response, name: str) -> Response:
    """After a login: this browser and this network are known to the account."""
    device = request.cookies.get(cookie_name(request, DEVICE)) or secrets.token_urlsafe(24)
    session.set_cookie(request, response, DEVICE, device, DEVICE_SECONDS)
    with suppress(Refusal):  # the database died just now: he is in all the same
        await asked(panel_of(request).deps.access.familiar.remember(name, [_network(request), _device(device)]))
    return response


def marks(request: Request) -> tuple[str, ...]:
    device = request.cookies.get(cookie_name(request, DEVICE))
    return (_network(request), _device(device)) if device else (_network(request),)


def _network(request: Request) -> str:
    return f"from {address_key(session.address(request))}"


def _device(cookie: str) -> str:
    return f"device {hashlib.sha256(cookie.encode('utf-8', 'surrogatepass')).hexdigest()}"
