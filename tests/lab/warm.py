"""The command line in a process of its own, without the two seconds of computing that its imports take each time.

One process (`python -m tests.lab.warm FD`) imports the product once and forks for each command. What runs in the fork
is `python -m router ARGUMENTS` to the letter: its own process id, standard streams, exit code and end by signals.
`test_warm.py` holds it to the command as a user starts it; whatever measures memory starts that one (`tests/bench`).
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from tests.lab import backstage
from tests.lab.office import ROOT

_LONGEST = 65_536  # bytes of a command's arguments
_PR_SET_PDEATHSIG = 1  # prctl(2)
_IMPORTED = (
    "router.__main__",
    "router.service",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
)


class Warm:
    """A command under way, with what is used of `subprocess.Popen`."""

    def __init__(self, pid: int, handle: int, told: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._handle = handle  # a pidfd: it means this process even when its id is another's by now
        self._told = told  # brings the exit code when it is over
        self._reading = threading.Lock()  # of several threads that wait for it one gets to read it

    def poll(self) -> int | None:
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative for a signal. subprocess.TimeoutExpired after `timeout` seconds."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("router", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # over, and not told yet
                signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], timeout)[0]:
            with self._reading:
                if self.returncode is None:  # nothing to read: the parent of all is gone
                    self.returncode = int(os.read(self._told, 16) or -signal.SIGKILL)
        return self.returncode

    def __del__(self) -> None:
        os.close(self._told)
        os.close(self._handle)


class _Parent:
    """The process that forks. It ends with this one, and its commands with it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self._door, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far:
            command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", __name__, str(far.fileno())]
            self._process = backstage.call(
                lambda: subprocess.Popen(
                    command, cwd=ROOT, stdin=subprocess.DEVNULL, env=environment, pass_fds=[far.fileno()]
                )
            )
        self._one_at_a_time = threading.Lock()
        atexit.register(self._close)

    def start(self, arguments: tuple[str, ...], streams: list[int]) -> Warm:
        told, tells = os.pipe()
        try:
            with self._one_at_a_time:
                socket.send_fds(self._door, [json.dumps(arguments).encode()], [*streams, tells])
                pid, handles, _, _ = socket.recv_fds(self._door, 16, 1)
        finally:
            os.close(tells)
        return Warm(int(pid), handles[0], told)

    def _close(self) -> None:
        self._door.close()
        self._process.wait()


_parent: _Parent | None = None


def start(arguments: tuple[str, ...], environment: dict[str, str], streams: tuple[IO[bytes] | int, ...]) -> Warm | None:
    """`python -m router ARGUMENTS` on three streams; None where `environment` is not that of the first command."""
    global _parent  # noqa: PLW0603 - one for the process is the point
    _parent = _parent or _Parent(environment)
    if environment != _parent.environment:
        return None
    with Path(os.devnull).open("r+b", buffering=0) as nothing:
        open_ones = (nothing if stream == subprocess.DEVNULL else stream for stream in streams)
        return _parent.start(arguments, [one if isinstance(one, int) else one.fileno() for one in open_ones])


def environment() -> dict[str, str]:
    """The machine's own, without what the tests are told by it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("FAILOVER_", "PYTEST_"))}


# --- in the parent ----------------------------------------------------------------------------------------------------


def _next_command(door: socket.socket) -> list[str]:
    """Fork for each command; in the fork, return its arguments. Ends with the one that asks."""
    running: dict[int, tuple[int, int]] = {}  # its handle: its id, and where its end is told
    watched = select.poll()
    watched.register(door, select.POLLIN)
    while True:
        for ready, _ in watched.poll():
            if ready != door.fileno():
                watched.unregister(ready)
                os.close(ready)
                pid, tells = running.pop(ready)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with contextlib.suppress(BrokenPipeError):
                    os.write(tells, str(code).encode())
                os.close(tells)
                continue
            asked, given, _, _ = socket.recv_fds(door, _LONGEST, 4)
            if not asked:
                sys.exit(0)
            mother = os.getpid()
            if (pid := os.fork()) == 0:
                _take_over(given[:3], mother)
                return list(json.loads(asked))
            for stream in given[:3]:
                os.close(stream)
            handle = os.pidfd_open(pid)
            running[handle] = (pid, given[3])
            watched.register(handle, select.POLLIN)
            socket.send_fds(door, [str(pid).encode()], [handle])


def _take_over(streams: list[int], mother: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != mother:
        os._exit(1)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))


def _main() -> None:
    for name in _IMPORTED:
        importlib.import_module(name)
    del sys.modules["router.__main__"]
    gc.collect()
    gc.freeze()  # a fork that collects does not copy what they all have
    arguments = _next_command(socket.socket(fileno=int(sys.argv[1])))
    sys.argv = ["router", *arguments]
    runpy.run_module("router", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
