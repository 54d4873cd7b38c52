"""docker/compose.yaml, built and started for real: a router beside an Asterisk."""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.container.conftest import NO_CONTAINERS, ON_CI
from tests.container.engine import ASTERISK_BASE, ROUTER_BASE, Engine
from tests.container.machine import ROOT, mounts_below

pytestmark = pytest.mark.timeout(600)  # the very first run builds a Debian and two images
COMPOSE = ROOT / "docker/compose.yaml"


class Running:
    """The services of compose.yaml while they run; `port` is where the panel is published."""

    def __init__(self, engine: Engine, project: str, port: int) -> None:
        self.engine, self.project, self.port = engine, project, port
        self.url = f"http://127.0.0.1:{port}"

    def container(self, service: str) -> str:
        return f"{self.project}_{service}_1"

    def inspect(self, service: str) -> dict[str, Any]:
        return json.loads(self.engine.podman("inspect", self.container(service)))[0]

    def inside(self, service: str, *command: str, check: bool = True) -> str:
        return self.engine.podman("exec", self.container(service), *command, check=check)

    def log(self, service: str) -> str:
        return Path(self.inspect(service)["HostConfig"]["LogConfig"]["Path"]).read_text()[-3000:]

    def failover_status(self) -> dict[str, Any]:
        return json.loads(self.inside("router", "failover", "status", "--json"))

    def until_ready(self, expected: bool, within: float = 30.0) -> None:
        """Wait until the router says at /readyz that it holds the PBX's routes, or that it does not."""

        def answer() -> tuple[bool, str]:
            try:
                response = httpx.get(f"{self.url}/readyz", timeout=2.0, trust_env=False)
            except httpx.TransportError as problem:
                return False, repr(problem)
            return response.is_success == expected, response.text

        self._until(answer, within, pause=0.05)

    def until_trunks_are_up(self, within: float = 30.0) -> None:
        def answer() -> tuple[bool, str]:
            states = {trunk["name"]: trunk["state"] for trunk in self.failover_status()["trunks"]}
            return set(states.values()) == {"up"}, str(states)

        self._until(answer, within, pause=0.5)

    def _until(self, answer: Callable[[], tuple[bool, str]], within: float, pause: float) -> None:
        """Ask again and again: the other end is a process in a container, and there is nothing to await."""
        end, (good, last) = time.monotonic() + within, answer()
        while not good:
            if time.monotonic() > end:
                raise TimeoutError("\n".join([f"after {within} s: {last}", self.log("router"), self.log("asterisk")]))
            time.sleep(pause)
            good, last = answer()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    if NO_CONTAINERS:
        if ON_CI:
            pytest.fail(NO_CONTAINERS)
        pytest.skip(NO_CONTAINERS)
    with Engine.alone() as engine:
        engine.base_images()
        yield engine
    assert mounts_below(engine.home) == []


@pytest.fixture(scope="module")
def running(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    secret = tmp_path_factory.mktemp("secrets") / "ami"
    secret.write_text(f"{secrets.token_hex(12)};{secrets.token_hex(12)}\n")  # ; begins a comment in Asterisk's files
    secret.chmod(0o444)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    project = f"failovertest{os.getpid()}"
    given = {
        "FAILOVER_BASE": ROUTER_BASE,
        "ASTERISK_BASE": ASTERISK_BASE,
        "FAILOVER_PORT": str(port),
        "FAILOVER_AMI_SECRET": str(secret),
    }
    services = Running(engine, project, port)
    try:
        engine.compose(project, COMPOSE, "build", **given)
        engine.compose(project, COMPOSE, "up", "--detach", "--no-build", **given)
        services.until_ready(True)
        yield services
    finally:
        engine.compose(project, COMPOSE, "down", "--volumes", "--timeout", "1", check=False, **given)
    assert engine.leftovers() == []


def test_the_router_finds_its_pbx_and_proves_the_route(running: Running) -> None:
    status = running.failover_status()
    assert status["asterisk"]["connected"] is True
    assert status["asterisk"]["version"].startswith("22.")
    assert status["route"]["verified"] is True


def test_nothing_is_amiss_with_the_sample(running: Running) -> None:
    running.until_trunks_are_up()
    said = running.inside("router", "failover", "check", check=False).splitlines()
    assert "All is as it should be." in said
    assert not [line for line in said if line.startswith("- ")]


def test_the_health_check_turns_healthy(running: Running) -> None:
    running.engine.podman("healthcheck", "run", running.container("router"))
    assert running.inspect("router")["State"]["Health"]["Status"] == "healthy"


@pytest.mark.parametrize("service", ["router", "asterisk"])
def test_no_process_is_root_or_could_become_it(running: Running, service: str) -> None:
    pid = running.inspect(service)["State"]["Pid"]
    lines = (line.partition(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    process = {name: value.split() for name, _, value in lines}
    assert "0" not in process["Uid"]
    assert process["CapBnd"] == ["0" * 16]
    assert process["NoNewPrivs"] == ["1"]
    if service == "router":
        assert process["Uid"] == ["10001"] * 4


@pytest.mark.parametrize("service", ["router", "asterisk"])
def test_the_root_file_system_is_read_only(running: Running, service: str) -> None:
    assert running.inspect(service)["HostConfig"]["ReadonlyRootfs"] is True
    shell = "touch /etc/x /opt/x /usr/x 2>&1; true"
    said = running.inside(service, "sh", "-c", shell)
    assert said.count("Read-only file system") == 3


def test_the_image_holds_no_build_tools(running: Running) -> None:
    shell = "command -v pip pip3 gcc make; ls /src /opt/failover/bin/pip 2>/dev/null; true"
    assert running.inside("router", "sh", "-c", shell) == ""


def test_the_panel_is_published_on_loopback_only_and_ami_nowhere(running: Running) -> None:
    published = running.engine.podman("port", running.container("router")).split()
    assert published == ["8080/tcp", "->", f"127.0.0.1:{running.port}"]
    assert running.engine.podman("port", running.container("asterisk")) == ""
    assert httpx.get(f"{running.url}/healthz", trust_env=False).is_success
    networks = running.inspect("router")["NetworkSettings"]["Networks"]
    [gateway] = [network["Gateway"] for network in networks.values()]  # an address of this machine, too
    with pytest.raises(OSError, match=r"refused|timed out"):
        socket.create_connection((gateway, running.port), timeout=2)


def test_the_secret_stands_in_no_setting_that_a_container_shows(running: Running) -> None:
    secret = running.inside("router", "cat", "/run/secrets/ami").strip()
    for service in ("router", "asterisk"):
        assert secret not in json.dumps(running.inspect(service))


def test_a_restart_of_asterisk_ends_in_a_proven_route(running: Running) -> None:
    running.engine.podman("stop", "--time", "5", running.container("asterisk"))
    running.until_ready(False)
    running.engine.podman("start", running.container("asterisk"))
    running.until_ready(True)
    status = running.failover_status()
    assert status["asterisk"]["connected"] is True
    assert status["route"]["verified"] is True


def test_the_router_stops_by_itself_within_three_seconds_and_cleanly(running: Running) -> None:
    running.engine.podman("stop", "--time", "3", running.container("router"))  # SIGKILL after that, and exit code 137
    state = running.inspect("router")["State"]
    assert (state["Status"], state["ExitCode"]) == ("exited", 0)
    assert "Traceback" not in running.log("router")
