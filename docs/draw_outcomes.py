"""Draws the table of outcomes in README.md from the dialplan's rows (FAILOVER_ENDS_ in extensions_failover.conf).

python docs/draw_outcomes.py            rewrites the block between the two markers
python docs/draw_outcomes.py --check    changes nothing; exit code 1 when the block is stale
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from docs import drawing

DIALPLAN = Path(__file__).parent.parent / "asterisk/extensions_failover.conf"
NAME = "outcomes"
HEAD = ("| end of the leg | which is to say | what happens next | counts |", "|---|---|---|---|")
NEXT = {
    "next": "next trunk",
    "again": "once more under the office's number, then next trunk",
    "person": "next person",
    "end": "nothing more",
}
AFTER = {"r": " after ringing", "e": " after early media"}
_ROW = re.compile(r"^FAILOVER_ENDS_(\w+)=([a-z]+)(\+?)\s*(?:; (.*))?$", re.MULTILINE)
_STATUS = re.compile(r"(\d{3})([re]?)")


@dataclass(frozen=True)
class Row:
    """One end of a leg, by its SIP status or by a word."""

    end: str
    then: str
    counts: bool
    sentence: str


def rows(dialplan: str) -> list[Row]:
    """As they stand in the dialplan; a row without a sentence of its own has that of the row above."""
    found: list[Row] = []
    for end, then, plus, sentence in _ROW.findall(dialplan):
        if not sentence and (not found or (found[-1].then, found[-1].counts) != (then, bool(plus))):
            raise ValueError(f"FAILOVER_ENDS_{end} has no sentence, and is not like the row above")
        found.append(Row(end, then, bool(plus), sentence or found[-1].sentence))
    return found


def table(dialplan: str) -> str:
    """A table in Markdown; ends that are the same in all else share a line."""
    lines: dict[tuple[str, str, bool], list[str]] = {}
    for row in rows(dialplan):
        lines.setdefault((row.sentence, row.then, row.counts), []).append(_shown(row.end))
    drawn = [
        f"| {', '.join(ends)} | {sentence} | {NEXT[then]} | {'yes' if counts else 'no'} |"
        for (sentence, then, counts), ends in lines.items()
    ]
    return "\n".join([*HEAD, *drawn])


def _shown(end: str) -> str:
    status = _STATUS.fullmatch(end)
    return status[1] + AFTER.get(status[2], "") if status else end


def main(arguments: list[str]) -> int:
    return drawing.main(NAME, table(DIALPLAN.read_text(encoding="utf-8")), arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
