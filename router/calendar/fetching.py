"""Fetches the text of the calendar, within bounds. Loaded only where there is one; runs in a thread of its own."""

from __future__ import annotations

import ipaddress
import logging
import socket
import ssl
import stat
import time
from dataclasses import dataclass

import httpx

from router.calendar.source import Source, Unread
from router.core.sentence import say

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that they write whole addresses

LARGEST = 1_000_000
"""Bytes; a year of shifts takes some hundred thousand."""
MOST_REDIRECTS = 3
_HEADERS = {
    "Accept": "text/calendar, text/plain;q=0.5, */*;q=0.1",
    "Accept-Encoding": "identity",  # what is small on the way might be very large here
    "User-Agent": "call-failover-router",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: for a connection and between two parts of an answer, and for all of it."""

    step: float
    whole: float


def fetched(source: Source, limits: Limits) -> bytes:
    """Raises Unread."""
    return _of_file(source) if source.path is not None else _of_address(source, limits)


def _of_file(source: Source) -> bytes:
    assert source.path is not None
    try:
        if not stat.S_ISREG(source.path.stat().st_mode):
            raise Unread(say("{source} is no file.", source=source.named))
        with source.path.open("rb") as file:
            text = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise Unread(say("The file {source} is not there.", source=source.named)) from None
    except (OSError, ValueError):
        raise Unread(say("The file {source} cannot be opened.", source=source.named)) from None
    return _of_size(text, source)


def _of_address(source: Source, limits: Limits) -> bytes:
    until = time.monotonic() + limits.whole
    host = source.named
    try:
        address = httpx.URL(source.address or "")
        with httpx.Client(
            verify=ssl.create_default_context(), trust_env=False, timeout=limits.step, headers=_HEADERS
        ) as client:
            for _ in range(MOST_REDIRECTS + 1):
                with client.stream("GET", address) as answer:
                    if answer.is_redirect:
                        address = further(address, answer, source)
                        continue
                    return _body(answer, source, until)
    except httpx.TimeoutException:
        raise Unread(say("{source} did not answer in time.", source=host)) from None
    except httpx.ConnectError as error:
        if _is_tls(error):
            raise Unread(say("{source} shows no certificate that can be trusted.", source=host)) from None
        raise Unread(say("{source} cannot be reached.", source=host)) from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError):
        raise Unread(say("{source} gave no proper answer.", source=host)) from None
    raise Unread(say("{source} leads from one address to the next without end.", source=host))


def further(address: httpx.URL, answer: httpx.Response, source: Source) -> httpx.URL:
    """Where a redirect leads. Nothing that stands in the address before goes along, a password least of all."""
    there = address.join(answer.headers.get("location", ""))
    if there.scheme != "https" or not there.host:
        raise Unread(say("{source} leads on to an address without https.", source=source.named))
    if _is_inside(there.host) and not _is_inside(address.host):
        raise Unread(say("{source} leads on to a machine of our own network.", source=source.named))
    return there


def _is_inside(host: str) -> bool:
    """Whether it is none of the internet's: whoever has the calendar shall not have us ask about in the office."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False  # it cannot be reached either
    known = [ipaddress.ip_address(str(address[0]).partition("%")[0]) for *_, address in found]
    return any(not (getattr(one, "ipv4_mapped", None) or one).is_global for one in known)


def _body(answer: httpx.Response, source: Source, until: float) -> bytes:
    if answer.status_code != httpx.codes.OK:
        raise Unread(say("{source} answered with status {code}.", source=source.named, code=answer.status_code))
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise Unread(say("{source} gave no proper answer.", source=source.named))
    body = bytearray()
    for part in answer.iter_raw():
        body += part
        if len(body) > LARGEST:
            break
        if time.monotonic() > until:
            raise Unread(say("{source} did not answer in time.", source=source.named))
    return _of_size(bytes(body), source)


def _of_size(text: bytes, source: Source) -> bytes:
    if len(text) > LARGEST:
        raise Unread(say("{source} gives more than a calendar of shifts can be.", source=source.named))
    return text


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
