"""What forks for a command behaves as the command that a user starts."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.lab import warm
from tests.lab.office import ROOT

Answer = tuple[int, str, str]
ENVIRONMENT = warm.environment()
SETTINGS = """
[office]
id = "lab"
name = "Labor"
[asterisk]
host = "127.0.0.1"
username = "failover"
secret = "none that fits"
[[trunks]]
name = "telekom"
watch = "pjsip:telekom"
[[numbers]]
number = "+4930123456"
trunk = "telekom"
calls = "office-phones,{{did}},1"
[[people]]
name = "Anna"
numbers = ["+4915112345678"]
[forwarding]
people = ["Anna"]
trunks = ["telekom"]
[database]
url = "sqlite+aiosqlite:///{home}/failover.db"
"""


def as_a_user(typed: str, *arguments: str) -> Answer:
    done = subprocess.run(
        [sys.executable, "-m", "router", *arguments],
        input=typed, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def forked(typed: str, *arguments: str) -> Answer:
    with tempfile.TemporaryFile() as keys, tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        keys.write(typed.encode())
        keys.seek(0)
        process = warm.start(arguments, ENVIRONMENT, (keys, said, complained))
        assert process
        code = process.wait(20)
        for file in (said, complained):
            file.seek(0)
        return code, said.read().decode(), complained.read().decode()


@pytest.fixture
def waiting(config: str) -> Iterator[warm.Warm]:
    """A command that reads its standard input, where nothing comes."""
    reader, writer = os.pipe()
    process = warm.start(("users", "add", "anna", "--config", config), ENVIRONMENT, (reader, reader, reader))
    os.close(reader)
    assert process
    yield process
    process.kill()
    os.close(writer)


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "failover.toml"
    file.write_text(SETTINGS.format(home=tmp_path))
    return str(file)


@pytest.mark.parametrize(
    ("code", "typed", "arguments"),
    [
        (0, "", ("--help",)),
        (2, "", ("nonsense",)),
        (2, "", ("run", "--config", "/nowhere/failover.toml")),
        (0, "", ("users", "list", "--config", "CONFIG")),
        (0, "drei andere Wörter\n", ("users", "add", "anna", "--config", "CONFIG")),
        (2, "short\n", ("users", "add", "anna", "--config", "CONFIG")),
    ],
)
def test_it_says_and_returns_what_the_command_does(
    tmp_path: Path, config: str, code: int, typed: str, arguments: tuple[str, ...]
) -> None:
    def told(by: Callable[..., Answer]) -> Answer:
        for file in tmp_path.glob("failover.db*"):
            file.unlink()
        return by(typed, *(config if argument == "CONFIG" else argument for argument in arguments))

    real = told(as_a_user)
    assert real[0] == code, real
    assert told(forked) == real


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_its_end_by_a_signal_is_told(waiting: warm.Warm, number: signal.Signals) -> None:
    assert waiting.poll() is None
    waiting.send_signal(number)
    assert waiting.wait(10) == -number
    assert waiting.poll() == -number


def test_nobody_waits_longer_than_told(waiting: warm.Warm) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(0.1)


def test_it_ends_with_the_process_that_started_it(config: str) -> None:
    script = (
        "import os, time; from tests.lab import warm; reader, writer = os.pipe();"
        f"arguments = ('users', 'add', 'anna', '--config', {config!r});"
        "print(warm.start(arguments, dict(os.environ), (reader, reader, reader)).pid, flush=True); time.sleep(60)"
    )
    victim = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, env=ENVIRONMENT)
    with victim:
        assert victim.stdout
        handle = os.pidfd_open(int(victim.stdout.readline()))
        assert not select.select([handle], [], [], 0)[0]
        victim.kill()
        assert select.select([handle], [], [], 10)[0]
        os.close(handle)


def test_it_is_for_one_environment_only() -> None:
    process = warm.start(("--help",), ENVIRONMENT, (subprocess.DEVNULL,) * 3)
    assert process
    assert process.wait(10) == 0
    assert warm.start(("--help",), ENVIRONMENT | {"TZ": "Asia/Tokyo"}, (subprocess.DEVNULL,) * 3) is None
