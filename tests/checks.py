"""What is checked without running the product: style, types, who imports whom. A line each, with its time.

python -m tests.checks
"""

from __future__ import annotations

import concurrent.futures
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
CHECKS = {
    "mypy": ("mypy",),
    "state diagram": ("python", "docs/draw_states.py", "--check"),
    "outcome table": ("python", "docs/draw_outcomes.py", "--check"),
    "import contracts": ("lint-imports", "--no-cache"),
    "ruff check": ("ruff", "check", "--quiet", "."),
    "ruff format": ("ruff", "format", "--check", "--quiet", "."),
}


def passes(name: str, command: tuple[str, ...]) -> bool:
    """Run one check; its own words are shown where it fails."""
    begun = time.monotonic()
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    verdict = "FAILED" if done.returncode else "fine"
    print(f"check: {name}: {verdict} after {time.monotonic() - begun:.1f} s", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0


def main() -> int:
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return 0 if all(list(pool.map(passes, CHECKS.keys(), CHECKS.values()))) else 1


if __name__ == "__main__":
    sys.exit(main())
