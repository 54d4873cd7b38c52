"""An AMI server of a few actions, on loopback, whose faults are verbs. It answers as Asterisk 22 was seen to.

    async with FakeAmi() as pbx:
        pbx.answers["DBPut"] = silence          # an action it takes and never answers
        pbx.event("Reload", Module="All")
        pbx.freeze()                            # takes nothing in, gives nothing out, closes nothing

`test_ami_contract.py` holds it and a real Asterisk to the same promises.
"""

import asyncio
import re
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

Headers = dict[str, str]
Answer = Callable[["Session", Headers], None]
_LINE_END = re.compile(rb"\r?\n")
_LONGEST_LINE = 1022


def text(*headers: tuple[str, object]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + b"\r\n"


def empty_list(event: str) -> Answer:
    """Answers with a list of nothing, which ends with `event`."""

    def answer(session: "Session", action: Headers) -> None:
        session.start_list(action)
        session.complete(action, event, 0)

    return answer


def silence(session: "Session", action: Headers) -> None:
    """Takes an action and never answers it."""


class Session(asyncio.Protocol):
    """One connection, as Asterisk sees it."""

    def __init__(self, pbx: "FakeAmi") -> None:
        self.pbx = pbx
        self.logged_in = False
        self.gone = asyncio.Event()
        self.actions: list[Headers] = []
        self.segments: list[bytes] = []  # as they came off the socket
        self._line = b""
        self._action: list[tuple[str, str]] = []
        self._too_long = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.pbx.sessions.append(self)
        self.pbx.changed.set()
        if self.pbx.frozen:
            self.transport.pause_reading()
        elif self.pbx.greeting:
            self.send(self.pbx.greeting)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()
        self.pbx.changed.set()

    def send(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    def cut(self) -> None:
        """RST, as from a host that lost its state."""
        sock = self.transport.get_extra_info("socket")
        if sock is not None:  # it is, where the peer was faster
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.segments.append(data)
        self.pbx.changed.set()
        *lines, self._line = _LINE_END.split(self._line + data)
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        if line:
            self._too_long |= len(line) > _LONGEST_LINE
            name, _, value = line.decode(errors="replace").partition(":")
            self._action.append((name.strip().lower(), value.lstrip()))
            return
        if not self._action:
            return
        action: Headers = {}
        for name, value in self._action:
            action.setdefault(name, value)
        too_long, self._action, self._too_long = self._too_long, [], False
        self.actions.append(action)
        self.pbx.received.append(action)
        if too_long:
            self.refuse(action, "Failed to parse message: line too long")
        else:
            self.pbx.answer(self, action)
        self.pbx.changed.set()

    def reply(self, action: Headers, *headers: tuple[str, object], response: str = "Success") -> None:
        self.send(text(("Response", response), ("ActionID", action.get("actionid", "")), *headers))

    def refuse(self, action: Headers, message: str) -> None:
        self.reply(action, ("Message", message), response="Error")

    def start_list(self, action: Headers) -> None:
        self.reply(action, ("EventList", "start"), ("Message", "Result will follow"))

    def item(self, action: Headers, event: str, *headers: tuple[str, object]) -> None:
        self.send(text(("Event", event), ("ActionID", action["actionid"]), *headers))

    def complete(self, action: Headers, event: str, items: int) -> None:
        self.item(action, event, ("EventList", "Complete"), ("ListItems", items))


class FakeAmi:
    def __init__(self, *, secret: str = "s3cret", tls: ssl.SSLContext | None = None) -> None:
        self.secret = secret
        self.greeting = b"Asterisk Call Manager/11.0.0\r\n"
        self.booted = True
        self.frozen = False
        self.answers: dict[str, Answer] = {}
        self.database: dict[tuple[str, str], str] = {}
        self.sessions: list[Session] = []
        self.received: list[Headers] = []
        self.logins: list[float] = []  # monotonic times
        self.changed = asyncio.Event()
        self._tls = tls
        self._server: asyncio.Server | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.vanish()

    async def listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Session(self), "127.0.0.1", self.port, ssl=self._tls, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def vanish(self) -> None:
        """As Asterisk's process dies: no listener, no connection."""
        if self._server:
            self._server.close()
        for session in self.open_sessions:
            session.cut()
        for session in self.sessions:
            await session.gone.wait()

    @property
    def session(self) -> Session:
        return self.sessions[-1]

    @property
    def open_sessions(self) -> list[Session]:
        return [session for session in self.sessions if not session.gone.is_set()]

    def names(self) -> list[str]:
        """Of the actions received, without logins and pings."""
        return [name for action in self.received if (name := action["action"]) not in ("Login", "Ping")]

    def event(self, name: str, **headers: object) -> None:
        for session in self.open_sessions:
            if session.logged_in:
                session.send(text(("Event", name), ("Privilege", "system,all"), *headers.items()))

    def freeze(self) -> None:
        """As SIGSTOP: the kernel still accepts connections and takes bytes until its buffers are full; nobody reads."""
        self.frozen = True
        for session in self.open_sessions:
            session.transport.pause_reading()

    def thaw(self) -> None:
        self.frozen = False
        for session in self.open_sessions:
            if not session.transport.is_reading():
                session.transport.resume_reading()
            if not session.logged_in and not session.actions:
                session.send(self.greeting)

    async def until(self, condition: Callable[[], object], within: float = 5.0) -> None:
        """Waits until the condition holds; it is looked at whenever something arrived or a connection ended."""
        async with asyncio.timeout(within):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def answer(self, session: Session, action: Headers) -> None:
        name = action.setdefault("action", "")
        own = self.answers.get(name) or getattr(self, f"_on_{name.lower()}", None)
        if name.lower() != "login" and not session.logged_in:
            session.refuse(action, "Permission denied")
        elif own:
            own(session, action)
        else:
            session.refuse(action, "Invalid/unknown command: use Action: ListCommands to list what is available.")

    def _on_login(self, session: Session, action: Headers) -> None:
        self.logins.append(time.monotonic())
        if action.get("secret") != self.secret:
            session.refuse(action, "Authentication failed")
            session.transport.close()
            return
        session.logged_in = True
        session.reply(action, ("Message", "Authentication accepted"))
        if self.booted:
            session.send(text(("Event", "FullyBooted"), ("Privilege", "system,all"), ("Status", "Fully Booted")))

    def _on_ping(self, session: Session, action: Headers) -> None:
        session.reply(action, ("Ping", "Pong"), ("Timestamp", "1700000000.000000"))

    def _on_dbput(self, session: Session, action: Headers) -> None:
        self.database[action["family"], action["key"]] = action.get("val", "")
        session.reply(action, ("Message", "Updated database successfully"))

    def _on_dbget(self, session: Session, action: Headers) -> None:
        value = self.database.get((action["family"], action["key"]))
        if value is None:
            session.refuse(action, "Database entry not found")
            return
        session.start_list(action)
        entry = (("Family", action["family"]), ("Key", action["key"]), ("Val", value))
        session.send(text(("Event", "DBGetResponse"), *entry, ("ActionID", action["actionid"])))
        session.complete(action, "DBGetComplete", 1)

    def _on_dbgettree(self, session: Session, action: Headers) -> None:
        below = f"{action.get('key', '')}/"
        items = sorted(
            (f, k, v) for (f, k), v in self.database.items() if f == action["family"] and f"{k}/".startswith(below)
        )
        session.start_list(action)
        for family, key, value in items:
            entry = (("Key", f"/{family}/{key}"), ("Val", value))
            session.send(text(("Event", "DBGetTreeResponse"), *entry, ("ActionID", action["actionid"])))
        session.complete(action, "DBGetTreeComplete", len(items))

    def _on_dbdel(self, session: Session, action: Headers) -> None:
        if self.database.pop((action["family"], action["key"]), None) is None:
            session.refuse(action, "Database entry could not be deleted")
        else:
            session.reply(action, ("Message", "Key deleted successfully"))

    def _on_coreshowchannels(self, session: Session, action: Headers) -> None:
        self.list(session, action, "CoreShowChannel", [])

    def _on_userevent(self, session: Session, action: Headers) -> None:
        session.reply(action, ("Message", "Event Sent"))
        rest = {name: value for name, value in action.items() if name not in ("action", "userevent")}
        self.event("UserEvent", UserEvent=action["userevent"], **rest)

    def list(self, session: Session, action: Headers, event: str, items: Iterable[Headers]) -> None:
        """A whole list as Asterisk sends one."""
        session.start_list(action)
        count = 0
        for count, item in enumerate(items, 1):  # noqa: B007
            session.item(action, event, *item.items())
        session.complete(action, f"{event}sComplete", count)
