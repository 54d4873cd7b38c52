"""Where sockets and processes of the rig are: in the host's own network, or in a network namespace made for them.

A namespace has no name and is held by an open file alone: it is gone with the process that made it, however that ended,
and its links with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import itertools
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_NEW_NET = 0x40000000  # CLONE_NEWNET, see unshare(2)
_libc = ctypes.CDLL(None, use_errno=True)
_serial = itertools.count(1)


class Place:
    """The host's own network. `names`: the resolv.conf of what runs here; None for the machine's own."""

    names: Path | None = None

    def argv(self, *command: str) -> list[str]:
        """What runs that command here, in the process that is started."""
        return list(command)

    def with_names(self, *command: str) -> list[str]:
        """`argv`, with this place's own /etc/resolv.conf, seen by that process alone."""
        return self.argv(*command)

    def socket(self, kind: int = socket.SOCK_STREAM) -> socket.socket:
        """An IPv4 socket; it stays where it was made, whoever uses it."""
        return socket.socket(socket.AF_INET, kind)

    async def listening(
        self, handler: Handler, address: str, port: int, tls: ssl.SSLContext | None = None
    ) -> asyncio.Server:
        """A TCP server here."""
        return await asyncio.start_server(handler, sock=self._bound(socket.SOCK_STREAM, address, port), ssl=tls)

    async def connected(self, address: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A TCP connection from here. OSError where nobody answers it so."""
        wire = self.socket()
        wire.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(wire, (address, port))
            return await asyncio.open_connection(sock=wire)
        except BaseException:
            wire.close()
            raise

    async def datagrams(self, protocol: asyncio.DatagramProtocol, address: str, port: int) -> asyncio.DatagramTransport:
        """A UDP socket here, bound."""
        wire = self._bound(socket.SOCK_DGRAM, address, port)
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: protocol, sock=wire)
        return transport

    def _bound(self, kind: int, address: str, port: int) -> socket.socket:
        wire = self.socket(kind)
        try:
            if kind == socket.SOCK_STREAM:
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            wire.bind((address, port))
            wire.setblocking(False)
        except OSError:
            wire.close()
            raise
        return wire


HERE = Place()


class Namespace(Place):
    """A network of its own, with nothing in it but loopback, until it is wired to others."""

    def __init__(self, label: str) -> None:
        self.label = label
        self._file = _in_a_thread(_made)
        self.run("ip", "link", "set", "lo", "up")

    @property
    def path(self) -> str:
        """As `ip` and `nsenter` take it, while the process that made it lives."""
        return f"/proc/{os.getpid()}/fd/{self._file}"

    def close(self) -> None:
        """It goes as soon as nothing runs in it any more."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def argv(self, *command: str) -> list[str]:
        return ["nsenter", f"--net={self.path}", *command]

    def with_names(self, *command: str) -> list[str]:
        mounted = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
        view = ["unshare", "--mount", "--propagation", "private", "sh", "-c", mounted, str(self.names)]
        return self.argv(*view, *command) if self.names else self.argv(*command)

    def socket(self, kind: int = socket.SOCK_STREAM) -> socket.socket:
        def made() -> socket.socket:
            _checked(_libc.setns(self._file, _NEW_NET), f"enter {self.label}")
            return socket.socket(socket.AF_INET, kind)

        return _in_a_thread(made)

    def run(self, *command: str, typed: str = "") -> str:
        """Run a command here, to its end; what it says. RuntimeError where it fails."""
        done = subprocess.run(self.argv(*command), input=typed, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{self.label}: {' '.join(command)}: {done.stderr}{typed}")
        return done.stdout

    def ip(self, *arguments: str) -> None:
        self.run("ip", *arguments)

    def forwards(self) -> None:
        """It passes packets on, as a router does."""
        self.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")

    @contextlib.contextmanager
    def losing(self, *what: str) -> Iterator[None]:
        """Packets that arrive here get lost on the way, where one of these matches of nftables fits."""
        table = f"fault_{next(_serial)}"
        rules = "\n".join(f"{match} counter drop" for match in what)
        hook = "type filter hook prerouting priority -300; policy accept;"
        self.run("nft", "-f", "-", typed=f"table inet {table} {{\nchain lost {{\n{hook}\n{rules}\n}}\n}}\n")
        try:
            yield
        finally:
            if self._file >= 0:  # gone already where the lab was closed before the fault ended
                self.run("nft", "delete", "table", "inet", table)

    @contextlib.contextmanager
    def pulled(self, link: str) -> Iterator[None]:
        """The cable of that link is out."""
        self.ip("link", "set", link, "down")
        try:
            yield
        finally:
            if self._file >= 0:
                self.ip("link", "set", link, "up")


def cable(one: Namespace, end: str, other: Namespace, far_end: str) -> None:
    """A cable between two namespaces, both of its ends up."""
    one.ip("link", "add", "name", end, "type", "veth", "peer", "name", far_end, "netns", other.path)
    one.ip("link", "set", end, "up")
    other.ip("link", "set", far_end, "up")


def _made() -> int:
    _checked(_libc.unshare(_NEW_NET), "make a network namespace")
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def _checked(result: int, what: str) -> None:
    if result:
        raise OSError(ctypes.get_errno(), f"cannot {what}")


def _in_a_thread(work: Callable[[], T]) -> T:
    """Call it in a thread that ends with it: a thread that has entered a namespace does nothing else."""
    given: list[T] = []
    trouble: list[BaseException] = []

    def worked() -> None:
        try:
            given.append(work())
        except BaseException as problem:
            trouble.append(problem)

    thread = threading.Thread(target=worked)
    thread.start()
    thread.join()
    if trouble:
        raise trouble[0]
    return given[0]
