"""The product as a user runs it: a process beside the office's Asterisk, spoken to by its API and its command line."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import httpx

from tests.lab import backstage, warm
from tests.lab.ami_relay import AmiRelay
from tests.lab.doorway import Doorway
from tests.lab.lab import MOBILE, Lab
from tests.lab.office import ROOT
from tests.lab.place import HERE
from tests.lab.toml_text import toml_text

if TYPE_CHECKING:
    from tests.lab.small_office import SmallOffice

Status = dict[str, Any]
NUMBER = "+4930123456"  # of the Telekom trunk
OTHER_NUMBER = "+4930999999"  # of the trunk zweit
IN_A_TEST = "PYTEST_VERSION" in os.environ  # a benchmark starts what a user starts
_POLL = 0.02  # seconds


def settings(lab: Lab) -> dict[str, Any]:
    """What an office like the lab's writes into its failover.toml, but for what the rig puts in by itself."""
    return {
        "office": {"id": "lab", "name": "PC-Notdienst Labor", "emergency": ["110", "112"]},
        "trunks": [
            {"name": "telekom", "label": "Telekom", "watch": "pjsip:telekom"},
            {"name": "zweit", "label": "Zweit", "watch": "pjsip:zweit"},
            {"name": "gsm", "label": "GSM gateway", "watch": "pjsip:gsm", "channels": lab.gsm.channel_limit},
        ],
        "numbers": [
            {"number": NUMBER, "trunk": "telekom", "arrives_as": ["office"], "calls": "office-phones,{did},1"},
            {"number": OTHER_NUMBER, "trunk": "zweit", "calls": "office-phones,{did},1"},
        ],
        "people": [{"name": "Anna", "numbers": [MOBILE]}],
        "forwarding": {"people": ["Anna"], "trunks": ["gsm", "zweit"]},
        "policy": {},
    }


class Router:
    """One router for `lab`, its files in `home`. Change `settings` before `start`; `ami` is the wire to Asterisk.

    `instance` 1 to 9: several routers on one office each have their own. It runs where the office does.
    """

    def __init__(self, lab: Lab | SmallOffice, home: Path, instance: int = 1) -> None:
        self.lab, self.home, self.place = lab, home, lab.office.place
        self.ami = AmiRelay(f"127.0.{lab.net}.{50 + instance}", lab.office.address, self.place)
        self.listen = f"127.0.{lab.net}.{60 + instance}:8080"
        self.url = f"http://{self.listen}"
        self.settings = (settings(lab) if isinstance(lab, Lab) else lab.settings()) | {
            "asterisk": {
                "host": self.ami.address,
                "port": 5038,
                "username": "failover",
                "secret": lab.office.ami_secret,
            },
            "panel": {"listen": self.listen},
            "database": {"url": f"sqlite+aiosqlite:///{home}/failover.db"},
        }
        self.config = home / "failover.toml"
        self.log_file = home / "router.log"
        self.environment: dict[str, str] = {}  # what it gets beyond the machine's own
        self._process: subprocess.Popen[bytes] | warm.Warm | None = None
        self._door = None if self.place is HERE else Doorway(self.place, *self.listen.split(":"))
        self.ami.start()

    # --- the process --------------------------------------------------------------------------------------------------

    def write_settings(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.config.write_text(toml_text(self.settings))

    async def wire_office(self) -> None:
        """What a user does once: `failover init`, then include the two files in the office's dialplan."""
        self.write_settings()
        done = await self.command("init", "--asterisk-dir", str(self.lab.office.etc))
        assert done.returncode == 0, done.stderr + done.stdout
        self.lab.office.install_dialplan((self.lab.office.etc / "failover_office.conf").read_text())

    def start(self) -> None:
        """Start the process; `await_status` or `wait_for` tell when it is of use."""
        self.write_settings()
        with self.log_file.open("ab") as log:
            self._process = self._started(("run", "--config", str(self.config)), subprocess.DEVNULL, log, log)

    def _started(self, arguments: tuple[str, ...], *streams: IO[bytes] | int) -> subprocess.Popen[bytes] | warm.Warm:
        """`python -m router ARGUMENTS` where the office is, on three streams; it dies with this process."""
        environment = warm.environment() | self.environment
        if self.place is HERE and IN_A_TEST and (process := warm.start(arguments, environment, streams)):
            return process
        command = ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "router", *arguments]
        stdin, stdout, stderr = streams
        return backstage.call(
            lambda: subprocess.Popen(
                self.place.with_names(*command), cwd=ROOT, stdin=stdin, stdout=stdout, stderr=stderr, env=environment
            )
        )

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL."""
        if self._process:
            self._process.kill()
            self._process.wait()

    async def stop(self, within: float = 5.0) -> int:
        """SIGTERM; the exit code."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.to_thread(self._process.wait, within)

    def close(self) -> None:
        self.kill()
        self.ami.stop()
        if self._door:
            self._door.close()

    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    async def command(self, *arguments: str, typed: str = "", within: float = 20.0) -> subprocess.CompletedProcess[str]:
        """The command line: `failover ARGUMENTS --config …`; `typed` is what standard input brings."""
        arguments = (*arguments, "--config", str(self.config))
        with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained, tempfile.TemporaryFile() as keys:
            keys.write(typed.encode())
            keys.seek(0)
            process = self._started(arguments, keys, said, complained)
            try:
                code = await asyncio.to_thread(process.wait, within)
            finally:
                process.kill()
            told = [file.seek(0) or file.read().decode() for file in (said, complained)]
        return subprocess.CompletedProcess(arguments, code, *told)

    # --- the API ------------------------------------------------------------------------------------------------------

    @property
    def token(self) -> str:
        """The token of the machine's own users, from the file beside the database."""
        return (self.home / "failover.token").read_text().strip()

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request to the API with that token; `path` without /api/v1."""
        async with self._client(headers={"Authorization": f"Bearer {self.token}"}) as client:
            return await client.request(method, f"/api/v1/{path}", **more)

    def _client(self, **more: Any) -> httpx.AsyncClient:
        # Plain HTTP: reading the certificates of all authorities would be 24 ms of computing for each client.
        return httpx.AsyncClient(base_url=self.url, verify=False, **more)

    async def override(self, mode: str, **more: Any) -> httpx.Response:
        """PUT override: `number`, `until`, `reason` as the API has them."""
        return await self.request("PUT", "override", json={"mode": mode, **more})

    async def status(self) -> Status:
        response = await self.request("GET", "status")
        response.raise_for_status()
        return response.json()

    async def wait_for(self, condition: Callable[[Status], object], within: float = 9.0) -> Status:
        """The first status of which `condition` is true; a router that is not up yet is asked again."""
        end = time.monotonic() + within
        last: Status | str = "no answer"
        headers = {}
        async with self._client() as client:
            while time.monotonic() < end:
                try:
                    headers = headers or {"Authorization": f"Bearer {self.token}"}
                    response = await client.get("/api/v1/status", headers=headers, timeout=2.0)
                    last = response.json() if response.is_success else f"{response.status_code} {response.text}"
                    if isinstance(last, dict) and condition(last):
                        return last
                except (httpx.TransportError, FileNotFoundError) as problem:
                    last = repr(problem)
                    if self._process and not self.running:
                        raise AssertionError(
                            f"the router ended with {self._process.returncode}: {self.log()[-3000:]}"
                        ) from None
                await asyncio.sleep(_POLL)
        raise TimeoutError(f"not within {within} s; the last status: {last}\n{self.log()[-2000:]}")

    async def ready(self, within: float = 15.0) -> Status:
        """Wait until it is connected, every trunk is up, and the route is verified."""
        return await self.wait_for(
            lambda s: (
                s["asterisk"]["connected"] and s["route"]["verified"] and all(t["state"] == "up" for t in s["trunks"])
            ),
            within,
        )


def trunk(status: Status, name: str) -> dict[str, Any]:
    """The part of a status that is about one trunk."""
    return next(t for t in status["trunks"] if t["name"] == name)


def number(status: Status, digits: str) -> dict[str, Any]:
    """The part of a status that is about one published number."""
    return next(n for n in status["numbers"] if n["number"] == digits)
