"""Targets on real sockets: what answers, what refuses, what is silent, and what is not who it says it is."""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator

import pytest

from router.core.surroundings import Ending
from router.internet.target import Target, Tried, target_in
from router.internet.targets import tried, trust
from tests.unit.internet.listeners import Certificate, WebServer, black_hole, free_port

CONNECT, ANSWER = 0.4, 0.6


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return Certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
async def web(certificate: Certificate) -> AsyncIterator[WebServer]:
    async with WebServer().running(certificate.server) as running:
        yield running


async def at(target: Target, context: ssl.SSLContext | None = None) -> Tried:
    return await tried(target, "127.0.0.1", context, CONNECT, ANSWER)


def https(port: int, host: str = "example.test", path: str = "/") -> Target:
    return target_in(f"https://{host}:{port}{path}")


def test_how_the_settings_are_read() -> None:
    assert target_in("tcp:192.0.2.1:443") == Target("tcp:192.0.2.1:443", "192.0.2.1", 443)
    assert target_in("tcp:[2001:db8::1]:53") == Target("tcp:[2001:db8::1]:53", "2001:db8::1", 53)
    assert target_in("https://Example.net") == Target("https://Example.net", "example.net", 443, "/")
    secret = target_in("https://example.net:8443/ping?key=secret")
    assert (secret.text, secret.port, secret.path) == ("https://example.net:8443", 8443, "/ping?key=secret")
    assert target_in("https://[2001:db8::1]/").name is None
    assert target_in("https://192.0.2.1/").name is None


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found",
        b"HTTP/1.0 503 Busy\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n",
    ],
)
async def test_any_answer_by_http_will_do(web: WebServer, certificate: Certificate, answer: bytes) -> None:
    web.answer = answer
    got = await at(https(web.port, path="/ping?key=1"), certificate.trusted())
    assert (got.ending, got.status) == (Ending.OK, int(answer.split()[1]))
    assert len(web.requests) == 1  # no redirect is followed
    assert web.requests[0].startswith(b"HEAD /ping?key=1 HTTP/1.1\r\n")
    assert f"Host: example.test:{web.port}".encode() in web.requests[0]


async def test_an_address_is_asked_by_its_address(web: WebServer, certificate: Certificate) -> None:
    assert (await at(https(web.port, "127.0.0.1"), certificate.trusted())).ending is Ending.OK


async def test_a_certificate_that_nobody_vouches_for(web: WebServer) -> None:
    got = await at(https(web.port), trust())
    assert (got.ending, got.why) == (Ending.TLS, "self-signed certificate")


async def test_a_certificate_of_another_name(web: WebServer, certificate: Certificate) -> None:
    got = await at(https(web.port, "other.test"), certificate.trusted())
    assert got.ending is Ending.TLS
    assert "Hostname mismatch" in got.why


async def test_what_speaks_no_tls(certificate: Certificate) -> None:
    async with WebServer().running(None) as plain:
        plain.answer = b"HTTP/1.1 200 OK\r\n\r\n"
        assert (await at(https(plain.port), certificate.trusted())).ending in (Ending.TLS, Ending.SILENT)


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x00" * 200, b"HTTP/1.1 x\r\n\r\n", b""])
async def test_what_answers_no_http(web: WebServer, certificate: Certificate, answer: bytes) -> None:
    web.answer = answer
    assert (await at(https(web.port), certificate.trusted())).ending is Ending.BROKEN


async def test_endless_headers_end(web: WebServer, certificate: Certificate) -> None:
    web.answer = b"HTTP/1.1 200 OK\r\n" + b"X-Filler: %s\r\n" % (b"a" * 1000) * 500
    assert (await at(https(web.port), certificate.trusted())).ending is Ending.BROKEN


async def test_who_takes_the_request_and_says_nothing_is_silent(web: WebServer, certificate: Certificate) -> None:
    web.wait = 5.0
    begun = time.monotonic()
    assert (await at(https(web.port), certificate.trusted())).ending is Ending.SILENT
    assert time.monotonic() - begun < ANSWER + 0.5


@pytest.mark.parametrize("form", ["tcp:127.0.0.1:{port}", "https://example.test:{port}/"])
async def test_a_closed_port_and_a_black_hole(form: str, certificate: Certificate) -> None:
    closed = target_in(form.format(port=free_port()))
    assert (await at(closed, certificate.trusted())).ending is Ending.REFUSED
    with black_hole() as port:
        begun = time.monotonic()
        assert (await at(target_in(form.format(port=port)), certificate.trusted())).ending is Ending.SILENT
        assert CONNECT <= time.monotonic() - begun < ANSWER + 0.5


async def test_a_listener_that_takes_the_connection() -> None:
    async with WebServer().running(None) as listener:
        assert (await at(target_in(f"tcp:127.0.0.1:{listener.port}"))).ending is Ending.OK
        assert listener.requests == []


async def test_an_address_that_the_network_does_not_know() -> None:
    """TCP knows no broadcast: the kernel itself refuses, and nothing leaves the machine."""
    got = await tried(target_in("tcp:255.255.255.255:443"), "255.255.255.255", None, CONNECT, ANSWER)
    assert got.ending is Ending.UNREACHABLE


async def test_nothing_of_the_address_is_logged(
    web: WebServer, certificate: Certificate, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)  # as router.plain_log does
    with caplog.at_level(logging.INFO, "router"):
        await at(https(web.port, path="/ping?key=secret"), certificate.trusted())
    assert "secret" not in caplog.text


async def test_many_targets_at_once_keep_the_loop_running(certificate: Certificate) -> None:
    with black_hole() as port:
        asking = asyncio.gather(*(at(https(port), certificate.trusted()) for _ in range(10)))
        longest = 0.0
        while not asking.done():
            before = time.monotonic()
            await asyncio.sleep(0.005)
            longest = max(longest, time.monotonic() - before)
    assert {got.ending for got in asking.result()} == {Ending.SILENT}
    assert longest < 0.25, f"the loop stood still for {longest:.3f} s"
