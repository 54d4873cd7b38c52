"""Steps of the set-up, run side by side, each with a line when it begins and one with its time when it ends."""

from __future__ import annotations

import concurrent.futures
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOGS = ROOT / "build/setup"
SHOWN = 30  # lines of a failed command's output


class SetupFailed(Exception):  # noqa: N818 - named for what it says
    """What could not be set up and why, ready to be shown."""


def say(text: str) -> None:
    print(f"set-up: {text}", flush=True)


def timed(what: str, work: Callable[[], bool]) -> None:
    """Run `work`; it returns False where there was nothing to do, and then nothing is said."""
    begun = time.monotonic()
    if work():
        say(f"{what}: done after {time.monotonic() - begun:.1f} s")


def side_by_side(works: dict[str, Callable[[], bool]]) -> None:
    """Run them all at once; whatever fails, the others are waited for, and then all failures are told."""
    with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(timed, what, work) for what, work in works.items()]
    failures = [str(done.exception()) for done in running if done.exception()]
    if failures:
        raise SetupFailed("\n".join(failures))


def run(log: str, *command: str, tries: int = 1, **environment: str) -> None:
    """Run a command, its output in build/setup/`log`.log; the end of that is told where it fails `tries` times."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{log}.log"
    for attempt in range(tries):
        with path.open("w" if attempt == 0 else "a") as output:
            told = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": output, "cwd": ROOT}
            done = subprocess.run(command, env={**os.environ, **environment}, check=False, **told)
        if done.returncode == 0:
            return
    told = "\n".join(f"    {line}" for line in path.read_text(errors="replace").splitlines()[-SHOWN:])
    raise SetupFailed(f"{' '.join(command)[:120]} ended with {done.returncode}:\n{told}")
