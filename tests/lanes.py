"""The whole suite in three lanes at once: two on real Asterisks, which mostly wait, and the rest, which computes.

python -m tests.lanes

The first lane is shown as it goes, the others when it is done; the last line counts all. The third runs at a lower
priority: what the others measure are seconds on the clock.
"""

from __future__ import annotations

import collections
import os
import re
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LAB = "lab"
LAB_LANES = 2
LAST = "container"  # builds images for minutes; a failed unit test is told before
NICE = 5
_COUNT = re.compile(r"(\d+) (passed|failed|skipped|deselected|xfailed|xpassed|warning|error)s?\b")


class Lane:
    """One pytest and what it says. `shown` lets it speak; what it has said until then comes first."""

    def __init__(self, paths: list[str], nice: int = 0) -> None:
        command = [sys.executable, "-m", "pytest", "-m", "not campaign", *paths]
        self._process = subprocess.Popen(
            ["nice", "-n", str(nice), *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
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


def shares() -> list[list[str]]:
    """What runs in each lane: the lab's files dealt out in turn, and the directories; a new one is in the last."""
    there = sorted({path.relative_to(ROOT / "tests").parts[0] for path in ROOT.glob("tests/**/test_*.py")})
    files = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob(f"tests/{LAB}/test_*.py"))
    others = sorted((name for name in there if name != LAB), key=lambda name: name == LAST)
    return [*(files[n::LAB_LANES] for n in range(LAB_LANES)), [f"tests/{name}" for name in others]]


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
    *waiting, others = shares()
    lanes = [*(Lane(share) for share in waiting), Lane(others, NICE)]
    codes = [lane.wait() for lane in lanes]
    print(closing_line([lane.last_line for lane in lanes], time.monotonic() - begun), flush=True)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
