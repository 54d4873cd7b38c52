"""One TCP connection to AMI, from the greeting to the loss; never used again after that, so nothing can be replayed."""

import asyncio
import contextlib
import errno
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, cast

from router.ami.account import Account
from router.ami.framing import Framing
from router.ami.pending import Asked, Pending
from router.ami.wire import AmiDown, AmiError, Headers, Message

MAX_UNSENT_BYTES = 1 << 20
_KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}  # seconds, seconds, probes

log = logging.getLogger(__name__)


class Codec(Protocol):
    """Text of a message to the message and back."""

    def read(self, text: str) -> Message | None:
        """None for what is neither event nor answer."""
        ...

    def write(self, headers: Headers) -> tuple[str, str]:
        """The ActionID given to the action, and its text."""
        ...


class Connection(asyncio.Protocol):
    """Nothing that arrives can raise out of it. `reason` is None until the loss, then says why, in plain words."""

    def __init__(self, codec: Codec, on_event: Callable[[Message], None], sent: Counter[str]) -> None:
        loop = asyncio.get_running_loop()
        self.greeted: asyncio.Future[None] = loop.create_future()
        self.lost: asyncio.Future[None] = loop.create_future()
        self.reason: str | None = None
        self.framing = Framing()
        self._codec = codec
        self._on_event = on_event
        self._sent = sent
        self._pending = Pending()
        self._transport: asyncio.Transport | None = None
        self._closed = asyncio.Event()
        self._choked = False
        self._mishandled = 0

    @classmethod
    async def open(
        cls, account: Account, codec: Codec, on_event: Callable[[Message], None], sent: Counter[str], limit: float
    ) -> "Connection":
        """A connection on which Asterisk has greeted within `limit` seconds. Raises AmiDown with the reason."""
        loop, connection = asyncio.get_running_loop(), cls(codec, on_event, sent)
        try:
            async with asyncio.timeout(limit):
                await loop.create_connection(lambda: connection, account.host, account.port, ssl=account.tls)
                await connection.greeted
        except (OSError, UnicodeError) as error:  # TimeoutError is an OSError, UnicodeError a host name that is none
            await connection.close(_in_plain_words(error, limit))
            raise AmiDown(_in_plain_words(error, limit)) from error
        except BaseException:
            await connection.close("given up")
            raise
        if connection.reason is not None:
            await connection.close("")
            raise AmiDown(connection.reason)
        return connection

    async def close(self, reason: str) -> None:
        """Ends the connection and returns when its socket is closed."""
        self.fail(reason)
        if self._transport is not None:
            await self._closed.wait()

    def fail(self, reason: str) -> None:
        """Ends the connection at once; whatever waits for an answer learns so now. The first reason given stands."""
        if self.reason is not None:
            return
        self.reason = reason
        self._pending.fail(reason)
        for waiting in (self.greeted, self.lost):
            if not waiting.done():
                waiting.set_result(None)
        if self._transport is not None:
            self._transport.abort()

    async def ask(self, actions: Sequence[Headers], deadline: float, *, lists: bool = False) -> list[Asked]:
        """Writes checked actions in one go and waits until each has an answer, which may be an error."""
        if self.reason is not None or self._transport is None:
            raise AmiDown(f"no connection to Asterisk: {self.reason}")
        if self._choked:
            raise AmiDown("Asterisk does not read what is sent to it")
        if not actions:
            return []
        batch: dict[str, Asked] = {}
        texts: list[str] = []
        for headers in actions:
            action_id, text = self._codec.write(headers)
            name = str(headers["Action"])
            batch[action_id] = Asked(name, asyncio.get_running_loop().create_future(), lists)
            texts.append(text)
            self._sent[name] += 1
        self._pending.add(batch)
        self._transport.write("".join(texts).encode())
        try:
            await asyncio.wait([asked.answer for asked in batch.values()], timeout=deadline)
        finally:
            self._pending.give_up(batch, deadline)
        return list(batch.values())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=MAX_UNSENT_BYTES)
        if self.reason is not None:  # given up while it was being made
            self._transport.abort()
        sock = transport.get_extra_info("socket")
        if sock is None:  # lost in the very moment it was made
            return
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, value in _KEEPALIVE.items():
                if hasattr(socket, option):
                    sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)

    def connection_lost(self, exc: Exception | None) -> None:
        self.fail(f"connection lost: {exc}" if exc else "Asterisk closed the connection")
        self._closed.set()

    def pause_writing(self) -> None:
        self._choked = True

    def resume_writing(self) -> None:
        self._choked = False

    def data_received(self, data: bytes) -> None:
        if self.reason is not None:
            return
        try:
            texts = self.framing.feed(data)
        except AmiError as error:
            self.fail(str(error))
            return
        if self.framing.version is not None and not self.greeted.done():
            self.greeted.set_result(None)
        for text in texts:
            try:
                self._hand_over(text)
            except Exception:
                self._mishandled += 1
                if self._mishandled == 1 or self._mishandled % 1000 == 0:
                    log.exception("AMI messages that could not be handled on this connection: %d", self._mishandled)

    def _hand_over(self, text: str) -> None:
        message = self._codec.read(text)
        if message is not None and not self._pending.take(message):
            self._on_event(message)


def _in_plain_words(error: Exception, limit: float) -> str:  # noqa: PLR0911
    match error:
        case TimeoutError() if error.errno is None:
            return f"no answer within {limit:g} s"
        case ssl.SSLCertVerificationError():
            return f"TLS certificate not accepted: {error.verify_message}"
        case ssl.SSLError():
            return f"TLS failed: {error.reason or error}"
        case ConnectionRefusedError():
            return "connection refused"
        case socket.gaierror() | UnicodeError():
            return "the host name cannot be resolved"
        case OSError(errno=None) if f"[Errno {errno.ECONNREFUSED}]" in str(error):  # a name with several addresses
            return "connection refused"
        case OSError(errno=errno.EHOSTUNREACH | errno.ENETUNREACH):
            return "no way to that host"
        case _:
            return f"cannot connect: {error}"
