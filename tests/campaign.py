"""The campaign: tests too long for every day, and the figures they report, as one JSON document at the end.

python -m tests.campaign [ARGUMENTS OF PYTEST]      runs it
report("silent carrier, 30 trunks", median_s=5.1)   in a test: keeps a row
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_ROWS = "FAILOVER_CAMPAIGN_ROWS"


def rows_file() -> Path:
    """Where the rows go, one JSON object a line; a test run without `make campaign` leaves them there too."""
    return Path(os.environ.get(_ROWS, ROOT / "build/campaign.jsonl"))


def report(name: str, **figures: Any) -> None:
    """Keep one result of the campaign. Figures are what JSON can hold; their names tell the unit (median_s, p99_ms)."""
    rows_file().parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"name": name, **figures}, ensure_ascii=False, default=str) + "\n"
    with rows_file().open("a") as file:
        file.write(line)


def main(arguments: list[str]) -> int:
    """The exit code is pytest's; 5, no test, is a failure too."""
    begun = time.monotonic()
    rows = rows_file()
    rows.parent.mkdir(parents=True, exist_ok=True)
    rows.write_text("")
    command = [sys.executable, "-m", "pytest", "-m", "campaign", *arguments]
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, _ROWS: str(rows)}, check=False).returncode
    results = [json.loads(line) for line in rows.read_text().splitlines()]
    document = {"passed": code == 0, "seconds": round(time.monotonic() - begun, 1), "results": results}
    print(json.dumps(document, ensure_ascii=False, indent=2))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
