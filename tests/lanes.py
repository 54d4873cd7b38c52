"""The whole suite in three lanes at once: two on real Asterisks, which mostly wait, and the rest, which computes.

python -m tests.lanes

The lab's lanes see all of its files, and each takes the next one that no other has taken (`is_ours`): neither waits
for the other at the end. The first lane is shown as it goes, the others when it is done; the last line counts all. The
third runs at a lower priority: what the others measure are seconds on the clock.
"""

from __future__ import annotations

import collections
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LAB = "lab"
LAB_LANES = 2
TAKEN = "FAILOVER_LANES_TAKEN"
LAST = "container"  # builds images for minutes; a failed unit test is told before
NICE = 5
_COUNT = re.compile(r"(\d+) (passed|failed|skipped|deselected|xfailed|xpassed|warning|error)s?\b")


class Lane:
    """One pytest and what it says. `shown` lets it speak; what it has said until then comes first."""

    def __init__(self, paths: list[str], nice: int = 0, taken: str = "") -> None:
        command = [sys.executable, "-m", "pytest", "-m", "not campaign", *paths]
        self._process = subprocess.Popen(
            ["nice", "-n", str(nice), *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, TAKEN: taken},
        )  # fmt: skip
        self.last_line = ""
        self._shown = threading.Event()
        self._held: collections.deque[str] = collections.deque()
        self._speaking = threading.Lock()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def wait(self) -> int:
        """Show all of it, to its end; the exit code."""
        self._shown.set()
        self._release()
        self._reader.join()
        with self._process:
            return self._process.wait()

    def _read(self) -> None:
        assert self._process.stdout
        while part := os.read(self._process.stdout.fileno(), 65536).decode(errors="replace"):
            self._held.append(part)
            self.last_line = (self.last_line + part).rstrip("\n").rpartition("\n")[2]
            if self._shown.is_set():
                self._release()

    def _release(self) -> None:
        with self._speaking:
            while self._held:
                sys.stdout.write(self._held.popleft())
            sys.stdout.flush()


def is_ours(file: Path, taken: str) -> bool:
    """Whether this process runs `file`: the first that asks for it does. `taken`: their folder; empty: nobody else."""
    if not taken:
        return True
    sign = Path(taken) / file.name
    try:
        sign.touch(exist_ok=False)
        sign.write_text(str(os.getpid()))
    except FileExistsError:
        return sign.read_text() == str(os.getpid())
    return True


def others() -> list[str]:
    """What runs in the last lane: all but the lab; a new directory too."""
    there = {path.relative_to(ROOT / "tests").parts[0] for path in ROOT.glob("tests/**/test_*.py")}
    return [f"tests/{name}" for name in sorted(there - {LAB}, key=lambda name: (name == LAST, name))]


def closing_line(lines: list[str], seconds: float) -> str:
    """The counts of several closing lines of pytest as one."""
    total: collections.Counter[str] = collections.Counter()
    for line in lines:
        for count, what in _COUNT.findall(line):
            total[what] += int(count)
    told = ", ".join(f"{count} {what}" for what, count in total.items()) or "no tests ran"
    return f" {told} in {seconds:.2f}s ({timedelta(seconds=int(seconds))}) ".center(100, "=")


def main() -> int:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as taken:
        lanes = [*(Lane([f"tests/{LAB}"], taken=taken) for _ in range(LAB_LANES)), Lane(others(), NICE)]
        codes = [lane.wait() for lane in lanes]
    print(closing_line([lane.last_line for lane in lanes], time.monotonic() - begun), flush=True)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
