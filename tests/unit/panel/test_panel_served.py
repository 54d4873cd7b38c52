"""On a real socket: certificates, proxies, and whoever sends slowly or not at all."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from router.panel import border, patience
from router.panel.server import Server, listening
from tests.unit.panel.browsing import log_in
from tests.unit.panel.fakes import FakeBoard, House, well
from tests.unit.panel.serving import certificate, served


@pytest.fixture
def house() -> House:
    return House(FakeBoard(well()))


async def presented(port: int) -> str:
    """The name in the certificate that the server shows."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    return shown.decode("latin-1")


class TestCertificate:
    async def test_the_panel_speaks_https_with_cookies_bound_to_the_host(self, house: House, tmp_path: Path) -> None:
        files = certificate(tmp_path, "first")
        trust = ssl.create_default_context(cafile=files[0])
        async with (
            served(house, tls=files) as (_, port),
            httpx.AsyncClient(base_url=f"https://127.0.0.1:{port}", verify=trust, trust_env=False) as browser,
        ):
            token = (await browser.get("/login")).text.split('name="csrf" value="')[1][:64]
            login = {"csrf": token, "name": "anna", "password": "correct horse battery"}
            answer = await browser.post("/login", data=login)
            assert answer.status_code == 303
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            cookies = answer.headers.get_list("set-cookie")
            assert all(cookie.startswith("__Host-") and "Secure" in cookie for cookie in cookies), cookies

    async def test_a_renewed_one_is_taken_without_a_restart_and_a_broken_one_is_not(
        self, house: House, tmp_path: Path
    ) -> None:
        files = certificate(tmp_path, "the-first")
        async with served(house, tls=files) as (server, port):
            renewing = asyncio.create_task(server.renew(0.02))
            try:
                assert "the-first" in await presented(port)
                files[0].write_text("broken")
                await asyncio.sleep(0.1)
                assert "the-first" in await presented(port)
                certificate(tmp_path, "the-second")
                async with asyncio.timeout(5):
                    while "the-second" not in await presented(port):  # noqa: ASYNC110 - it tells nobody
                        await asyncio.sleep(0.02)
            finally:
                renewing.cancel()
                await asyncio.gather(renewing, return_exceptions=True)


class TestProxy:
    HEADERS = {"x-forwarded-for": "203.0.113.5", "x-forwarded-proto": "https"}  # noqa: RUF012

    async def login_of(self, house: House, **options: object) -> tuple[str | None, str]:
        """The address that is kept of a login through a proxy, and the cookie."""
        async with (
            served(house, **options) as (_, port),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=self.HEADERS, trust_env=False) as browser,
        ):
            page = await browser.get("/login")
            visitor = page.headers["set-cookie"].split(";")[0]
            token = page.text.split('name="csrf" value="')[1][:64]
            login = {"csrf": token, "name": "anna", "password": "correct horse battery"}
            answer = await browser.post("/login", data=login, headers={"cookie": visitor})
            assert answer.status_code == 303
            ((_, came),) = house.accounts.opened.values()
            return came.address, answer.headers["set-cookie"]

    async def test_one_that_is_named_is_believed(self, house: House) -> None:
        address, cookie = await self.login_of(house, proxies=("127.0.0.0/8",))
        assert address == "203.0.113.5"
        assert cookie.startswith("__Host-")

    async def test_loopback_is_believed_where_nobody_is_named_and_whatever_the_socket_calls_it(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("FORWARDED_ALLOW_IPS", raising=False)
        assert (await self.login_of(house))[0] == "203.0.113.5"
        house.accounts.opened.clear()
        assert (await self.login_of(house, listen="[::]:0"))[0] == "203.0.113.5"
        house.accounts.opened.clear()
        assert (await self.login_of(house, listen="[::]:0", proxies=("127.0.0.0/8",)))[0] == "203.0.113.5"
        house.accounts.opened.clear()
        assert (await self.login_of(house, listen="[::]:0", proxies=("10.0.0.0/8",)))[0] == "::ffff:127.0.0.1"

    async def test_any_other_is_not(self, house: House) -> None:
        address, cookie = await self.login_of(house, proxies=("10.0.0.1",))
        assert address == "127.0.0.1"
        assert not cookie.startswith("__Host-")

    async def test_without_a_name_the_environment_counts(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("FORWARDED_ALLOW_IPS", "10.0.0.1")
        assert (await self.login_of(house))[0] == "127.0.0.1"


class TestSlowSenders:
    @pytest.fixture(autouse=True)
    def hurried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(patience.Patient, "head_seconds", 0.3)
        monkeypatch.setattr(border, "BODY_SECONDS", 0.3)

    async def sent(self, port: int, *parts: bytes) -> bytes:
        """What comes back until the server closes, which it must; 0.1 s between the parts."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for part in parts:
                writer.write(part)
                await asyncio.sleep(0.1)
            async with asyncio.timeout(3):
                return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()

    async def test_a_connection_that_says_nothing_is_closed(self, house: House) -> None:
        async with served(house) as (_, port):
            assert await self.sent(port) == b""

    async def test_a_head_that_comes_drop_by_drop_is_not_waited_for(self, house: House) -> None:
        async with served(house) as (_, port):
            drops = [b"GET / HTTP/1.1\r\n", *[b"x-drop: 1\r\n"] * 20]
            assert b"200" not in await self.sent(port, *drops)

    async def test_the_same_holds_for_the_next_request_on_a_connection(self, house: House) -> None:
        async with served(house) as (_, port):
            whole = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
            answer = await self.sent(port, whole, b"GET / HTTP/1.1\r\n")
            assert answer.count(b"HTTP/1.1 ") == 1

    async def test_a_body_that_does_not_come_is_answered_and_the_connection_closed(self, house: House) -> None:
        async with served(house) as (_, port):
            head = b"POST /login HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n"
            head += b"content-type: application/x-www-form-urlencoded\r\n\r\n"
            answer = await self.sent(port, head, *[b"a"] * 2)
            assert answer.startswith(b"HTTP/1.1 408 ")

    async def test_an_open_stream_is_no_slow_sender(self, house: House) -> None:
        async with (
            served(house) as (_, port),
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as browser,
        ):
            await log_in(browser)
            async with browser.stream("GET", "/live/board") as stream:
                lines = stream.aiter_lines()
                await anext(lines)
                await asyncio.sleep(0.5)
                house.board.show(well())
                async with asyncio.timeout(3):
                    while "event: page" not in await anext(lines):
                        pass

    async def test_only_so_many_connections_are_held(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(patience, "MOST_CONNECTIONS", 3)
        monkeypatch.setattr(patience.Patient, "head_seconds", 5.0)
        async with served(house) as (_, port):
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            await asyncio.sleep(0.1)
            assert await self.sent(port) == b""
            for _, writer in held:
                writer.close()

    async def test_one_address_leaves_room_for_the_others(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(patience, "MOST_FROM_ONE", 3)
        monkeypatch.setattr(patience.Patient, "head_seconds", 5.0)
        async with served(house) as (_, port):
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            await asyncio.sleep(0.1)
            assert await self.sent(port) == b""
            other = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.0.2", 0))
            other[1].write(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
            assert b"200 OK" in await asyncio.wait_for(other[0].readline(), 5)
            for _, writer in (*held, other):
                writer.close()

    async def test_those_whose_tls_has_not_begun_count_too(
        self, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(patience, "MOST_CONNECTIONS", 3)
        async with served(house, tls=certificate(tmp_path, "any")) as (_, port):
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
            await asyncio.sleep(0.1)
            assert await self.sent(port) == b""
            held.pop()[1].close()
            await asyncio.sleep(0.1)
            assert await presented(port), "who goes makes room"
            for _, writer in held:
                writer.close()


class TestSlowReaders:
    @asynccontextmanager
    async def deaf(self, port: int) -> AsyncIterator[None]:
        """Asks for much, and takes nothing of it."""
        with socket.socket() as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.setblocking(False)
            await asyncio.get_running_loop().sock_connect(deaf, ("127.0.0.1", port))
            asked = b"GET /api/v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n" * 200
            await asyncio.get_running_loop().sock_sendall(deaf, asked)
            yield

    async def unread(self, server: Server) -> None:
        async with asyncio.timeout(5):
            while not any(  # noqa: ASYNC110 - uvicorn tells nobody
                one.transport.get_write_buffer_size() for one in server.server_state.connections
            ):
                await asyncio.sleep(0.01)

    async def test_who_takes_nothing_is_let_go(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(patience.Patient, "unread_seconds", 0.2)
        async with served(house) as (server, port), self.deaf(port):
            await self.unread(server)
            async with asyncio.timeout(3):
                while server.server_state.connections:  # noqa: ASYNC110 - uvicorn tells nobody
                    await asyncio.sleep(0.02)

    async def test_who_takes_nothing_does_not_hold_up_the_stop(self, house: House) -> None:
        loop = asyncio.get_running_loop()
        async with served(house) as (server, port), self.deaf(port):
            await self.unread(server)
            begun = loop.time()
            server.stop()
            async with asyncio.timeout(4):
                while server.server_state.connections:  # noqa: ASYNC110 - uvicorn tells nobody
                    await asyncio.sleep(0.02)
            assert loop.time() - begun < 1.5


async def test_an_address_that_is_a_slip_of_the_pen_is_an_error_of_the_system() -> None:
    """The service tries it again and again, and routes calls meanwhile."""
    with pytest.raises(OSError, match="no name of a host"):
        listening("127.0.0..1:0")
