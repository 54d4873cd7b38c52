"""The whole suite in three lanes at once: two on real Asterisks, which mostly wait, and the rest, which computes.

python -m tests.lanes

The first two see all files of the browser and the lab, and each takes the next one that no other has taken
(`is_ours`): neither waits for the other at the end. The first lane is shown as it goes, the others when it is done; the
last line counts all. The last lane runs at a lower priority: what the others measure are seconds on the clock. When it
is done, it helps the others.

What fails on the clock while three lanes share two cores is run once more, alone, and told as such: a test that fails
there too has failed. One that computes has no second run, nor has anything where more than a few fail.
"""

from __future__ import annotations

import collections
import json
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
SHARED = ("browser", "lab")
"""Directories of tests with a lab: the longest files are the browser's, so they come first."""
LAB_LANES = 2
TAKEN = "FAILOVER_LANES_TAKEN"
LAST = "container"  # builds images for minutes; a failed unit test is told before
NICE = 5
ON_THE_CLOCK = (*SHARED, "contract", "container")
"""Real Asterisks, sockets, browsers and images: what they assert includes seconds."""
MOST_AGAIN = 4
TESTS_FAILED = 1
"""pytest's exit code where tests ran and some failed."""
_COUNT = re.compile(r"(\d+) (passed|failed|skipped|deselected|xfailed|xpassed|warning|error)s?\b")


class Lane:
    """One pytest and what it says. `shown` lets it speak; what it has said until then comes first.

    `failed`: when it is done, the ids of the tests that failed, as pytest takes them.
    """

    def __init__(self, paths: list[str], nice: int = 0, taken: str = "") -> None:
        self._cache = tempfile.TemporaryDirectory()
        command = [sys.executable, "-m", "pytest", "-o", f"cache_dir={self._cache.name}", "-m", "not campaign", *paths]
        self._process = subprocess.Popen(
            ["nice", "-n", str(nice), *command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, TAKEN: taken},
        )  # fmt: skip
        self.last_line = ""
        self.failed: list[str] = []
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
        with self._process, self._cache:
            file = Path(self._cache.name) / "v/cache/lastfailed"
            code = self._process.wait()
            self.failed = list(json.loads(file.read_text())) if file.exists() else []
            return code

    def followed_by(self, paths: list[str], taken: str) -> Lane:
        """Another lane, once this one has said all."""
        self._reader.join()
        return Lane(paths, taken=taken)

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
    if not taken or file.parent.name not in SHARED:
        return True
    sign = Path(taken) / f"{file.parent.name}.{file.name}"
    try:
        sign.touch(exist_ok=False)
        sign.write_text(str(os.getpid()))
    except FileExistsError:
        return sign.read_text() == str(os.getpid())
    return True


def _there() -> set[str]:
    return {path.relative_to(ROOT / "tests").parts[0] for path in ROOT.glob("tests/**/test_*.py")}


def shared() -> list[str]:
    """What the first lanes share."""
    return [f"tests/{name}" for name in SHARED if name in _there()]


def others() -> list[str]:
    """What runs in the last lane: all the rest; a new directory too."""
    return [f"tests/{name}" for name in sorted(_there() - {*SHARED}, key=lambda name: (name == LAST, name))]


def closing_line(lines: list[str], seconds: float) -> str:
    """The counts of several closing lines of pytest as one."""
    total: collections.Counter[str] = collections.Counter()
    for line in lines:
        for count, what in _COUNT.findall(line):
            total[what] += int(count)
    told = ", ".join(f"{count} {what}" for what, count in total.items()) or "no tests ran"
    return f" {told} in {seconds:.2f}s ({timedelta(seconds=int(seconds))}) ".center(100, "=")


def again(codes: list[int], failed: list[str]) -> list[str]:
    """The tests that are to be run once more: all that failed, or none."""
    told = all(code in (0, TESTS_FAILED) for code in codes)
    clock = all(test.startswith(tuple(f"tests/{name}/" for name in ON_THE_CLOCK)) for test in failed)
    return failed if told and clock and 0 < len(failed) <= MOST_AGAIN else []


def main() -> int:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as taken:
        lanes = [*(Lane(shared(), taken=taken) for _ in range(LAB_LANES)), Lane(others(), NICE)]
        helps = threading.Thread(target=lambda: lanes.append(lanes[-1].followed_by(shared(), taken)))
        helps.start()
        codes = [lane.wait() for lane in lanes[: LAB_LANES + 1]]
        helps.join()
        codes.append(lanes[-1].wait())
    code = max(codes)
    if once_more := again(codes, [test for lane in lanes for test in lane.failed]):
        print(f"once more, alone: {' '.join(once_more)}", flush=True)
        code = Lane(once_more).wait()
        print(f"FAILED beside other lanes, {'failed' if code else 'passed'} alone: {' '.join(once_more)}", flush=True)
    print(closing_line([lane.last_line for lane in lanes], time.monotonic() - begun), flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
